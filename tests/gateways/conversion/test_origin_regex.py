"""The expression of a pattern matches the origins that the pattern names, and no other."""

import re

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cors.origin import OriginPattern, RegexPattern
from corsproxy.gateways.conversion.origin_regex import (
    SHAPE,
    anchored,
    literal,
    one_line,
    regex,
)
from tests.cors.strategies import ORIGINS, PATTERNS

TEXTS = st.sampled_from(ORIGINS) | st.from_regex(SHAPE, fullmatch=True, alphabet="abct.:/-[]0159*")


@pytest.mark.parametrize("engine", [re, re2], ids=["PCRE's like", "RE2"])
@given(pattern=st.sampled_from(PATTERNS), origin=TEXTS)
def test_it_matches_as_the_pattern_does(
    engine: object, pattern: OriginPattern | RegexPattern, origin: str
) -> None:
    found = engine.fullmatch(regex(pattern), origin) is not None  # type: ignore[attr-defined]
    assert pattern.matches(origin) <= found
    if re.search(":0|:80$|:443$|:[0-9]{5}", origin) is None:  # ports that no browser spells
        assert found <= pattern.matches(origin)


@given(text=st.text())
def test_a_literal_matches_itself_alone(text: str) -> None:
    assert re.fullmatch(literal(text), text)
    assert re.fullmatch(literal(text), text + "x") is None


def test_a_dot_is_no_wildcard_and_an_alternative_stays_in_its_group() -> None:
    assert re.fullmatch(regex(OriginPattern.parse("https://a.test")), "https://axtest") is None
    assert re.fullmatch(f"^{regex(RegexPattern('https://a|b'))}$", "https://ax") is None


@given(origin=TEXTS.filter(lambda text: text != "null"))
def test_the_shape_is_that_of_every_regex(origin: str) -> None:
    if RegexPattern(".*").matches(origin):
        assert re.fullmatch(SHAPE, origin)


@given(pattern=st.sampled_from([*PATTERNS, RegexPattern(".*")]), origin=TEXTS)
def test_an_anchored_one_matches_by_searching_what_the_pattern_does(
    pattern: OriginPattern | RegexPattern, origin: str
) -> None:
    assert (re.search(anchored(pattern), origin) is not None) == (
        re.fullmatch(regex(pattern), origin) is not None
        and (isinstance(pattern, OriginPattern) or re.fullmatch(SHAPE, origin) is not None)
    )


@pytest.mark.parametrize("text", ["null", "", "*", "https://a.test/", "xhttps://a.test b"])
def test_a_careless_expression_finds_nothing_that_is_no_origin(text: str) -> None:
    assert re.search(anchored(RegexPattern(".*")), text) is None


def test_a_line_break_does_not_fit_into_a_line() -> None:
    assert not one_line(RegexPattern("https://a\n|b"))
    assert one_line(RegexPattern("https://a|b"))
