"""Many regexes asked at once say what the first of them says that matches."""

import pytest
import re2

from corsproxy.cors.joined_regex import MAX_JOINED, Alternation

LARGE = r"(?:\pL{1,200}){1,2}"
"""So large that a few of them find no room in one expression."""


def alternation(*patterns: str) -> Alternation:
    return Alternation([re2.compile(pattern) for pattern in patterns])


@pytest.mark.parametrize(
    ("patterns", "text", "first"),
    [
        pytest.param(["a", "b", "ab?"], "b", 1, id="the second"),
        pytest.param(["a", "ab?", "a.?"], "ab", 1, id="the first of two"),
        pytest.param(["a", "b"], "ab", None, id="none of them"),
        pytest.param([r"a\Qb", "c", "d"], "c", 1, id="one that quotes to its end"),
        pytest.param([f"{LARGE}{n}" for n in range(10)], "x7", 7, id="too large for one"),
        pytest.param([f"x{n}" for n in range(3 * MAX_JOINED)], "x450", 450, id="many"),
        pytest.param([], "a", None, id="no pattern"),
    ],
)
def test_the_first_that_matches_is_found(patterns: list[str], text: str, first: int | None) -> None:
    assert alternation(*patterns).first(text) == first
