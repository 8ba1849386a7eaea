"""The browser's side: would it let the page read this response?

An independent reading of the Fetch standard ("CORS check", "CORS-preflight fetch" and
"HTTP-redirect fetch"), so that what `decide` sends can be judged, and what an upstream sends, too.
Chromium and Firefox are the judges of this file: tests/browser/test_verdict.py.

Each judgement is one function of an attempt, and it is run once for each row of `browsers`: that of
the standard and those of three browsers. What differs stands in the rows, as data; the steps are
written once, in the standard's order, and ask the row only where somebody departs from it. A judge
for each browser would repeat all steps to change a few; to correct the standard's outcome
afterwards could not say which check fails *first*, and that is the one that a console names.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from corsproxy.cors import fetch_standard as fetch
from corsproxy.cors import headers as f
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.browsers import CHROMIUM, FETCH, FIREFOX, WEBKIT, Browser
from corsproxy.cors.browser.cors_check import Failure, cors_check, get
from corsproxy.cors.browser.outcomes import EVERYWHERE, InBrowser, Outcomes
from corsproxy.cors.browser.redirect import (
    REDIRECTS,
    follow,
    given_up,
    location_of,
    redirect_check,
    shown_location,
)
from corsproxy.cors.browser.url import origin_of
from corsproxy.cors.finding import Check
from corsproxy.cors.numbers import number
from corsproxy.cors.origin import OPAQUE
from corsproxy.cors.reasons import CATALOGUE

__all__ = [
    "CHROMIUM",
    "FETCH",
    "FIREFOX",
    "WEBKIT",
    "Attempt",
    "Browser",
    "Exposed",
    "Verdict",
    "exposed",
    "follow",
    "list_elements",
    "on_preflight",
    "on_response",
    "on_same_origin",
    "origin_of",
    "preflight_cached_for",
    "stopped_everywhere",
]


class Verdict(NamedTuple):
    """What a browser does with a response.

    `readable` is whether it goes on: after a preflight to the actual request, after a redirect to
    the next response, else to the page. `stopped_at` is the check that failed; None also where the
    response failed at something that no policy settles, its status or its redirect. `reason` is
    the id of an entry of `reasons`. All of these are by the attempt's own browser, the standard
    unless another is named; `outcomes` tells of the standard and of each browser of today.

    >>> from corsproxy.cors.browser.attempt import Attempt
    >>> verdict = on_response(Attempt("https://app.example"), 407, ())
    >>> verdict.reason, verdict.outcomes.firefox.reason
    ('proxy-authentication', 'allow-origin-missing')
    """

    readable: bool
    stopped_at: Check | None = None
    reason: str = ""
    values: Mapping[str, str] = {}
    outcomes: Outcomes = EVERYWHERE

    @property
    def chrome(self) -> str:
        """The CorsError that Chromium's console and DevTools show."""
        return self.outcomes.chromium.key

    @property
    def firefox(self) -> str:
        """The key of the message in Firefox's console."""
        return self.outcomes.firefox.key


class Exposed(NamedTuple):
    """The names of a response's headers, lower case: those a page can read, and those it cannot."""

    readable: tuple[str, ...]
    unreadable: tuple[str, ...]


READABLE = Verdict(True)


def stopped_everywhere(
    reason: str, values: Mapping[str, str] | None = None, *, firefox: str = ""
) -> Verdict:
    """A failure that has nothing to do with CORS: only Firefox's console may speak of it."""
    stopped = InBrowser(False, "", reason, values or {})
    outcomes = Outcomes(False, stopped, stopped._replace(key=firefox), stopped)
    return Verdict(False, None, reason, values or {}, outcomes)


PROXY_AUTHENTICATION = 407
OK_STATUSES = range(200, 300)
_ANYWHERE = "http://another.invalid/"
_ROWS = (FETCH, CHROMIUM, FIREFOX, WEBKIT)


def on_preflight(attempt: Attempt, status: int, headers: f.Fields, url: str = "") -> Verdict:
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

    def judge(attempt: Attempt) -> Failure | None:
        # Firefox, where redirects have led back to the page: its own origin needs no grant.
        home = url != "" and attempt.asking_origin == origin_of(url)
        return _preflight_failure(attempt, status, headers, home=home)

    return _in_each_browser(judge, attempt, preflight=True)


def on_response(attempt: Attempt, status: int, headers: f.Fields, url: str = "") -> Verdict:
    """Whether the page can read this response of another origin, or the browser follows it.

    `url` is what was called; without it a redirect is taken to start anywhere but at the page.
    Fetch, "CORS check", and "HTTP-redirect fetch" for a redirect.
    https://fetch.spec.whatwg.org/#concept-cors-check

    >>> attempt = Attempt("https://app.example", credentials=True)
    >>> on_response(attempt, 200, [("Access-Control-Allow-Origin", "*")]).reason
    'allow-origin-wildcard-with-credentials'
    """

    def judge(attempt: Attempt) -> Failure | None:
        return (
            _proxy_authentication(attempt.browser, status)
            or _redirect_given_up(attempt, url, status, headers)
            or cors_check(attempt, headers)
            or _redirect_failure(attempt, url, status, headers)
        )

    if status not in REDIRECTS and attempt.browser is FETCH and judge(attempt) is None:
        return READABLE  # no browser is stricter than the standard, redirects apart
    return _in_each_browser(judge, attempt)


def on_same_origin(attempt: Attempt, status: int, headers: f.Fields, url: str) -> Verdict:
    """Whether the page can read this response of its own origin, or the browser follows it.

    No CORS check: the response tainting is "basic". What is left of Fetch, "HTTP fetch", are 407
    and redirects. https://fetch.spec.whatwg.org/#concept-http-fetch
    """

    def judge(attempt: Attempt) -> Failure | None:
        found = _proxy_authentication(attempt.browser, status)
        return found or _redirect_failure(attempt, url, status, headers)

    if status not in REDIRECTS and status != PROXY_AUTHENTICATION:
        return READABLE
    return _in_each_browser(judge, attempt, crossing=False)


def _in_each_browser(
    judge: Callable[[Attempt], Failure | None],
    attempt: Attempt,
    *,
    preflight: bool = False,
    crossing: bool = True,
) -> Verdict:
    """The verdict of the attempt's own browser, beside the outcomes in each."""
    failures = [judge(attempt._replace(browser=one)) for one in _ROWS]
    outcomes = Outcomes(
        failures[0] is None,
        *(
            _in_browser(name, failure, preflight=preflight, crossing=crossing)
            for name, failure in zip(("chrome", "firefox", "webkit"), failures[1:], strict=True)
        ),
    )
    failure = failures[_ROWS.index(attempt.browser)]
    if failure is None:
        return Verdict(True, outcomes=outcomes)
    return Verdict(False, failure.check, failure.reason, failure.values, outcomes)


def _in_browser(
    name: str, failure: Failure | None, *, preflight: bool, crossing: bool
) -> InBrowser:
    """Firefox blames CORS only once it takes part."""
    if failure is None:
        return InBrowser(True)
    reason, values, _ = failure
    silent = name == "firefox" and not crossing and reason != "redirect-with-userinfo"
    key = "" if silent else CATALOGUE[reason].key(name, preflight=preflight)
    return InBrowser(False, key, reason, values)


def _proxy_authentication(browser: Browser, status: int) -> Failure | None:
    """Fetch, "HTTP-network-or-cache fetch", where the status is 407 and no user can be asked.

    https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch
    """
    fails = status == PROXY_AUTHENTICATION and browser.proxy_authentication_fails
    return Failure("proxy-authentication", {}) if fails else None


def _preflight_failure(
    attempt: Attempt, status: int, headers: f.Fields, *, home: bool
) -> Failure | None:
    """Fetch, "CORS-preflight fetch", steps 6 to 8; an ok status is 200 to 299.

    https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
    https://fetch.spec.whatwg.org/#ok-status
    """
    browser = attempt.browser
    if failure := _proxy_authentication(browser, status):
        return failure
    asking = attempt._replace(origin=attempt.asking_origin)
    refused = None if home else cors_check(asking, headers)
    moved = _preflight_redirected(browser, status, headers)
    failed = None
    if status not in OK_STATUSES:
        failed = Failure("preflight-status-not-ok", {"status": str(status)})
    if browser.judges_redirect_last:
        found = refused or moved or failed
    elif browser.judges_status_first:
        found = moved or failed or refused
    else:
        found = moved or refused or failed
    return found or _lists_failure(attempt, headers)


def _preflight_redirected(browser: Browser, status: int, headers: f.Fields) -> Failure | None:
    """Step 6 fetches without following: to the standard a redirect is one more status not ok.

    The consoles have a name of its own for it, and so has the catalogue.
    https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
    """
    location = location_of(status, headers, empty=browser.follows_empty_location)
    if location is None:
        return None
    values = {"status": str(status), "location": shown_location(location)}
    return Failure("preflight-redirected", values)


def _redirect_given_up(
    attempt: Attempt, url: str, status: int, headers: f.Fields
) -> Failure | None:
    location = location_of(status, headers)
    if location is None:
        return None
    return given_up(attempt.browser, url or _ANYWHERE, status, location)


def _redirect_failure(attempt: Attempt, url: str, status: int, headers: f.Fields) -> Failure | None:
    location = location_of(status, headers, empty=attempt.browser.follows_empty_location)
    if location is None:
        return None
    return redirect_check(attempt, url or _ANYWHERE, status, location)


def exposed(attempt: Attempt, headers: f.Fields) -> Exposed:
    """Which of the headers a page can read (Fetch, "CORS-exposed header-name list").

    https://fetch.spec.whatwg.org/#concept-response-cors-exposed-header-name-list
    """
    expose_headers = get(headers, f.EXPOSE_HEADERS)
    listed = list_elements(expose_headers)
    names = dict.fromkeys(name.lower() for name, _ in headers)
    known = {name.lower() for name in listed or ()}  # one bad element hides them all
    lenient = attempt.browser.exposes_beside_wildcard
    anything = f.elements(expose_headers or "") if lenient else listed
    if "*" in (anything or ()) and not attempt.credentials:
        known |= names.keys()
    known = (known | fetch.SAFELISTED_RESPONSE_NAMES) - fetch.FORBIDDEN_RESPONSE_NAMES
    return Exposed(
        tuple(name for name in names if name in known),
        tuple(name for name in names if name not in known),
    )


def preflight_cached_for(attempt: Attempt, headers: f.Fields) -> int:
    """How many seconds the browser will not ask again (Fetch, CORS-preflight fetch, 7.8 to 7.10).

    https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
    """
    browser, text = attempt.browser, get(headers, f.MAX_AGE)
    if attempt.origin == OPAQUE and not browser.remembers_opaque:
        return 0
    if not text:
        return fetch.DEFAULT_MAX_AGE
    signed = r"[+-]?[0-9]+" if browser.signed_max_age else r"[0-9]+"
    if not re.fullmatch(signed, text):
        return browser.unread_max_age
    if text.startswith("-"):
        return 0
    limit = browser.max_age_limit
    seconds = number(text.removeprefix("+"), limit)
    return limit if seconds is None else seconds


def list_elements(value: str | None) -> list[str] | None:
    """The tokens of a list-valued header, empty elements left out; None where one is no token.

    Fetch, "extract header list values": https://fetch.spec.whatwg.org/#extract-header-list-values
    """
    found = [element for element in f.elements(value or "") if element]
    return found if all(fetch.TOKEN.fullmatch(element) for element in found) else None


def _lists_failure(attempt: Attempt, headers: f.Fields) -> Failure | None:
    """Steps 7.1 to 7.7: Allow-Methods and Allow-Headers, both parsed before either is used.

    https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
    """
    allow_methods, allow_headers = get(headers, f.ALLOW_METHODS), get(headers, f.ALLOW_HEADERS)
    methods, names = list_elements(allow_methods), list_elements(allow_headers)
    if methods is None:
        return Failure("allow-methods-malformed", {"got": allow_methods or ""}, Check.METHOD)
    lacking = _method_failure(attempt, methods)
    if lacking and attempt.browser.judges_methods_first:
        return lacking
    if names is None:
        return Failure("allow-headers-malformed", {"got": allow_headers or ""}, Check.NAMES)
    return lacking or _names_failure(attempt, names)


def _method_failure(attempt: Attempt, listed: list[str]) -> Failure | None:
    """Fetch, "CORS-preflight fetch", step 7.5.

    https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
    """
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
    return Failure(reason, values, Check.METHOD)


def _names_failure(attempt: Attempt, listed: list[str]) -> Failure | None:
    """Steps 7.6, where a name needs more than `*`, and 7.7.

    https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
    """
    known = {name.lower() for name in listed}
    wildcard = "*" in known
    covered = wildcard and not attempt.credentials
    missing = [name for name in attempt.asked_names if name not in known]
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
    return Failure(reason, values, Check.NAMES)


_NON_WILDCARD = fetch.NON_WILDCARD_NAMES


def _quoted(listed: list[str]) -> str:
    return f"'{', '.join(listed)}'" if listed else "absent"
