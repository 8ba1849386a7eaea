"""Rows: an exchange as one line of the inspector's list."""

import json
from typing import Any

from corsproxy.cors.exchange import Exchange
from corsproxy.cors.masking import masked_text
from corsproxy.cors.origin import MAX_ORIGIN_LENGTH
from corsproxy.watch.message_head import parse_head
from corsproxy.watch.request_ids import request_ids
from corsproxy.watch.summary import (
    PolicyVerdict,
    in_words,
    loses_cookie,
    stopped,
    verdict,
    went_wrong,
)

MAX_TARGET_LENGTH = 2048

MAX_NAMES = 60
"""Of headers, by which a row is found."""

MAX_CACHED_BYTES = 8_000_000
"""Of rows that are kept: more than ten thousand ordinary ones."""


class Rows:
    """Rows as JSON, each made once for however many readers.

    Bounded in bytes: the one that was made first is forgotten first, and made anew when asked for.
    """

    def __init__(self, max_bytes: int = MAX_CACHED_BYTES) -> None:
        self._cache: dict[str, str] = {}
        self._bytes = 0
        self._max_bytes = max_bytes

    def json(self, exchange: Exchange) -> str:
        """The row of `exchange`, ASCII alone."""
        key = f"{exchange.id} open" if exchange.open else exchange.id
        text = self._cache.get(key)
        if text is None:
            text = self._cache[key] = json.dumps(row(exchange))
            self._bytes += len(text)
            while self._bytes > self._max_bytes:
                self._bytes -= len(self._cache.pop(next(iter(self._cache))))
        return text


def row(exchange: Exchange) -> dict[str, Any]:
    """What the list shows, and filters by."""
    decision = exchange.decision
    return {
        "id": exchange.id,
        "ids": " ".join(request_ids(exchange).given.values()),
        "time": exchange.started,
        "kind": decision.kind.value,
        "method": exchange.method[:MAX_ORIGIN_LENGTH],
        "target": masked_text(exchange.target, MAX_TARGET_LENGTH),
        "status": exchange.status,
        "ms": round(exchange.seconds * 1000, 1),
        "request_bytes": exchange.request_size,
        "response_bytes": exchange.response_size,
        "names": header_names(exchange),
        "origin": masked_text(decision.request.origin or "", MAX_ORIGIN_LENGTH),
        "verdict": verdict(exchange).value,
        "words": in_words(exchange),
        "reason": decision.refused[0].reason.value if decision.refused else "",
        "failure": exchange.failure,
        "failed": went_wrong(exchange),
        "upstream": exchange.upstream_failed,
        "open": exchange.open,
        "loses_cookie": loses_cookie(exchange),
        "blocked": blocked(exchange),
    }


def header_names(exchange: Exchange) -> list[str]:
    """Names of the headers of both heads, as they are searched for: lower case, each once."""
    names: dict[str, None] = {}
    for head in (exchange.request_head, exchange.response_head):
        names.update((name.lower(), None) for name, _ in parse_head(head).headers)
    return [masked_text(name, MAX_ORIGIN_LENGTH) for name in list(names)[:MAX_NAMES]]


def blocked(exchange: Exchange) -> bool:
    """Whether the page does not get what it asked for: refused, or stopped by the browser."""
    return verdict(exchange) is PolicyVerdict.REFUSED or stopped(exchange) is not None
