"""Globs of origins: they match what the pattern does, and are read as no more than they match."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cors.origin import OriginPattern, PatternError, RegexPattern
from corsproxy.cors.span import Span
from corsproxy.gateways.conversion.origin_glob import globs, pattern
from tests.cors.strategies import ORIGINS, PATTERNS

HERE = Span("x", 1, 1)


def matches(glob: str, origin: str) -> bool:
    """As the store has it: `*` is one character or more, and all else is itself."""
    parts = [re.escape(part) for part in glob.split("*")]
    return re.fullmatch(".+".join(parts), origin) is not None


@given(pattern=st.sampled_from(PATTERNS), origin=st.sampled_from(ORIGINS))
def test_globs_match_what_their_pattern_does(
    pattern: OriginPattern | RegexPattern, origin: str
) -> None:
    if found := globs(pattern):
        assert any(matches(glob, origin) for glob in found) is pattern.matches(origin)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://a.test", ["https://a.test"]),
        ("https://*.a.test:8443", ["https://*.a.test:8443"]),
        ("http://a.test:*", ["http://a.test", "http://a.test:*"]),
        ("http://*.a.test:*", []),
        ("null", []),
    ],
)
def test_a_pattern_is_written_as_globs(text: str, expected: list[str]) -> None:
    assert globs(OriginPattern.parse(text)) == expected


@pytest.mark.parametrize(
    ("regex", "expected"),
    [
        (r"https://.*", ["https://*"]),
        (r"https://app-.+\.a\.test", ["https://app-*.a.test"]),
        (r"https://app-.+[.]a[.]test", []),
        (r"https://a\.test", []),
        (r"https://.+\.a.test", []),
        (r"https://.+\..+\.test", []),
    ],
)
def test_a_regex_is_a_glob_where_it_says_the_same(regex: str, expected: list[str]) -> None:
    assert globs(RegexPattern(regex)) == expected


@pytest.mark.parametrize(
    "text", ["https://*", "https://app-*.a.test", "http*", "*://a.test", "http://a.test:*"]
)
@given(origin=st.sampled_from(ORIGINS))
def test_a_glob_is_read_as_what_it_matches_of_origins(text: str, origin: str) -> None:
    assert pattern(text, HERE).matches(origin) is (matches(text, origin) and origin != "null")


def test_a_glob_of_subdomains_is_the_pattern_of_them() -> None:
    assert pattern("https://*.a.test", HERE) == OriginPattern.parse("https://*.a.test")


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("https://*a.test", "https://*.a.test"),
        ("https://*example.co.uk", "https://*.example.co.uk"),
        ("https://*localhost:3000", "https://*.localhost:3000"),
        ("https://*-app.github.io", "list the origins"),
        ("https://a.test*", "list the origins"),
        ("https://a.*", "list the origins"),
        ("https://*.a.*", "list the origins"),
    ],
)
def test_a_glob_that_strangers_can_meet_is_refused_with_what_was_meant(text: str, fix: str) -> None:
    with pytest.raises(PatternError) as refused:
        pattern(text, HERE)
    assert refused.value.fix == fix


def test_a_label_of_which_a_part_is_told_belongs_to_its_domain() -> None:
    found = pattern("https://*-app.example.com", HERE)
    assert found.matches("https://pr-7-app.example.com")
