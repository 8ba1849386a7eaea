"""The row of one exchange on a terminal: the same columns always, closer where there is less room.

Where the whole does not fit, columns lose their padding, then the path its middle; where even that
is too long, the verdict goes to a line of its own.
"""

from collections.abc import Iterator
from typing import NamedTuple

from corsproxy.cors.style import Style, shortened

INDENT = " " * 9
"""Of lines that belong to the row above them: as wide as its clock."""
_TARGET, _ORIGIN, _WORDS = 32, 21, 7
"""Columns of the path, of an origin on localhost, and of the commonest verdict."""
_MIN_TARGET, _MIN_ORIGIN = 12, 12


class Row(NamedTuple):
    """What stands in it, each as text that may be shown."""

    clock: str
    method: str
    target: str
    status: str
    ms: str
    origin: str
    words: str

    @property
    def fixed(self) -> int:
        """Columns of all but target, origin and words, blanks between them included."""
        return len(self.clock) + max(len(self.method), 7) + len(self.status) + len(self.ms) + 9


def lines(row: Row, style: Style, colours: tuple[str, str, str]) -> Iterator[str]:
    """The row; `colours` are those of the clock, the status and the words."""
    clock, status = style.paint(colours[0], row.clock), style.paint(colours[1], row.status)
    words = style.paint(colours[2], row.words)
    target, origin, below = _fitted(row, style.width - row.fixed) if style.width else _whole(row)
    head = f"{clock} {row.method:7} {target} {status} {row.ms} ms  {origin}"
    yield from [head.rstrip(), f"{INDENT}{words}"] if below else [f"{head} {words}"]


def _whole(row: Row) -> tuple[str, str, bool]:
    return f"{row.target:{_TARGET}}", f"{row.origin:{_ORIGIN}}", False


def _fitted(row: Row, room: int) -> tuple[str, str, bool]:
    """Target and origin in `room` columns, and whether the words need a line of their own."""
    column = min(max(room - _ORIGIN - 1 - _WORDS, _MIN_TARGET), _TARGET)
    beside = room - 1 - len(row.words)
    shown = row.origin
    if room - column < len(shown):  # the host tells more than its scheme
        shown = shown.rpartition("://")[2]
    origin = f"{shown:{_ORIGIN}}"
    if column + len(origin) > beside >= column + len(shown):
        origin = shown
    below = column + len(origin) > beside
    left = room if below else beside
    target = f"{shortened(row.target, max(left - len(origin), _MIN_TARGET)):{column}}"
    room_left = max(left - len(target), _MIN_ORIGIN)
    return target, origin if len(origin) <= room_left else shortened(shown, room_left), below
