"""One connection to an upstream: a request out, its answer in, piece by piece as it comes.

The same for both lanes: whoever asks is a Receiver. What is read at any
moment is one method (`_read`): a head, content of a known length, chunks, the rest, a tunnel.
"""

import asyncio
from collections.abc import Callable
from typing import cast

from corsproxy.proxy import response_head
from corsproxy.proxy.chunks import ChunkScanner
from corsproxy.proxy.failure import UpstreamFailure
from corsproxy.proxy.receiver import Owner, Receiver
from corsproxy.proxy.response_head import Framing, Malformed, ResponseHead

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})
"""RFC 9110, 9.2.2: asking twice is asking once."""


class Connection(asyncio.Protocol):
    """A connection that carries one exchange at a time.

    `quiet` is counted up by the upstream's sweep and set to 0 by whatever moves.
    """

    __slots__ = (
        "_framing",
        "_held",
        "_idempotent",
        "_left",
        "_method",
        "_owner",
        "_persistent",
        "_read",
        "_receiver",
        "_scanner",
        "_transport",
        "_tunnel",
        "_verbatim",
        "blocked",
        "paused",
        "quiet",
        "reused",
        "sent",
        "started",
    )

    def __init__(self, owner: Owner["Connection"]) -> None:
        self._owner = owner
        self._transport: asyncio.Transport = cast("asyncio.Transport", None)
        self._receiver: Receiver | None = None
        self._scanner: ChunkScanner | None = None
        self._read: Callable[[bytes], None] = self._unasked
        self._held = b""
        self._method = ""
        self._left = 0
        self._framing: Framing | None = None  # until the final head is there
        self._persistent = self._verbatim = self._idempotent = self._tunnel = False
        self.quiet = 0
        self.paused = self.blocked = self.reused = False
        self.sent = True
        """Whether the request is out to its last byte."""
        self.started = False
        """Whether any byte of the answer has come."""

    @property
    def busy(self) -> bool:
        """Whether an exchange is under way."""
        return self._receiver is not None

    def overdue(self) -> str | None:
        """Which timeout runs: "idle", "head", or None while the silence is not the upstream's."""
        if self.paused:
            return None
        if self._framing is not None or self.blocked:
            return "idle"
        return "head" if self.sent else None

    def start(
        self,
        method: str,
        head: bytes,
        receiver: Receiver,
        *,
        verbatim: bool = True,
        complete: bool = True,
        tunnel: bool = False,
    ) -> None:
        """Send a request. Unless `complete`, its content follows by `write`, then `finish`.

        Only where `tunnel` says that the head asks for an upgrade may the answer be a 101.
        """
        self._receiver = receiver
        self._method = method
        self._verbatim = verbatim
        self._tunnel = tunnel
        self._idempotent = complete and method in IDEMPOTENT
        self._read = self._head
        self._framing = None
        self.started = False
        self.sent = complete
        self.quiet = 0
        self._transport.write(head)

    def write(self, data: bytes) -> None:
        """Send content, framed as the head said; or a tunnel's bytes."""
        self.quiet = 0
        self._transport.write(data)

    def finish(self) -> None:
        """The request is complete."""
        self.sent = True
        self.quiet = 0

    def half_close(self) -> None:
        """Send no more through a tunnel; what still comes is received."""
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def abort(self) -> None:
        """Forget the exchange and the connection."""
        self._receiver = None
        self._read = self._unasked
        self._transport.abort()

    def close(self) -> None:
        """End the connection: politely when nothing is left to say."""
        if self.sent:
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
            self.quiet = 0
            self._transport.resume_reading()

    def fail(self, cause: str, detail: object = "") -> None:
        """End the exchange, and the connection, by that failure."""
        receiver, self._receiver = self._receiver, None
        self._read = self._unasked
        self._transport.abort()
        if receiver is None:
            return
        failure = UpstreamFailure(cause, self._owner.address, detail)
        early = cause in ("closed", "reset") and not self.started
        failure.stale = early and self.reused and self._idempotent
        receiver.on_failure(failure)

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Part of asyncio.Protocol."""
        self._transport = cast("asyncio.Transport", transport)
        self._owner.opened(self)

    def data_received(self, data: bytes) -> None:
        """Part of asyncio.Protocol. Half a head, or an interim one, is not what is waited for."""
        if self._framing is not None:
            self.quiet = 0
        try:
            self._read(data)
        except Malformed as problem:
            self.fail("malformed", problem)

    def eof_received(self) -> bool:
        """Part of asyncio.Protocol. A tunnel's other direction stays open."""
        if self._receiver is None:
            self._owner.lost(self)
            return False
        if self._framing is Framing.CLOSE:
            self._end()
        elif self._framing is Framing.TUNNEL:
            self._receiver.on_end()
            return True
        else:
            self.fail("truncated" if self.started else "closed")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Part of asyncio.Protocol. A reset ends no content, even where a close would."""
        self._owner.lost(self)
        if self.started:
            self.fail("truncated")
        else:
            self.fail("closed" if exc is None else "reset")

    def pause_writing(self) -> None:
        """Part of asyncio.Protocol."""
        self.blocked = True
        if self._receiver is not None:
            self._receiver.on_blocked()

    def resume_writing(self) -> None:
        """Part of asyncio.Protocol."""
        self.blocked = False
        self.quiet = 0
        if self._receiver is not None:
            self._receiver.on_writable()

    # What `_read` is, by turns.

    def _unasked(self, _data: bytes) -> None:
        """Nobody asked: whatever this is, it must not become the next request's answer."""
        self._owner.lost(self)
        self._transport.abort()

    def _head(self, data: bytes) -> None:
        self.started = True
        receiver = self._receiver
        if self._held:
            data, self._held = self._held + data, b""
        while data and receiver is not None and self._receiver is receiver:
            end = data.find(b"\r\n\r\n") + 4
            if end == 3 or end > self._owner.most_head:
                self._hold(data)
                return
            head = response_head.parse(data[:end], self._method)
            data = data[end:]
            if head.framing is Framing.LENGTH and head.length == len(data):
                self._left = 0
                self._persistent = head.persistent
                self._release()
                receiver.on_whole(head, data)
                return
            if head.status >= 200 or head.framing is Framing.TUNNEL:
                self._final(head, data)
                return
            receiver.on_interim(head)

    def _hold(self, data: bytes) -> None:
        if len(data) > self._owner.most_head:
            raise Malformed(f"a head of more than {self._owner.most_head} bytes")
        response_head.check_beginning(data)
        self._held = data

    def _final(self, head: ResponseHead, rest: bytes) -> None:
        if head.framing is Framing.TUNNEL and not self._tunnel:
            raise Malformed("a 101 that nobody asked for")
        framing = self._framing = head.framing
        self.quiet = 0
        self._persistent = head.persistent
        receiver = self._to_receiver()
        if framing is Framing.LENGTH:
            self._left = head.length
            self._read = self._counted
        elif framing is Framing.CHUNKED:
            self._scanner = ChunkScanner(verbatim=self._verbatim)
            self._read = self._chunks
        elif framing is Framing.NONE:
            self._left = 0
            self._read = self._counted
        else:
            self._read = self._rest
        receiver.on_head(head)
        empty = framing is Framing.NONE or (framing is Framing.LENGTH and not head.length)
        if self._receiver is receiver and (rest or empty):
            self._read(rest)
        if self._receiver is receiver:
            receiver.on_more()

    def _counted(self, data: bytes) -> None:
        left = self._left = self._left - len(data)
        if left > 0:
            self._to_receiver().on_data(data)
            return
        if left < 0:  # more than was announced: not a byte of it is an answer to anything
            self._persistent = False
            data = data[:left]
        if data:
            self._to_receiver().on_data(data)
        self._end()

    def _chunks(self, data: bytes) -> None:
        scanner = self._scanner
        assert scanner is not None
        passed, beyond = scanner.feed(data)
        if passed:
            self._to_receiver().on_data(passed)
        if scanner.done:
            self._persistent = self._persistent and not beyond
            self._end()

    def _rest(self, data: bytes) -> None:
        self._to_receiver().on_data(data)

    def _to_receiver(self) -> Receiver:
        assert self._receiver is not None
        return self._receiver

    def _end(self) -> None:
        receiver = self._receiver
        if receiver is not None:  # else it aborted from within its own callback
            self._release()
            receiver.on_end()

    def _release(self) -> None:
        """The answer is complete: the connection is free for the next request, or closed."""
        self._receiver = None
        self._read = self._unasked
        self._scanner = None
        self.quiet = 0
        if self._persistent and self.sent and not self.blocked:
            self.resume_reading()
            self.reused = True
            self._owner.free(self)
        else:
            self.close()
