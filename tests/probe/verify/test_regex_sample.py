"""A sample of a regex is a text that it matches, or there is none."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.probe.verify.regex_sample import regex_sample


@pytest.mark.parametrize(
    ("text", "sample"),
    [
        (r"https://pr-[0-9]+\.example\.com", "https://pr-0.example.com"),
        (r"^https://(app|www)\.example\.com$", "https://app.example.com"),
        (r"https://(?:[a-z]{2,5}\.)*example\.com(:\d+)?", "https://aa.example.com:7"),
        (r"https?://\w+(?P<tail>\.test|)", "https://a.test"),
        (r"https://a{3}[\d_]x+?\.test", "https://aaa7x.test"),
        (r"\Ahttps://a.b\z", "https://aab"),
        ("a|b", "a"),
        ("|b", ""),
    ],
)
def test_the_first_choice_is_taken_and_nothing_is_left_out(text: str, sample: str) -> None:
    assert regex_sample(text) == sample


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[^a]b", id="what is not in a set"),
        pytest.param(r"\p{Greek}", id="a class by name"),
        pytest.param("(?i)a", id="flags"),
        pytest.param("a)", id="a bracket too many"),
        pytest.param("(a", id="a bracket too few"),
        pytest.param("+a", id="nothing to repeat"),
        pytest.param("a{1001}", id="more than RE2 repeats"),
        pytest.param("\\", id="a lone backslash"),
    ],
)
def test_what_is_not_read_has_no_sample(text: str) -> None:
    assert regex_sample(text) is None


PIECES = st.sampled_from(["a", "-", r"\.", r"\d", r"\w", ".", "[a-z0-9]", r"[\d-]", "[.]"])
REPEATED = st.builds(
    str.__add__, PIECES, st.sampled_from(["", "?", "*", "+", "{2}", "{1,3}", "{2,}"])
)


def grouped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    both = st.lists(inner, min_size=1, max_size=3).map("".join)
    return st.builds("({}|{})".format, both, both) | st.builds("(?:{})+".format, both)


@given(st.lists(st.recursive(REPEATED, grouped, max_leaves=6), max_size=4).map("".join))
def test_a_regex_matches_its_sample(text: str) -> None:
    sample = regex_sample(text)
    assert sample is not None
    assert re.fullmatch(text, sample)
