"""PreflightCorrelation: a granted preflight, and the actual request that should follow it.

The server never learns why one does not come: the page went away, the browser refused what the
server had granted, or local network access was denied. That it did not come is worth a line.
"""

from collections import OrderedDict

from corsproxy.cors.exchange import Exchange
from corsproxy.cors.request import Kind
from corsproxy.watch.memory_size import weight

FOLLOW_UP_TIMEOUT = 5.0
"""Seconds; a browser sends the actual request at once."""
MAX_AWAITED = 1000
MAX_AWAITED_BYTES = 4_000_000

PreflightKey = tuple[str | None, str | None, str]


class PreflightCorrelation:
    """The granted preflights whose actual request is still to come. Its clock is the caller's."""

    def __init__(self, patience: float = FOLLOW_UP_TIMEOUT) -> None:
        self._patience = patience
        self._awaited: OrderedDict[PreflightKey, tuple[float, Exchange]] = OrderedDict()
        self._bytes = 0

    @property
    def waiting(self) -> bool:
        """Whether there is any preflight whose request is still to come."""
        return bool(self._awaited)

    def note(self, exchange: Exchange, now: float) -> None:
        """Take note of an exchange that has just finished."""
        if exchange.decision.kind is Kind.PREFLIGHT:
            if exchange.decision.granted:
                self._await(exchange, now)
        elif self._awaited:
            request = exchange.decision.request
            self._drop((request.origin, request.method, exchange.target))

    def forget(self) -> None:
        """Expect nothing any more: what was to come may have come, uncounted."""
        self._awaited.clear()
        self._bytes = 0

    def overdue(self, now: float) -> list[Exchange]:
        """The preflights that were granted long enough ago; each is told once."""
        found = []
        while self._awaited:
            key, (granted_at, exchange) = next(iter(self._awaited.items()))
            if now - granted_at < self._patience:
                break
            self._drop(key)
            found.append(exchange)
        return found

    def _await(self, preflight: Exchange, now: float) -> None:
        key = expected(preflight)
        self._drop(key)
        self._awaited[key] = (now, preflight)
        self._bytes += weight(preflight)
        while len(self._awaited) > MAX_AWAITED or self._bytes > MAX_AWAITED_BYTES:
            self._drop(next(iter(self._awaited)))

    def _drop(self, key: PreflightKey) -> None:
        if (found := self._awaited.pop(key, None)) is not None:
            self._bytes -= weight(found[1])


def expected(preflight: Exchange) -> PreflightKey:
    """What the actual request to a preflight has: origin, method, target."""
    request = preflight.decision.request
    return request.origin, request.requested_method, preflight.target


def follows(preflight: Exchange, actual: Exchange) -> bool:
    """Whether `actual` can be the request that `preflight` asked for."""
    request = actual.decision.request
    key = (request.origin, request.method, actual.target)
    return actual.decision.kind is not Kind.PREFLIGHT and key == expected(preflight)
