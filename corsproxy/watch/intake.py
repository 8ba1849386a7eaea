"""Intake: where a watcher's exchanges wait. Bounded; the oldest are dropped, and counted."""

import asyncio
import contextlib
from collections import deque
from typing import NamedTuple

from corsproxy.cors.exchange import Exchange

MOST_WAITING = 10_000
PAUSE = 0.05
"""Seconds between two batches: a watcher works twenty times a second at most."""


class Batch(NamedTuple):
    """Exchanges in the order in which they finished; `dropped` came before them and are gone."""

    exchanges: list[Exchange]
    dropped: int = 0


class Intake:
    """`put` costs next to nothing; what is made of an exchange is made later, in batches."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        self._queue: deque[Exchange] = deque(maxlen=most)
        self._arrived = asyncio.Event()
        self._put = self._taken = 0

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, exchange: Exchange) -> None:
        """Take note of an exchange."""
        self._queue.append(exchange)
        self._put += 1
        if self._put == self._taken + 1:
            self._arrived.set()

    def take(self, most: int = MOST_WAITING) -> Batch:
        """Take what is here, the oldest first."""
        dropped = self._put - self._taken - len(self._queue)
        exchanges = [self._queue.popleft() for _ in range(min(most, len(self._queue)))]
        self._taken += dropped + len(exchanges)
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
