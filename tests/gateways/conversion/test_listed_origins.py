"""Lists of origins: a schema's own shape is held, and no list is empty."""

import re

import pytest

from corsproxy.cors.origin import OriginPattern, Origins, RegexPattern
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.listed_origins import Schema, written
from corsproxy.gateways.conversion.located_yaml import compose
from corsproxy.gateways.conversion.reading import Reading

SCHEMA = Schema(re.compile(r"https://(\*\.)?[a-z.]+"), "[^:]+")


def read(text: str) -> tuple[Origins, list[str]]:
    root = compose(f"allowOrigins: {text}", "x")
    reading = Reading(root, {"allowOrigins": root.get("allowOrigins")}, {})
    return SCHEMA.read(reading), [loss.fix for loss in reading.losses]


def test_a_pattern_is_taken_by_its_text() -> None:
    assert SCHEMA.takes(OriginPattern.parse("https://*.a.test"))
    assert not SCHEMA.takes(OriginPattern.parse("http://a.test"))
    assert not SCHEMA.takes(RegexPattern("https://a"))
    assert not SCHEMA.takes(OriginPattern.parse(f"https://{'.'.join(['a' * 60] * 4)}.test"))


def test_a_list_is_read_as_it_is_written() -> None:
    patterns = [OriginPattern.parse(text) for text in ("https://a.test", "https://*.b.test")]
    for origins in (Origins(patterns), Origins(any_origin=True), Origins()):
        found, told = read(str(written(Policy(origins))))
        assert (found.any, found.patterns, told) == (origins.any, origins.patterns, [])


def test_without_an_origin_the_list_has_one_that_nobody_has() -> None:
    assert written(Policy(Origins())) == ["https://nobody.invalid"]


def test_any_host_is_a_regex() -> None:
    assert read("['https://*:8443']")[0].patterns == (RegexPattern("https://[^:]+:8443"),)


@pytest.mark.parametrize(
    ("text", "fix"), [("https://A.test", "https://a.test"), ("http://a.test", "leave it out")]
)
def test_what_no_page_has_and_what_the_schema_refuses_is_told(text: str, fix: str) -> None:
    found, told = read(f"[{text}]")
    assert found.patterns == ()
    assert told == [fix]
