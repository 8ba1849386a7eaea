"""How text is made for a reader: the codes of colours (ECMA-48, 8.3.117) and the width of lines."""

import textwrap
from typing import NamedTuple

PLAIN, BOLD, DIM, RED, GREEN, YELLOW, CYAN = (f"\033[{n}m" for n in (0, 1, 2, 31, 32, 33, 36))

_MIN_TEXT = 24
"""Characters that a line has for words at least, however narrow the terminal."""


class Style(NamedTuple):
    """What the reader's terminal can show; the default is for files, pipes and tests."""

    colour: bool = False
    width: int = 0
    """Columns; 0 where lines may be as long as they are."""

    def paint(self, colour: str, text: str) -> str:
        """`text` in that colour, where there are colours."""
        return f"{colour}{text}{PLAIN}" if self.colour and text else text

    def wrapped(self, first: str, text: str, indent: str) -> list[str]:
        """`first` and `text` in lines of `width`, broken between words; others begin with `indent`.

        `first` may be painted; as many columns as `indent` has are counted for it. Nothing longer
        than a line is cut: a URL or an origin stays one piece, which can be copied.
        """
        if not self.width:
            return [first + text]
        columns = max(self.width - len(indent), _MIN_TEXT)
        parts = textwrap.wrap(
            text, columns, break_long_words=False, break_on_hyphens=False, drop_whitespace=True
        )
        head, *rest = parts or [""]
        return [first + head, *(indent + part for part in rest)]


def shortened(text: str, length: int) -> str:
    """`text` in at most `length` characters: where it is longer, dots stand for its middle."""
    if len(text) <= length:
        return text
    kept = max(length - 3, 2)
    return f"{text[: kept - kept // 2]}...{text[-(kept // 2) :]}"
