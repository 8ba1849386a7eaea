"""Rows: an exchange as one line of the inspector's list."""

from typing import Any

from corsproxy.cors.exchange import Exchange
from corsproxy.cors.origin import LONGEST_ORIGIN
from corsproxy.watch.masking import masked_text
from corsproxy.watch.telling import Verdict, in_words, stopped, verdict, went_wrong

LONGEST_TARGET = 2048


def row(exchange: Exchange) -> dict[str, Any]:
    """What the list shows, and filters by."""
    decision = exchange.decision
    return {
        "id": exchange.id,
        "time": exchange.started,
        "kind": decision.kind.value,
        "method": exchange.method[:LONGEST_ORIGIN],
        "target": masked_text(exchange.target, LONGEST_TARGET),
        "status": exchange.status,
        "ms": round(exchange.seconds * 1000, 1),
        "origin": masked_text(decision.request.origin or "", LONGEST_ORIGIN),
        "verdict": verdict(exchange).value,
        "words": in_words(exchange),
        "reason": decision.refused[0].reason.value if decision.refused else "",
        "failure": exchange.failure,
        "failed": went_wrong(exchange),
        "blocked": blocked(exchange),
    }


def blocked(exchange: Exchange) -> bool:
    """Whether the page does not get what it asked for: refused, or stopped by the browser."""
    return verdict(exchange) is Verdict.REFUSED or stopped(exchange) is not None
