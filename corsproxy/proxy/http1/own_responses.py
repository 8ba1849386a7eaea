"""Responses of our own: preflights, refusals and failures, the latter two as problem details.

RFC 9457. Each carries the CORS fields of a granted origin, so that the page can read what is
wrong; without them it would see "CORS error" where the truth is "backend down".
"""

import json
import time
from collections.abc import Sequence
from email.utils import formatdate
from http import HTTPStatus
from typing import NamedTuple

from corsproxy.cors import response_headers
from corsproxy.cors.decision import Decision, Kind
from corsproxy.cors.explain import ExplainedCheck, findings_text
from corsproxy.cors.policy import Policy
from corsproxy.cors.reasons import ExplainedReason
from corsproxy.cors.secret_text import masked_text
from corsproxy.proxy.http1.forwarding import response_head
from corsproxy.proxy.http1.refusals import Pairs, Refusal, phrase

ALLOWED_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
"""What 405 and `OPTIONS *` list. Others are forwarded too, but for CONNECT, TRACE and TRACK."""

DECISION = "X-Corsproxy-Decision"
"""The id under which a refusal or a failure is found in the log and the inspector."""


class OwnResponse(NamedTuple):
    """A response made here."""

    status: int
    fields: tuple[tuple[str, str], ...]
    content: bytes = b""

    def head(self, *, close: bool) -> bytes:
        """The head as it leaves; a 204 has no length."""
        fields = [("Date", now()), *self.fields]
        if self.status != HTTPStatus.NO_CONTENT:
            fields.append(("Content-Length", str(len(self.content))))
        if close:
            fields.append(("Connection", "close"))
        return response_head(self.status, phrase(self.status), fields)


def is_refused(decision: Decision) -> bool:
    """Whether CORS was asked for and refused: such a response carries the id of its exchange."""
    asked = (Kind.PREFLIGHT, Kind.ACTUAL, Kind.WEBSOCKET)
    return decision.kind in asked and bool(decision.refused)


def preflight(policy: Policy, decision: Decision, decision_id: str) -> OwnResponse:
    """The response to a preflight that ends here: 204 and the headers that passed."""
    fields = cors_fields(policy, decision, ())
    if is_refused(decision):
        fields = ((DECISION, decision_id), *fields)
    return OwnResponse(decision.status, fields)


def options(policy: Policy, decision: Decision) -> OwnResponse:
    """The response to an OPTIONS that asks the gateway itself (`*`, or no hops left)."""
    allow = (("Allow", ALLOWED_METHODS),)
    return OwnResponse(204, (*allow, *cors_fields(policy, decision, allow)))


def problem(
    status: int,
    detail: str,
    cors: Pairs = (),
    *,
    fields: Pairs = (),
    id: str = "",  # noqa: A002 - the word of Exchange.failure
    fix: str = "",
    reasons: Sequence[ExplainedCheck | ExplainedReason] = (),
    decision_id: str = "",
) -> OwnResponse:
    """A response that says what is wrong. `cors` comes from `cors_fields`."""
    said: dict[str, object] = {
        "type": "about:blank",
        "title": phrase(status),
        "status": status,
        "detail": masked_text(detail),
    }
    if id:
        said["id"] = id
    if fix:
        said["fix"] = fix
    if reasons:
        said["reasons"] = [_reason(why) for why in reasons]
    own = [("Content-Type", "application/problem+json"), ("Cache-Control", "no-store")]
    own.append(("X-Content-Type-Options", "nosniff"))
    if decision_id:
        said["decision"] = decision_id
        own.append((DECISION, decision_id))
    content = json.dumps(said).encode("ascii") + b"\n"
    return OwnResponse(status, (*own, *fields, *cors), content)


def refusal(policy: Policy, decision: Decision, why: Refusal, decision_id: str = "") -> OwnResponse:
    """A `problem` that a granted origin can read; to any other it says what the policy refuses."""
    cors = cors_fields(policy, decision, why.fields)
    told = is_refused(decision)
    reasons = [text for text in findings_text(policy, decision) if not text.passed] if told else ()
    return problem(
        why.status,
        why.detail,
        cors,
        fields=why.fields,
        id=why.id,
        fix=why.fix,
        reasons=reasons,
        decision_id=decision_id,
    )


def violation(
    policy: Policy, decision: Decision, differences: Sequence[ExplainedReason], decision_id: str
) -> OwnResponse:
    """What leaves in the place of an upstream's response that differs from the policy."""
    return problem(
        502,
        "the upstream's response differs from the policy, and on_violation is block",
        cors_fields(policy, decision, ()),
        reasons=differences,
        decision_id=decision_id,
    )


def _reason(why: ExplainedCheck | ExplainedReason) -> dict[str, str | None]:
    if isinstance(why, ExplainedReason):
        return {"check": None, "reason": why.id, "text": why.text, "fix": why.fix}
    return {"check": why.check, "reason": why.reason_id, "text": why.text, "fix": why.fix}


def cors_fields(policy: Policy, decision: Decision, present: Pairs) -> tuple[tuple[str, str], ...]:
    """What a response of our own says about CORS: the decision's fields, and what it depends on."""
    return tuple(response_headers.own_headers(policy, decision, present))


_date = (0, "")


def now() -> str:
    """The value of Date: a response made here has one (RFC 9110, 6.6.1). Made once a second."""
    global _date  # noqa: PLW0603 - a memo of one
    second = int(time.time())
    if _date[0] != second:
        _date = (second, formatdate(second, usegmt=True))
    return _date[1]
