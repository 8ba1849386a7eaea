"""Colour on a terminal: whether it is wanted, and the codes for it (ECMA-48, 8.3.117)."""

from collections.abc import Mapping
from typing import TextIO

PLAIN, BOLD, DIM, RED, GREEN, YELLOW, CYAN = (f"\033[{n}m" for n in (0, 1, 2, 31, 32, 33, 36))


def wants_colour(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether `stream` is a terminal whose user did not ask for plain text (no-color.org)."""
    plain = environ.get("NO_COLOR") or environ.get("TERM") == "dumb"
    return stream.isatty() and not plain
