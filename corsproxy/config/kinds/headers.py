"""Kinds of headers that are put into messages and taken out of them, and which are not to be."""

from collections.abc import Callable, Iterator
from typing import Any

from corsproxy.config.diagnostics import Advice
from corsproxy.config.kinds.kind import SettingKind, list_nodes, text_of
from corsproxy.config.settings import SetHeader
from corsproxy.config.yaml_text.tree import Listing, Node, NodeError, Notes, Scalar, Settings
from corsproxy.cors import headers as f
from corsproxy.cors.fetch_standard import TOKEN
from corsproxy.cors.span import Span

_FRAMING = "it belongs to a connection, or says where a message ends"
_BY_FRAMING = dict.fromkeys((*f.CONNECTION_SPECIFIC, "content-length", "trailer"), _FRAMING)

_REQUEST = _BY_FRAMING | {
    "expect": "it is answered here",
    "host": "forward.host says what it is",
    "origin": "forward.origin says what it is",
    "via": "by it a forwarding loop is noticed",
}
_RESPONSE = _BY_FRAMING | {
    **dict.fromkeys(f.RESPONSE_NAMES, "the policy under cors says what it is"),
    "vary": "caches need what the policy adds to it",
}
"""What no setting may change, in lower case, and why."""

_EXPECTED = "lines of `Name: value`"


def _check_name(name: str, reserved: dict[str, str]) -> str:
    if not TOKEN.fullmatch(name):
        message = f"{name!r} is not a header name: it has letters, digits and hyphens"
        raise NodeError("header-malformed", message)
    if why := reserved.get(name.lower()):
        raise NodeError("header-not-free", f"{name} cannot be changed: {why}")
    return name


def _check_value(name: str, value: str) -> None:
    """Without repeating the value, which may be a secret (RFC 9110, 5.5)."""
    if any(not (" " <= letter <= "\xff" or letter == "\t") or letter == "\x7f" for letter in value):
        message = f"the value of {name} has a line end or another character that no header can have"
        raise NodeError("header-malformed", message)


def _setting(reserved: dict[str, str]) -> Callable[[Node, Notes], tuple[SetHeader, ...]]:
    def read(node: Node, notes: Notes) -> tuple[SetHeader, ...]:
        found: dict[str, SetHeader] = {}
        for name, value, place in _pairs(node, notes):
            with notes.at(place):
                header = _header(_check_name(name, reserved), value)
                if header.name.lower() in found:
                    raise NodeError(
                        "duplicate-header", f"{name} is set twice", Advice("delete one of the two")
                    )
                found[header.name.lower()] = header
        return tuple(found.values())

    return read


def _pairs(node: Node, notes: Notes) -> Iterator[tuple[str, Scalar, Span]]:
    if isinstance(node, Settings):
        for name, value in node.values.items():
            if isinstance(value, Scalar):
                yield name, value, node.keys[name]
            else:
                message = f"expected one text for {name}, not a list or a mapping"
                notes.error("expected-text", value.span, message)
        return
    for line in _lines(node):
        with notes.at(line.span):
            text = text_of(line, _EXPECTED)
            name, colon, rest = text.partition(":")
            if not colon:
                # what was given may be the value alone, and so a secret
                raise NodeError("header-malformed", f"expected {_EXPECTED}, and there is no colon")
            yield name.strip(), Scalar(rest, line.span), line.span


def _lines(node: Node) -> Iterator[Scalar]:
    """Of a flag, which is repeated, or of a variable, which has a line for each."""
    if isinstance(node, Scalar) and node.type is None:
        yield from (Scalar(line, node.span) for line in node.text.splitlines() if line.strip())
        return
    items = node.items if isinstance(node, Listing) else (node,)
    for item in items:
        if not isinstance(item, Scalar) or item.type is not None:  # a list in the file
            raise NodeError("expected-mapping", f"expected {_EXPECTED}")
        yield item


def _header(name: str, value: Scalar) -> SetHeader:
    text = "" if value.type == "null" else value.text.strip(" \t")
    _check_value(name, text)
    if value.type is not None:
        return SetHeader(name, text)
    variable = name.upper().translate(str.maketrans("-", "_"))
    return SetHeader(name, text, value.written or f"${{{variable}}}")


def _removing(reserved: dict[str, str]) -> Callable[[Node, Notes], tuple[str, ...]]:
    def read(node: Node, notes: Notes) -> tuple[str, ...]:
        names = []
        for element in list_nodes(node, "a list of header names"):
            with notes.at(element.span):
                names.append(_check_name(text_of(element, "a header name"), reserved))
        return tuple(names)

    return read


_TOKEN_SCHEMA = {"type": "string", "pattern": f"^{TOKEN.pattern}$"}
_SET_SCHEMA: dict[str, Any] = {
    "type": "object",
    "propertyNames": _TOKEN_SCHEMA,
    "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
}
_REMOVE_SCHEMA = {"type": "array", "items": _TOKEN_SCHEMA}


SET_IN_REQUESTS = SettingKind(
    _setting(_REQUEST), _SET_SCHEMA, "'NAME: VALUE'", many=True, lines=True
)
SET_IN_RESPONSES = SettingKind(
    _setting(_RESPONSE), _SET_SCHEMA, "'NAME: VALUE'", many=True, lines=True
)
REMOVED_FROM_REQUESTS = SettingKind(_removing(_REQUEST), _REMOVE_SCHEMA, "NAME", many=True)
REMOVED_FROM_RESPONSES = SettingKind(_removing(_RESPONSE), _REMOVE_SCHEMA, "NAME", many=True)
