import fcntl
import io
import os
import pty
import struct
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import pytest

from corsproxy.config.colour import style_of, wants_colour
from corsproxy.cors.style import Style


@contextmanager
def terminal(columns: int = 0) -> Iterator[TextIO]:
    outer, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with os.fdopen(inner, "w") as stream, os.fdopen(outer, "rb", buffering=0):
        yield stream


@pytest.mark.parametrize(
    ("environ", "on_terminal", "in_file"),
    [
        pytest.param({}, True, False, id="nothing said"),
        pytest.param({"NO_COLOR": "1"}, False, False, id="NO_COLOR"),
        pytest.param({"NO_COLOR": ""}, True, False, id="an empty NO_COLOR says nothing"),
        pytest.param({"TERM": "dumb"}, False, False, id="a dumb terminal"),
        pytest.param({"FORCE_COLOR": "1"}, True, True, id="FORCE_COLOR"),
        pytest.param({"FORCE_COLOR": "1", "TERM": "dumb"}, True, True, id="forced on a dumb one"),
        pytest.param({"FORCE_COLOR": "0"}, False, False, id="FORCE_COLOR=0"),
        pytest.param({"FORCE_COLOR": ""}, True, False, id="an empty FORCE_COLOR says nothing"),
        pytest.param({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False, id="both"),
    ],
)
def test_colour_is_for_terminals_unless_it_is_forced_or_refused(
    environ: dict[str, str], on_terminal: bool, in_file: bool
) -> None:
    with terminal() as stream:
        assert wants_colour(stream, environ) is on_terminal
    assert wants_colour(io.StringIO(), environ) is in_file


@pytest.mark.parametrize(
    ("columns", "environ", "width"),
    [
        pytest.param(80, {}, 80, id="the terminal's"),
        pytest.param(0, {}, 0, id="a terminal that does not know"),
        pytest.param(80, {"COLUMNS": "120"}, 120, id="COLUMNS wins"),
        pytest.param(80, {"COLUMNS": "wide"}, 80, id="COLUMNS that is no number"),
        pytest.param(80, {"COLUMNS": "0"}, 80, id="COLUMNS of 0"),
        pytest.param(30, {}, 0, id="too narrow to make anything fit"),
    ],
)
def test_lines_are_as_wide_as_the_terminal(
    columns: int, environ: dict[str, str], width: int
) -> None:
    with terminal(columns) as stream:
        assert style_of(stream, environ).width == width


def test_a_file_has_no_width() -> None:
    assert style_of(io.StringIO(), {"COLUMNS": "80"}) == Style()
