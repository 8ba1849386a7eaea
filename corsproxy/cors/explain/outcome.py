"""Outcome: what a browser would do with a response, without credentials and with them.

The credentials mode is the browser's secret; a preflight never shows it. So both are given.
"""

from typing import NamedTuple

from corsproxy.cors import headers as f
from corsproxy.cors.browser.outcomes import Outcomes
from corsproxy.cors.browser.verdict import Verdict
from corsproxy.cors.decision import Decision, Kind
from corsproxy.cors.reasons import ExplainedReason, explained
from corsproxy.cors.upstream_differences import asked_by, verdict_on

NETWORK_ERROR = "the page sees only a network error"
"""What a script learns of anything that is blocked, whatever stopped it (Fetch, "network error").
https://fetch.spec.whatwg.org/#concept-network-error"""


class Outcome(NamedTuple):
    """The browser's verdict on one response, for both credentials modes.

    `credentials_seen` is whether the request carried credentials: None where that cannot be known.
    """

    omit: Verdict
    include: Verdict
    credentials_seen: bool | None = None


def outcome(
    decision: Decision, status: int, headers: f.Fields, request_headers: f.Fields = ()
) -> Outcome | None:
    """Predict for the response to a CORS request; None for any other request."""
    if decision.kind not in (Kind.PREFLIGHT, Kind.ACTUAL):
        return None
    omit, include = (
        verdict_on(decision, asked_by(decision.request, credentials=mode), status, headers)
        for mode in (False, True)
    )
    if decision.kind is Kind.PREFLIGHT:
        return Outcome(omit, include)
    return Outcome(omit, include, credentials_seen(request_headers))


def credentials_seen(headers: f.Fields) -> bool | None:
    """Whether the mode was "include", judged by what arrived; None where it may have been.

    A cookie is sent to another origin under "include" only, and so is Sec-Fetch-Storage-Access,
    cookie or none, by those browsers that have it. The absence of both proves nothing: there may
    have been no cookie to send, and within one site the other is never sent. Authorization proves
    nothing: pages set it themselves.
    https://privacycg.github.io/storage-access-headers/
    """
    signs = (f.joined(headers, "Cookie"), f.joined(headers, "Sec-Fetch-Storage-Access"))
    return True if any(signs) else None


def blocked_by(verdict: Verdict, *, preflight: bool) -> ExplainedReason | None:
    """Why a browser stops, in words; None where none does, whatever the standard says."""
    return explained_verdict(verdict, preflight=preflight) if verdict.outcomes.blocked else None


def differing(verdict: Verdict, *, preflight: bool) -> ExplainedReason | None:
    """What blocks by the standard alone, or in some browser alone; None where nothing does."""
    if verdict.outcomes.blocked or not verdict.outcomes.differ:
        return None
    return explained_verdict(verdict, preflight=preflight)


def explained_verdict(verdict: Verdict, *, preflight: bool) -> ExplainedReason:
    """What fails, by the standard or else in the first browser where it does."""
    reason, values, outcomes = verdict.reason, verdict.values, verdict.outcomes
    if verdict.readable and (found := outcomes.first_blocking):
        reason, values = found.reason, found.values
    return with_outcomes(explained(reason, values, preflight=preflight), outcomes)


def with_outcomes(reason: ExplainedReason, outcomes: Outcomes) -> ExplainedReason:
    """`reason` with each browser's own word for it, and for which browsers it holds."""
    return reason._replace(
        chrome=outcomes.chromium.key,
        firefox=outcomes.firefox.key,
        webkit=outcomes.webkit.key,
        holds=outcomes.sentence,
        browsers=outcomes.words,
    )


def consoles(reason: ExplainedReason) -> list[str]:
    """What each browser's console calls it, as far as it says anything."""
    keys = {"Chrome": reason.chrome, "Firefox": reason.firefox, "WebKit": reason.webkit}
    return [f"{browser}: {key}" for browser, key in keys.items() if key]
