"""The browser's verdicts in small; tests/browser/test_verdict.py has real Chromium judge them."""

import pytest

from corsproxy.cors.browser.verdict import (
    CHROMIUM,
    FETCH,
    Attempt,
    Browser,
    exposed,
    on_preflight,
    on_response,
    preflight_cached_for,
)
from corsproxy.cors.decision import Check
from corsproxy.cors.headers import Fields

PAGE = "http://localhost:5173"
ALLOWED = ("Access-Control-Allow-Origin", PAGE)
TRUE = ("Access-Control-Allow-Credentials", "true")
METHODS = "Access-Control-Allow-Methods"
NAMES = "Access-Control-Allow-Headers"
GRANTED = (ALLOWED, (METHODS, "PUT"), (NAMES, "X-A"))


@pytest.mark.parametrize(
    ("status", "fields", "stopped_at", "reason"),
    [
        pytest.param(204, GRANTED, None, "", id="granted"),
        pytest.param(299, GRANTED, None, "", id="any ok status"),
        pytest.param(300, GRANTED, None, "preflight-status-not-ok", id="300"),
        pytest.param(404, (), Check.ORIGIN, "allow-origin-missing", id="CORS check before status"),
        pytest.param(
            301, (*GRANTED, ("Location", "/x")), None, "preflight-redirected", id="redirect"
        ),
        pytest.param(
            301, (*GRANTED, ("Location", "")), None, "preflight-status-not-ok", id="empty location"
        ),
        pytest.param(
            204,
            (ALLOWED, (METHODS, "(PUT)"), (NAMES, "(")),
            Check.METHOD,
            "allow-methods-malformed",
            id="methods are parsed first",
        ),
        pytest.param(
            204,
            (ALLOWED, (NAMES, "(")),
            Check.NAMES,
            "allow-headers-malformed",
            id="names are parsed before the method is looked for",
        ),
        pytest.param(
            204, (ALLOWED,), Check.METHOD, "allow-methods-lacks-method", id="method before names"
        ),
        pytest.param(
            204, (ALLOWED, (METHODS, "*")), Check.NAMES, "allow-headers-lacks-name", id="names"
        ),
        pytest.param(204, (ALLOWED, (METHODS, "*"), (NAMES, "*")), None, "", id="wildcards"),
    ],
)
def test_preflight(status: int, fields: Fields, stopped_at: Check | None, reason: str) -> None:
    attempt = Attempt(PAGE, "PUT", [("x-a", "1")])
    verdict = on_preflight(attempt, status, fields)
    assert (verdict.readable, verdict.stopped_at, verdict.reason) == (
        not reason,
        stopped_at,
        reason,
    )
    assert bool(verdict.chrome) is bool(reason)


@pytest.mark.parametrize(
    ("method", "fields", "reason"),
    [
        pytest.param("PUT", (METHODS, "*"), "allow-methods-wildcard-with-credentials", id="method"),
        pytest.param("GET", (NAMES, "*"), "allow-headers-wildcard-with-credentials", id="name"),
        pytest.param("patch", (METHODS, "PATCH"), "method-in-other-case", id="case"),
    ],
)
def test_wildcards_are_literal_under_credentials(
    method: str, fields: tuple[str, str], reason: str
) -> None:
    attempt = Attempt(PAGE, method, [("x-a", "1")], credentials=True)
    verdict = on_preflight(attempt, 204, (ALLOWED, TRUE, fields))
    assert verdict.reason == reason


@pytest.mark.parametrize(
    ("judge", "reason"),
    [
        pytest.param(FETCH, "authorization-not-covered-by-wildcard", id="the standard"),
        pytest.param(CHROMIUM, "", id="Chromium"),
    ],
)
def test_whether_a_wildcard_covers_authorization(judge: Browser, reason: str) -> None:
    attempt = Attempt(PAGE, "GET", [("Authorization", "x"), ("x-a", "1")], browser=judge)
    verdict = on_preflight(attempt, 204, (ALLOWED, (NAMES, "*")))
    assert verdict.reason == reason


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        pytest.param("/next", "", id="relative"),
        pytest.param("https://other.test/", "", id="another origin"),
        pytest.param("ftp://h/", "redirect-to-other-scheme", id="ftp"),
        pytest.param("data:,x", "redirect-not-followed", id="data"),
        pytest.param("http://[", "redirect-not-followed", id="no URL"),
        pytest.param("http://me@h/", "redirect-with-userinfo", id="user"),
        pytest.param("http://:secret@h/", "redirect-with-userinfo", id="password"),
        pytest.param("http://@h/", "", id="empty user"),
    ],
)
def test_redirects_of_the_actual_request(location: str, reason: str) -> None:
    verdict = on_response(Attempt(PAGE), 302, (ALLOWED, ("Location", location)))
    assert verdict.reason == reason


def test_a_407_is_the_browsers_own_affair() -> None:
    fields = (ALLOWED, (METHODS, "PUT"))
    attempt = Attempt(PAGE, "PUT")
    assert on_response(attempt, 407, fields).reason == "proxy-authentication"
    assert on_preflight(attempt, 407, fields).reason == "proxy-authentication"


def test_what_may_be_secret_in_a_location_is_not_shown() -> None:
    location = "http://me:secret@api.test/cb?code=secret#secret"
    verdict = on_response(Attempt(PAGE), 302, (ALLOWED, ("Location", location)))
    assert verdict.values["location"] == "http://***@api.test/cb?..."


@pytest.mark.parametrize(
    ("credentials", "listed", "readable"),
    [
        pytest.param(False, "", ("content-type",), id="unexposed"),
        pytest.param(False, "etag", ("etag", "content-type"), id="exposed"),
        pytest.param(False, "*", ("etag", "content-type", "x-b"), id="wildcard"),
        pytest.param(True, "*", ("content-type",), id="wildcard under credentials"),
        pytest.param(False, 'x-b, "etag"', ("content-type",), id="one bad element hides all"),
        pytest.param(False, "set-cookie", ("content-type",), id="never Set-Cookie"),
    ],
)
def test_exposed(credentials: bool, listed: str, readable: tuple[str, ...]) -> None:
    fields = [("ETag", "1"), ("Content-Type", "x"), ("X-B", "1"), ("Set-Cookie", "a=b")]
    attempt = Attempt(PAGE, credentials=credentials)
    shown = exposed(attempt, [*fields, ("Access-Control-Expose-Headers", listed)])
    present = {name.lower() for name, _ in fields}
    assert tuple(name for name in shown.readable if name in present) == readable
    assert present == (set(shown.readable) | set(shown.unreadable)) & present


@pytest.mark.parametrize(
    ("value", "standard", "chromium"),
    [
        pytest.param("60", 60, 60, id="seconds"),
        pytest.param("0", 0, 0, id="zero"),
        pytest.param(None, 5, 5, id="absent"),
        pytest.param("soon", 5, 5, id="no number"),
        pytest.param("+60", 5, 60, id="signed"),
        pytest.param("-1", 5, 0, id="negative"),
        pytest.param("100000", 86400, 7200, id="beyond the limit"),
    ],
)
def test_how_long_a_preflight_is_kept(value: str | None, standard: int, chromium: int) -> None:
    fields = [] if value is None else [("Access-Control-Max-Age", value)]
    assert preflight_cached_for(Attempt(PAGE), fields) == standard
    assert preflight_cached_for(Attempt(PAGE, browser=CHROMIUM), fields) == chromium
    assert preflight_cached_for(Attempt("null"), fields) == standard
    assert preflight_cached_for(Attempt("null", browser=CHROMIUM), fields) == 0
