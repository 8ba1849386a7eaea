"""Kinds of numbers: in decimal digits, since other spellings are other numbers in YAML."""

import re

from corsproxy.config.kinds.kind import SettingKind
from corsproxy.config.yaml_text.tree import Node, NodeError, Notes, Scalar

MAX_DIGITS = 20
"""Of a number whose decimal spelling is worth proposing."""


def integer(least: int, most: int, unit: str) -> SettingKind:
    """A whole number in decimal digits; octal, hexadecimal and 1:30 are other numbers in YAML."""
    expected = f"expected a whole number of {unit}, {least} or more"

    def read(node: Node, _: Notes) -> int:
        if not isinstance(node, Scalar) or not re.fullmatch(r"-?(0|[1-9][0-9]*)", node.text):
            raise NodeError("expected-number", expected, _as_decimal(node))
        if node.type == "str":
            raise NodeError("expected-number", f"{expected}, unquoted", node.text)
        if len(node.text) > len(str(most)) or not least <= int(node.text) <= most:
            raise NodeError(
                "out-of-range", f"{node.text} is out of range: {expected}, {most} at most"
            )
        return int(node.text)

    return SettingKind(read, {"type": "integer", "minimum": least, "maximum": most}, "NUMBER")


def _as_decimal(node: Node) -> str | None:
    """What 1:30, 0x10, 010 and 1_000 were meant to be: what YAML says, but for leading zeros."""
    if not isinstance(node, Scalar) or node.type != "int":
        return None
    text = node.text.replace("_", "")
    if len(text) > MAX_DIGITS:
        return None
    if ":" in text:
        total = 0
        for part in text.split(":"):
            total = total * 60 + int(part)
        return str(total)
    try:
        return str(int(text, 10 if text.strip("+-").isdigit() else 0))
    except ValueError:
        return None


def _seconds(node: Node, _: Notes) -> float:
    expected = "expected seconds, a number above 0"
    if not isinstance(node, Scalar) or not re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,6})?", node.text):
        fix = None
        if isinstance(node, Scalar) and (shape := re.fullmatch(r"([0-9]{1,9})(s|m)", node.text)):
            fix = str(int(shape[1]) * (60 if shape[2] == "m" else 1))
        raise NodeError("expected-number", expected, fix)
    if node.type == "str":
        raise NodeError("expected-number", f"{expected}, unquoted", node.text)
    if float(node.text) == 0:
        raise NodeError("out-of-range", f"{node.text} is out of range: {expected}")
    return float(node.text)


SECONDS = SettingKind(_seconds, {"type": "number", "exclusiveMinimum": 0}, "SECONDS")
