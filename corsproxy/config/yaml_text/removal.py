"""An element taken out of a list in a policy file's text: nothing else of it changes."""

import re
from collections.abc import Iterator

import yaml

from corsproxy.config.yaml_text.marks import end_of, start_of

_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DASH = re.compile(r"[ ]*-[ ]+")
_BLANK = re.compile(r"[ \t]*(\r\n|[\r\n]|$)")


def removal(text: str, at: int) -> tuple[int, int] | None:
    """From where to where the element at the place `at` is taken out, with its comma or its line.

    None where a comment would be lost, or where it is the only one.
    """
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError:
        return None
    for listing in _lists(root):
        for i, item in enumerate(listing.value):
            if start_of(item) <= at < end_of(item) and len(listing.value) > 1:
                found = _between(listing, i) if listing.flow_style else _line(text, item)
                return found if found and "#" not in text[slice(*found)] else None
    return None


def _lists(node: yaml.Node | None) -> Iterator[yaml.SequenceNode]:
    """Every list below `node`, the innermost first."""
    pairs = node.value if isinstance(node, yaml.CollectionNode) else []
    for pair in pairs:
        for inner in pair if isinstance(pair, tuple) else [pair]:
            yield from _lists(inner)
    if isinstance(node, yaml.SequenceNode):
        yield node


def _between(listing: yaml.SequenceNode, i: int) -> tuple[int, int]:
    """An element of `[a, b]` and the comma on one side of it."""
    items = listing.value
    if i + 1 < len(items):
        return start_of(items[i]), start_of(items[i + 1])
    return end_of(items[i - 1]), end_of(items[i])


def _line(text: str, item: yaml.Node) -> tuple[int, int] | None:
    """The lines of `- item`, if nothing else stands there."""
    start = text.rfind("\n", 0, start_of(item)) + 1
    rest = _BLANK.match(text, end_of(item))
    alone = _DASH.fullmatch(text, start, start_of(item)) is not None
    return (start, rest.end()) if alone and rest else None
