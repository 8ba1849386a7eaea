"""ExchangeQueue: where a watcher's exchanges wait. Bounded; the oldest are dropped, and counted."""

import asyncio
import contextlib
from collections import deque
from typing import NamedTuple

from corsproxy.cors.exchange import Exchange
from corsproxy.limits import QUEUE_MAX_BYTES, QUEUE_MAX_EXCHANGES
from corsproxy.watch.memory_size import weight

BATCH_INTERVAL = 0.05
"""Seconds between two batches: a watcher works twenty times a second at most."""


class Batch(NamedTuple):
    """Exchanges in the order in which they finished; `dropped` came before them and are gone."""

    exchanges: list[Exchange]
    dropped: int = 0


class ExchangeQueue:
    """`put` costs next to nothing; what is made of an exchange is made later, in batches."""

    def __init__(
        self, max_exchanges: int = QUEUE_MAX_EXCHANGES, max_bytes: int = QUEUE_MAX_BYTES
    ) -> None:
        self._queue: deque[Exchange] = deque()
        self._max_exchanges = max_exchanges
        self._max_bytes = max_bytes
        self._arrived = asyncio.Event()
        self._bytes = self._dropped = 0

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, exchange: Exchange) -> None:
        """Take note of an exchange."""
        queue = self._queue
        queue.append(exchange)
        self._bytes += weight(exchange)
        if len(queue) == 1:
            self._arrived.set()
        elif len(queue) > self._max_exchanges or self._bytes > self._max_bytes:
            self._make_room()

    def take(
        self, max_exchanges: int = QUEUE_MAX_EXCHANGES, max_bytes: int = QUEUE_MAX_BYTES
    ) -> Batch:
        """Take what is here, the oldest first: at most so many, and about so many bytes."""
        exchanges: list[Exchange] = []
        leave = self._bytes - max_bytes
        while (
            self._queue
            and len(exchanges) < max_exchanges
            and (self._bytes > leave or not exchanges)
        ):
            exchanges.append(self._next())
        dropped, self._dropped = self._dropped, 0
        if not self._queue:
            self._arrived.clear()
        return Batch(exchanges, dropped)

    def nudge(self) -> None:
        """Let whoever waits look at its clock."""
        self._arrived.set()

    async def wait(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - not an error
        """Return when there is something to take, or after `timeout` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):  # wait_for can lose a cancellation (3.11)
                await self._arrived.wait()

    def _make_room(self) -> None:
        queue = self._queue
        while len(queue) > self._max_exchanges or (
            self._bytes > self._max_bytes and len(queue) > 1
        ):
            self._next()
            self._dropped += 1

    def _next(self) -> Exchange:
        exchange = self._queue.popleft()
        self._bytes -= weight(exchange)
        return exchange
