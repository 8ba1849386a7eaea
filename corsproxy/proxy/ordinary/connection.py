"""The ordinary lane's connection to a client: aiohttp serves, heads and content are raw bytes.

aiohttp's parser would refuse methods that it does not know and headers that come twice; its writer
would re-spell names, drop bytes above 0x7F, add headers and swallow 1xx responses and trailers. So
each head is read by `request_head` alone, and a handler writes to the connection itself, by
`response_writer.ResponseWriter`, and returns a `Written`.

The states of a connection, by what is set, and what becomes of bytes in each:

    state      set             bytes of the client                ends by
    -----      ---             -------------------                -------
    idle       nothing         a head (_held until it is whole)   a request; 75 s; giving way
    content    _begun, _left   given to aiohttp, and by it to     its last byte; the handler
               or _chunks      the handler
    response   _begun          held for the next request; beyond  the handler's end
                               MAX_HELD_BYTES none are read
    tunnel     tunnel          its own, a TunnelEnd's             either side
    lingering  _begun, _left   read by aiohttp, and dropped       its last byte; 5 s
               or _chunks
    ended      _ended          dropped: nothing sound can follow  the lingering's end

The alternative, one's own server in place of aiohttp's, was not taken: its tasks, cancellation,
timers and lingering are proved, and this lane need not be fast.
"""

import asyncio
import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol, cast

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter

from corsproxy.limits import LINGERING_TIME_AFTER_ERROR, MAX_HELD_BYTES
from corsproxy.proxy.http1 import request_head
from corsproxy.proxy.http1.chunked import CHUNKED, LAST_CHUNK, ChunkScanner, as_chunk
from corsproxy.proxy.http1.incoming_request import Incoming
from corsproxy.proxy.http1.refusals import Refusal
from corsproxy.proxy.http1.request_head import RequestHead
from corsproxy.proxy.http1.response_head import Malformed

_HEAD_ENDS = b"\r\n\r\n"
_EMPTY_LINES = re.compile(rb"(?:\r\n)++")
"""A server should ignore these before a request (RFC 9112, 2.2)."""

_REFUSED = RequestHead(Incoming("GET", "/", (), ""), 0, closes=True)


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
    """aiohttp's connection, given one request at a time, with a head of our own making.

    The head that came is kept in `incoming`, or in `refusal` why it could not be read; aiohttp
    gets a stand-in that says where the content ends and whether the connection goes on, and nothing
    else. So nothing is refused there. No request is begun before the response to the one before it
    is out: what comes early is held, and belongs to a tunnel if that response opens one.

    Chunks are followed by our own scanner, as strict as towards upstreams.
    """

    __slots__ = (
        "_begun",
        "_chunks",
        "_content",
        "_ended",
        "_full",
        "_held",
        "_known",
        "_left",
        "_max_head_bytes",
        "_open",
        "_response_unserved",
        "_since",
        "incoming",
        "length",
        "refusal",
        "tunnel",
    )

    def __init__(
        self,
        manager: web.Server,
        response_unserved: Callable[[bytes, asyncio.BaseTransport | None, Refusal], bytes],
        *,
        max_head_bytes: int,
        **how: Any,
    ) -> None:
        super().__init__(manager, **how)
        self._response_unserved = response_unserved
        self._max_head_bytes = max_head_bytes
        self._begun = False  # a request is under way, whose response is not out
        self._since = time.monotonic()  # or none is, for so long
        self._open = cast("asyncio.Transport", None)  # aiohttp forgets it before it is closed
        self._left = 0  # bytes of its content still to come
        self._chunks: ChunkScanner | None = None  # or its chunks
        self._content: StreamReader | None = None
        self._ended = False  # nothing sound can follow
        self._held = b""  # what is behind it, or a head that has not ended
        self._known = 0  # bytes of that head that were looked at
        self._full = False
        self.incoming = _REFUSED.incoming
        """The head of the request that is served; of no use where `refusal` is not None."""
        self.length = 0
        """Bytes of content that this head announces; CHUNKED where chunks tell."""
        self.refusal: Refusal | None = None
        self.tunnel: TunnelEnd | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._open = cast("asyncio.Transport", transport)
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if not data or self.tunnel is not None:
            super().data_received(data)  # with no data, aiohttp goes on with what it has held back
            return
        if self._ended:
            return
        data = self._held + data
        self._held = b""
        while data and not self._ended:
            if self._chunks is not None:
                data = self._pass_chunks(self._chunks, data)
            elif self._left:
                data = self._pass_content(data)
            elif self._begun:
                self._hold(data)
                return
            else:
                data = self._begin(data)

    def _hold(self, data: bytes) -> None:
        self._held = data
        if len(data) > MAX_HELD_BYTES:
            self._full = True
            self._pause(paused=True)

    def _begin(self, data: bytes) -> bytes:
        """Read the head that `data` begins with; what is behind it comes back."""
        if data.startswith(b"\r\n"):
            data, self._known = _EMPTY_LINES.sub(b"", data, count=1), 0
        end = data.find(_HEAD_ENDS, max(self._known - 3, 0)) + len(_HEAD_ENDS)
        try:
            if end < len(_HEAD_ENDS):
                request_head.check_beginning(data, self._known, self._max_head_bytes)
                self._held, self._known = data, len(data)
                return b""
            head = request_head.read(data[:end], self._max_head_bytes)
        except Refusal as refusal:
            self.refusal, self._ended = refusal, True
            self._held = data if end < len(_HEAD_ENDS) else data[:end]
            head = _REFUSED
        self._known = 0
        self._begun = True
        self.incoming, self.length = head.incoming, head.length
        self._content = None
        self._left = max(head.length, 0)
        self._chunks = ChunkScanner(verbatim=False) if head.length == CHUNKED else None
        super().data_received(head.stand_in)
        return data[end:]

    def _pass_content(self, data: bytes) -> bytes:
        passed, beyond = data[: self._left], data[self._left :]
        self._left -= len(passed)
        super().data_received(passed)
        return beyond

    def _pass_chunks(self, chunks: ChunkScanner, data: bytes) -> bytes:
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

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """The response is out. The next request may begin."""
        finished = await super().finish_response(request, resp, start_time)
        self._begun = False
        self._since = time.monotonic()
        if resp.keep_alive and self.tunnel is None:
            self._release(self.data_received)
        elif self._left or self._chunks is not None:
            self._begun = True  # aiohttp reads what still comes, for a while; no request follows
            self.half_close()
        else:
            self._ended = True
        return finished

    def _release(self, take: Callable[[bytes], object]) -> None:
        """Read on, and let `take` have what was held."""
        held, self._held = self._held, b""
        if self._full:
            # Before anything is taken: whoever takes it may have to pause the client again.
            self._full = False
            self._pause(paused=False)
        if held:
            take(held)

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
        """Where nothing sound can follow: let the client, who may still send, see the response."""
        if self._ended:
            self.half_close()
            await asyncio.sleep(LINGERING_TIME_AFTER_ERROR)

    async def turn_away(self) -> Written:
        """Respond with `refusal` to a head that cannot be read; the connection ends."""
        assert self.refusal is not None
        if self.transport is not None:
            self.transport.write(self._response_unserved(self._held, self.transport, self.refusal))
            self._held = b""
        await self.linger()
        return Written(close=True)

    def eof_received(self) -> bool | None:  # type: ignore[override] # asyncio lets it return one
        """In a tunnel the other direction stays open, but over TLS."""
        if self.tunnel is None:
            return None
        self.tunnel.feed_eof()
        return self._open.can_write_eof()

    def open_tunnel(self, end: TunnelEnd) -> None:
        """From now on `end` gets what the client sends."""
        self.tunnel = end
        self.set_parser(cast("Any", end))
        self._release(end.feed_data)

    def pause_reading(self) -> None:
        """Whoever gets the content, or the tunnel's bytes, has enough of them."""
        if self.tunnel is None:
            super().pause_reading()
        else:  # aiohttp's parser has no part in it
            self._pause(paused=True)

    def resume_reading(self, resume_parser: bool = True) -> None:
        if self.tunnel is None:
            super().resume_reading(resume_parser)
        else:
            self._pause(paused=False)

    def _pause(self, *, paused: bool) -> None:
        if self.transport is not None:
            with suppress(RuntimeError):  # it is so already, or closing
                (self.transport.pause_reading if paused else self.transport.resume_reading)()

    def idle_for(self) -> float:
        """Half a head is nothing yet, however slowly it comes."""
        return 0.0 if self._begun else time.monotonic() - self._since

    def give_way(self) -> None:
        """What the client has not taken by now it does not get any more."""
        if self._open.get_write_buffer_size():
            self._open.abort()
        else:
            self._open.close()

    def half_close(self) -> bool:
        """Send no more; what the client still sends is received. False over TLS: it cannot be."""
        if self.transport is None or not self.transport.can_write_eof():
            return False
        self.transport.write_eof()
        return True

    def handle_error(
        self,
        request: web.BaseRequest,  # noqa: ARG002
        status: int = 500,  # noqa: ARG002
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002
    ) -> web.StreamResponse:
        """What a handler failed with: a fault of ours. Never aiohttp's own error page."""
        self.log_exception("Unhandled exception", exc_info=exc)
        return Written(close=True)
