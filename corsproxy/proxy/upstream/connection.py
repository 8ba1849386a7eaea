"""One connection to an upstream: a request out, its response in, piece by piece as it comes.

The same for both lanes: each is a Receiver. `response_reader` says how a response is read.

**When a connection may be used again.** A request whose content was announced and not sent to its
end would have the next request's head read as content: another client's request would be swallowed,
or one hidden in content be served (RFC 9112, 11.2). So the connection counts what it owes, in
`_owed`, and goes back to the pool only where that is nothing, and where nothing says that the
upstream did not read it all: a status of 400 and above to a request with content, `Connection:
close`, bytes still unsent when the response was complete, a write that failed.
"""

import asyncio
import ssl
from typing import cast

from corsproxy.proxy import system
from corsproxy.proxy.http1.chunked import CHUNKED
from corsproxy.proxy.http1.response_head import Framing, Malformed
from corsproxy.proxy.upstream.failure import UpstreamFailure
from corsproxy.proxy.upstream.receiver import Owner, Receiver
from corsproxy.proxy.upstream.response_reader import ResponseReader

TOGETHER = 16384
"""Up to here it is cheaper to copy a head and its content into one piece."""

MAX_UNREAD = 1 << 20
"""Bytes that are still read of a response after writing has failed."""

_HTTP1 = b"HTTP/1."
_GREETING = 64
"""Bytes of a greeting that are kept: no more of it is told."""

_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})
"""RFC 9110, 9.2.2: asking twice is asking once."""


def repeatable(method: str, content: object) -> bool:
    """Whether a request may be sent once more; `content` is true where it has any, now gone."""
    return not content and method in _IDEMPOTENT


def write_together(transport: asyncio.Transport, head: bytes, content: bytes) -> None:
    """Write both in one call of the system, if the transport knows how."""
    if len(content) < TOGETHER:
        transport.write(head + content if content else head)
    else:
        transport.writelines((head, content))


class Connection(asyncio.Protocol):
    """A connection that carries one exchange at a time.

    `idle_ticks` is counted up by the upstream's sweep and set to 0 by whatever moves.
    """

    __slots__ = (
        "_greeting",
        "_owed",
        "_owner",
        "_reader",
        "_repeatable",
        "_transport",
        "_with_content",
        "blocked",
        "idle_ticks",
        "idle_timeout",
        "paused",
        "reused",
    )

    def __init__(self, owner: Owner["Connection"]) -> None:
        self._owner = owner
        self._reader = ResponseReader(self, owner.max_head)
        self._transport: asyncio.Transport = cast("asyncio.Transport", None)
        self._repeatable = self._with_content = False  # the request is so
        self._owed = 0  # bytes announced and not yet written; CHUNKED before the last chunk
        self._greeting = b""  # what came before the first request, where it is no HTTP/1
        self.paused = self.blocked = self.reused = False
        self.idle_ticks = 0
        self.idle_timeout = 0.0
        """Seconds for which the connection may be idle and then be used; 0 where it may not."""

    @property
    def busy(self) -> bool:
        """Whether an exchange is under way."""
        return self._reader.receiver is not None

    def overdue(self) -> str | None:
        """Which timeout runs: "idle", "head", or None while the silence is not the upstream's."""
        framing = self._reader.framing
        if self.paused or framing is Framing.TUNNEL:  # `tunnel` has a clock of its own
            return None
        if framing is not None or self.blocked:
            return "idle"
        return None if self._owed else "head"

    def start(
        self,
        method: str,
        head: bytes,
        receiver: Receiver,
        content: bytes = b"",
        *,
        verbatim: bool = True,
        owed: int = 0,
        tunnel: bool = False,
    ) -> None:
        """Send a request, with the `content` there is of it.

        `owed` is how many bytes the head announces beyond that, which follow by `write`; CHUNKED
        for chunks, whose end `finish` marks.

        Only where `tunnel` says that the head asks for an upgrade may the response be a 101.
        """
        with_content = self._with_content = bool(content or owed)
        self._repeatable = repeatable(method, with_content)
        self._reader.begin(receiver, method, with_content, verbatim, tunnel)
        self._owed = owed
        self.idle_ticks = 0
        write_together(self._transport, head, content)
        if self._greeting:
            asyncio.get_running_loop().call_soon(self.data_received, self._greeting)
        elif self._transport.is_closing():  # it may have ended already, and nobody says so twice
            asyncio.get_running_loop().call_soon(self.fail, "closed")

    def write(self, data: bytes) -> None:
        """Send content, framed as the head said; or a tunnel's bytes."""
        self.idle_ticks = 0
        if self._owed > 0:
            self._owed -= len(data)
        self._transport.write(data)

    def finish(self) -> None:
        """The last chunk is written."""
        if self._owed == CHUNKED:
            self._owed = 0
        self.idle_ticks = 0

    def half_close(self) -> None:
        """Send no more through a tunnel; what still comes is received."""
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def abort(self) -> None:
        """Forget the exchange and the connection."""
        self._reader.stop()
        self._transport.abort()

    def close(self) -> None:
        """End the connection: politely when nothing is left to say."""
        if not self._owed:
            self._transport.close()
        else:
            self._transport.abort()

    def pause_reading(self) -> None:
        """Take nothing in until `resume_reading`."""
        if not self.paused:
            self.paused = True
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Undo `pause_reading`."""
        if self.paused:
            self.paused = False
            self.idle_ticks = 0
            self._transport.resume_reading()

    def fail(self, cause: str, detail: object = "") -> None:
        """End the exchange, and the connection, by that failure."""
        self._end_by(UpstreamFailure(cause, self._owner.address, detail))

    def _end_by(self, failure: UpstreamFailure) -> None:
        cause, receiver = failure.id, self._reader.stop()
        self._transport.abort()
        if receiver is None:
            return
        early = cause in ("closed", "reset") and not self._reader.started
        failure.stale = early and self.reused and self._repeatable
        receiver.on_failure(failure)

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._owner.opened(self)

    def data_received(self, data: bytes) -> None:
        """Half a head, or an interim one, is not what is waited for."""
        reader = self._reader
        try:
            reader.read(data)
        except Malformed as problem:
            self.fail("malformed", problem)
        if reader.framing is not None:
            self.idle_ticks = 0

    def eof_received(self) -> bool:
        """A tunnel's other direction stays open."""
        reader = self._reader
        if reader.receiver is None:
            self._owner.lost(self)
            return False
        if reader.framing is Framing.CLOSE:
            reader.end()
        elif reader.framing is Framing.TUNNEL:
            reader.receiver.on_end()
            return True
        else:
            self.fail("truncated" if reader.started else "closed")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """A reset ends no content, even where a close would."""
        if exc is not None and self.busy:
            self._read_the_rest()
        self._owner.lost(self)
        if isinstance(exc, ssl.SSLError) and not self._reader.started:
            # TLS 1.3 tells only after the handshake that a certificate is wanted (RFC 8446, 4.4.2).
            self._end_by(UpstreamFailure.of_tls(exc, self._owner.address))
        elif self._reader.started:
            self.fail("truncated")
        else:
            self.fail("closed" if exc is None else "reset")

    def _read_the_rest(self) -> None:
        """Read what the upstream said before it stopped reading (RFC 9112, 9.5 and 9.6).

        A write fails at once where the upstream has refused the content and closed; its response
        may be here all the same, unread. Whether the connection then ended in order or was reset,
        cannot be known any more, so this completes no content that only the end would.
        """
        self._owed = CHUNKED  # for ever: whatever the response says, nothing follows on this one
        for data in system.received(self._transport, MAX_UNREAD):
            self.data_received(data)
            if not self.busy:
                return

    def pause_writing(self) -> None:
        self.blocked = True
        if self._reader.receiver is not None:
            self._reader.receiver.on_blocked()

    def resume_writing(self) -> None:
        self.blocked = False
        self.idle_ticks = 0
        if self._reader.receiver is not None:
            self._reader.receiver.on_writable()

    # What the reader tells.

    def speaks_http10(self) -> None:
        """So do the upstream's other connections."""
        self._owner.speaks_http10 = True

    def unasked(self, data: bytes) -> None:
        """Nobody asked for what came: it must not become the next request's response.

        HTTP/2, and protocols that are not HTTP, begin with a word of the server's: the first
        request is told which (RFC 9113, 3.4).
        """
        if not self.reused and not data.startswith(_HTTP1[: len(data)]):
            self._greeting = self._greeting or data[:_GREETING]
            return
        self._owner.lost(self)
        self._transport.abort()

    def response_complete(self, idle_timeout: float) -> None:
        """The connection is free for the next request, or closed."""
        self.idle_timeout = idle_timeout
        self.idle_ticks = 0
        if idle_timeout and not (self._owed or self.blocked or self._unsent):
            self.resume_reading()
            self.reused = True
            self._owner.free(self)
        else:
            self.close()

    @property
    def _unsent(self) -> bool:
        """Whether content still waits in the transport: the response did not wait for it."""
        return self._with_content and self._transport.get_write_buffer_size() > 0
