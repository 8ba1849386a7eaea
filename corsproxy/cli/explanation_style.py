"""An explanation on a terminal: its outcomes coloured, its lines as wide as the terminal.

What `explain`, `probe` and `verify` say is made as plain text by those who know what it means, for
files and tests too; how it looks is the same for all of them, and settled here, by how a line
begins. What came from the network is escaped, so no line begins with it.
"""

import os
import re
import sys

from corsproxy.config.colour import style_of
from corsproxy.cors.style import CYAN, DIM, GREEN, RED, YELLOW, Style

_COLOURS = {
    "passed": GREEN,
    "readable": GREEN,
    "fix:": GREEN,
    "refused": RED,
    "blocked": RED,
    "the browser stops": RED,
    "too open": RED,
    "too closed": RED,
    "no difference": GREEN,
    "different": YELLOW,
    "unknown": YELLOW,
    "warning:": YELLOW,
    "note:": YELLOW,
    "see:": DIM,
    ">": CYAN,
    "<": CYAN,
}
_FIRST = re.compile(rf"( *)({'|'.join(map(re.escape, _COLOURS))})(?![\w-])")
_COLUMNS = re.compile(r" *(?:(?:passed|refused) +\w+ +|\d+\. )?")
_WHOLE = re.compile(r" *(?:[<>] |fix:|cors:|shown by:|- )")
"""Lines that can be copied, or compared, and are left as long as they are."""


def show(text: str) -> None:
    """Print an explanation to standard output."""
    print(styled(text, style_of(sys.stdout, os.environ)), end="")


def styled(text: str, style: Style) -> str:
    """`text` for a reader with that terminal: the same words, whatever it can show."""
    lines = (line for whole in text.splitlines() for line in _fitted(whole, style))
    return "".join(f"{_painted(line, style)}\n" for line in lines)


def _fitted(line: str, style: Style) -> list[str]:
    found = _COLUMNS.match(line)
    if found is None or not 0 < style.width < len(line) or _WHOLE.match(line):
        return [line]
    own = len(line) - len(line.lstrip(" "))
    indent = " " * (found.end() if found.end() > own else own + 2)
    return style.wrapped(found[0], line[found.end() :], indent)


def _painted(line: str, style: Style) -> str:
    found = _FIRST.match(line)
    if found is None:
        return line
    return f"{found[1]}{style.paint(_COLOURS[found[2]], found[2])}{line[found.end() :]}"
