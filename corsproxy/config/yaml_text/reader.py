"""YAML read to a tree in which each value keeps its line and column.

The parser's events are read, not objects loaded: no tag makes an object, an alias is the node it
names and never a copy, and what grows by aliases is counted before it is walked.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

import yaml

from corsproxy.config.diagnostics import Advice
from corsproxy.config.yaml_text.events import Unreadable, events, starred
from corsproxy.config.yaml_text.substitution import substitute
from corsproxy.config.yaml_text.tree import Listing, Node, NodeError, Notes, Scalar, Settings
from corsproxy.cors.span import Span
from corsproxy.limits import LARGEST_FILE

MAX_NODES = 100_000
"""Values in one file, those of each alias counted again."""

MAX_DEPTH = 16
"""Lists and mappings inside each other; the settings need five."""

_RESOLVER = yaml.resolver.Resolver()
_TAG = "tag:yaml.org,2002:"
_LINE_END = re.compile("[\n\x85\u2028\u2029]")
"""YAML 1.1 ends a line at these; the parser counts so."""


def read(content: bytes, notes: Notes, environ: Mapping[str, str]) -> Settings | None:
    """The settings in `content`; None, and the reason noted, where it cannot be read as YAML."""
    start = Span(notes.source, 1, 1)
    try:
        text = _decoded(content, notes.source)
        notes.lines = _LINE_END.split(text)
        root = _Tree(events(text, notes.lines, notes.source), notes, environ).build()
    except Unreadable as error:
        notes.error(error.mistake.id, error.span, error.mistake.message, error.mistake.fix)
        return None
    if root is None or (isinstance(root, Scalar) and root.type == "null"):
        return Settings({}, {}, start)
    if not isinstance(root, Settings):
        notes.error("expected-mapping", root.span, "expected lines of `key: value`")
        return None
    return root


def _decoded(content: bytes, source: str) -> str:
    if len(content) > LARGEST_FILE:
        message = f"the file is larger than {LARGEST_FILE} bytes"
        raise Unreadable(Span(source, 1, 1), NodeError("file-too-large", message))
    try:
        # YAML counts CR as a line's end; this way all who count lines agree.
        text = content.decode("utf-8-sig")
        return text.replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        mistake = NodeError("not-utf-8", f"byte 0x{content[error.start]:02x} is not UTF-8")
        raise Unreadable(Span(source, line, column), mistake) from None


@dataclass(slots=True)
class _Tree:
    """Builds the tree from the parser's events."""

    events: Iterator[yaml.Event]
    notes: Notes
    environ: Mapping[str, str]
    anchors: dict[str, tuple[Node, int] | None] = field(default_factory=dict)
    nodes: int = 0
    depth: int = 0

    def build(self) -> Node | None:
        """The one document's root; None for a text without any."""
        next(self.events)  # the stream's start
        if isinstance(next(self.events), yaml.StreamEndEvent):
            return None
        root = self._node(next(self.events))
        next(self.events)  # the document's end
        if not isinstance(after := next(self.events), yaml.StreamEndEvent):
            self._fail("several-documents", after, "a second document begins: one is read only")
        return root

    def _node(self, event: yaml.Event) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._aliased(event)
        assert isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)
        before = self.nodes
        self._count(event, 1)
        self._refuse_tag(event)
        anchor = event.anchor
        if anchor:
            self.anchors[anchor] = None  # until it is finished, an alias would name itself
        node = self._scalar(event) if isinstance(event, yaml.ScalarEvent) else self._inside(event)
        if anchor:
            self.anchors[anchor] = node, self.nodes - before
        return node

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        span = self._span(event)
        tag = _TAG + "str"
        if event.implicit[0]:
            tag = _RESOLVER.resolve(yaml.ScalarNode, event.value, (True, False))  # type: ignore[no-untyped-call]
        text, replaced = substitute(event.value, span, self.notes, self.environ)
        if replaced:
            return Scalar(text, span, None, event.value)
        return Scalar(text, span, tag.removeprefix(_TAG))

    def _inside(self, event: yaml.Event) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self._fail("too-deep", event, f"more than {MAX_DEPTH} lists or mappings in each other")
        listed = isinstance(event, yaml.SequenceStartEvent)
        node: Node = self._listing(event) if listed else self._settings(event)
        self.depth -= 1
        return node

    def _listing(self, start: yaml.Event) -> Listing:
        items = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self._node(event))
        return Listing(tuple(items), self._span(start))

    def _settings(self, start: yaml.Event) -> Settings:
        found = Settings({}, {}, self._span(start))
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = event.value if isinstance(event, yaml.ScalarEvent) else None
            span = self._span(event)
            if key is None:
                self._node(event)
            value = self._node(next(self.events))
            self._set(found, key, span, value)
        return found

    def _set(self, found: Settings, key: str | None, span: Span, value: Node) -> None:
        if key is None:
            self.notes.error("expected-key", span, "expected a key: a word before the colon")
        elif key == "<<":
            message = "merge keys are not supported; a route inherits `cors` anyway"
            self.notes.error("merge-key", span, message, Advice("delete the line"))
        elif key in found.values:
            message = f"{key!r} is set twice, first in line {found.keys[key].line}"
            self.notes.error("duplicate-key", span, message, Advice("delete one of the two"))
        else:
            found.values[key] = value
            found.keys[key] = span

    def _aliased(self, event: yaml.AliasEvent) -> Node:
        if event.anchor not in self.anchors:
            span = self._span(event)
            fix = starred(self.notes.lines[span.line - 1], span.column - 1)
            self._fail("unquoted-star", event, "an unquoted `*` begins an alias in YAML", fix)
        known = self.anchors[event.anchor]
        if known is None:
            self._fail("alias-of-itself", event, f"`*{event.anchor}` stands inside what it names")
        self._count(event, known[1])
        return known[0]

    def _refuse_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        tag = event.tag
        if tag is None or tag == "!":
            return
        message = f"the tag {tag.replace(_TAG, '!!')!r} has no meaning here"
        self.notes.error("yaml-tag", self._span(event), message, Advice("delete the tag"))

    def _count(self, event: yaml.Event, more: int) -> None:
        self.nodes += more
        if self.nodes > MAX_NODES:
            message = f"more than {MAX_NODES} values, those of each alias counted again"
            self._fail("too-many-values", event, message)

    def _span(self, event: yaml.Event) -> Span:
        start, end = event.start_mark, event.end_mark
        assert start is not None
        assert end is not None
        in_line = isinstance(event, yaml.ScalarEvent | yaml.AliasEvent) and end.line == start.line
        length = max(end.column - start.column, 1) if in_line else 1
        return Span(self.notes.source, start.line + 1, start.column + 1, length)

    def _fail(self, id_: str, event: yaml.Event, message: str, fix: str | None = None) -> NoReturn:
        raise Unreadable(self._span(event), NodeError(id_, message, fix))
