import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cors.style import RED, Style, shortened

ORIGIN = "http://a-rather-long-name.of-a-page.example.com:5173"


def test_without_a_width_a_line_is_as_long_as_it_is() -> None:
    assert Style().wrapped("why: ", "word " * 99, "     ") == ["why: " + "word " * 99]


def test_a_line_is_broken_between_words_and_goes_on_below_its_text() -> None:
    lines = Style(width=40).wrapped("  why: ", "the origin is not in allow_origins of it", " " * 7)
    assert lines == ["  why: the origin is not in", "       allow_origins of it"]


@pytest.mark.parametrize("width", [20, 40])
def test_what_can_be_copied_stays_in_one_piece(width: int) -> None:
    lines = Style(width=width).wrapped("", f"the origin {ORIGIN} is new", "  ")
    assert [line for line in lines if ORIGIN in line]


def test_a_text_without_words_is_a_line() -> None:
    assert Style(width=40).wrapped("why: ", "", "     ") == ["why: "]


@given(st.lists(st.text("abc", min_size=1, max_size=20)), st.integers(30, 99))
def test_no_line_is_wider_than_the_terminal_and_no_word_is_lost(
    words: list[str], width: int
) -> None:
    lines = Style(width=width).wrapped("why: ", " ".join(words), "     ")
    assert all(len(line) <= width for line in lines)
    assert " ".join(lines).removeprefix("why: ").split() == words


@pytest.mark.parametrize(
    ("style", "painted"),
    [
        pytest.param(Style(colour=True), f"{RED}no\033[0m", id="with colour"),
        pytest.param(Style(), "no", id="without"),
    ],
)
def test_text_is_painted_where_there_are_colours(style: Style, painted: str) -> None:
    assert style.paint(RED, "no") == painted
    assert style.paint(RED, "") == ""


@given(st.text("/abc", max_size=80), st.integers(7, 60))
def test_the_middle_gives_way(text: str, length: int) -> None:
    short = shortened(text, length)
    assert len(short) == min(len(text), length)
    beginning, dots, end = short.partition("...")
    assert text.startswith(beginning)
    assert not dots or text.endswith(end)
