"""An exchange in a word or two; the sentences come from `cors.explain`."""

import re
from collections.abc import Callable
from enum import StrEnum
from http import HTTPStatus

from corsproxy.cors.browser.verdict import Verdict
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.explain import ExplainedCheck, findings_text
from corsproxy.cors.explain.exchanges import exchange_notices, exchange_outcome
from corsproxy.cors.explain.outcome import blocked_by, differing
from corsproxy.cors.policy import Mode
from corsproxy.cors.reasons import ExplainedReason, explained
from corsproxy.cors.request import Kind
from corsproxy.cors.tally import Tally
from corsproxy.watch.preflight_correlation import FOLLOW_UP_TIMEOUT


class PolicyVerdict(StrEnum):
    """What the policy said: the closed set that log, metrics and inspector share."""

    GRANTED = "granted"
    REFUSED = "refused"
    UNJUDGED = "unjudged"
    """CORS was not asked for, or the policy does not judge."""


WEBSOCKET_NOTE = (
    "browsers do not apply CORS to WebSockets; this policy alone decides who may open one"
)

_UNJUDGED = {
    Kind.NOT_CORS: "no CORS request",
    Kind.SAME_ORIGIN: "same origin",
    Kind.NAVIGATION: "navigation",
}
_PREFIXES = {Kind.PREFLIGHT: "preflight ", Kind.WEBSOCKET: "websocket "}


def verdict(exchange: Exchange | Tally) -> PolicyVerdict:
    """What the policy said."""
    findings = exchange.decision.findings
    if not findings:
        return PolicyVerdict.UNJUDGED
    for finding in findings:
        if not finding.passed:
            return PolicyVerdict.REFUSED
    return PolicyVerdict.GRANTED


def nothing_to_explain(exchange: Exchange) -> bool:
    """Whether there is nothing to explain: neither refused, nor failed, nor to be compared."""
    for finding in exchange.decision.findings:
        if not finding.passed:
            return False
    return not went_wrong(exchange) and exchange.policy.mode is not Mode.VALIDATE


def went_wrong(exchange: Exchange) -> bool:
    """Whether the upstream failed, or a rule of ours did not let the request pass."""
    return bool(exchange.failure) and not exchange.client_left


def in_words(exchange: Exchange) -> str:
    """The verdict as the log shows it."""
    decision = exchange.decision
    if not decision.findings:
        judged = exchange.policy.mode not in (Mode.STRIP, Mode.PASSTHROUGH)
        return _UNJUDGED.get(decision.kind, "not judged") if judged else "not judged"
    if decision.kind is Kind.WEBSOCKET and not decision.refused and exchange.upstream_head:
        opened = exchange.status == HTTPStatus.SWITCHING_PROTOCOLS
        return "websocket allowed" if opened else "websocket allowed, not opened by the upstream"
    words = _PREFIXES.get(decision.kind, "") + verdict(exchange)
    if decision.refused and exchange.policy.mode is Mode.VALIDATE:
        return f"{words} (validate: passed on)"
    if decision.refused and exchange.forwarded_head:
        return f"{words}, forwarded"
    return words


def refusals(exchange: Exchange) -> list[ExplainedCheck]:
    """The checks that failed, in words, in the browser's order."""
    checks = findings_text(exchange.policy, exchange.decision)
    return [check for check in checks if not check.passed]


def unfollowed(preflight: Exchange) -> ExplainedReason:
    """What to say of a granted preflight whose actual request never came."""
    method = preflight.decision.request.requested_method or ""
    return explained(
        "actual-request-missing", {"method": method, "seconds": f"{FOLLOW_UP_TIMEOUT:.0f}"}
    )


def stopped(exchange: Exchange) -> ExplainedReason | None:
    """Why a browser keeps a response from the page, though the policy refused nothing.

    Where the credentials mode cannot be seen, a mode that works is taken.
    """
    modes = _predicted(exchange)
    if not all(mode.outcomes.blocked for mode in modes):
        return None
    return _explained(blocked_by, modes, exchange)


def parted(exchange: Exchange) -> ExplainedReason | None:
    """What blocks by the standard alone, or in some browser alone.

    Of the modes that work, as in `stopped`: one that is blocked everywhere says nothing of those.
    """
    modes = [mode for mode in _predicted(exchange) if not mode.outcomes.blocked]
    if not all(mode.outcomes.differ for mode in modes):
        return None
    return _explained(differing, modes, exchange)


_LOST = frozenset(
    {
        "cookie-foreign-domain",
        "cookie-needs-secure",
        "cookie-prefix-broken",
        "cookie-same-site",
        "cookie-same-site-in-chromium",
        "cookie-secure-over-http",
    }
)
_TOLD_ONCE = _LOST | {
    "cookie-adapted",
    "cookie-reaches-other-upstreams",
    "host-replaced",
    "origin-foreign",
    "redirect-taints-origin",
}
"""Notices that a log tells, though the policy and the browser let the response pass."""

_MAY_HAVE_ANY = re.compile(rb"\nset-cookie:|\AHTTP/1\.[0-9] (?:3|400|403|421)", re.IGNORECASE)


def told_once(exchange: Exchange) -> list[ExplainedReason]:
    """What happens to a response that passes, and is worth a word: lost cookies above all."""
    if exchange.open or _MAY_HAVE_ANY.search(exchange.upstream_head) is None:
        return []
    return [notice for notice in exchange_notices(exchange) if notice.id in _TOLD_ONCE]


def loses_cookie(exchange: Exchange) -> bool:
    """Whether a browser drops a cookie of the response."""
    return any(notice.id in _LOST for notice in told_once(exchange))


def _explained(
    explain: Callable[..., ExplainedReason | None], modes: list[Verdict], exchange: Exchange
) -> ExplainedReason | None:
    preflight = exchange.decision.kind is Kind.PREFLIGHT
    return explain(modes[0], preflight=preflight) if modes else None


def _predicted(exchange: Exchange) -> list[Verdict]:
    """The verdicts that a browser may have come to; none where the policy has the last word."""
    if verdict(exchange) is PolicyVerdict.REFUSED or _surely_readable(exchange):
        return []
    predicted = exchange_outcome(exchange)
    if predicted is None:
        return []
    return (
        [predicted.include] if predicted.credentials_seen else [predicted.omit, predicted.include]
    )


def _surely_readable(exchange: Exchange) -> bool:
    """Whether the headers are all ours and grant everything: no need to look at each response."""
    policy = exchange.policy
    ours = policy.mode is Mode.ENFORCE and policy.allow_credentials and exchange.decision.granted
    return ours and not 300 <= exchange.status < 400
