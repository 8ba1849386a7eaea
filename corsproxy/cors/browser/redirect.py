"""Redirects, as a browser follows those of a page's request (Fetch, "HTTP-redirect fetch").

https://fetch.spec.whatwg.org/#concept-http-redirect-fetch
"""

import re

from corsproxy.cors import headers as f
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.browsers import NO_URL, Browser
from corsproxy.cors.browser.cors_check import Failure, get
from corsproxy.cors.browser.url import HTTP, origin_of, resolved_url
from corsproxy.cors.origin import OPAQUE

REDIRECTS = frozenset({301, 302, 303, 307, 308})
"""Fetch, "redirect status"; 300 and 304 are none.
https://fetch.spec.whatwg.org/#redirect-status"""
MOVED, SEE_OTHER = frozenset({301, 302}), 303

MAX_REDIRECTS = 20
"""Fetch, "HTTP-redirect fetch", step 7.
https://fetch.spec.whatwg.org/#concept-http-redirect-fetch"""

UNSAFE_SCHEMES = frozenset(
    {
        *("about", "blob", "chrome", "chrome-error", "chrome-extension", "chrome-untrusted"),
        *("data", "devtools", "file", "filesystem", "isolated-app", "view-source"),
    }
)
"""Where no redirect leads, page or not; Chromium stops there before it thinks of CORS."""

_WEBSOCKETS = frozenset({"ws", "wss"})
"""Chromium's network knows them, and in a simple request gets to see them before CORS does."""

_CONTENT_NAMES = frozenset(
    {"content-encoding", "content-language", "content-location", "content-type"}
)
"""Fetch, "request-body-header name": gone once a redirect turns the method into GET.
https://fetch.spec.whatwg.org/#request-body-header-name"""


def location_of(status: int, headers: f.Fields, *, empty: bool = False) -> str | None:
    """The Location of a redirect; None where there is none. An empty one counts where told so.

    Fetch, "location URL": https://fetch.spec.whatwg.org/#concept-response-location-url
    """
    location = get(headers, "Location") if status in REDIRECTS else None
    return None if location == "" and not empty else location


def redirect_check(attempt: Attempt, url: str, status: int, location: str) -> Failure | None:
    """None where the browser follows from `url`, to whatever answers there.

    Fetch, "HTTP-redirect fetch", steps 5, 6, 9 and 10:
    https://fetch.spec.whatwg.org/#concept-http-redirect-fetch
    """
    values = {"status": str(status), "location": shown_location(location)}
    target, here = resolved_url(url, location), origin_of(url)
    if target is None or target.scheme in UNSAFE_SCHEMES:
        return Failure("redirect-not-followed", values)
    if target.scheme not in HTTP:
        simple = here != attempt.origin and not attempt.preflight_due
        unknown = simple and target.scheme in _WEBSOCKETS
        return Failure("redirect-not-followed" if unknown else "redirect-to-other-scheme", values)
    if not (target.username or target.password):
        return None
    if here == attempt.origin == origin_of(target.geturl()):
        failure = Failure("redirect-with-own-userinfo", values)
        return failure if attempt.browser.own_userinfo_fails else None
    return Failure("redirect-with-userinfo", values)


def given_up(browser: Browser, url: str, status: int, location: str) -> Failure | None:
    """Why the redirect fails in this browser before its Access-Control headers are looked at."""
    target = resolved_url(url, location)
    scheme = NO_URL if target is None else target.scheme
    if scheme not in browser.given_up_schemes:
        return None
    values = {"status": str(status), "location": shown_location(location)}
    return Failure("redirect-not-followed", values)


def follow(
    attempt: Attempt, url: str, status: int, headers: f.Fields
) -> tuple[Attempt, str] | None:
    """The attempt after a redirect that the browser follows, and its URL; None without one.

    A redirect from another origin to a third taints the origin, which is sent as `null` from then
    on; Authorization does not cross origins.

    Fetch, "HTTP-redirect fetch", steps 12 and 13, and "byte-serializing a request origin":
    https://fetch.spec.whatwg.org/#concept-http-redirect-fetch
    https://fetch.spec.whatwg.org/#byte-serializing-a-request-origin
    """
    location = location_of(status, headers, empty=attempt.browser.follows_empty_location)
    target = None if location is None else resolved_url(url, location)
    if target is None:
        return None
    here, there = origin_of(url), origin_of(target.geturl())
    dropped = frozenset({"authorization"}) if here != there else frozenset()
    method = attempt.sent_method
    moved = status in MOVED and method == "POST"
    if moved or (status == SEE_OTHER and method not in ("GET", "HEAD")):
        method = "GET"
        dropped |= _CONTENT_NAMES
    kept = tuple(pair for pair in attempt.headers if pair[0].lower() not in dropped)
    lost = frozenset(attempt.unsafe_names) & dropped
    onward = attempt._replace(
        origin=OPAQUE if here not in (there, attempt.origin) else attempt.origin,
        method=method,
        headers=kept,
        target=target.path or "/",
        preflighted=_asks_again(attempt, here),
        page_origin=attempt.page_origin or attempt.origin,
        dropped=attempt.dropped | lost,
        just_dropped=dropped,
    )
    return onward, target.geturl()


def _asks_again(attempt: Attempt, here: str) -> bool:
    """Whether a browser that repeats preflights has a reason to, after a redirect from `here`."""
    crossing = attempt.origin != here and attempt.preflight_due
    at_home = attempt.browser.minds_names_at_home and bool(attempt.unsafe_names)
    return attempt.preflighted or crossing or at_home


def shown_location(location: str) -> str:
    """`location` without what may be secret: user name and password, query and fragment."""
    bare = re.sub(r"//[^/?#]*@", "//***@", location)
    return re.sub(r"[?#].*", "?...", bare, count=1, flags=re.DOTALL)
