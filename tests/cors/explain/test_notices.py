"""What no console tells; and the cookies that do not survive."""

import pytest

from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.explain import before_any_request, notices, preflights_still_cached
from corsproxy.cors.explain.cookies import adapted_cookies, lost_cookies, same_site, shared_cookies
from corsproxy.cors.headers import Fields

PAGE = "http://localhost:5173"
OWN = "http://localhost:8080"
LOCAL = ["local-network-permission", "mixed-content-on-localhost"]


ON_LOCALHOST, IN_CHROMIUM = "cookie-secure-on-localhost", "cookie-same-site-in-chromium"


def lost(line: str, *, page: str = PAGE, own: str = OWN) -> list[str]:
    return [told.id for told in lost_cookies(Attempt(page, credentials=True), own, [line])]


@pytest.mark.parametrize(
    ("line", "page", "own", "ids"),
    [
        pytest.param("sid=1; Path=/; HttpOnly", PAGE, OWN, [], id="a plain one"),
        pytest.param("sid=1; Secure", PAGE, OWN, [ON_LOCALHOST], id="Secure on localhost"),
        pytest.param(
            "sid=1; SameSite=None; Secure", PAGE, OWN, [ON_LOCALHOST], id="None and Secure"
        ),
        pytest.param("sid=1; SameSite=None", PAGE, OWN, ["cookie-needs-secure"], id="None alone"),
        pytest.param(
            "sid=1; Secure",
            "https://www.a.test",
            "http://api.a.test",
            ["cookie-secure-over-http", IN_CHROMIUM],
            id="Secure over http, and another scheme is another site",
        ),
        pytest.param("sid=1; Domain=localhost", PAGE, OWN, [], id="its own domain"),
        pytest.param(
            "sid=1; Domain=.a.test", "https://a.test", "https://api.a.test", [], id="a parent"
        ),
        pytest.param("sid=1; Domain=b.test", PAGE, OWN, ["cookie-foreign-domain"], id="foreign"),
        pytest.param("__Secure-sid=1", PAGE, OWN, ["cookie-prefix-broken"], id="__Secure-"),
        pytest.param("__Secure-sid=1; Secure", PAGE, OWN, [ON_LOCALHOST], id="__Secure- kept"),
        pytest.param("__Host-sid=1; Secure; Path=/", PAGE, OWN, [ON_LOCALHOST], id="__Host- kept"),
        pytest.param(
            "__Host-sid=1; Secure; Path=/; Domain=localhost",
            PAGE,
            OWN,
            [ON_LOCALHOST, "cookie-prefix-broken"],
            id="__Host- with a domain",
        ),
        pytest.param(
            "sid=1; SameSite=Never", "http://127.0.0.1:1", OWN, [IN_CHROMIUM], id="unknown"
        ),
        pytest.param("sid=1", "http://127.0.0.1:1", OWN, [IN_CHROMIUM], id="other name"),
        pytest.param(
            "sid=1; SameSite=Lax", "http://127.0.0.1:1", OWN, ["cookie-same-site"], id="Lax"
        ),
        pytest.param(
            "sid=1; SameSite=Lax", "https://a.test", "http://a.test", [IN_CHROMIUM], id="scheme"
        ),
        pytest.param("sid=1", "https://www.a.test", "https://api.a.test", [], id="the same site"),
        pytest.param("sid=1", "http://10.0.0.1", "http://11.0.0.1", [IN_CHROMIUM], id="addresses"),
    ],
)
def test_cookies(line: str, page: str, own: str, ids: list[str]) -> None:
    assert lost(line, page=page, own=own) == ids


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        pytest.param("s=1; Path=/", "s=1; Path=/", None, id="nothing"),
        pytest.param("s=1; Domain=a.test", "s=1", "Domain=a.test dropped", id="a domain"),
        pytest.param("s=1; SECURE", "s=1", "SECURE dropped", id="Secure"),
        pytest.param("s=1; Path=/x", "s=1; Path=/a/x", "Path=/x is now /a/x", id="a path"),
        pytest.param(
            "s=1;Secure; HttpOnly; Path=/; SameSite=None",
            "s=1; HttpOnly; Path=/a",
            "Secure dropped, Path=/ is now /a, SameSite=None dropped",
            id="several",
        ),
    ],
)
def test_what_was_changed_in_a_cookie_is_told(before: str, after: str, changes: str | None) -> None:
    told = [(why.id, why.text.rpartition(": ")[2]) for why in adapted_cookies([before], [after])]
    assert told == ([("cookie-adapted", changes)] if changes else [])


@pytest.mark.parametrize(
    ("line", "target", "routes"),
    [
        pytest.param("s=1; Path=/", "/", "/auth/, /b", id="everything"),
        pytest.param("s=1; Path=/auth", "/", "/auth/", id="one of them"),
        pytest.param("s=1; Path=/AUTH/", "/", "/auth/", id="in capitals"),
        pytest.param("s=1; Path=/au", "/", None, id="half a segment"),
        pytest.param("s=1; Path=/auth/x", "/", None, id="below it"),
        pytest.param("s=1", "/login?a=/b/", "/auth/, /b", id="by default the directory"),
        pytest.param("s=1; Path=x", "/a/b/login", None, id="a directory of its own"),
        pytest.param("s=1", "/b/login", "/b", id="the directory of another route"),
        pytest.param("s=1; Path=/; Path=/c", "/", None, id="the last one counts"),
    ],
)
def test_who_else_gets_a_cookie_is_told(line: str, target: str, routes: str | None) -> None:
    told = list(shared_cookies(target, [line], ("/auth/", "/b")))
    assert bool(told) is (routes is not None)
    assert all(f"send it to {routes} as well" in why.text for why in told)


@pytest.mark.parametrize(
    ("status", "fields", "ids"),
    [
        pytest.param(200, (("Vary", "Origin"),), [], id="nothing"),
        pytest.param(401, (("Vary", "*"), ("WWW-Authenticate", "Bearer")), [], id="Bearer"),
        pytest.param(302, (("Vary", "Origin"), ("Location", "/x")), [], id="redirect at home"),
        pytest.param(
            200,
            (("Vary", "Origin"), ("Cross-Origin-Resource-Policy", "cross-origin")),
            [],
            id="open resource policy",
        ),
    ],
)
def test_no_notice_without_need(status: int, fields: Fields, ids: list[str]) -> None:
    allowed = ("Access-Control-Allow-Origin", PAGE)
    attempt = Attempt(PAGE, credentials=True)
    assert [told.id for told in notices(attempt, OWN, status, [allowed, *fields])] == ids


def test_each_thing_is_said_once() -> None:
    attempt = Attempt(PAGE)
    fields = [("Vary", "Origin"), ("Set-Cookie", "a=1"), ("Set-Cookie", "a=2")]
    assert len(notices(attempt, OWN, 200, fields)) == 1


@pytest.mark.parametrize(
    ("page", "own", "ids"),
    [
        pytest.param(PAGE, OWN, [], id="both on this machine"),
        pytest.param("null", OWN, [], id="the opaque origin"),
        pytest.param("http://app.localhost", OWN, [], id="below localhost"),
        pytest.param("https://a.test", "https://b.test", [], id="both https"),
        pytest.param("http://a.test", "http://b.test", [], id="both http"),
        pytest.param("https://a.test", "http://[::1]:1", LOCAL, id="IPv6"),
        pytest.param("https://a.test", "https://localhost", LOCAL[:1], id="https here"),
    ],
)
def test_what_keeps_a_request_from_being_sent(page: str, own: str, ids: list[str]) -> None:
    assert [told.id for told in before_any_request(Attempt(page), own)] == ids


@pytest.mark.parametrize(
    ("max_age", "since", "told"),
    [
        pytest.param(600, 60.0, "540 s", id="still kept"),
        pytest.param(600, 600.0, None, id="over"),
        pytest.param(None, 1.0, "4 s", id="what browsers take for none"),
        pytest.param(-1, 0.0, None, id="never kept"),
        pytest.param(10**6, 0.0, "86400 s", id="cut by the browser"),
    ],
)
def test_preflights_outlive_a_change_of_the_policy(
    max_age: int | None, since: float, told: str | None
) -> None:
    found = preflights_still_cached(max_age, since)
    assert (told in found.text) if found and told else (found is None and told is None)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("https://a.test:1", "https://a.test:2", True, id="ports do not count"),
        pytest.param("http://a.test", "https://a.test", False, id="the scheme counts"),
        pytest.param("https://a.a.co.uk", "https://b.a.co.uk", True, id="one domain below co.uk"),
        pytest.param("https://a.co.uk", "https://b.co.uk", False, id="two domains below co.uk"),
        pytest.param("https://co.uk", "https://a.co.uk", False, id="a suffix and what is below"),
        pytest.param("https://a.github.io", "https://b.github.io", False, id="two users' pages"),
        pytest.param("http://localhost:1", "http://localhost:2", True, id="localhost"),
        pytest.param("http://a.localhost", "http://b.localhost", False, id="names of localhost"),
        pytest.param("http://localhost", "http://127.0.0.1", False, id="a name and an address"),
        pytest.param("http://127.0.0.1", "http://127.0.0.1:81", True, id="one address"),
        pytest.param("http://10.0.0.1", "http://11.0.0.1", False, id="addresses that end alike"),
        pytest.param("http://[::1]:1", "http://[::1]:2", True, id="one IPv6 address"),
        pytest.param("http://api", "http://web", False, id="single labels"),
        pytest.param("null", "null", False, id="opaque origins"),
    ],
)
def test_a_site_is_a_scheme_and_a_registrable_domain(one: str, other: str, same: bool) -> None:
    assert same_site(one, other) is same
    assert same_site(other, one) is same
