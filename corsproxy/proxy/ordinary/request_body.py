"""A request's content on its way to the upstream, within its limits."""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from corsproxy.config.settings import Config
from corsproxy.cors.headers import joined
from corsproxy.limits import MAX_BUFFERED_CONTENT, MAX_BUFFERED_CONTENTS
from corsproxy.proxy.http1.chunked import CHUNKED, LAST_CHUNK, as_chunk
from corsproxy.proxy.http1.incoming_request import Incoming
from corsproxy.proxy.http1.refusals import Refusal, malformed
from corsproxy.proxy.ordinary.connection import OrdinaryConnection
from corsproxy.proxy.ordinary.response_writer import ResponseWriter


class ContentBudget:
    """Bytes of content that all requests may keep at once."""

    def __init__(self, size: int = MAX_BUFFERED_CONTENTS) -> None:
        self._left = size

    def take(self, size: int) -> bool:
        """Keep so many more; False where there is no room for them."""
        if size > self._left:
            return False
        self._left -= size
        return True

    def give_back(self, size: int) -> None:
        """They are kept no more."""
        self._left += size


class RequestBody:
    """The content of one request; iterating over it gives what the upstream gets.

    Raises Refusal, also from within the iteration: content too large, broken, or not coming.
    """

    def __init__(
        self,
        request: web.BaseRequest,
        connection: OrdinaryConnection,
        writer: ResponseWriter,
        config: Config,
    ) -> None:
        self._request = request
        self._connection = connection
        self._writer = writer
        self._max_bytes = config.limits.body_bytes
        self._idle = config.timeouts.idle
        self.size = 0
        self.owed = connection.length
        """Bytes that the head announces; CHUNKED where it announces chunks."""
        self.chunked = self.owed == CHUNKED
        self._whole: bytes | None = None
        self._kept = 0
        self._budget: ContentBudget | None = None
        self.awaits_100 = False
        """Whether no response has begun and the client may be waiting for a 100 (Continue)."""

    @property
    def expected(self) -> bool:
        """Whether the request has content."""
        return self._request.body_exists

    @property
    def complete(self) -> bool:
        """Whether the request was read to its end; what is left would be the next request's."""
        return not self.expected or self._request.content.is_eof()

    def check(self, incoming: Incoming) -> None:
        """Raise Refusal for content that is not to come."""
        if self._max_bytes is not None and self.owed > self._max_bytes:
            raise _too_large(self._max_bytes)
        expect = joined(incoming.fields, "Expect")
        if expect is not None and incoming.version != "1.0":
            if expect.lower() != "100-continue":
                raise Refusal(417, "the only expectation met here is 100-continue", close=True)
            self.awaits_100 = self.expected

    async def measure(self, budget: ContentBudget) -> int:
        """Read all of chunked content, and say how long it is: then it goes out in one piece.

        What is kept of it is taken from `budget` until `release`.

        For upstreams that know no chunks (RFC 9112, 6.1: "A client MUST NOT send a request
        containing Transfer-Encoding unless it knows the server will handle HTTP/1.1 requests").
        """
        self.chunked = False
        self._budget = budget
        pieces = []
        async for data in self:
            pieces.append(data)
            if self.size > MAX_BUFFERED_CONTENT or not budget.take(len(data)):
                message = (
                    "the upstream speaks HTTP/1.0, and so has to be told the length of content:"
                    f" send Content-Length, or no more than {MAX_BUFFERED_CONTENT} bytes in chunks"
                )
                raise Refusal(411, message, close=True)
            self._kept += len(data)
        self._whole = b"".join(pieces)
        self.owed = len(self._whole)
        return self.owed

    def release(self) -> None:
        """Nothing of it is kept any more."""
        if self._budget is not None:
            self._budget.give_back(self._kept)
            self._budget = None
        self._whole = b""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The content as it comes, framed as it came; sends 100 (Continue) where it is awaited."""
        if self._whole is not None:
            yield self._whole
            return
        stream = self._request.content
        self._connection.read_from(stream)
        if self.awaits_100 and not stream.total_bytes:
            await self._writer.interim(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.awaits_100 = False
        while data := await self._next():
            self.size += len(data)
            if self._max_bytes is not None and self.size > self._max_bytes:
                raise _too_large(self._max_bytes)
            yield as_chunk(data) if self.chunked else data
        if self.chunked:
            yield LAST_CHUNK

    async def _next(self) -> bytes:
        try:
            async with asyncio.timeout(self._idle):
                return await self._request.content.readany()
        except TimeoutError:
            message = "the client sent nothing more of its content"
            raise Refusal(408, message, close=True) from None
        except web.RequestPayloadError:
            raise malformed("the content's framing is broken") from None


def _too_large(max_bytes: int) -> Refusal:
    return Refusal(413, f"the content is larger than {max_bytes} bytes", close=True)
