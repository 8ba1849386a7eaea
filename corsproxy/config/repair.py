"""What of a fix a machine can do: the edit of the file's text, and which edits are safe.

Safe is what changes nothing of what is allowed: the same value in the spelling that is expected, or
an element taken out of a list that another one covers. The rest is for a person to decide.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from corsproxy.config.diagnostics import Advice, Diagnostic, Removal, Severity
from corsproxy.config.yaml_text.removal import Lists

_MECHANICAL = {"expected-boolean", "expected-list"}
"""Whose fix is what was written, in another form, though it reads otherwise."""

_GUESSED = {"unclosed-quote"}
"""Whose fix reads as what was written, and may not be what was meant."""

_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_IN_LINE = re.compile(r"\bline \d+")
_MARK = b"\xef\xbb\xbf"
_BROKEN = {"yaml-syntax", "unclosed-quote", "unquoted-star", "tab"}
"""What keeps the rest of the file from being read."""


_NOT_TOLD = "more-found"
"""Said where there is more than is told."""

Judge = Callable[[bytes], list[Diagnostic]]
"""What finds all that is wrong in a file's content."""


class Replacement(NamedTuple):
    """`text` for what stands from one place to another; lines and columns count from 1."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str
    safe: bool


class Repair(NamedTuple):
    """One edit that was made: what it mends, what stood there before, and what stands there now."""

    diagnostic: Diagnostic
    before: str
    after: str


class Repaired(NamedTuple):
    """A file's content with the safe edits made, what these were, and what is left."""

    content: bytes
    repairs: list[Repair]
    left: list[Diagnostic]


class Text:
    """The text of a policy file, whose places are known by line and column, and by character."""

    def __init__(self, content: bytes) -> None:
        self._start = _MARK if content.startswith(_MARK) else b""
        self.text = content.removeprefix(_MARK).decode("utf-8", "replace")
        self._lines = [0, *(end.end() for end in _LINE_END.finditer(self.text))]

    @cached_property
    def lists(self) -> Lists:
        """The lists in it: looked for where an element is to go, so in what could be loaded."""
        return Lists(self.text)

    def offset(self, line: int, column: int) -> int:
        """The character at a line and column."""
        return self._lines[line - 1] + column - 1

    def place(self, offset: int) -> tuple[int, int]:
        """The line and column of a character."""
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    def edited(self, *edits: Replacement) -> bytes:
        """The content with these edits made, none of which reaches into another."""
        changed = self.text
        for edit in sorted(edits, reverse=True):  # from the end: no place moves before it is used
            start, end = self._span(edit)
            changed = f"{changed[:start]}{edit.text}{changed[end:]}"
        return self._start + changed.encode()

    def marked(self, edit: Replacement) -> str:
        """What an edit replaces."""
        return self.text[slice(*self._span(edit))]

    def _span(self, edit: Replacement) -> tuple[int, int]:
        start = self.offset(edit.line, edit.column)
        return start, self.offset(edit.end_line, edit.end_column)


def replacements(content: bytes, found: Sequence[Diagnostic]) -> Iterator[Replacement | None]:
    """The edit that each fix is; None where it is advice, or there is none."""
    text = Text(content)
    return (_replacement(text, one) for one in found)


def repaired(content: bytes, judge: Judge) -> Repaired:
    """Make every safe edit that `judge` finds nothing new wrong with."""
    repairs: list[Repair] = []
    found = judge(content)
    refused: set[Diagnostic] = set()
    while edits := _safe_edits(text := Text(content), found, refused):
        made = _made(text, edits, found, judge)
        refused |= edits.keys() - made.keys()
        if made:
            refused.clear()  # one that did no good may do so now
            repairs += (Repair(one, text.marked(edit), edit.text) for one, edit in made.items())
            content = text.edited(*made.values())
            found = judge(content)
    return Repaired(content, sorted(repairs, key=lambda one: _place(one.diagnostic)), found)


def _safe_edits(
    text: Text, found: list[Diagnostic], refused: set[Diagnostic]
) -> dict[Diagnostic, Replacement]:
    """The edits to try at once: safe, not refused before, none reaching into another."""
    edits: dict[Diagnostic, Replacement] = {}
    ended = (0, 0)
    for one in found:
        edit = None if one in refused else _replacement(text, one)
        if edit is not None and edit.safe and (edit.line, edit.column) >= ended:
            edits[one] = edit
            ended = (edit.end_line, edit.end_column)
    return edits


def _made(
    text: Text, edits: dict[Diagnostic, Replacement], found: list[Diagnostic], judge: Judge
) -> dict[Diagnostic, Replacement]:
    """All of `edits` where they do well together, else those that do so one by one."""
    if _better(list(edits), found, judge(text.edited(*edits.values()))):
        return edits
    made: dict[Diagnostic, Replacement] = {}
    for one, edit in edits.items():
        together = {**made, one: edit}
        if _better(list(together), found, judge(text.edited(*together.values()))):
            made = together
    return made


def _replacement(text: Text, found: Diagnostic) -> Replacement | None:
    span, fix = found.span, found.fix
    if fix is None or not span.line:
        return None
    start = text.offset(span.line, span.column)
    if isinstance(fix, Removal):
        place = text.lists.removal(start)
        return _edit(text, *place, "", safe=True) if place else None
    end = None if isinstance(fix, Advice) else _end(text.text, start, span.length, fix)
    if end is None:
        return None
    return _edit(text, start, end, str(fix), safe=_safe(found.id, text.text[start:end], fix))


def _end(text: str, start: int, length: int, fix: str) -> int | None:
    """Where the value ends that is marked; None where the mark is only its beginning."""
    bare = fix[1:-1] if fix[0] == fix[-1] == '"' else ""
    if bare and text.startswith(bare, start):
        return start + max(length, len(bare))
    if text[start : start + 1] in ("[", "{"):
        return start + 2 if text[start : start + 2] in ("[]", "{}") else None
    follows = text[start + length : start + length + 1]
    whole = length > 1 or not follows or follows.isspace() or follows in ",]}:"
    return start + length if whole else None


def _edit(text: Text, start: int, end: int, new: str, *, safe: bool) -> Replacement:
    return Replacement(*text.place(start), *text.place(end), new, safe)


def _safe(id_: str, written: str, fix: str) -> bool:
    """Whether `fix` is what was written; null may mean nothing at all, and not the origin null."""
    if id_ in _GUESSED or written == "null" or "${" in written:
        return False
    return id_ in _MECHANICAL or _spelling(written) == _spelling(fix)


def _spelling(text: str) -> str:
    """What two spellings of a value share: all but quotes, capitals and a slash at the end."""
    return text.strip("\"'").removesuffix("/").lower()


def _better(ones: list[Diagnostic], before: list[Diagnostic], after: list[Diagnostic]) -> bool:
    """Whether these are gone, and nothing is wrong now that was not wrong before.

    Where a file could not be read, or not be loaded, or where not all was told, more is told of
    it afterwards.
    """
    broken = [other for other in after if other.id in _BROKEN]
    if any(one.id in _BROKEN for one in ones):
        last = max(map(_place, ones))
        return all(_place(other) > last for other in broken)
    gone, known, now = (Counter(map(_kind, some)) for some in (ones, before, after))
    if _NOT_TOLD in {one.id for one in before}:
        return not broken
    loaded = all(other.severity is Severity.WARNING for other in before)
    new = now - known if loaded else broken
    return not new and all(now[kind] <= known[kind] - times for kind, times in gone.items())


def _place(found: Diagnostic) -> tuple[int, int]:
    return found.span.line, found.span.column


def _kind(found: Diagnostic) -> tuple[str, str]:
    return found.id, _IN_LINE.sub("line", found.message)
