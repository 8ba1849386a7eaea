"""Lists of the file that a flag or a variable replaces: legal, and often not what was meant."""

import shlex
from collections.abc import Mapping

from corsproxy.config.schema import SETTINGS
from corsproxy.config.yaml_text.tree import Listing, Node, Notes, Scalar, Settings
from corsproxy.cors.span import Span

_MAX_VALUES = 8
"""Values that a fix repeats a flag for."""


def note(old: Mapping[str, Node], new: Mapping[str, Node], notes: Notes) -> None:
    """Tell of lists of the file that count no more: who gives one more origin may expect both."""
    for setting in SETTINGS:
        before, after = old.get(setting.key), new.get(setting.key)
        if before is None or after is None or not (setting.kind.many and before.span.line):
            continue
        names, kept = _names(before), _names(after)
        if setting.kind.lines:  # the names alone: values of headers may be secret
            names, kept = map(_headers, (names, kept))
        if lost := [name for name in names if name not in kept]:
            key = setting.key.removeprefix("cors.")
            message = f"{after.span} replaces {key} at {before.span}, with {_some(lost)} in it"
            both = list(dict.fromkeys([*names, *kept]))
            shown = len(both) <= _MAX_VALUES and not setting.kind.lines
            fix = repeated(after.span, both) if shown else None
            notes.warning("list-replaced", after.span, message, fix)


def _headers(lines: list[str]) -> list[str]:
    return [line.partition(":")[0].strip().lower() for line in lines]


def _names(node: Node) -> list[str]:
    """The elements of a list, as a flag says each, or the names of headers; none of a value."""
    if isinstance(node, Settings):
        return list(node.values)
    if isinstance(node, Listing):
        return [text for item in node.items if (text := _element(item))]
    if node.span.line:
        return []
    return [text.strip() for text in node.text.split(",")]  # a variable's


def _element(item: Node) -> str:
    if isinstance(item, Settings):  # {regex: ...}
        return "".join(f"{name}:{_element(value)}" for name, value in item.values.items())
    return item.text if isinstance(item, Scalar) else ""


def _some(names: list[str]) -> str:
    more = len(names) - 1
    return f"{names[0]!r}{f' and {more} more' if more else ''}"


def repeated(place: Span, texts: list[str]) -> str:
    """How the command line, or the environment, says all of these where it says one."""
    name = str(place)
    if not name.startswith("--"):
        return f"{name}={shlex.quote(','.join(texts))}"
    return " ".join(f"{name} {shlex.quote(text)}" for text in texts)
