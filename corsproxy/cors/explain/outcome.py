"""Outcome: what a browser would do with a response, without credentials and with them.

The credentials mode is the browser's secret; a preflight never shows it. So both are told.
"""

from typing import NamedTuple

from corsproxy.cors import fields as f
from corsproxy.cors.browser.verdict import Verdict
from corsproxy.cors.decision import Decision, Kind
from corsproxy.cors.differences import asked_by, verdict_on
from corsproxy.cors.reasons import Told, told


class Outcome(NamedTuple):
    """The browser's verdict on one response, for both credentials modes.

    `seen` is whether the request carried credentials: None where that cannot be known.
    """

    omit: Verdict
    include: Verdict
    seen: bool | None = None


def outcome(
    decision: Decision, status: int, fields: f.Fields, request_fields: f.Fields = ()
) -> Outcome | None:
    """Predict for the response to a CORS request; None for any other request."""
    if decision.kind not in (Kind.PREFLIGHT, Kind.ACTUAL):
        return None
    omit, include = (
        verdict_on(decision, asked_by(decision.request, credentials=mode), status, fields)
        for mode in (False, True)
    )
    seen = None if decision.kind is Kind.PREFLIGHT else credentials_seen(request_fields)
    return Outcome(omit, include, seen)


def credentials_seen(fields: f.Fields) -> bool | None:
    """Whether the mode was "include", judged by what arrived; None where it may have been.

    A cookie is sent to another origin under "include" only. Its absence proves nothing: there
    may have been none to send. Authorization proves nothing: pages set it themselves.
    """
    return True if f.joined(fields, "Cookie") else None


def blocked_by(verdict: Verdict, *, preflight: bool) -> Told | None:
    """Why a browser stops, in words; None where it does not."""
    if verdict.readable:
        return None
    return told(verdict.reason, verdict.values, preflight=preflight)
