"""Kinds of values: how each is read, and how a JSON Schema describes it.

A reader takes one node and gives the value. It raises Mistake for a wrong value as a whole; a
wrong element of a list is noted, so that all of them are told at once.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from corsproxy.config.yaml_text.tree import Listing, Node, NodeError, Notes, Scalar
from corsproxy.cors.yaml_scalar import as_yaml

_TAKEN_FOR = {"bool": "a truth value", "int": "a number", "float": "a number", "null": "nothing"}
_COMMA = re.compile(r",(?![^{]*\})")
"""Between elements, not inside of a regex's `{1,3}`."""


class SettingKind(NamedTuple):
    """One kind of value. `metavar` names it in help; `many` is a list, `switch` true or false."""

    read: Callable[[Node, Notes], Any]
    schema: Mapping[str, Any]
    metavar: str
    many: bool = False
    switch: bool = False
    lines: bool = False
    """Whether its values, many of them, may have commas in them: a variable has a line for each."""


def text_of(node: Node, expected: str) -> str:
    """The text of a scalar that YAML takes for text; raises Mistake for anything else."""
    if not isinstance(node, Scalar):
        found = "a list" if isinstance(node, Listing) else "a mapping"
        raise NodeError("expected-text", f"expected {expected}, not {found}")
    if node.type in (None, "str"):
        return node.text
    if not node.text:
        raise NodeError("empty-value", f"the value is empty: expected {expected}")
    taken = _TAKEN_FOR.get(node.type or "", f"a {node.type}")
    message = f"YAML reads {node.text} as {taken}: expected {expected}"
    raise NodeError("yaml-type", message, f'"{node.text}"')


def list_nodes(node: Node, expected: str) -> tuple[Node, ...]:
    """The elements of a list; those between commas where the text is no YAML's; `"*"` alone."""
    if isinstance(node, Listing):
        return node.items
    text = text_of(node, expected)
    assert isinstance(node, Scalar)
    if node.type is None:
        parts = (part.strip() for part in _COMMA.split(text))
        return tuple(Scalar(part, node.span) for part in parts if part)
    if text == "*":
        return (node,)
    listed = ", ".join(as_yaml(part) for part in map(str.strip, _COMMA.split(text)) if part)
    raise NodeError("expected-list", f"expected {expected}, not one text", f"[{listed}]")


def one(
    expected: str, parse: Callable[[str], Any], schema: Mapping[str, Any], metavar: str
) -> SettingKind:
    """A text that `parse` reads; what it raises becomes a Mistake."""
    return SettingKind(lambda node, _: parse(text_of(node, expected)), schema, metavar)


def many(expected: str, element: SettingKind) -> SettingKind:
    """A list of `element`s, as a tuple."""

    def read(node: Node, notes: Notes) -> tuple[Any, ...]:
        return tuple(each(list_nodes(node, expected), element.read, notes))

    schema = {"type": "array", "items": element.schema}
    return SettingKind(read, schema, element.metavar, many=True)


def each(nodes: Iterable[Node], read: Callable[[Node, Notes], Any], notes: Notes) -> Iterable[Any]:
    """What `read` makes of each node; a mistake is noted at its node, and the next one read."""
    for node in nodes:
        with notes.at(node.span):
            yield read(node, notes)


def optional(kind: SettingKind) -> SettingKind:
    """`kind`, or null for none."""

    def read(node: Node, notes: Notes) -> Any:
        if isinstance(node, Scalar) and node.type == "null" and node.text:
            return None
        return kind.read(node, notes)

    return kind._replace(read=read, schema={"anyOf": [kind.schema, {"type": "null"}]})


def choice(values: type[StrEnum]) -> SettingKind:
    """One of an enumeration's values; `off`, where it is one, though YAML takes it for false."""

    def read(node: Node, _: Notes) -> StrEnum:
        if "off" in list(values) and isinstance(node, Scalar) and node.text == "off":
            return values("off")
        return chosen(text_of(node, _listed(values)), values)

    schema = {"enum": [*values, False] if "off" in list(values) else list(values)}
    return SettingKind(read, schema, "|".join(values))


def chosen(text: str, values: type[StrEnum]) -> StrEnum:
    """The member of `values` that `text` names; raises Mistake, with the nearest one."""
    if text in list(values):
        return values(text)
    raise NodeError(
        "unknown-value", f"{text!r} is not one of {_listed(values)}", closest_word(text, values)
    )


def closest_word(text: str, known: Iterable[str]) -> str | None:
    """The one of `known` that `text` was probably meant to be."""
    import difflib

    return next(iter(difflib.get_close_matches(text, list(known), n=1)), None)


def _listed(values: Iterable[str]) -> str:
    *first, last = values
    return f"{', '.join(first)} or {last}"


def _boolean(node: Node, _: Notes) -> bool:
    text = node.text.lower() if isinstance(node, Scalar) else ""
    if isinstance(node, Scalar) and text in ("true", "false") and node.type in (None, "bool"):
        return text == "true"
    meant = {"yes": "true", "on": "true", "1": "true", "no": "false", "off": "false", "0": "false"}
    fix = meant.get(text, text if text in ("true", "false") else None)
    raise NodeError("expected-boolean", "expected true or false", fix)


BOOLEAN = SettingKind(_boolean, {"type": "boolean"}, "", switch=True)
