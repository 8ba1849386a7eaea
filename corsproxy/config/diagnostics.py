"""Diagnostics: mistakes and warnings, each with its place, its id and its fix.

A mistake (severity error) stops the start; a warning does not. An id is a phrase and never
changes, so that it can be searched for and tested.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from corsproxy.cors.secret_text import userinfo_starred
from corsproxy.cors.span import Span
from corsproxy.cors.style import BOLD, DIM, PLAIN, RED, YELLOW

WIDEST_EXCERPT = 200
"""Characters of a line that are shown."""


class Severity(StrEnum):
    """Whether it stops the start."""

    ERROR = "error"
    WARNING = "warning"


class Advice(str):
    """A fix that says what to do, where it is not a text to put in the place of what is marked.

    Only a person knows the value, or it belongs elsewhere.
    """

    __slots__ = ()


class Removal(Advice):
    """Advice to take what is marked out of its list, which changes nothing of what is allowed."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Diagnostic:
    r"""One error or warning. `fix` is the very text to put there; `excerpt` the line it is in.

    `id` (str) never changes; `severity` is "error" or "warning"; `span` has `source`, `line` and
    `column`, both from 1; `fix` is None where no text would be right for everybody.

    >>> from corsproxy import load
    >>> warnings: list[Diagnostic] = []
    >>> text = "upstream: http://127.0.0.1:8000\ncors: {allow_origins: ['null']}"
    >>> _ = load(text=text, on_warning=warnings.append)
    >>> warnings[0].id, warnings[0].span.line
    ('opaque-origin', 2)
    """

    id: str
    severity: Severity
    message: str
    span: Span
    fix: str | None = None
    excerpt: str = ""


class ConfigError(Exception):
    """The settings cannot be used; `diagnostics` has every error, and the warnings, by place.

    Its text is what the command prints: place, message, id, line and fix of each.

    >>> from corsproxy import load
    >>> try:
    ...     load(text="upstraem: http://127.0.0.1:8000")
    ... except ConfigError as error:
    ...     print([(found.id, found.fix) for found in error.diagnostics])
    [('unknown-key', 'upstream'), ('no-upstream', 'upstream: http://127.0.0.1:8000')]
    """

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(render(self.diagnostics))


def render(diagnostics: Iterable[Diagnostic], *, colour: bool = False) -> str:
    """For people: place, message and id; the line with a caret below; the fix."""
    return "".join(_rendered(diagnostic, colour) for diagnostic in diagnostics)


def as_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """One error or warning as an object, whose keys are stable."""
    return {
        "file": diagnostic.span.source,
        "line": diagnostic.span.line,
        "column": diagnostic.span.column,
        "severity": diagnostic.severity.value,
        "id": diagnostic.id,
        "message": diagnostic.message,
        "fix": diagnostic.fix,
    }


def render_github(diagnostics: Iterable[Diagnostic]) -> str:
    """For GitHub Actions: workflow commands, which become annotations of the changed lines."""
    return "".join(_github(diagnostic) for diagnostic in diagnostics)


def shown(text: str) -> str:
    """`text` with everything a terminal would act upon written as an escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _rendered(diagnostic: Diagnostic, colour: bool) -> str:
    red = YELLOW if diagnostic.severity is Severity.WARNING else RED
    red, bold, dim, plain = (red, BOLD, DIM, PLAIN) if colour else ("",) * 4
    span = diagnostic.span
    head = f"{bold}{shown(str(span))}:{plain} {red}{diagnostic.severity}:{plain}"
    lines = [f"{head} {shown(diagnostic.message)} {dim}[{diagnostic.id}]{plain}"]
    if diagnostic.excerpt:
        line, column = _window(userinfo_starred(diagnostic.excerpt), span.column - 1)
        before = _columns(shown(line[:column]))
        marked = _columns(shown(line[column:][: span.length]))
        lines.append(f"{span.line:5} | {shown(line)}")
        lines.append(f"      | {' ' * before}{red}{'^' * max(marked, 1)}{plain}")
    if diagnostic.fix is not None:
        lines.append(f"  fix: {shown(diagnostic.fix)}")
    return "\n".join(lines) + "\n"


def _columns(text: str) -> int:
    """How wide a terminal shows it: East Asian letters take two columns (Unicode, annex 11)."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _window(line: str, column: int) -> tuple[str, int]:
    """What is shown of `line`, all of it unless it is very long; and where `column` is then."""
    start = max(0, column - WIDEST_EXCERPT // 2) if len(line) > WIDEST_EXCERPT else 0
    return line[start : start + WIDEST_EXCERPT], column - start


def _github(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    place: dict[str, str | int] = {"file": span.source} if span.source else {}
    if span.line:
        place |= {"line": span.line, "col": span.column, "endColumn": span.column + span.length}
    place |= {"title": diagnostic.id}
    given = ",".join(f"{key}={_property(str(value))}" for key, value in place.items())
    message = diagnostic.message + (f"\nfix: {diagnostic.fix}" if diagnostic.fix else "")
    return f"::{diagnostic.severity} {given}::{_data(message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


class PatchError(ValueError):
    """The policy file holds a setting in a form that only its author can extend."""
