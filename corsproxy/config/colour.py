"""What a stream can show: colours, and how many columns."""

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import TextIO

from corsproxy.cors.numbers import number
from corsproxy.cors.style import Style

_NARROWEST = 40
"""Columns below which lines are left as long as they are."""
_WIDEST = 10_000


def wants_colour(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether `stream` gets colours: a terminal's user may refuse them, anybody may force them.

    NO_COLOR (no-color.org) wins over FORCE_COLOR (force-color.org), of which 0 refuses, as well.
    """
    if environ.get("NO_COLOR"):
        return False
    if forced := environ.get("FORCE_COLOR"):
        return forced != "0"
    return stream.isatty() and environ.get("TERM") != "dumb"


def style_of(stream: TextIO, environ: Mapping[str, str]) -> Style:
    """How text for `stream` is made, as wide as its terminal is now."""
    return Style(wants_colour(stream, environ), _columns(stream, environ))


def _columns(stream: TextIO, environ: Mapping[str, str]) -> int:
    """COLUMNS (POSIX, 8.3) wins over what the terminal says; 0 where there is none, or too few."""
    if not stream.isatty():
        return 0
    columns = number(environ.get("COLUMNS", ""), _WIDEST) or 0
    if not columns:
        with suppress(OSError):
            columns = os.get_terminal_size(stream.fileno()).columns
    return columns if columns >= _NARROWEST else 0
