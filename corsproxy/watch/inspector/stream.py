"""Stream: rows as they come, as server-sent events.

A reader's number of seen exchanges is the id of its last event; when it comes back it goes on from
there. Numbers of another run of the program count from nothing.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from typing import Any

from corsproxy.cors.digits import number
from corsproxy.cors.exchange import Exchange
from corsproxy.watch.inspector.rows import row
from corsproxy.watch.recent import MOST_EXCHANGES, Recent

ROWS_AT_ONCE = 100
PAUSE = 0.25
"""Seconds between two events, so that a flood costs the proxy a known share of its time."""
BETWEEN_BATCHES = 0.02
HEARTBEAT = 15.0


class Stream:
    """Events for every reader; `token` goes out first, as nobody but our own page can read it."""

    def __init__(self, recent: Recent, token: str) -> None:
        self._recent = recent
        self._token = token
        self._run = secrets.token_hex(4)

    async def events(self, last_event_id: str) -> AsyncIterator[bytes]:
        """Events without end. Who reads too slowly misses the oldest rows, and is told so."""
        run, _, count = last_event_id.partition(".")
        seen = number(count, self._recent.total) or 0 if run == self._run else 0
        yield b"retry: 1000\n\n" + self._event("hello", {"token": self._token}, seen)
        backlog = self._recent.since(min(seen, self._recent.total), MOST_EXCHANGES)
        waiting, seen = backlog.exchanges, backlog.seen - len(backlog.exchanges)
        skipped = self._recent.skipped
        while waiting:
            batch, waiting = waiting[:ROWS_AT_ONCE], waiting[ROWS_AT_ONCE:]
            seen += len(batch)
            yield self._rows(batch, seen)
            await asyncio.sleep(BETWEEN_BATCHES)
        while True:
            if not await self._beyond(seen):
                yield b": still here\n\n"
                continue
            news = self._recent.since(seen, ROWS_AT_ONCE)
            missed = news.missed + self._recent.skipped - skipped
            seen, skipped = news.seen, self._recent.skipped
            yield self._rows(news.exchanges, seen, missed)
            await asyncio.sleep(PAUSE)

    async def _beyond(self, seen: int) -> bool:
        try:
            async with asyncio.timeout(HEARTBEAT):
                await self._recent.beyond(seen)
        except TimeoutError:
            return False
        return True

    def _rows(self, exchanges: list[Exchange], seen: int, missed: int = 0) -> bytes:
        rows = [row(exchange) for exchange in exchanges]
        return self._event("rows", {"rows": rows, "missed": missed}, seen)

    def _event(self, name: str, data: Any, seen: int) -> bytes:
        text = f"event: {name}\nid: {self._run}.{seen}\ndata: {json.dumps(data)}\n\n"
        return text.encode("ascii")
