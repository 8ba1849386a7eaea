import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cli.explanation_style import styled
from corsproxy.config.loading import load_text
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.explain.scene import scene
from corsproxy.cors.explain.scene_text import scene_text
from corsproxy.cors.style import GREEN, RED, YELLOW, Style

POLICY = load_text(
    b"upstream: http://a\ncors: {allow_origins: [http://localhost:5173]}", "policy.yaml", {}, {}
).config.policy
BLOCKED = scene_text(
    scene(
        POLICY,
        Attempt("http://localhost:3000", "PATCH", (("x-a", "1"),), target="/a"),
        "http://localhost:8080",
    )
)
COLOUR = re.compile(r"\033\[\d+m")


def words(text: str) -> list[str]:
    return COLOUR.sub("", text).split()


def test_a_file_gets_the_text_as_it_is() -> None:
    assert styled(BLOCKED, Style()) == BLOCKED


def test_outcomes_are_coloured() -> None:
    shown = styled(BLOCKED, Style(colour=True))
    assert COLOUR.sub("", shown) == BLOCKED
    for word, colour in {"refused": RED, "blocked": RED, "fix:": GREEN}.items():
        assert f"{colour}{word}" in shown


def test_a_difference_is_coloured_by_its_risk() -> None:
    text = "too open: a\ntoo closed: b\ndifferent, harmless: c\n  shown by: GET /\n"
    shown = styled(text, Style(colour=True)).splitlines()
    assert [line.partition("m")[0] + "m" for line in shown[:3]] == [RED, RED, YELLOW]
    assert shown[3] == "  shown by: GET /"


@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_fit_and_go_on_below_their_text(width: int) -> None:
    shown = styled(BLOCKED, Style(width=width)).splitlines()
    copied = (" " * 4 + "fix:", "   <", "   >")
    assert [line for line in shown if len(line) > width and not line.startswith(copied)] == []
    [first] = [at for at, line in enumerate(shown) if "refused origin" in line]
    column = shown[first].index("the origin")
    assert shown[first + 1].startswith(" " * column)


@given(st.integers(40, 200), st.booleans())
def test_no_word_is_lost_or_changed(width: int, colour: bool) -> None:
    assert words(styled(BLOCKED, Style(colour, width))) == words(BLOCKED)


def test_what_begins_like_an_outcome_is_not_one() -> None:
    text = "blocked-by: nothing\n  fixes: none\n"
    assert styled(text, Style(colour=True)) == text
