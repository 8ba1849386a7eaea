"""Values as Python code, each in the spelling that a formatter gives it."""

import json
from collections.abc import Mapping
from typing import Any

from corsproxy.cors.origin import OriginPattern, RegexPattern
from corsproxy.gateways.conversion.portable_regex import anchored

_WIDTH = 80


class Code(str):
    """An expression, which is written as it is; any other text is a string."""

    __slots__ = ()


def raw(text: str) -> Code:
    """A regex as a raw string."""
    return Code(f'r"{text}"' if '"' not in text else repr(text))


def regex(pattern: OriginPattern | RegexPattern) -> Code:
    """The regex that finds the origins of `pattern` and no others, as a raw string."""
    return raw(anchored(pattern))


def value(one: Any, indent: str = "") -> str:
    """An expression for a text, a number, a truth value or a list of these."""
    if isinstance(one, Code):
        return one
    if isinstance(one, str):
        return json.dumps(one)
    if not isinstance(one, list):
        return repr(one)
    written = [value(element) for element in one]
    line = f"[{', '.join(written)}]"
    if len(line) <= _WIDTH:
        return line
    return "\n".join(("[", *(f"{indent}    {element}," for element in written), f"{indent}]"))


def call(name: str, first: str, given: Mapping[str, Any]) -> str:
    """The lines of a call of `name` with an argument, if there is one, and named ones."""
    lines = (f"    {key}={value(one, '    ')}," for key, one in given.items())
    opened = [f"    {first},"] if first else []
    return "\n".join((f"{name}(", *opened, *lines, ")")) + "\n"
