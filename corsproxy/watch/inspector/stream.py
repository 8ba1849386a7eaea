"""Stream: rows as they come, as server-sent events.

How many exchanges a reader has seen, and how many it knows to be left out, is the id of its last
event; when it comes back it goes on from there. Numbers of another run of the program count from
nothing.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Iterator, Sequence

from corsproxy.cors.exchange import Exchange
from corsproxy.cors.numbers import number
from corsproxy.limits import RECENT_MAX_EXCHANGES
from corsproxy.watch.inspector.rows import Rows
from corsproxy.watch.memory_size import weight
from corsproxy.watch.recent_exchanges import News, RecentExchanges

ROWS_AT_ONCE, MAX_BATCH_BYTES = 100, 1 << 18
"""Exchanges made into rows at a time, and what they may hold: meanwhile nothing else happens."""
EVENT_INTERVAL = 0.25
"""Seconds between two events, so that a flood costs the proxy a known share of its time."""
BETWEEN_BATCHES = 0.02
HEARTBEAT = 15.0


class Stream:
    """Events for every reader; `token` goes out first, as nobody but our own page can read it."""

    def __init__(self, recent: RecentExchanges, token: str) -> None:
        self._recent = recent
        self._token = token
        self._run = secrets.token_hex(4)
        self._row_cache = Rows()

    async def events(self, last_event_id: str) -> AsyncIterator[bytes]:
        """Events without end. Who reads too slowly misses the oldest rows, and is told so."""
        cursor, skipped = self._place(last_event_id)
        hello = self._event("hello", json.dumps({"token": self._token}), cursor, skipped)
        yield b"retry: 1000\n\n" + hello
        backlog = self._recent.since(min(cursor, self._recent.total), RECENT_MAX_EXCHANGES)
        if backlog.exchanges:
            missed = backlog.missed + self._recent.skipped - skipped
            cursor, skipped = backlog.cursor, self._recent.skipped
            async for event in self._rows(backlog, missed, skipped):
                yield event
        while True:
            if not await self._beyond(cursor):
                yield b": still here\n\n"
                continue
            news = self._recent.since(cursor, ROWS_AT_ONCE)
            missed = news.missed + self._recent.skipped - skipped
            cursor, skipped = news.cursor, self._recent.skipped
            async for event in self._rows(news, missed, skipped):
                yield event
            await asyncio.sleep(EVENT_INTERVAL)

    def _place(self, last_event_id: str) -> tuple[int, int]:
        """How many were seen, and how many were known to be left out, in this run."""
        run, _, counts = last_event_id.partition(".")
        if run != self._run:
            return 0, 0
        seen, _, skipped = counts.partition(".")
        return number(seen, self._recent.total) or 0, number(skipped, self._recent.skipped) or 0

    async def _beyond(self, cursor: int) -> bool:
        try:
            async with asyncio.timeout(HEARTBEAT):
                await self._recent.beyond(cursor)
        except TimeoutError:
            return False
        return True

    async def _rows(self, news: News, missed: int, skipped: int) -> AsyncIterator[bytes]:
        """Events of all that is in `news`; the first tells what was `missed` before."""
        cursor = news.cursor - len(news.exchanges)
        for batch in batches(news.exchanges):
            cursor += len(batch)
            rows = ", ".join(map(self._row_cache.json, batch))
            yield self._event("rows", f'{{"rows": [{rows}], "missed": {missed}}}', cursor, skipped)
            missed = 0
            await asyncio.sleep(BETWEEN_BATCHES)

    def _event(self, name: str, data: str, cursor: int, skipped: int) -> bytes:
        text = f"event: {name}\nid: {self._run}.{cursor}.{skipped}\ndata: {data}\n\n"
        return text.encode("ascii")


def batches(exchanges: Sequence[Exchange]) -> Iterator[list[Exchange]]:
    """`exchanges`, cut where a batch would hold up everybody else for too long."""
    batch: list[Exchange] = []
    size = 0
    for exchange in exchanges:
        batch.append(exchange)
        size += weight(exchange)
        if len(batch) >= ROWS_AT_ONCE or size >= MAX_BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
