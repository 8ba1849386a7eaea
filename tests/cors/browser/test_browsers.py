"""Where browsers part ways with the standard; tests/browser proves it for Chromium and Firefox.

What is said of WebKit is what WebKitGTK 2.50 was seen to do.
"""

import pytest

from corsproxy.cors import headers as f
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.browsers import CHROMIUM, FETCH, FIREFOX, WEBKIT, Browser
from corsproxy.cors.browser.redirect import follow
from corsproxy.cors.browser.verdict import (
    exposed,
    on_preflight,
    on_response,
    on_same_origin,
    preflight_cached_for,
)

PAGE, API = "http://page.test", "http://api.test/"
GRANTED = (f.ALLOW_ORIGIN, PAGE)
ALL = (FETCH, CHROMIUM, FIREFOX, WEBKIT)
MOVED, NOT_OK = "preflight-redirected", "preflight-status-not-ok"
MALFORMED = "allow-headers-malformed"
Pairs = list[tuple[str, str]]


@pytest.mark.parametrize(
    ("status", "headers", "reasons"),
    [
        pytest.param(
            302,
            [("Location", "/x")],
            [*[MOVED] * 2, "allow-origin-missing", MOVED],
            id="a redirect without Access-Control headers",
        ),
        pytest.param(
            302,
            [GRANTED, ("Location", "")],
            [*[NOT_OK] * 2, MOVED, NOT_OK],
            id="an empty Location",
        ),
        pytest.param(
            404,
            [],
            [*["allow-origin-missing"] * 3, NOT_OK],
            id="not found, and no Access-Control headers",
        ),
        pytest.param(
            407,
            [GRANTED],
            [*["proxy-authentication"] * 2, *[NOT_OK] * 2],
            id="proxy authentication",
        ),
        pytest.param(
            204,
            [GRANTED, (f.ALLOW_METHODS, "GET"), (f.ALLOW_HEADERS, "(x)")],
            [*[MALFORMED] * 2, "allow-methods-lacks-method", MALFORMED],
            id="the method lacking, and the names malformed",
        ),
    ],
)
def test_what_each_finds_wrong_with_a_preflight(
    status: int, headers: Pairs, reasons: list[str]
) -> None:
    found = [on_preflight(Attempt(PAGE, "PUT", browser=one), status, headers) for one in ALL]
    assert [verdict.reason for verdict in found] == reasons


@pytest.mark.parametrize("location", ["data:,x", "http://[", "ws://other.test/"])
def test_firefox_gives_up_some_redirects_before_it_looks_at_cors(location: str) -> None:
    verdict = on_response(Attempt(PAGE), 302, [("Location", location)], API)
    assert verdict.reason == "allow-origin-missing"
    assert verdict.firefox == "CORSDidNotSucceed"


def test_chromium_knows_websockets_before_cors_in_a_simple_request_only() -> None:
    moved = [GRANTED, ("Location", "ws://other.test/")]
    assert on_response(Attempt(PAGE), 302, moved, API).chrome == ""
    assert on_response(Attempt(PAGE, "PUT"), 302, moved, API).chrome == "CorsDisabledScheme"


def test_chromium_alone_refuses_a_user_name_within_the_pages_own_origin() -> None:
    verdict = on_same_origin(Attempt(PAGE), 302, [("Location", "http://me@page.test/")], f"{PAGE}/")
    assert verdict.readable
    assert verdict.outcomes.sentence == (
        "allowed by the standard and in Firefox and WebKit; blocked in Chromium"
    )


def test_firefox_blames_nothing_on_cors_within_the_pages_own_origin() -> None:
    def key(location: str) -> str:
        return on_same_origin(Attempt(PAGE), 302, [("Location", location)], f"{PAGE}/").firefox

    assert key("myapp://x") == ""
    assert key("http://me@other.test/") == "CORSDidNotSucceed"


def test_within_the_pages_own_origin_a_407_is_no_response_either() -> None:
    verdict = on_same_origin(Attempt(PAGE), 407, [], f"{PAGE}/")
    assert (verdict.reason, verdict.outcomes.firefox.readable) == ("proxy-authentication", True)
    assert on_same_origin(Attempt(PAGE), 200, [], f"{PAGE}/").readable


@pytest.mark.parametrize(
    ("browser", "due", "origin", "names"),
    [
        pytest.param(FETCH, False, "null", None, id="the standard"),
        pytest.param(CHROMIUM, False, "null", None, id="Chromium"),
        pytest.param(FIREFOX, True, PAGE, None, id="Firefox"),
        pytest.param(WEBKIT, True, "null", "content-type", id="WebKit"),
    ],
)
def test_the_preflight_after_a_redirect_that_drops_the_method(
    browser: Browser, due: bool, origin: str, names: str | None
) -> None:
    json = (("Content-Type", "application/json"),)
    attempt = Attempt(PAGE, "POST", json, browser=browser)
    onward = follow(attempt, API, 302, [("Location", "http://third.test/")])
    assert onward is not None
    asked = onward[0].preflight()
    assert onward[0].preflight_due is due
    assert (asked.origin, asked.requested_method, asked.requested_names) == (origin, "GET", names)


def test_firefox_names_again_what_an_earlier_redirect_dropped() -> None:
    json = (("Content-Type", "application/json"),)
    first = follow(Attempt(PAGE, "POST", json, browser=FIREFOX), API, 302, [("Location", "/a")])
    assert first is not None
    second = follow(*first, 302, [("Location", "/b")])
    assert second is not None
    assert first[0].asked_names == ()
    assert second[0].asked_names == ("content-type",)


def test_firefox_grants_itself_a_preflight_of_the_pages_own_origin() -> None:
    headers = [(f.ALLOW_METHODS, "PUT")]
    attempt = Attempt("null", "PUT", page_origin=PAGE)
    verdict = on_preflight(attempt, 204, headers, f"{PAGE}/")
    assert verdict.reason == "opaque-origin-unanswered"
    assert verdict.outcomes.firefox.readable
    assert not on_preflight(attempt, 404, headers, f"{PAGE}/").outcomes.firefox.readable


@pytest.mark.parametrize(
    ("headers", "unsafe"),
    [
        pytest.param([("Accept", "\xe9")], [False, False, True, False], id="beyond ASCII"),
        pytest.param([("Range", "Bytes=0-1")], [True, True, True, False], id="a capital letter"),
        pytest.param([("DPR", "2")], [True, False, True, True], id="a client hint"),
        pytest.param([("User-Agent", "x")], [True, False, True, True], id="User-Agent"),
        pytest.param(
            [("Accept", "a" * 80), ("Accept", "b" * 80)],
            [False, True, False, True],
            id="two lines that are long together",
        ),
        pytest.param(
            [(name, "a" * 128) for name in ("Accept", "Accept-Language") for _ in range(5)],
            [True, True, False, True],
            id="more than 1024 bytes",
        ),
    ],
)
def test_which_headers_need_a_preflight(headers: Pairs, unsafe: list[bool]) -> None:
    due = [Attempt(PAGE, headers=headers, browser=one).preflight_due for one in ALL]
    assert due == unsafe


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        pytest.param("soon", [5, 5, 0, 5], id="no number"),
        pytest.param("", [5, 5, 5, 5], id="empty"),
        pytest.param("+10", [5, 10, 0, 10], id="signed"),
        pytest.param("100000", [86400, 7200, 86400, 600], id="beyond every limit"),
    ],
)
def test_how_long_each_keeps_a_preflight(value: str, kept: list[int]) -> None:
    headers = [(f.MAX_AGE, value)]
    found = [preflight_cached_for(Attempt(PAGE, browser=one), headers) for one in ALL]
    assert found == kept


def test_firefox_exposes_every_header_beside_what_is_no_name() -> None:
    headers = [("X-A", "1"), (f.EXPOSE_HEADERS, "*, a b")]
    shown = ["x-a" in exposed(Attempt(PAGE, browser=one), headers).readable for one in ALL]
    assert shown == [False, False, True, False]


def test_no_browser_is_stricter_with_a_response_than_the_standard() -> None:
    for status in (200, 204, 304, 401, 404, 407, 500):
        for origin in (PAGE, "*", "null", "", f"{PAGE}, {PAGE}"):
            for credentials in (False, True):
                headers = [(f.ALLOW_ORIGIN, origin), (f.ALLOW_CREDENTIALS, "true")]
                attempts = [Attempt(PAGE, credentials=credentials, browser=one) for one in ALL]
                first, *others = (on_response(one, status, headers).readable for one in attempts)
                assert all(others) or not first
