"""Redirects: where a browser follows, and what it asks there."""

import pytest

from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.redirect import follow
from corsproxy.cors.browser.url import origin_of

PAGE = "http://localhost:5173"
API = "http://localhost:8080"
PLAIN = Attempt(PAGE)


def followed(
    location: str, status: int = 302, attempt: Attempt = PLAIN
) -> tuple[Attempt, str] | None:
    return follow(attempt, f"{API}/a/b", status, [("Location", location)])


def test_a_redirect_to_the_same_origin_changes_nothing_but_the_target() -> None:
    assert _followed("c?d") == (PAGE, "/a/c", f"{API}/a/c?d")


def test_a_redirect_from_the_api_to_a_third_origin_taints() -> None:
    assert _followed("http://other.test") == ("null", "/", "http://other.test")


def test_a_redirect_away_from_the_pages_own_origin_does_not_taint() -> None:
    attempt = Attempt(API)
    assert _followed("http://other.test/x", attempt) == (API, "/x", "http://other.test/x")


def _followed(location: str, attempt: Attempt = PLAIN) -> tuple[str, str, str]:
    onward = followed(location, attempt=attempt)
    assert onward is not None
    return onward[0].origin, onward[0].target, onward[1]


@pytest.mark.parametrize(
    ("location", "url"),
    [
        pytest.param("http:\\\\other.test\\x", "http://other.test/x", id="backslashes"),
        pytest.param("///other.test/x", "http://other.test/x", id="three slashes"),
        pytest.param("http:/x", f"{API}/x", id="one slash and the same scheme"),
        pytest.param("https:other.test", "https://other.test", id="another scheme"),
        pytest.param(" \t/x?\\ ", f"{API}/x?\\", id="blanks around, backslash in a query"),
    ],
)
def test_what_the_url_standard_forgives_in_a_location(location: str, url: str) -> None:
    assert _followed(location)[2] == url


@pytest.mark.parametrize("location", ["http://[", "http://a.test:65536/", "http://%zz/", "http://"])
def test_what_is_no_url_is_not_followed(location: str) -> None:
    assert followed(location) is None


def test_authorization_does_not_cross_origins() -> None:
    attempt = Attempt(PAGE, headers=(("Authorization", "x"), ("x-a", "1")))
    near, far = followed("/", attempt=attempt), followed("http://other.test/", attempt=attempt)
    assert near is not None
    assert near[0].headers == attempt.headers
    assert far is not None
    assert far[0].headers == (("x-a", "1"),)


@pytest.mark.parametrize(
    ("status", "method", "became"),
    [
        pytest.param(301, "POST", "GET", id="301 of POST"),
        pytest.param(302, "PUT", "PUT", id="302 of PUT"),
        pytest.param(303, "PUT", "GET", id="303 of PUT"),
        pytest.param(303, "HEAD", "HEAD", id="303 of HEAD"),
        pytest.param(307, "POST", "POST", id="307"),
    ],
)
def test_the_method_after_a_redirect(status: int, method: str, became: str) -> None:
    attempt = Attempt(PAGE, method, (("Content-Type", "text/plain"),))
    onward = followed("/", status, attempt)
    assert onward is not None
    assert onward[0].method == became
    assert (onward[0].headers == ()) is (became != method)


@pytest.mark.parametrize(
    ("location", "status"),
    [
        pytest.param("/x", 200, id="no redirect"),
        pytest.param("", 302, id="no location"),
        pytest.param("http://[", 302, id="no URL"),
    ],
)
def test_there_is_nowhere_to_go(location: str, status: int) -> None:
    assert followed(location, status) is None


def test_the_origin_of_a_url() -> None:
    assert origin_of("HTTP://me@Example.TEST:80/a") == "http://example.test"


def test_what_is_no_url_has_no_origin() -> None:
    assert origin_of("http://[") == "://"
