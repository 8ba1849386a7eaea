"""UpstreamResponse: a response as it comes; the ordinary lane's way to use a Connection."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

from corsproxy.limits import MAX_WAITING_BYTES
from corsproxy.proxy.http1.response_head import ResponseHead
from corsproxy.proxy.upstream.connection import Connection, repeatable
from corsproxy.proxy.upstream.failure import UpstreamFailure
from corsproxy.proxy.upstream.pool import UpstreamPool

MAX_INTERIM = 64
"""Interim heads that may wait before the upstream is paused."""

OnInterim = Callable[[ResponseHead], Awaitable[None]]


class UpstreamRequest(NamedTuple):
    """What Connection.start gets of it, whatever connection that may be."""

    method: str
    head: bytes
    owed: int
    verbatim: bool
    tunnel: bool


class UpstreamResponse:
    """A response as it comes: await `head()`, then iterate for the content.

    Raises UpstreamFailure from either. After a 101 it is a tunnel: `write`, `drain`, `half_close`.
    """

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._news = asyncio.Event()
        self._interim: deque[ResponseHead] = deque()
        self._head: ResponseHead | None = None
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._complete = False
        self._error: Exception | None = None
        self._writable = asyncio.Event()
        self._writable.set()

    async def head(self, on_interim: OnInterim | None = None) -> ResponseHead:
        """The final head; `on_interim` gets each 1xx before it."""
        while True:
            while self._interim:
                interim = self._interim.popleft()
                if on_interim is not None:
                    await on_interim(interim)
                if not self._interim and self._connection is not None:
                    self._connection.resume_reading()
            if self._head is not None:
                return self._head
            await self._something()

    def check(self) -> None:
        """Raise what has ended the response before any content: an error can still be sent."""
        if self._error is not None and not self._waiting:
            raise self._error

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while not self._waiting:
            if self._complete:
                raise StopAsyncIteration
            await self._something()
        data = self._waiting.popleft() if len(self._waiting) == 1 else self._all_waiting()
        self._size -= len(data)
        if self._connection is not None and not self._complete:
            self._connection.resume_reading()
        return data

    def _all_waiting(self) -> bytes:
        data = b"".join(self._waiting)
        self._waiting.clear()
        return data

    async def _something(self) -> None:
        if self._error is not None:
            raise self._error
        self._news.clear()
        await self._news.wait()

    def write(self, data: bytes) -> None:
        """Send to the upstream; `drain` afterwards."""
        if self._connection is not None:
            self._connection.write(data)

    async def drain(self) -> None:
        """Wait until the upstream takes more."""
        await self._writable.wait()

    def half_close(self) -> None:
        """The client sends no more through the tunnel."""
        if self._connection is not None:
            self._connection.half_close()

    def finish(self) -> None:
        """The request's content is out."""
        if self._connection is not None:
            self._connection.finish()

    def start(self, connection: Connection, request: UpstreamRequest) -> None:
        """Send the request on `connection`."""
        self._connection = connection
        method, head, owed, verbatim, tunnel = request
        connection.start(method, head, self, owed=owed, verbatim=verbatim, tunnel=tunnel)

    def stop(self, error: Exception | None = None) -> None:
        """Leave the rest; a response that is not complete costs its connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.abort()
        if error is not None:
            self._fail(error)

    @property
    def connected(self) -> bool:
        """Whether the exchange is under way; a complete response has no connection any more."""
        return self._connection is not None

    # The Receiver.

    def on_interim(self, head: ResponseHead) -> None:
        self._interim.append(head)
        if len(self._interim) == MAX_INTERIM and self._connection is not None:
            self._connection.pause_reading()
        self._news.set()

    def on_head(self, head: ResponseHead) -> None:
        self._head = head
        self._news.set()

    def on_whole(self, head: ResponseHead, content: bytes) -> None:
        self._connection = None
        self.on_head(head)
        if content:
            self.on_data(content)
        self.on_end()

    def on_more(self) -> None:
        """Nothing to do: `on_data` has woken the reader already."""

    def on_data(self, data: bytes) -> None:
        self._waiting.append(data)
        self._size += len(data)
        if self._size > MAX_WAITING_BYTES and self._connection is not None:
            self._connection.pause_reading()
        self._news.set()

    def on_end(self) -> None:
        """A tunnel's connection is still needed for the other direction."""
        self._complete = True
        if self._head is None or self._head.status != 101:
            self._connection = None
        self._writable.set()
        self._news.set()

    def on_failure(self, failure: UpstreamFailure) -> None:
        self._connection = None
        self._fail(failure)

    def _fail(self, error: Exception) -> None:
        if self._error is None:
            self._error = error
        self._writable.set()
        self._news.set()

    def on_blocked(self) -> None:
        self._writable.clear()

    def on_writable(self) -> None:
        self._writable.set()


@asynccontextmanager
async def exchange(
    upstream: UpstreamPool,
    method: str,
    head: bytes,
    content: AsyncIterable[bytes] | None = None,
    *,
    owed: int = 0,
    verbatim: bool = True,
    tunnel: bool = False,
    on_interim: OnInterim | None = None,
) -> AsyncIterator[tuple[ResponseHead, UpstreamResponse]]:
    """Send a request, give its response; whatever is left of it is given up at the end.

    `content` is what goes on the wire, framed as `head` says, `owed` how much of it there is, as
    for Connection.start. It is sent while the response is awaited and read, so that an early
    response is heard. What it raises, the response raises. A request without content that met a
    stale connection is sent once more, on a new one.
    """
    response = UpstreamResponse()
    request = UpstreamRequest(method, head, owed, verbatim, tunnel)
    pooled = upstream.idle(repeatable=repeatable(method, owed))
    response.start(pooled or await upstream.connect(), request)
    sending = None if content is None else asyncio.create_task(_send(response, content))
    try:
        try:
            final = await response.head(on_interim)
        except UpstreamFailure as failure:
            if not failure.stale:
                raise
            response = UpstreamResponse()
            response.start(await upstream.connect(), request)
            final = await response.head(on_interim)
        upstream.speaks_http10 = final.raw.startswith(b"HTTP/1.0")
        yield final, response
    finally:
        if sending is not None:
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sending
        response.stop()


async def _send(response: UpstreamResponse, content: AsyncIterable[bytes]) -> None:
    try:
        async for data in content:
            if not response.connected:
                return  # the response is complete, or will not come: the rest has no use
            response.write(data)
            await response.drain()
        response.finish()
    except Exception as error:  # noqa: BLE001 - raised again where the response is awaited
        response.stop(error)
