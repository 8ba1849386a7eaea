"""The ordinary lane's connection to a client: aiohttp reads, heads and content leave as raw bytes.

aiohttp's writer would re-spell names, drop bytes above 0x7F, add fields and swallow 1xx answers and
trailers. So a handler writes to the connection itself, by `reply.Reply`, and returns a `Written`.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, cast

from aiohttp import EMPTY_PAYLOAD, StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage
from aiohttp.http_exceptions import LineTooLong

from corsproxy.proxy.arrival import complaint, malformed, too_large
from corsproxy.proxy.chunks import ChunkScanner
from corsproxy.proxy.errors import Refusal
from corsproxy.proxy.reply import LAST_CHUNK, as_chunk
from corsproxy.proxy.response_head import Malformed

_HEAD_ENDS = b"\r\n\r\n"


LINGERING_SECONDS = 2.0
"""How long a client gets to read an answer after which its connection ends."""


class TunnelEnd(Protocol):
    """Who gets a client's bytes once its connection is a tunnel."""

    def feed_data(self, data: bytes) -> tuple[bool, bytes]: ...

    def feed_eof(self) -> None: ...


class Written(web.StreamResponse):
    """What a handler returns when everything is on the wire; says whether the connection stays."""

    def __init__(self, *, close: bool) -> None:
        super().__init__()
        self._closes = close

    @property
    def keep_alive(self) -> bool:
        """Whether another request may follow."""
        return not self._closes

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:  # noqa: ARG002
        """Write nothing."""
        return None

    async def write_eof(self, data: Any = b"") -> None:
        """Write nothing."""


class OrdinaryConnection(web.RequestHandler):
    """aiohttp's connection, but for the answers to what is no HTTP and for when they come.

    Data is parsed up to the end of one head at a time, so that a sound request before a malformed
    one is not lost with it, and what is wrong in the middle of content reaches its reader. Chunks
    are followed by our own scanner, as strict as towards upstreams.
    """

    __slots__ = (
        "_answer_unserved",
        "_chunks",
        "_content",
        "_ended",
        "_newest",
        "_seen",
        "tunnel",
    )

    def __init__(
        self,
        manager: web.Server,
        answer_unserved: Callable[[bytes, asyncio.BaseTransport | None, Refusal], bytes],
        **how: Any,
    ) -> None:
        super().__init__(manager, **how)
        self._answer_unserved = answer_unserved
        self._ended = False
        self._content: StreamReader | None = None
        self._chunks: ChunkScanner | None = None
        self._seen = b""  # of the head that has not ended; of content, what may end in one
        self._newest: StreamReader = EMPTY_PAYLOAD  # the content of the last request that began
        self.tunnel: TunnelEnd | None = None

    def data_received(self, data: bytes) -> None:
        """Part of asyncio.Protocol."""
        if not data:
            super().data_received(data)  # aiohttp goes on with what it has held back
        while data and not self._ended:
            data = self._parse(data)

    def _parse(self, data: bytes) -> bytes:
        """Have the next piece of `data` parsed; the rest comes back."""
        if self.tunnel is not None or self._upgraded:
            super().data_received(data)
            return b""
        if self._chunks is not None:
            return self._parse_chunks(self._chunks, data)
        before = len(self._seen)
        seen = self._seen + data
        end = seen.find(_HEAD_ENDS, max(before - 3, 0))
        if end < 0:
            size = len(data)
            if not self._may_go_on(seen):
                return b""
        else:
            size = end + len(_HEAD_ENDS) - before
            self._seen = b""
        known = len(self._messages)
        super().data_received(data[:size])
        if len(self._messages) > known:
            self._look_at(*self._messages[-1], seen[: before + size])
        return data[size:]

    def _may_go_on(self, seen: bytes) -> bool:
        """Bound a head that does not end; aiohttp bounds its lines, and how many there are."""
        if not self._newest.is_eof() or self._buffer_paused:
            self._seen = seen[-3:]  # this is content, or waits for the requests before it
            return True
        self._seen = seen
        if len(seen) <= self.max_line_size:
            return True
        self._fail()
        if self._request_in_progress:
            super().data_received(b"\0")  # what is no HTTP anywhere is answered in its turn
        elif self.transport is not None:
            self.transport.write(self._unserved(None))
            self.half_close()
        return False

    def _look_at(self, message: object, content: StreamReader, head: bytes) -> None:
        """A message has begun, or what came is none."""
        self._newest = content
        if not isinstance(message, RawRequestMessage):
            self._seen = head
            self._fail()
        elif message.chunked and not self._buffer_paused:
            self._chunks = ChunkScanner(verbatim=False)

    def _parse_chunks(self, chunks: ChunkScanner, data: bytes) -> bytes:
        """Give aiohttp chunks without extensions and trailers; it judges some trailers harshly."""
        try:
            passed, beyond = chunks.feed(data)
        except Malformed:
            self._fail()
            return b""
        if passed:
            super().data_received(as_chunk(passed))
        if chunks.done:
            self._chunks = None
            super().data_received(LAST_CHUNK)
        return beyond

    def _fail(self) -> None:
        self._ended = True
        if self._content is not None:
            self.read_from(self._content)

    def read_from(self, content: StreamReader) -> None:
        """`content` is read from now on; it fails where nothing sound can follow any more."""
        self._content = content
        if self._ended and not content.is_eof():
            content.set_exception(web.RequestPayloadError("malformed content"))
            content.feed_eof()  # aiohttp would try to read the rest of it, and log that it failed

    async def linger(self) -> None:
        """Where content was malformed: let the client, who may still send, see the answer."""
        if self._ended and self._content is not None:
            self.half_close()
            await asyncio.sleep(LINGERING_SECONDS)

    def eof_received(self) -> bool | None:  # type: ignore[override] # asyncio lets it return one
        """Part of asyncio.Protocol. In a tunnel the other direction stays open."""
        if self.tunnel is None:
            return None
        self.tunnel.feed_eof()
        return True

    def open_tunnel(self, end: TunnelEnd) -> None:
        """From now on `end` gets what the client sends."""
        self.tunnel = end
        self.set_parser(cast("Any", end))

    def half_close(self) -> None:
        """Send no more; what the client still sends is received."""
        if self.transport is not None and self.transport.can_write_eof():
            self.transport.write_eof()

    def handle_error(
        self,
        request: web.BaseRequest,  # noqa: ARG002
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002
    ) -> web.StreamResponse:
        """The answer to what aiohttp could not read; never its own error page."""
        if status == 500:
            self.log_exception("Unhandled exception", exc_info=exc)
            return Written(close=True)
        if self.transport is not None:
            self.transport.write(self._unserved(exc))
        return Written(close=True)

    def _unserved(self, error: BaseException | None) -> bytes:
        """The answer to what `_seen` is the beginning of; `error` is what aiohttp says of it."""
        return self._answer_unserved(self._seen, self.transport, self._refusal(error))

    def _refusal(self, error: BaseException | None) -> Refusal:
        most = self.max_line_size
        if len(self._seen) > most or isinstance(error, LineTooLong):
            return too_large(len(self._seen.partition(b"\r\n")[0]), most)
        if "Too many headers" in str(getattr(error, "message", "")):
            return Refusal(431, "the request's head has too many fields", close=True)
        return malformed(complaint(self._seen))
