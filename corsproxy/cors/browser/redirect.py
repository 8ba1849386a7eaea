"""Redirects, as a browser follows those of a page's request (Fetch, "HTTP-redirect fetch").

https://fetch.spec.whatwg.org/#concept-http-redirect-fetch
"""

import re
from urllib.parse import SplitResult, urljoin, urlsplit

from corsproxy.cors import fields as f
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.cors_check import Failure, get
from corsproxy.cors.nearest import canonical
from corsproxy.cors.origin import OPAQUE

REDIRECTS = frozenset({301, 302, 303, 307, 308})
"""Fetch, "redirect status"; 300 and 304 are none.
https://fetch.spec.whatwg.org/#redirect-status"""
MOVED, SEE_OTHER = frozenset({301, 302}), 303

UNSAFE_SCHEMES = frozenset({"about", "blob", "chrome", "data", "file", "filesystem", "ws", "wss"})
"""Where no redirect leads, page or not; Chromium stops there before it thinks of CORS."""

_CONTENT_NAMES = frozenset(
    {"content-encoding", "content-language", "content-location", "content-type"}
)
"""Fetch, "request-body-header name": gone once a redirect turns the method into GET.
https://fetch.spec.whatwg.org/#request-body-header-name"""


def location_of(status: int, fields: f.Fields) -> str:
    """The Location of a redirect; "" where there is none. Browsers take an empty one for none."""
    return (get(fields, "Location") or "") if status in REDIRECTS else ""


def redirect_check(status: int, location: str) -> Failure | None:
    """None where the browser follows, to whatever answers there."""
    values = {"status": str(status), "location": shown_location(location)}
    target = _resolved("http://api", location)
    if target is None or target.scheme in UNSAFE_SCHEMES:
        return Failure("redirect-not-followed", values)
    if target.scheme not in ("http", "https"):
        return Failure("redirect-to-other-scheme", values)
    if target.username or target.password:
        return Failure("redirect-with-userinfo", values)
    return None


def follow(attempt: Attempt, url: str, status: int, fields: f.Fields) -> tuple[Attempt, str] | None:
    """The attempt after a redirect that the browser follows, and its URL; None without one.

    A redirect from another origin to a third taints the origin, which is sent as `null` from then
    on; Authorization does not cross origins.
    """
    location = location_of(status, fields)
    target = _resolved(url, location) if location else None
    if target is None:
        return None
    crossed = origin_of(url) != origin_of(target.geturl())
    tainted = crossed and attempt.origin != origin_of(url)
    dropped = frozenset({"authorization"}) if crossed else frozenset()
    method = attempt.sent_method
    moved = status in MOVED and method == "POST"
    if moved or (status == SEE_OTHER and method not in ("GET", "HEAD")):
        method = "GET"
        dropped |= _CONTENT_NAMES
    onward = attempt._replace(
        origin=OPAQUE if tainted else attempt.origin,
        method=method,
        fields=tuple(pair for pair in attempt.fields if pair[0].lower() not in dropped),
        target=target.path or "/",
    )
    return onward, target.geturl()


def origin_of(url: str) -> str:
    """The origin of an http or https URL, as a browser spells it."""
    parts = parts_of(url)
    authority = parts.netloc.rpartition("@")[2]
    return canonical(f"{parts.scheme}://{authority}")


def parts_of(url: str) -> SplitResult:
    """The parts of a URL, which may come from anybody: all empty where it is none."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def shown_location(location: str) -> str:
    """`location` without what may be secret: user name and password, query and fragment."""
    bare = re.sub(r"//[^/?#]*@", "//***@", location)
    return re.sub(r"[?#].*", "?...", bare, count=1, flags=re.DOTALL)


def _resolved(base: str, location: str) -> SplitResult | None:
    try:
        return urlsplit(urljoin(base, location))
    except ValueError:
        return None
