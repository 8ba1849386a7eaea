"""Which origins a pattern names, and which it only seems to."""

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cors.origin import OriginPattern, Origins, PatternError, RegexPattern
from corsproxy.cors.span import Span
from tests.cors.strategies import ORIGINS, PATTERNS, some

LABEL = st.from_regex(r"[a-z0-9_-]{1,12}", fullmatch=True)
KONG = r"http://(.*[.])?foo\.test(:(80|90))?"


@pytest.mark.parametrize(
    ("pattern", "origin", "matched"),
    [
        pytest.param("https://a.test", "https://a.test", True, id="the origin itself"),
        pytest.param("https://a.test", "http://a.test", False, id="another scheme"),
        pytest.param("https://a.test", "https://a.test:443", False, id="default port spelled out"),
        pytest.param("https://a.test", "https://a.test:8443", False, id="another port"),
        pytest.param("https://a.test", "https://a.test/", False, id="trailing slash"),
        pytest.param("https://a.test", "https://A.test", False, id="capitals"),
        pytest.param("https://a.test", "https://a.test.", False, id="trailing dot"),
        pytest.param("https://a.test", "https://a.test.evil.test", False, id="host as a prefix"),
        pytest.param("https://a.test", "https://evila.test", False, id="host as a suffix"),
        pytest.param("https://a.test", "https://sub.a.test", False, id="subdomain unasked"),
        pytest.param("https://a.test", "https://a.test@evil.test", False, id="host as user name"),
        pytest.param("https://a.test", "https://a.test, https://a.test", False, id="two lines"),
        pytest.param("http://localhost:3000", "http://127.0.0.1:3000", False, id="same machine"),
        pytest.param("https://*.a.test", "https://b.a.test", True, id="subdomain"),
        pytest.param("https://*.a.test", "https://x.y.a.test", True, id="deep subdomain"),
        pytest.param("https://*.a.test", "https://a_b.a.test", True, id="underscore"),
        pytest.param("https://*.a.test", "https://1.a.test", True, id="digit"),
        pytest.param("https://*.a.test", "https://xn--caf-dma.a.test", True, id="punycode"),
        pytest.param("https://*.a.test", "https://a.test", False, id="apex is no subdomain"),
        pytest.param("https://*.a.test", "https://evila.test", False, id="suffix without a dot"),
        pytest.param("https://*.a.test", "https://.a.test", False, id="empty label"),
        pytest.param("https://*.a.test", "https://b..a.test", False, id="empty label inside"),
        pytest.param("https://*.a.test", "https://b.a.test:8443", False, id="port unasked"),
        pytest.param("https://*.a.test", "http://b.a.test", False, id="scheme differs"),
        pytest.param("https://*.a.test", "https://b.a.test.", False, id="other trailing dot"),
        pytest.param("https://*.a.test", "https://b.a.test.evil.test", False, id="suffix attack"),
        pytest.param("https://*.a.test", "https://evil.test/.a.test", False, id="in a path"),
        pytest.param("https://*.a.test", "https://evil.test?.a.test", False, id="in a query"),
        pytest.param("https://*.a.test", "https://evil.test#.a.test", False, id="in a fragment"),
        pytest.param("https://*.a.test", "https://evil.test:x@b.a.test", False, id="user name"),
        pytest.param("https://*.a.test", "https://evil.test:443.a.test", False, id="in a port"),
        pytest.param("https://*.a.test", "https://evil.test!.a.test", False, id="exclamation mark"),
        pytest.param("https://*.a.test", "https://evil.test,https://b.a.test", False, id="list"),
        pytest.param("https://*.a.test", "https://B.a.test", False, id="capitals below"),
        pytest.param("https://*.a.test", "https://b .a.test", False, id="blank below"),
        pytest.param("https://*.a.test", "https://*.a.test", False, id="pattern sent as origin"),
        pytest.param("https://*.a.test", "null", False, id="opaque origin"),
        pytest.param("https://*.a.test", f"https://{'b.' * 300}a.test", False, id="much too long"),
        pytest.param("http://localhost:*", "http://localhost", True, id="any port: default"),
        pytest.param("http://localhost:*", "http://localhost:5173", True, id="any port"),
        pytest.param("http://localhost:*", "http://localhost:80", False, id="default spelled out"),
        pytest.param("http://localhost:*", "http://localhost:0", False, id="port 0"),
        pytest.param("http://localhost:*", "http://localhost:65535", True, id="highest port"),
        pytest.param("http://localhost:*", "http://localhost:65536", False, id="port too high"),
        pytest.param("http://localhost:*", "http://localhost:080", False, id="leading zero"),
        pytest.param("http://localhost:*", "http://localhost:", False, id="colon alone"),
        pytest.param("http://localhost:*", "http://a.localhost:80", False, id="any port, below"),
        pytest.param("http://[::1]:*", "http://[::1]:3000", True, id="any port of an IPv6 host"),
        pytest.param("http://*.a.test:*", "http://b.a.test:6060", True, id="both"),
        pytest.param("http://*.a.test:*", "http://b.a.test", True, id="both, default port"),
        pytest.param("http://*.a.test:*", "http://b.a.test:80.evil.test", False, id="port, host"),
        pytest.param("http://*.a.test:*", "http://[::1]:81", False, id="IPv6"),
        pytest.param("http://*.a.test:*", "http://[::1.2.3.4]", False, id="IPv6 with dots"),
        pytest.param("https://*.a.test:8443", "https://b.a.test:8443", True, id="one port"),
        pytest.param("null", "null", True, id="opaque"),
        pytest.param("null", "Null", False, id="opaque, capitals"),
    ],
)
def test_matches(pattern: str, origin: str, matched: bool) -> None:
    assert OriginPattern.parse(pattern).matches(origin) is matched


@pytest.mark.parametrize(
    ("regex", "origin", "matched"),
    [
        pytest.param(r"https://.*\.a\.test", "https://b.a.test", True, id="match"),
        pytest.param(r"https://.*\.a\.test", "https://b.a.test.evil.test", False, id="text behind"),
        pytest.param(r"https://.*\.a\.test", "evil:https://b.a.test", False, id="text before"),
        pytest.param(r"https://.*\.a\.test", "https://evil.test/.a.test", False, id="no origin"),
        pytest.param(r"https://.*\.a\.test", "https://evil.test!.a.test", False, id="odd host"),
        pytest.param(r"https://.*\.a\.test", f"https://{'b.' * 300}a.test", False, id="too long"),
        pytest.param(r".*", f"https://{'a' * 504}", True, id="512 characters"),
        pytest.param(r".*", f"https://{'a' * 505}", False, id="513 characters"),
        pytest.param(r"^https://\w+\.a\.test$", "https://b.a.test", True, id="anchored"),
        pytest.param(r".*", "null", False, id="the opaque origin is named by null alone"),
        pytest.param(r"https://a\.test(:[0-9]+)?", "https://a.test:443", False, id="default port"),
        pytest.param(r"a\.test", "https://a.test", False, id="host alone"),
        pytest.param(r"https://(a+)+\.test", f"https://{'a' * 400}.tes", False, id="linear time"),
        pytest.param(KONG, "http://something.foo.test", True, id="optional group"),
        pytest.param(KONG, "http://foo.test:8000", False, id="optional group, port"),
        pytest.param(KONG, "http://foobtest", False, id="escaped dot"),
        pytest.param(r"https://[a-z]+\.a\.test", "https://b\xe9.a.test", False, id="latin-1"),
    ],
)
def test_regex_matches(regex: str, origin: str, matched: bool) -> None:
    assert RegexPattern(regex).matches(origin) is matched


@pytest.mark.parametrize(
    ("regex", "why"),
    [
        ("https://(", "missing ): https://("),
        ("(?=a)", "invalid perl operator: (?="),
        (r"\1", r"invalid escape sequence: \1"),
    ],
)
def test_what_re2_does_not_read_is_a_mistake_in_its_words(regex: str, why: str) -> None:
    with pytest.raises(PatternError) as raised:
        RegexPattern(regex)
    assert raised.value.message == f"RE2 does not read this expression: {why}"


def test_without_re2_a_regex_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "re2", None)  # as where the platform has no wheel
    with pytest.raises(PatternError, match="needs the package google-re2"):
        RegexPattern(".*")


def test_patterns_know_their_place_and_how_they_were_written() -> None:
    span = Span("policy.yaml", 3, 7)
    assert OriginPattern.parse("null", span).span is span
    assert OriginPattern.parse("https://a.test", span).span is span
    assert RegexPattern("a.*", span).span is span
    assert str(RegexPattern("a.*")) == "regex a.*"
    assert RegexPattern("a.*", span) == RegexPattern("a.*")
    assert OriginPattern.parse("null", span) == OriginPattern.parse("null")


def test_the_first_pattern_that_names_an_origin_is_found() -> None:
    first, second = (OriginPattern.parse("https://*.a.test", Span("p", n)) for n in (1, 2))
    assert Origins([first, second]).match("https://b.a.test") is first
    exact = [OriginPattern.parse("https://a.test", Span("p", n)) for n in (1, 2)]
    assert Origins(exact).match("https://a.test") is exact[0]
    regex = RegexPattern("https://.*")
    assert Origins([regex, *exact]).match("https://a.test") is exact[0]
    assert Origins([*exact, regex]).match("https://b.test") is regex


def test_origins_are_values() -> None:
    some_origins, no_origins = Origins([OriginPattern.parse("https://a.test")]), Origins()
    assert some_origins == Origins([OriginPattern.parse("https://a.test")])
    assert hash(some_origins) == hash(Origins(some_origins.patterns))
    assert some_origins != no_origins
    assert no_origins != Origins(any_origin=True)
    assert some_origins != "https://a.test"
    assert repr(some_origins) == "Origins(https://a.test)"
    assert repr(Origins(any_origin=True)) == "Origins(*)"


def test_origins_are_true_where_they_allow_any_at_all() -> None:
    assert Origins(any_origin=True)
    assert Origins([OriginPattern.parse("null")])
    assert not Origins()


@given(below=LABEL, host=LABEL)
def test_subdomains_are_cut_at_a_dot(below: str, host: str) -> None:
    pattern = OriginPattern.parse(f"https://*.{host}.test")
    assert pattern.matches(f"https://{below}.{host}.test")
    assert not pattern.matches(f"https://{below}{host}.test")
    assert not pattern.matches(f"https://{host}.test")
    assert not pattern.matches(f"https://{below}.{host}.test.{below}")


@given(host=LABEL, port=st.integers(1, 65535))
def test_any_port_is_any_port_of_that_host_alone(host: str, port: int) -> None:
    pattern = OriginPattern.parse(f"https://{host}.test:*")
    assert pattern.matches(f"https://{host}.test:{port}") == (port != 443)
    assert not pattern.matches(f"https://x{host}.test:{port}")


@given(some(PATTERNS), st.sampled_from(ORIGINS) | st.text())
def test_origins_match_what_one_of_their_patterns_matches(
    patterns: tuple[OriginPattern | RegexPattern, ...], origin: str
) -> None:
    found = Origins(patterns).match(origin)
    assert (found is not None) == any(pattern.matches(origin) for pattern in patterns)
    assert found is None or found.matches(origin)


@pytest.mark.parametrize(
    "parts",
    [
        ("https", "a.test\r\nX-Evil: 1"),
        ("https", "a.test", "443"),
        ("https", "a.test", "8443\n"),
        ("HTTPS", "a.test"),
        ("https", "127.0.0.1", "", True),
        ("https", "*.a.test"),
        ("https", ""),
        ("", "https://a.test"),
        ("null", "a.test"),
        ("null", "", "*"),
        ("null", "", "", True),
    ],
)
def test_a_pattern_is_never_built_of_parts_that_no_browser_spells(parts: tuple[Any, ...]) -> None:
    with pytest.raises(PatternError):
        OriginPattern(*parts)


def test_any_origin_stands_alone() -> None:
    with pytest.raises(PatternError, match="beside"):
        Origins([OriginPattern.parse("null")], any_origin=True)


def test_origins_are_made_of_patterns() -> None:
    texts: Any = ["https://a.test"]
    with pytest.raises(TypeError, match=r"not 'https://a\.test'"):
        Origins(texts)
