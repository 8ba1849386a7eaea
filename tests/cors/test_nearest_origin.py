"""The nearest allowed origin, and in what it differs."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from corsproxy.cors.nearest_candidates import MAX_COMPARED
from corsproxy.cors.nearest_origin import Nearest, canonical, how_it_differs, nearest_pattern
from corsproxy.cors.origin import MAX_ORIGIN_LENGTH, OriginPattern, Origins, RegexPattern
from corsproxy.cors.origin_spelling import Spelled


def near(origin: str, *patterns: str) -> tuple[str, str] | None:
    found = nearest_pattern(Origins([OriginPattern.parse(text) for text in patterns]), origin)
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
        pytest.param(
            "http://localhost",
            "http://localhst",
            "the host localhost",
            id="a slip in a loopback name",
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


@pytest.mark.parametrize(
    ("longer", "words"),
    [
        pytest.param(0, "the port 1", id="the longest"),
        pytest.param(1, None, id="one character longer"),
    ],
)
def test_what_is_too_long_for_an_origin_is_near_none(longer: int, words: str | None) -> None:
    host = "a" * (MAX_ORIGIN_LENGTH - len("http://:2") + longer)
    found = near(f"http://{host}:2", f"http://{host}:1")
    assert (found and found[1]) == words


def test_a_regex_is_not_compared() -> None:
    assert nearest_pattern(Origins([RegexPattern("https://a[.]test")]), "http://a.test") is None


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
        pytest.param("http://localhost", "it has another host", id="loopback host"),
        pytest.param("null", "it is the opaque origin", id="null"),
        pytest.param("a.test:80", "it has no scheme://", id="no scheme"),
    ],
)
def test_how_a_value_differs_from_the_origin(said: str, words: str) -> None:
    assert how_it_differs(said, "http://a.test") == words


HOSTS = ("a.test", "b.a.test", "c.b.a.test", "localhost", "127.0.0.1", "example.com", "exmaple.com")
SPELLED = st.builds(
    Spelled,
    st.sampled_from(("http", "https")),
    st.sampled_from(HOSTS),
    st.sampled_from(("", "1", "2", "*")),
    st.booleans(),
)
PATTERNS = SPELLED.filter(lambda one: one.host[0] != "1" or not one.subdomains).map(
    lambda one: OriginPattern(*one)  # an address has no subdomains
)
ASKED = st.builds(
    "{}://{}{}".format,
    st.sampled_from(("http", "https")),
    st.sampled_from((*HOSTS, "example.co", "x.a.test")),
    st.sampled_from(("", ":1", ":3")),
)
WEIGHTS = {"the scheme": 1, "the port": 1, "no port": 1, "a subdomain": 2, "the host": 3}


def weight(found: Nearest) -> int:
    """How far it is, by its words."""
    parts = found.words.split(" and ")
    slips = sum(", not " in part for part in parts)  # localhost for 127.0.0.1 weighs 1, not 3
    return sum(WEIGHTS[" ".join(part.split()[:2])] for part in parts if part) - 2 * slips


@given(st.lists(PATTERNS, max_size=12), ASKED)
def test_no_pattern_of_the_list_is_nearer_than_the_one_that_is_found(
    patterns: list[OriginPattern], asked: str
) -> None:
    assume(Origins(patterns).match(asked) is None)
    alone = [found for one in patterns if (found := nearest_pattern(Origins([one]), asked))]
    found = nearest_pattern(Origins(patterns), asked)
    assert (found is None) == (not alone)
    if found is not None:
        assert weight(found) == min(map(weight, alone))


@pytest.mark.parametrize(
    ("asked", "pattern"),
    [
        pytest.param("http://app7777.example.com", "https://app7777.example.com", id="scheme"),
        pytest.param("https://app7777.example.com:8", "https://app7777.example.com", id="port"),
        pytest.param("https://www.shop4242.test", "https://shop4242.test", id="subdomain"),
        pytest.param("https://exmaple.com", "https://example.com", id="a slip"),
        pytest.param("https://localhost:5173", "http://localhost:5173", id="one of many ports"),
    ],
)
def test_the_nearest_of_ten_thousand_is_found(asked: str, pattern: str) -> None:
    texts = [f"http://localhost:{n + 1000}" for n in range(5000)]
    texts += [f"https://app{n}.example.com" for n in range(8000)]
    texts += [f"https://shop{n}.test" for n in range(5000)] + ["https://example.com"]
    found = nearest_pattern(Origins(OriginPattern.parse(text) for text in texts), asked)
    assert found is not None
    assert found.pattern == pattern


@pytest.mark.parametrize(
    ("said", "origin"),
    [
        pytest.param("http://a.test", "null", id="the opaque origin"),
        pytest.param(f"http://{'a' * 99}b.test", f"http://{'a' * 99}c.test", id="long hosts"),
    ],
)
def test_what_cannot_be_compared_is_another_host(said: str, origin: str) -> None:
    assert "host" in how_it_differs(said, origin)


@pytest.mark.parametrize(
    "others",
    [
        pytest.param(
            [f"https://quite-another.example.com:{port}" for port in range(1, 99)],
            id="one host with many ports",
        ),
        pytest.param(
            [f"https://{'x' * MAX_COMPARED}{n}.example.com" for n in range(9)],
            id="hosts too long to compare",
        ),
    ],
)
def test_a_slip_is_found_behind_others_that_share_its_letters(others: list[str]) -> None:
    slip = "https://an.example.com"
    assert near("https://ab.example.com", *others, slip) == (slip, "the host an.example.com")


def test_a_pattern_that_names_the_origin_is_not_near_it() -> None:
    assert near("https://b.a.test", "https://*.a.test") is None
    nearest = near("https://b.a.test", "https://*.a.test", "http://b.a.test")
    assert nearest == ("http://b.a.test", "the scheme http")
