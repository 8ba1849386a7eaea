"""YAML and JSON of other programs: each value knows its place, and what a tag makes of it is open.

JSON is read by the same parser, being YAML but for tabs. Nothing is constructed: a short form of
CloudFormation (`!Ref Pages`) is a node whose value nobody knows before the deployment.
"""

import re
from collections.abc import Iterator, Sequence

import yaml

from corsproxy.cors.span import Span
from corsproxy.gateways.conversion.gateway import FormatError

_TAG = "tag:yaml.org,2002:"
_OWN_TAGS = frozenset({"bool", "float", "int", "map", "null", "seq", "str", "timestamp"})
_INDENTING_TAB = re.compile(r"^[ \t]+", re.MULTILINE)
_FIX = "save it anew from where it came"


def compose(text: str, source: str) -> "Located":
    """The root of `text`; raises FormatError for what is neither YAML nor JSON.

    Several documents are a list of them.
    """
    text = _INDENTING_TAB.sub(lambda blanks: blanks[0].replace("\t", " "), text)
    start = Span(source, 1, 1)
    try:
        found = [node for node in yaml.compose_all(text, Loader=yaml.SafeLoader) if _is_full(node)]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = Span(source, mark.line + 1, mark.column + 1) if mark else start
        raise FormatError(f"neither YAML nor JSON: {error.problem}", place, _FIX) from None
    except (yaml.YAMLError, RecursionError):
        raise FormatError("neither YAML nor JSON that can be read", start, _FIX) from None
    if not found:
        raise FormatError("the file is empty", start, _FIX)
    several = yaml.SequenceNode(f"{_TAG}seq", found, found[0].start_mark)
    return Located(found[0] if len(found) == 1 else several, source)


def _is_full(document: yaml.Node | None) -> bool:
    return document is not None and document.tag != f"{_TAG}null"


def the_one(
    found: "Sequence[Located]",
    what: str,
    root: "Located",
    fix: str = "leave the others out of the file",
) -> "Located":
    """The only one of `found`, which are called `what`; raises FormatError for none or several."""
    if len(found) != 1:
        place = found[1].span if found else root.span
        raise FormatError(f"{len(found)} {what}: one is needed", place, fix)
    return found[0]


def text_at(node: "Located | None", *keys: str) -> str:
    """The text below several keys; "" where there is none."""
    found = node and node.path(*keys)
    return (found and found.text) or ""


def items_at(node: "Located | None", *keys: str) -> "list[Located]":
    """The elements of the list below several keys; none where there is none."""
    found = node and node.path(*keys)
    return (found and found.items) or []


class Located:
    """A node of the text; `span` is where it stands."""

    def __init__(self, node: yaml.Node, source: str) -> None:
        self._node = node
        self._source = source

    @property
    def span(self) -> Span:
        """Its place."""
        mark = self._node.start_mark
        assert mark is not None
        return Span(self._source, mark.line + 1, mark.column + 1)

    @property
    def known(self) -> bool:
        """Whether its value stands here, and is not made at the deployment."""
        own = self._node.tag.removeprefix(_TAG) in _OWN_TAGS
        functions = [key for key in self.keys if key == "Ref" or key.startswith("Fn::")]
        return own and not functions

    @property
    def keys(self) -> list[str]:
        """The keys of a mapping; none of anything else."""
        return [key for key, _ in self._pairs()]

    def get(self, key: str) -> "Located | None":
        """What a mapping has under `key`: the last, as its readers have it; None for null, too."""
        found = [value for name, value in self._pairs() if name == key]
        present = bool(found) and found[-1].tag != f"{_TAG}null"
        return Located(found[-1], self._source) if present else None

    def path(self, *keys: str) -> "Located | None":
        """What stands below several keys."""
        found: Located | None = self
        for key in keys:
            found = found and found.get(key)
        return found

    @property
    def items(self) -> "list[Located] | None":
        """The elements of a list; None where this is none."""
        if not isinstance(self._node, yaml.SequenceNode):
            return None
        return [Located(node, self._source) for node in self._node.value]

    def everything(self) -> "Iterator[Located]":
        """This node and all below it as they stand, each once, however many aliases name it."""
        seen: set[int] = set()
        waiting = [self._node]
        while waiting:
            node = waiting.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            yield Located(node, self._source)
            if isinstance(node, yaml.SequenceNode):
                waiting += reversed(node.value)
            elif isinstance(node, yaml.MappingNode):
                waiting += [value for _, value in reversed(node.value)]

    @property
    def text(self) -> str | None:
        """The text of a scalar, whatever YAML takes it for; None where this is none."""
        node = self._node
        return str(node.value) if isinstance(node, yaml.ScalarNode) else None

    @property
    def flag(self) -> bool | None:
        """The truth value; None where this is none."""
        if self._node.tag != f"{_TAG}bool" or self.text is None:
            return None
        return self.text.lower() in ("true", "yes", "on")

    def _pairs(self) -> Iterator[tuple[str, yaml.Node]]:
        if isinstance(self._node, yaml.MappingNode):
            for key, value in self._node.value:
                yield str(key.value), value
