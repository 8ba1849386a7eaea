"""The response on its way to the client, as raw bytes."""

import asyncio
from typing import Any, cast

from aiohttp import web

from corsproxy.proxy import system
from corsproxy.proxy.http1.chunked import LAST_CHUNK, as_chunk


class ResponseWriter:
    """The response on its way to the client; `seconds` is how long it may take none of it."""

    def __init__(self, request: web.BaseRequest, seconds: float) -> None:
        self._request = request
        self._seconds = seconds
        self.status = 0
        """The status that left; 0 while nothing did."""
        self.head = b""
        self.size = 0
        self.close = not request.keep_alive
        self.ends_by_close = False
        """Whether only the end of the connection tells the client where the content ends."""

    async def start(self, status: int, head: bytes) -> None:
        """Send the head."""
        self.status = status
        self.head = head
        await self._write(head)

    async def send(self, data: bytes, *, rechunked: bool = False) -> None:
        """Send content, framed as the head said; `rechunked` where that is left to us."""
        self.size += len(data)
        await self._write(as_chunk(data) if rechunked else data)

    async def send_last_chunk(self) -> None:
        """End content that was rechunked."""
        await self._write(LAST_CHUNK)

    async def interim(self, head: bytes) -> None:
        """Send a 1xx head."""
        await self._write(head)

    async def _write(self, data: bytes) -> None:
        async with asyncio.timeout(self._seconds):
            await cast("Any", self._request.writer).write(data)

    def abort(self) -> None:
        """End the connection so that what was sent cannot look complete."""
        self.close = True
        transport = self._request.transport
        if transport is not None:
            if self.ends_by_close:
                system.reset_on_close(transport)
            transport.abort()
