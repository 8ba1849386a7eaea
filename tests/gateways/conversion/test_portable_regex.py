"""Regexes that several languages read alike, anchored, and with the shape of an origin."""

import re

import pytest

from corsproxy.cors.origin import OriginPattern, PatternError, RegexPattern
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.portable_regex import (
    anchored,
    expression,
    is_exact,
    portable,
    with_portable_origins,
)

READ_ALIKE = [
    r"https://[a-z0-9-]+\.a\.test",
    r"https://(?:a|b)\.test(:[0-9]{1,5})?",
    r"^https://.*\.a\.test$",
    r"https://\d+\.\w+?\.test/?",
    r".*[.]a[.]test|h.*|x|n.*",
    r"https://a{2,}b{3}\.test",
]
READ_OTHERWISE = [
    (r"https://a\.test\z", "a letter to JavaScript"),
    (r"\Ahttps://a", "a letter to JavaScript"),
    (r"(?i)https://a", "an error in JavaScript"),
    (r"https://[[:alpha:]]+", "a class of other characters"),
    (r"https://(?P<host>a)", "an error in JavaScript"),
    (r"https://\pL+", "the letter p"),
    (r"https://\Qa.b\E", "letters"),
    (r"https://a**", "an error in Python"),
    (r"https://a+{2}", "an error in Python"),
    (r"https://{a}", "an error elsewhere"),
    (r"^*https://a", "an error in JavaScript"),
    ("https://a#b", "an interpolation of Ruby's"),
    (r"https://[a&&b]", "an intersection in Ruby"),
    ("https://\u00e9", "letters in other encodings"),
]


@pytest.mark.parametrize("text", READ_ALIKE)
def test_plain_expressions_are_read_alike(text: str) -> None:
    assert portable(RegexPattern(text))


@pytest.mark.parametrize("text", [text for text, _ in READ_OTHERWISE])
def test_what_another_language_reads_otherwise_is_not_carried(text: str) -> None:
    try:
        pattern = RegexPattern(text)
    except PatternError:
        return
    assert not portable(pattern)


def test_the_others_are_taken_out_and_every_plain_pattern_stays() -> None:
    texts = ["https://a.test", "https://*.b.test"]
    policy = Policy.from_lists(origins=[*texts, RegexPattern(r"https://a\z")])
    kept = with_portable_origins(policy).allow_origins.patterns
    assert [str(one) for one in kept] == texts


@pytest.mark.parametrize(
    "origin", ["https://x.a.test", "https://a.test/", "null", "*", "", "https://x!.a.test", "x"]
)
def test_a_careless_expression_matches_what_it_matches_in_a_policy(origin: str) -> None:
    pattern = RegexPattern(r".*[.]a[.]test|h.*|x|n.*|\*")
    assert bool(re.search(anchored(pattern), origin)) == pattern.matches(origin)
    assert bool(re.fullmatch(expression(pattern), origin)) == pattern.matches(origin)


def test_a_single_origin_is_its_text_and_a_pattern_is_not() -> None:
    assert is_exact(OriginPattern.parse("https://a.test"))
    assert not is_exact(OriginPattern.parse("https://*.a.test"))
    assert not is_exact(RegexPattern("https://a"))
