"""An element taken out of a list in a policy file's text: nothing else of it changes."""

import re
from collections.abc import Iterator
from contextlib import suppress

import yaml

from corsproxy.config.yaml_text.marks import end_of, start_of

_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DASH = re.compile(r"[ ]*-[ ]+")
_BLANK = re.compile(r"[ \t]*(\r\n|[\r\n]|$)")


class Lists:
    """The lists in a policy file's text; none where it is no YAML."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: list[yaml.SequenceNode] = []
        with suppress(yaml.YAMLError):
            self._found += _lists(yaml.compose(text, Loader=_LOADER), set())

    def removal(self, at: int) -> tuple[int, int] | None:
        """From where to where to cut for the element at the place `at`, with its comma or its line.

        None where a comment would be lost, or where it is the only one.
        """
        for listing in self._found:
            for i, item in enumerate(listing.value):
                if start_of(item) <= at < end_of(item) and len(listing.value) > 1:
                    cut = _between(listing, i) if listing.flow_style else _line(self._text, item)
                    return cut if cut and "#" not in self._text[slice(*cut)] else None
        return None


def _lists(node: yaml.Node | None, seen: set[int]) -> Iterator[yaml.SequenceNode]:
    """Every list below `node`, the innermost first; what aliases name is looked at once."""
    if not isinstance(node, yaml.CollectionNode) or id(node) in seen:
        return
    seen.add(id(node))
    for pair in node.value:
        for inner in pair if isinstance(pair, tuple) else [pair]:
            yield from _lists(inner, seen)
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
