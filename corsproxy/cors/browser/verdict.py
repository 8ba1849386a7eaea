"""The browser's side: would it let the page read this response?

An independent reading of the Fetch standard ("CORS check", "CORS-preflight fetch" and
"HTTP-redirect fetch"), so that what `decide` sends can be judged, and what an upstream sends, too.
Real Chromium is the judge of this file: tests/browser/test_verdict.py.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from corsproxy.cors import fetch_standard as fetch
from corsproxy.cors import fields as f
from corsproxy.cors import reasons
from corsproxy.cors.browser.attempt import CHROMIUM, FETCH, Attempt, Browser
from corsproxy.cors.browser.cors_check import cors_check, get
from corsproxy.cors.browser.redirect import (
    follow,
    location_of,
    origin_of,
    redirect_check,
    shown_location,
)
from corsproxy.cors.digits import number
from corsproxy.cors.finding import Check
from corsproxy.cors.origin import OPAQUE

__all__ = [
    "CHROMIUM",
    "FETCH",
    "Attempt",
    "Browser",
    "Exposed",
    "Verdict",
    "exposed",
    "follow",
    "list_elements",
    "on_preflight",
    "on_response",
    "origin_of",
    "preflight_cached_for",
]


class Verdict(NamedTuple):
    """What a browser does with a response.

    `readable` is whether it goes on: after a preflight to the actual request, after a redirect to
    the next response, else to the page. `stopped_at` is the check that failed; None also where the
    response failed at something that no policy settles, its status or its redirect. `reason` is the
    id of an entry of `reasons`, `chrome` the CorsError that the console and DevTools show.

    >>> from corsproxy.cors.browser.attempt import Attempt
    >>> on_response(Attempt("https://app.example"), 200, ()).reason
    'allow-origin-missing'
    """

    readable: bool
    stopped_at: Check | None = None
    reason: str = ""
    chrome: str = ""
    values: Mapping[str, str] = {}


class Exposed(NamedTuple):
    """The names of a response's headers, lower case: those a page can read, and those it cannot."""

    readable: tuple[str, ...]
    unreadable: tuple[str, ...]


READABLE = Verdict(True)

PROXY_AUTHENTICATION = 407
OK_STATUSES = range(200, 300)


def on_preflight(attempt: Attempt, status: int, fields: f.Fields) -> Verdict:
    """Whether the browser sends the actual request after this response to its preflight.

    Fetch, "CORS-preflight fetch", step 7. Where several steps fail, the first is told.
    https://fetch.spec.whatwg.org/#cors-preflight-fetch-0

    >>> attempt = Attempt("https://app.example", "PUT")
    >>> allowed = ("Access-Control-Allow-Origin", "*")
    >>> on_preflight(attempt, 204, [allowed]).reason
    'allow-methods-lacks-method'
    >>> on_preflight(attempt, 204, [allowed, ("Access-Control-Allow-Methods", "PUT")]).readable
    True
    """
    if status == PROXY_AUTHENTICATION:
        return _stop(None, "proxy-authentication", {})
    if location := location_of(status, fields):
        values = {"status": str(status), "location": shown_location(location)}
        return _stop(None, "preflight-redirected", values)
    if failure := cors_check(attempt, fields):
        return _stop(Check.ORIGIN, *failure, preflight=True)
    if status not in OK_STATUSES:
        return _stop(None, "preflight-status-not-ok", {"status": str(status)})
    return _lists(attempt, fields)


def on_response(attempt: Attempt, status: int, fields: f.Fields) -> Verdict:
    """Whether the page can read this response to the actual request, or the browser follows it.

    Fetch, "CORS check", and "HTTP-redirect fetch" for a redirect.
    https://fetch.spec.whatwg.org/#concept-cors-check

    >>> attempt = Attempt("https://app.example", credentials=True)
    >>> on_response(attempt, 200, [("Access-Control-Allow-Origin", "*")]).reason
    'allow-origin-wildcard-with-credentials'
    """
    if status == PROXY_AUTHENTICATION:
        return _stop(None, "proxy-authentication", {})
    if failure := cors_check(attempt, fields):
        return _stop(Check.ORIGIN, *failure)
    location = location_of(status, fields)
    if location and (failure := redirect_check(status, location)):
        return _stop(None, *failure)
    return READABLE


def exposed(attempt: Attempt, fields: f.Fields) -> Exposed:
    """Which of the headers a page can read (Fetch, "CORS-exposed header-name list").

    https://fetch.spec.whatwg.org/#concept-response-cors-exposed-header-name-list
    """
    listed = list_elements(get(fields, f.EXPOSE_HEADERS))
    names = dict.fromkeys(name.lower() for name, _ in fields)
    known = {name.lower() for name in listed or ()}  # one bad element hides them all
    if "*" in known and not attempt.credentials:
        known |= names.keys()
    known = (known | fetch.SAFELISTED_RESPONSE_NAMES) - fetch.FORBIDDEN_RESPONSE_NAMES
    return Exposed(
        tuple(name for name in names if name in known),
        tuple(name for name in names if name not in known),
    )


def preflight_cached_for(attempt: Attempt, fields: f.Fields) -> int:
    """How many seconds the browser will not ask again (Fetch, CORS-preflight fetch, 7.9, 7.10).

    https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
    """
    if attempt.origin == OPAQUE:
        return 0
    text = get(fields, f.MAX_AGE) or ""
    signed = r"[+-]?[0-9]+" if attempt.browser.signed_max_age else r"[0-9]+"
    if not re.fullmatch(signed, text):
        return fetch.DEFAULT_MAX_AGE
    if text.startswith("-"):
        return 0
    limit = attempt.browser.max_age_limit
    seconds = number(text.removeprefix("+"), limit)
    return limit if seconds is None else seconds


def list_elements(value: str | None) -> list[str] | None:
    """The tokens of a list-valued header, empty elements left out; None where one is no token."""
    found = [element for element in f.elements(value or "") if element]
    return found if all(fetch.TOKEN.fullmatch(element) for element in found) else None


def _lists(attempt: Attempt, fields: f.Fields) -> Verdict:
    """Steps 7.2 to 7.8: Allow-Methods and Allow-Headers, both parsed before either is used."""
    allow_methods, allow_headers = get(fields, f.ALLOW_METHODS), get(fields, f.ALLOW_HEADERS)
    methods, names = list_elements(allow_methods), list_elements(allow_headers)
    if methods is None:
        return _stop(Check.METHOD, "allow-methods-malformed", {"got": allow_methods or ""})
    if names is None:
        return _stop(Check.NAMES, "allow-headers-malformed", {"got": allow_headers or ""})
    return _method(attempt, methods) or _names(attempt, names) or READABLE


def _method(attempt: Attempt, listed: list[str]) -> Verdict | None:
    method = attempt.sent_method
    if method in listed or method in fetch.SAFELISTED_METHODS:
        return None
    wildcard = "*" in listed
    if wildcard and not attempt.credentials:
        return None
    reason = "allow-methods-lacks-method"
    if wildcard:
        reason = "allow-methods-wildcard-with-credentials"
    elif method.upper() in listed:
        reason = "method-in-other-case"
    values = {"method": method, "upper": method.upper(), "got": _quoted(listed)}
    return _stop(Check.METHOD, reason, values)


def _names(attempt: Attempt, listed: list[str]) -> Verdict | None:
    known = {name.lower() for name in listed}
    wildcard = "*" in known
    covered = wildcard and not attempt.credentials
    missing = [name for name in attempt.unsafe_names if name not in known]
    non_wildcard = frozenset() if attempt.browser.wildcard_covers_authorization else _NON_WILDCARD
    if covered:
        missing = [name for name in missing if name in non_wildcard]
    if not missing:
        return None
    reason = "allow-headers-lacks-name"
    if covered:
        reason = "authorization-not-covered-by-wildcard"
    elif wildcard:
        reason = "allow-headers-wildcard-with-credentials"
    values = {"names": ", ".join(missing), "got": _quoted(listed)}
    return _stop(Check.NAMES, reason, values)


_NON_WILDCARD = fetch.NON_WILDCARD_NAMES


def _quoted(listed: list[str]) -> str:
    return f"'{', '.join(listed)}'" if listed else "absent"


def _stop(
    check: Check | None, reason: str, values: Mapping[str, str], *, preflight: bool = False
) -> Verdict:
    told = reasons.told(reason, values, preflight=preflight)
    return Verdict(False, check, reason, told.chrome, values)
