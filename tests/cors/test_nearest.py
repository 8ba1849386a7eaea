"""The nearest allowed origin, and in what it differs."""

import pytest

from corsproxy.cors.nearest import canonical, how_it_differs, nearest
from corsproxy.cors.origin import OriginPattern, Origins, RegexPattern


def near(origin: str, *patterns: str) -> tuple[str, str] | None:
    found = nearest(Origins([OriginPattern.parse(text) for text in patterns]), origin)
    return found and (found.pattern, found.words)


@pytest.mark.parametrize(
    ("allowed", "origin", "words"),
    [
        pytest.param("http://a.test", "https://a.test", "the scheme http", id="scheme"),
        pytest.param("http://a.test:1", "http://a.test:2", "the port 1", id="port"),
        pytest.param("http://a.test", "http://a.test:2", "no port", id="no port"),
        pytest.param(
            "http://localhost:1",
            "http://127.0.0.1:1",
            "the host localhost, not 127.0.0.1",
            id="loopback names",
        ),
        pytest.param(
            "http://[::1]", "http://localhost", "the host [::1], not localhost", id="IPv6"
        ),
        pytest.param("https://www.a.test", "https://a.test", "a subdomain more", id="subdomain"),
        pytest.param("https://a.test", "https://www.a.test", "a subdomain less", id="apex"),
        pytest.param("https://*.a.test", "https://a.test", "a subdomain more", id="pattern's apex"),
        pytest.param("https://*.a.test", "http://x.a.test", "the scheme https", id="in a pattern"),
        pytest.param("https://a.test:*", "http://a.test:9", "the scheme https", id="any port"),
        pytest.param(
            "https://example.com", "https://exmaple.com", "the host example.com", id="a slip"
        ),
        pytest.param(
            "http://a.test:1",
            "https://a.test:2",
            "the scheme http and the port 1",
            id="two differences",
        ),
    ],
)
def test_how_the_nearest_differs(allowed: str, origin: str, words: str) -> None:
    assert near(origin, allowed) == (allowed, words)


def test_the_nearest_of_several_is_the_one_that_differs_least() -> None:
    allowed = ("https://other.test", "https://a.test:1", "http://a.test:2", "http://a.test:3")
    assert near("http://a.test:4", *allowed) == ("http://a.test:2", "the port 2")


@pytest.mark.parametrize(
    ("origin", "patterns"),
    [
        pytest.param("https://evil.test", ["https://a.example"], id="nothing in common"),
        pytest.param("https://b.test", ["https://*.a.example"], id="no subdomain of it"),
        pytest.param("null", ["https://a.test"], id="the opaque origin asks"),
        pytest.param("https://a.test", ["null"], id="the opaque origin is allowed"),
    ],
)
def test_sometimes_none_is_near(origin: str, patterns: list[str]) -> None:
    assert near(origin, *patterns) is None


def test_a_regex_is_not_compared() -> None:
    assert nearest(Origins([RegexPattern.parse("https://a[.]test")]), "http://a.test") is None


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        pytest.param("HTTP://A.test:80/x", "http://a.test", id="capitals, port and path"),
        pytest.param("https://a.test:80", "https://a.test:80", id="another port"),
        pytest.param("a.test", "a.test", id="no origin stays as it is"),
    ],
)
def test_canonical(text: str, spelled: str) -> None:
    assert canonical(text) == spelled


@pytest.mark.parametrize(
    ("said", "words"),
    [
        pytest.param("http://a.test/", "it has a slash at its end", id="slash"),
        pytest.param("http://a.test/x", "it has a path", id="path"),
        pytest.param("HTTP://a.test", "it has capitals", id="capitals"),
        pytest.param("http://a.test:80", "it has the default port", id="default port"),
        pytest.param("https://a.test/", "it has a slash at its end and the scheme https", id="two"),
        pytest.param("http://other.example", "it has another host", id="host"),
        pytest.param("null", "it is the opaque origin", id="null"),
        pytest.param("a.test:80", "it has no scheme://", id="no scheme"),
    ],
)
def test_how_a_value_differs_from_the_origin(said: str, words: str) -> None:
    assert how_it_differs(said, "http://a.test") == words
