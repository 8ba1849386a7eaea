"""Texts as YAML spells them."""

import re

_PLAIN = re.compile(
    r"[A-Za-z/][A-Za-z0-9_./+-]*(?:(?::|://)[A-Za-z0-9_./+-]+)*"
    r"|[0-9]+(?:\.[0-9]+){3}(?:[:/][0-9]+)?"
    r"|[0-9]+(?:\.[0-9]+)?[smh]"  # a time
)
_NOT_TEXT = re.compile(r"true|false|yes|no|on|off|y|n|null", re.IGNORECASE)


def as_yaml(text: str) -> str:
    """`text` as a YAML scalar that every reader takes for text; quoted where it has to be."""
    if _PLAIN.fullmatch(text) and not _NOT_TEXT.fullmatch(text):
        return text
    return f'"{"".join(map(_escaped, text.replace("${", "$${")))}"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char.isprintable():
        return char
    return f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}"
