"""XML of other programs, read as the same tree as their YAML: each value knows its place.

An element that holds others is a mapping, in which each name has the list of the elements so
called, in their order; any other element is its text without the space around it. Comments and
prefixes of names say nothing here, nor do attributes unless they are asked for: then `a="1"` is the
list of one `@a`, beside the elements. A document type is refused: entities are only declared there,
and can grow without end.
"""

from typing import NoReturn
from xml.parsers import expat

import yaml

from corsproxy.cors.span import Span
from corsproxy.gateways.conversion.gateway import FormatError
from corsproxy.gateways.conversion.located_yaml import Located

_TAG = "tag:yaml.org,2002:"
_MAX_DEPTH = 64


def compose(text: str, source: str, *, attributes: bool = False) -> Located:
    """A mapping with the root element under its name; raises FormatError for what is no XML."""
    builder = _Builder(source, attributes=attributes)
    try:
        builder.parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        place = Span(source, error.lineno, error.offset + 1)
        message = f"no XML: {expat.ErrorString(error.code)}"
        raise FormatError(message, place, "save it anew from where it came") from None
    return Located(builder.root.node(), source)


class _Element:
    """An element whose end has not been read yet."""

    def __init__(self, name: str, mark: yaml.Mark) -> None:
        self.name = name.rpartition(":")[2]
        self.text = ""
        self._mark = mark
        self._children: dict[str, list[yaml.Node]] = {}

    def add(self, child: "_Element") -> None:
        self._children.setdefault(child.name, []).append(child.node())

    def set(self, name: str, value: str) -> None:
        text = yaml.ScalarNode(f"{_TAG}str", value, self._mark, self._mark)
        self._children[f"@{name}"] = [text]

    def node(self) -> yaml.Node:
        if not self._children:
            text = self.text.strip()
            return yaml.ScalarNode(f"{_TAG}str", text, self._mark, self._mark)
        pairs = [
            (
                yaml.ScalarNode(f"{_TAG}str", name, self._mark, self._mark),
                yaml.SequenceNode(f"{_TAG}seq", nodes, nodes[0].start_mark, nodes[0].end_mark),
            )
            for name, nodes in self._children.items()
        ]
        return yaml.MappingNode(f"{_TAG}map", pairs, self._mark, self._mark)


class _Builder:
    """The elements that are open, the document itself first."""

    def __init__(self, source: str, *, attributes: bool) -> None:
        self._source = source
        self._attributes = attributes
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.root = _Element("", self._mark())
        self._open = [self.root]

    def _mark(self) -> yaml.Mark:
        line, column = self.parser.CurrentLineNumber - 1, self.parser.CurrentColumnNumber
        return yaml.Mark(self._source, 0, line, column, None, 0)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) > _MAX_DEPTH:
            self._refuse("elements stand too deep in each other")
        self._open.append(_Element(name, self._mark()))
        for one, value in attributes.items() if self._attributes else ():
            self._open[-1].set(one, value)

    def _end(self, _: str) -> None:
        element = self._open.pop()
        self._open[-1].add(element)

    def _text(self, text: str) -> None:
        self._open[-1].text += text

    def _doctype(self, *_: object) -> None:
        self._refuse("a document type has no place in a configuration")

    def _refuse(self, message: str) -> NoReturn:
        mark = self._mark()
        place = Span(self._source, mark.line + 1, mark.column + 1)
        raise FormatError(message, place, "leave it out")
