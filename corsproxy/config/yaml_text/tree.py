"""What was typed: scalars, lists and mappings, each with its place, and notes of what is wrong.

A scalar keeps its text and is never converted on its own: what a setting makes of it is the
setting's affair. So `NO` is no false, and `1:30` no 90, behind anyone's back.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from corsproxy.config.diagnostics import Diagnostic, Severity
from corsproxy.cors.span import Span


@dataclass(frozen=True, slots=True)
class Scalar:
    """One text. `type` is what YAML takes it for: "str", "int", "float", "bool", "null", ...

    It is None where YAML has no say: a flag, a variable, or a text that came from one. `written` is
    what the file has where it names variables.
    """

    text: str
    span: Span
    type: str | None = None
    written: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of nodes."""

    items: tuple["Node", ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Settings:
    """Lines of `key: value`; `keys` has each key's own place."""

    values: dict[str, "Node"]
    keys: dict[str, Span]
    span: Span


MAX_DIAGNOSTICS = 200
"""Mistakes and warnings of one reading."""

Node = Scalar | Listing | Settings


class NodeError(Exception):
    """A value that its setting does not take; whoever reads the next value notes it and goes on."""

    def __init__(self, id_: str, message: str, fix: str | None = None) -> None:
        self.id = id_
        self.message = message
        self.fix = fix


def _inside(found: Diagnostic, span: Span) -> bool:
    within = 0 <= found.span.column - span.column < span.length
    return (
        within
        and span.line > 0
        and (found.span.source, found.span.line) == (span.source, span.line)
    )


@dataclass(slots=True)
class Notes:
    """Mistakes and warnings in the order in which they were found; `lines` is the text read.

    The first MAX_DIAGNOSTICS are kept. The others are counted, so that no file can make us slow.
    """

    source: str = ""
    lines: Sequence[str] = ()
    found: dict[Diagnostic, None] = field(default_factory=dict)
    mistaken: bool = False
    untold: int = 0

    def error(self, id_: str, span: Span, message: str, fix: str | None = None) -> None:
        """Note a mistake."""
        self._note(Severity.ERROR, id_, span, message, fix)

    def warning(self, id_: str, span: Span, message: str, fix: str | None = None) -> None:
        """Note a warning."""
        self._note(Severity.WARNING, id_, span, message, fix)

    @contextmanager
    def at(self, span: Span) -> Iterator[None]:
        """Note the Mistake raised inside, at `span`, and carry on behind the block.

        Where a part of what stands there is wrong already (an unset variable, a tag), the rest of
        it follows from that and is not told.
        """
        try:
            yield
        except NodeError as mistake:
            if not any(_inside(earlier, span) for earlier in self.found):
                self.error(mistake.id, span, mistake.message, mistake.fix)

    @property
    def sorted(self) -> list[Diagnostic]:
        """All of them by place; flags and variables first."""
        reported = sorted(self.found, key=lambda d: (d.span.line, d.span.column))
        if self.untold:
            severity = Severity.ERROR if self.mistaken else Severity.WARNING
            message = f"{self.untold} more were found and are not shown"
            reported.append(Diagnostic("more-found", severity, message, reported[-1].span))
        return reported

    @property
    def full(self) -> bool:
        """Whether no more will be reported, and what it would take to tell them can be spared."""
        return len(self.found) >= MAX_DIAGNOSTICS

    def _note(
        self, severity: Severity, id_: str, span: Span, message: str, fix: str | None
    ) -> None:
        self.mistaken |= severity is Severity.ERROR
        if self.full:
            self.untold += 1
            return
        in_text = span.source == self.source and 0 < span.line <= len(self.lines)
        excerpt = self.lines[span.line - 1] if in_text else ""
        # A setting that several routes inherit is found wrong several times, and reported once.
        self.found[Diagnostic(id_, severity, message, span, fix, excerpt)] = None
