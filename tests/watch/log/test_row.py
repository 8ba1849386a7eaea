import re

import pytest

from corsproxy.cors.style import CYAN, DIM, GREEN, Style
from corsproxy.watch.log.row import Row, lines

COLOURS = (DIM, CYAN, GREEN)
ROW = Row("12:00:00", "GET", "/a", "200", "    12", "http://localhost:5173", "granted")
LONG = ROW._replace(target="/users/" + "7/" * 40 + "items?page=2")
FAILED = "granted, blocked by the browser (headers-not-exposed)"


def rows(row: Row, width: int) -> list[str]:
    return list(lines(row, Style(width=width), COLOURS))


def test_where_nothing_says_how_wide_it_is_nothing_is_cut() -> None:
    [line] = rows(LONG, 0)
    assert LONG.target in line


def test_where_there_is_room_the_columns_stand_below_each_other() -> None:
    one, other = rows(ROW, 120), rows(ROW._replace(target="/other", origin="-"), 120)
    assert one[0].index("granted") == other[0].index("granted")


@pytest.mark.parametrize("width", [40, 60, 80, 100])
@pytest.mark.parametrize("words", ["granted", FAILED])
@pytest.mark.parametrize("row", [ROW, LONG])
def test_a_row_fits_the_terminal(row: Row, words: str, width: int) -> None:
    made = rows(row._replace(words=words), width)
    assert words in made[-1]
    if width >= 80:
        assert max(map(len, made)) <= width
    assert len(made) <= 2


def test_in_80_columns_the_path_loses_its_middle_and_the_origin_nothing() -> None:
    [line] = rows(LONG, 80)
    assert re.search(r" /users/.*\.\.\..*page=2 200 ", line)
    assert "http://localhost:5173 granted" in line


def test_a_verdict_that_needs_more_stands_below() -> None:
    line, words = rows(LONG._replace(words=FAILED), 80)
    assert line.endswith("http://localhost:5173")
    assert words == " " * 9 + FAILED


def test_colours_take_no_room() -> None:
    plain = rows(LONG, 80)
    coloured = list(lines(LONG, Style(colour=True, width=80), COLOURS))
    assert [re.sub(r"\033\[\d+m", "", line) for line in coloured] == plain
