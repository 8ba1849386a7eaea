"""judged: what became of a recorded call, and why.

The standard and the browsers' rows (`cors.browser`) say what each response leads to; the record
says what happened. Which credentials mode the page had is in no record: where no cookie tells, both
are tried, and those that do not lead to what was recorded are left out. What is still open is said
to be.
"""

from enum import StrEnum
from typing import NamedTuple

from corsproxy.cors import headers as f
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.browsers import FETCH, Browser
from corsproxy.cors.browser.redirect import location_of
from corsproxy.cors.browser.url import origin_of
from corsproxy.cors.browser.verdict import Verdict, on_preflight, on_response
from corsproxy.cors.explain.notices import before_any_request
from corsproxy.cors.explain.outcome import explained_verdict
from corsproxy.cors.reasons import ExplainedReason, explained
from corsproxy.cors.request import Request
from corsproxy.cors.upstream_differences import NOT_MODIFIED, asked_by
from corsproxy.recorded.calls import Call
from corsproxy.recorded.har import FAILED, Entry

ABORTED = "net::ERR_ABORTED"
"""What Chromium says when the page, or its user, gave up."""


class Became(StrEnum):
    """What became of a call, as far as it can be told."""

    READABLE = "readable"
    GOES_ON = "goes on"
    """The browser follows the redirect; or the preflight is granted, and that is all there is."""
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


class Judged(NamedTuple):
    """A call, what became of it, and why it is not readable.

    `credentials` is whether the page asked with credentials; None where the record is silent.
    """

    call: Call
    became: Became
    reasons: tuple[ExplainedReason, ...] = ()
    credentials: bool | None = None


class _End(NamedTuple):
    """Where a call ends in one credentials mode: what stops it, if anything, and at which step."""

    stopped: ExplainedReason | None = None
    at_preflight: bool = False


def judged(call: Call, browser: Browser) -> Judged:
    """Judge a call as `browser` does; by `FETCH`, where it is not known who recorded it."""
    actual = call.actual
    ends = {mode: _end(call, browser, credentials=mode) for mode in _modes(call)}
    fitting = {mode: end for mode, end in ends.items() if _fits(actual, end)}
    possible = fitting or ends
    mode = next(iter(possible)) if len(possible) == 1 else None
    if not fitting and actual is not None and actual.status and actual.error == "":
        return Judged(call, _onward(actual), (), mode)  # the browser has it, whatever the headers
    stops = [end.stopped for end in possible.values()]
    first = next(filter(None, stops), None)  # of two the one that holds without credentials, too
    if first is None:
        return _nothing_stops(call, mode)
    if None in stops:
        open_ = explained("recorded-without-credentials-mode", {})
        return Judged(call, Became.UNKNOWN, (open_, first), mode)
    return Judged(call, Became.BLOCKED, (first,), mode)


def attempt(call: Call, *, credentials: bool) -> Attempt:
    """What the page tried, as far as the record tells."""
    asked = call.preflight
    names = asked.header(f.REQUEST_HEADERS) if asked else _own_names(call.shown)
    request = Request("OPTIONS", call.origin, call.method, names)
    return asked_by(request, credentials=credentials)


def _own_names(entry: Entry) -> str:
    """The names that only a page sets, where no preflight was recorded that names them."""
    names = dict.fromkeys(name.lower() for name, _ in entry.asked)
    content_type = entry.header("Content-Type")
    own = [name for name in names if name == "authorization" or name.startswith("x-")]
    if content_type and Attempt("", headers=(("content-type", content_type),)).unsafe_names:
        own.append("content-type")
    return ",".join(name for name in own if name not in _OF_BROWSERS)


_OF_BROWSERS = frozenset({"x-client-data", "x-browser-validation", "x-browser-channel"})
"""Names that look like a page's own."""


def _modes(call: Call) -> tuple[bool, ...]:
    """A cookie is sent to another origin in the mode "include" alone; none proves nothing."""
    return (True,) if call.actual is not None and call.actual.cookies else (False, True)


def _end(call: Call, browser: Browser, *, credentials: bool) -> _End:
    tried = attempt(call, credentials=credentials)._replace(browser=browser)
    asked, actual = call.preflight, call.actual
    if asked is not None and asked.status:
        asking = tried._replace(origin=asked.header(f.ORIGIN) or call.origin)
        verdict = on_preflight(asking, asked.status, asked.headers, asked.url)
        if stopped := _stopped(verdict, browser, preflight=True):
            return _End(stopped, True)
    if actual is None or not actual.status or _renewed(actual):
        return _End()
    verdict = on_response(tried, actual.status, actual.headers, actual.url)
    return _End(_stopped(verdict, browser, preflight=False))


def _stopped(verdict: Verdict, browser: Browser, *, preflight: bool) -> ExplainedReason | None:
    blocked = verdict.outcomes.blocked if browser is FETCH else not verdict.readable
    return explained_verdict(verdict, preflight=preflight) if blocked else None


def _renewed(actual: Entry) -> bool:
    """Whether it is judged by a stored response, whose headers the record does not have."""
    return actual.status == NOT_MODIFIED and not f.values(actual.headers, f.ALLOW_ORIGIN)


def _fits(actual: Entry | None, end: _End) -> bool:
    """Whether what was recorded of the actual request can come of this end."""
    if actual is None:
        return True
    if not actual.status:
        return end.stopped is not None
    if end.at_preflight:
        return False  # it was sent, so its preflight was granted
    return actual.stopped in (None, end.stopped is not None)


def _nothing_stops(call: Call, mode: bool | None) -> Judged:
    """Where CORS lets the page go on, as far as what was saved tells."""
    actual = call.actual
    if actual is None and call.shown.status:
        return Judged(call, Became.GOES_ON)
    if actual is None or not actual.status:
        return _unanswered(call, mode)
    if actual.error:
        became = Became.UNKNOWN if actual.error == ABORTED else Became.BLOCKED
        return Judged(call, became, (_failure(actual.error),), mode)
    if _renewed(actual) and actual.stopped is None:
        why = _unsaved("the response that this 304 renews")
        return Judged(call, Became.UNKNOWN, (why,), mode)
    return Judged(call, _onward(actual), (), mode)


def _unanswered(call: Call, mode: bool | None) -> Judged:
    """No response, and no preflight that explains it: the browser's word for it, if it has one.

    What keeps a browser from sending anything is told as well. Mixed content always does.
    """
    entries = [entry for entry in (call.actual, call.preflight) if entry is not None]
    errors = {entry.error for entry in entries if entry.error}
    error = next(iter(sorted(errors - {FAILED}) or errors), "")
    known = before_any_request(attempt(call, credentials=False), origin_of(call.shown.url))
    if mixed := [reason for reason in known if reason.id == "mixed-content"]:
        return Judged(call, Became.BLOCKED, tuple(mixed), mode)
    became = Became.UNKNOWN if error in ("", ABORTED) else Became.BLOCKED
    if error in ("", FAILED):
        return Judged(call, became, (_unsaved("the response"), *known), mode)
    asked = known if error.endswith(_ASKED_FIRST) else []
    return Judged(call, became, (_failure(error), *asked), mode)


_ASKED_FIRST = "_NETWORK_ACCESS_CHECKS"
"""How Chromium's errors end where the user was to be asked for permission."""


def _failure(error: str) -> ExplainedReason:
    return explained("recorded-failure", {"failure": error})


def _unsaved(what: str) -> ExplainedReason:
    return explained("recorded-without-response", {"what": what})


def _onward(actual: Entry) -> Became:
    redirected = location_of(actual.status, actual.headers) is not None
    return Became.GOES_ON if redirected else Became.READABLE
