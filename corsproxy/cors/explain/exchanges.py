"""An Exchange in words: the decision, what a browser makes of it, what else is worth a word."""

from collections.abc import Iterator
from typing import Any

from corsproxy.cors import headers as f
from corsproxy.cors.browser.cors_check import get
from corsproxy.cors.decision import Decision, Kind
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.explain.cookies import adapted_cookies, shared_cookies
from corsproxy.cors.explain.findings import findings_text
from corsproxy.cors.explain.notices import Notice, as_emulated, notices
from corsproxy.cors.explain.outcome import Outcome, blocked_by, differing, outcome
from corsproxy.cors.explain.scene_text import check_json, reason_json
from corsproxy.cors.numbers import number
from corsproxy.cors.policy import Mode
from corsproxy.cors.reasons import ExplainedReason, explained
from corsproxy.cors.upstream_differences import asked_by, differences


def exchange_outcome(exchange: Exchange) -> Outcome | None:
    """The browser's verdict on the response as it left; None where CORS was not asked for."""
    if not exchange.status:
        return None
    sent = f.fields_of(exchange.response_head)
    return outcome(exchange.decision, exchange.status, sent, f.fields_of(exchange.request_head))


def exchange_notices(exchange: Exchange) -> list[ExplainedReason]:
    """What else is worth a word: who answered, what the page reads as null, lost cookies, ..."""
    found = [_told(exchange, explained(reason, values)) for reason, values in _of(exchange)]
    found += _of_cookies(exchange)
    predicted = exchange_outcome(exchange)
    if predicted is None:
        return found
    credentials = bool(predicted.credentials_seen)
    verdict = predicted.include if credentials else predicted.omit
    preflight = exchange.decision.kind is Kind.PREFLIGHT
    found += filter(None, [differing(verdict, preflight=preflight)])
    if not preflight and not verdict.outcomes.blocked:
        attempt = asked_by(exchange.decision.request, credentials=credentials)
        attempt = attempt._replace(target=exchange.target)
        own = exchange.decision.request.own_origin
        found += notices(attempt, own, exchange.status, f.fields_of(exchange.response_head))
    return found


def exchange_differences(exchange: Exchange) -> list[ExplainedReason]:
    """Where the upstream's response says something else than the policy; mode `validate` only."""
    if exchange.policy.mode is not Mode.VALIDATE or not exchange.upstream_head:
        return []
    status = _status(exchange.upstream_head)
    upstream = f.fields_of(exchange.upstream_head)
    return differences(exchange.policy, exchange.decision, status, upstream)


def _of(exchange: Exchange) -> Iterator[Notice]:
    decision = exchange.decision
    if exchange.upstream_failed:
        complete = exchange.status and not exchange.upstream_head
        reason = "upstream-failed" if complete else "response-cut-short"
        yield reason, {"failure": exchange.detail or exchange.failure}
    if decision.kind is Kind.NOT_CORS:
        yield "no-origin", {}
    yield from as_emulated(exchange.policy, decision)
    if exchange.status in _ABOUT_HOST and (hosts := _other_host(exchange)):
        yield "host-replaced", {"status": str(exchange.status), **hosts}
    if (exchange.status == 403 and exchange.method not in _SAFE) or _unopened(exchange):
        yield from _foreign_origin(exchange)
    if not exchange.upstream_head or not decision.origin_granted:
        return
    upstream = f.fields_of(exchange.upstream_head)
    if exchange.policy.mode is Mode.ENFORCE and (names := _replaced(decision, upstream)):
        yield "upstream-headers-replaced", {"names": ", ".join(names)}
    if exchange.status >= 400 and exchange.method.upper() == "PATCH" != exchange.method:
        yield "method-in-small-letters", {"method": exchange.method, "upper": "PATCH"}
    unread = decision.kind is not Kind.WEBSOCKET and get(upstream, f.ALLOW_ORIGIN) is None
    if exchange.status >= 400 and unread:
        yield "upstream-error", {"status": str(exchange.status)}


def _told(exchange: Exchange, why: ExplainedReason) -> ExplainedReason:
    """With the fix of this very failure, where one is known."""
    failed = why.id in ("upstream-failed", "response-cut-short")
    return why._replace(fix=exchange.fix) if failed and exchange.fix else why


def _of_cookies(exchange: Exchange) -> Iterator[ExplainedReason]:
    """What became of the upstream's cookies, and who else gets them."""
    if not exchange.upstream_head or not exchange.status:
        return
    before = f.values(f.fields_of(exchange.upstream_head), "Set-Cookie")
    if before:
        after = f.values(f.fields_of(exchange.response_head), "Set-Cookie")
        yield from adapted_cookies(before, after)
        yield from shared_cookies(exchange.target, after, exchange.other_upstreams)


_ABOUT_HOST = frozenset({400, 403, 421})
"""What servers answer to a Host that is not theirs."""


_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that servers let pass from any page (RFC 9110, 9.2.1)."""


def _unopened(exchange: Exchange) -> bool:
    """Whether a handshake got what servers answer to an Origin that they do not take."""
    return exchange.decision.kind is Kind.WEBSOCKET and exchange.status in (400, 403)


def _foreign_origin(exchange: Exchange) -> Iterator[Notice]:
    """The Origin that the upstream saw, where it is not that of the Host it saw."""
    seen = f.fields_of(exchange.forwarded_head)
    origin, host = f.joined(seen, "Origin") or "", f.joined(seen, "Host") or ""
    if origin and origin.partition("://")[2] != host.lower():
        values = {"origin": origin, "seen": host}
        yield "origin-foreign", {"status": str(exchange.status), **values}


def _other_host(exchange: Exchange) -> dict[str, str]:
    """The Host that the client sent and the one that the upstream saw, where these differ."""
    sent = f.joined(f.fields_of(exchange.request_head), "Host") or ""
    seen = f.joined(f.fields_of(exchange.forwarded_head), "Host") or ""
    return {"sent": sent, "seen": seen} if seen and sent != seen else {}


def _replaced(decision: Decision, upstream: f.Fields) -> list[str]:
    """The upstream's own CORS headers that say something else than the policy's."""
    ours = {name.lower(): value for name, value in decision.headers}
    theirs = {name: get(upstream, name) for name, _ in upstream if name.lower() in f.RESPONSE_NAMES}
    return [name for name, value in theirs.items() if ours.get(name.lower()) != value]


def exchange_json(exchange: Exchange) -> dict[str, Any]:
    """Everything there is to say of an exchange as one object; nothing in it is a secret."""
    decision, predicted = exchange.decision, exchange_outcome(exchange)
    checks = findings_text(exchange.policy, decision)
    return {
        "id": exchange.id,
        "kind": decision.kind.value,
        "origin": decision.request.origin,
        "status": exchange.status,
        "mode": exchange.policy.mode.value,
        "granted": decision.granted,
        "refused": bool(decision.refused),
        "checks": [check_json(check) for check in checks],
        "outcome": _outcome_json(decision, predicted),
        "differences": [reason_json(one) for one in exchange_differences(exchange)],
        "notices": [reason_json(notice) for notice in exchange_notices(exchange)],
    }


def _outcome_json(decision: Decision, predicted: Outcome | None) -> dict[str, Any] | None:
    if predicted is None:
        return None
    preflight = decision.kind is Kind.PREFLIGHT
    modes = {"omit": predicted.omit, "include": predicted.include}
    blocked = {mode: blocked_by(verdict, preflight=preflight) for mode, verdict in modes.items()}
    reasons_by_mode = {mode: reason_json(why) if why else None for mode, why in blocked.items()}
    readable = {mode: not verdict.outcomes.blocked for mode, verdict in modes.items()}
    browsers = {mode: dict(verdict.outcomes.words) for mode, verdict in modes.items()}
    return {
        "readable": readable,
        "browsers": browsers,
        "blocked": reasons_by_mode,
        "credentials_seen": predicted.credentials_seen,
    }


def _status(head: bytes) -> int:
    """The status in a response's head; 0 where there is none."""
    return number(head.partition(b" ")[2][:3].decode("latin-1"), 999) or 0
