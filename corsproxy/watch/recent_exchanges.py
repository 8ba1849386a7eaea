"""RecentExchanges: the last exchanges, kept in memory for the inspector.

The ring is everybody's queue: a reader holds a number, the count of exchanges it has seen, and
asks for what came after. A reader that falls behind loses the oldest and learns how many; nobody
waits for it, and there is nothing of its own to fill up.

In a flood only some of what was granted is kept. Else a second of it would wash away everything
that somebody may want to look up, and the memory turned over would cost the requests their speed.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from corsproxy.cors.exchange import Exchange
from corsproxy.cors.tally import Tally
from corsproxy.limits import RECENT_MAX_BYTES, RECENT_MAX_EXCHANGES, RECENT_MAX_PER_SECOND
from corsproxy.watch.memory_size import weight
from corsproxy.watch.summary import nothing_to_explain


class News(NamedTuple):
    """What came after a reader's number: at most as many as it asked for, the newest.

    `cursor` is the reader's next number, `missed` how many it will never see by this way.
    """

    exchanges: list[Exchange]
    cursor: int
    missed: int


class RecentExchanges:
    """A ring of exchanges, bounded by number and by bytes."""

    def __init__(
        self, max_exchanges: int = RECENT_MAX_EXCHANGES, max_bytes: int = RECENT_MAX_BYTES
    ) -> None:
        self._max_exchanges = max_exchanges
        self._max_bytes = max_bytes
        self._ring: deque[Exchange] = deque()
        self._bytes = 0
        self._waiting: set[asyncio.Future[None]] = set()
        self._second = self._this_second = 0
        self.total = 0
        """How many exchanges were ever kept: the number of a reader that has seen all."""
        self.skipped = 0
        """How many of floods were not kept."""

    def __call__(self, exchange: Exchange) -> None:
        """Take note of one more exchange; the oldest make room."""
        second = int(exchange.started)
        if second != self._second:
            self._second, self._this_second = second, 0
        self._this_second += 1
        if self._this_second > RECENT_MAX_PER_SECOND and nothing_to_explain(exchange):
            self.skipped += 1
            return
        self._ring.append(exchange)
        self._bytes += weight(exchange)
        self.total += 1
        while self._bytes > self._max_bytes or len(self._ring) > self._max_exchanges:
            self._bytes -= weight(self._ring.popleft())
        if self._waiting:
            self._wake()

    def count(self, tally: Tally) -> None:
        """Take note of exchanges of a flood that are not kept."""
        self.skipped += tally.count

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._ring)

    def __reversed__(self) -> Iterator[Exchange]:
        return reversed(self._ring)

    def __len__(self) -> int:
        return len(self._ring)

    def find(self, id_: str) -> Exchange | None:
        """The exchange with this id, if it is not too long ago."""
        return next((exchange for exchange in reversed(self._ring) if exchange.id == id_), None)

    def since(self, cursor: int, max_exchanges: int) -> News:
        """What came after the first `cursor`: the newest of it, at most so many, oldest first."""
        fresh = self.total - cursor
        taken = min(fresh, len(self._ring), max_exchanges)
        exchanges = list(islice(reversed(self._ring), taken))
        exchanges.reverse()
        return News(exchanges, self.total, fresh - taken)

    async def beyond(self, cursor: int) -> None:
        """Return as soon as there is anything after the first `cursor`."""
        if self.total > cursor:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            await waiter
        finally:
            self._waiting.discard(waiter)

    def _wake(self) -> None:
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        self._waiting.clear()
