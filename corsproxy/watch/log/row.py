"""The row of one exchange on a terminal: the same columns always, closer where there is less room.

Where the whole does not fit, columns lose their padding, then the path its middle; where even that
is too long, the verdict goes to a line of its own.
"""

from collections.abc import Iterator
from typing import NamedTuple

from corsproxy.cors.style import Style, shortened

INDENT = " " * 9
"""Of lines that belong to the row above them: as wide as its clock."""
_TARGET, _ORIGIN = 32, 24
_MIN_TARGET, _MIN_ORIGIN = 16, 12


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
        return len(self.clock) + max(len(self.method), 7) + len(self.status) + len(self.ms) + 10


def lines(row: Row, style: Style, colours: tuple[str, str, str]) -> Iterator[str]:
    """The row; `colours` are those of the clock, the status and the words."""
    target, origin, alone = row.target, row.origin, False
    wide = row.fixed + max(len(target), _TARGET) + max(len(origin), _ORIGIN) + len(row.words)
    narrow = bool(style.width) and wide > style.width
    if narrow:
        room = style.width - row.fixed
        alone = room - len(row.words) < min(len(target), _MIN_TARGET) + min(len(origin), _ORIGIN)
        room -= 0 if alone else len(row.words)
        target = shortened(target, max(room - min(len(origin), _ORIGIN), _MIN_TARGET))
        origin = shortened(origin, max(room - len(target), _MIN_ORIGIN))
    clock, status = style.paint(colours[0], row.clock), style.paint(colours[1], row.status)
    words = style.paint(colours[2], row.words)
    padded = (target, origin) if narrow else (f"{target:{_TARGET}}", f"{origin:{_ORIGIN}}")
    head = f"{clock} {row.method:7} {padded[0]} {status} {row.ms} ms  {padded[1]}"
    if alone:
        yield head
        yield f"{INDENT}{words}"
    else:
        yield f"{head} {words}"
