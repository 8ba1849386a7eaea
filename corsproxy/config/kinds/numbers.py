"""Kinds of numbers: in decimal digits, since other spellings are other numbers in YAML."""

import re

from corsproxy.config.kinds.kind import SettingKind
from corsproxy.config.yaml_text.tree import Node, NodeError, Notes, Scalar

MAX_DIGITS = 20
"""Of a number whose decimal spelling is worth proposing."""


_DURATION = re.compile(r"([0-9]{1,7}(?:\.[0-9]{1,6})?)(ms|s|m|h|d)")
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION_SCHEMA = {"type": "string", "pattern": f"^{_DURATION.pattern}$"}


def _duration(node: Node) -> float | None:
    """The seconds that `90s`, `10m` or `1.5h` are; None for another text."""
    shape = _DURATION.fullmatch(node.text) if isinstance(node, Scalar) else None
    return float(shape[1]) * _UNITS[shape[2]] if shape else None


def whole_seconds(least: int, most: int) -> SettingKind:
    """A whole number of seconds, or a duration such as `10m` that is one."""
    number = integer(least, most, "seconds")

    def read(node: Node, notes: Notes) -> int:
        found = _duration(node)
        if found is None or not isinstance(node, Scalar):
            return int(number.read(node, notes))
        if not found.is_integer():
            raise NodeError("expected-number", "expected whole seconds", str(round(found)))
        return int(number.read(Scalar(str(int(found)), node.span), notes))

    schema = {"anyOf": [number.schema, _DURATION_SCHEMA]}
    return SettingKind(read, schema, "SECONDS")


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
    expected = "expected seconds above 0, such as 5, 0.5 or 2m"
    found = _duration(node)
    if found is not None and isinstance(node, Scalar):
        node = Scalar(f"{found:.6f}", node.span)
    if not isinstance(node, Scalar) or not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", node.text):
        raise NodeError("expected-number", expected)
    if node.type == "str":
        raise NodeError("expected-number", f"{expected}, unquoted", node.text)
    if float(node.text) == 0:
        raise NodeError("out-of-range", f"{node.text} is out of range: {expected}")
    return float(node.text)


SECONDS = SettingKind(
    _seconds, {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, _DURATION_SCHEMA]}, "SECONDS"
)
