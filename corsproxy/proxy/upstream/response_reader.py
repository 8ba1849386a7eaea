"""How a response is read: piece by piece as it comes, and no further than to its end.

What is read at any moment is one method (`read`), which is the state:

    read       expects                          goes on to
    -----      -------                          ----------
    _unasked   nothing: any byte is a fault     `begin` makes it _head
    _head      interim heads, then a final one  _counted, _chunks, _rest; back to _unasked for a
                                                response that is whole in one piece
    _counted   `_left` bytes                    _unasked; more bytes than that cost the connection
    _chunks    chunks up to the last            _unasked, likewise
    _rest      whatever comes                   the end of the connection; a tunnel's bytes too

A method as the state costs one call for each piece; events as objects would be one more for each.
What cannot be read in exactly one way raises Malformed, which ends the connection.
"""

from collections.abc import Callable
from typing import Protocol

from corsproxy.proxy.http1 import response_head
from corsproxy.proxy.http1.chunked import ChunkScanner
from corsproxy.proxy.http1.response_head import (
    BareLineFeed,
    Framing,
    Malformed,
    ResponseHead,
)
from corsproxy.proxy.upstream.receiver import Receiver

_LENGTH = Framing.LENGTH  # looking a member up costs more than the comparison


class Carrier(Protocol):
    """The connection that a response comes by."""

    def response_complete(self, idle_timeout: float) -> None:
        """The response is complete.

        The connection may be idle for so many seconds and then be used; 0 where it may not.
        """

    def speaks_http10(self) -> None:
        """The upstream responded in HTTP/1.0."""

    def unasked(self, data: bytes) -> None:
        """`data` came while no request was under way."""


class ResponseReader:
    """Reads a connection's responses, one after the other. Malformed ends the connection."""

    __slots__ = (
        "_carrier",
        "_held",
        "_idle_timeout",
        "_left",
        "_max_head",
        "_method",
        "_scanner",
        "_tunnel",
        "_verbatim",
        "_with_content",
        "framing",
        "read",
        "receiver",
        "started",
    )

    def __init__(self, carrier: Carrier, max_head: int) -> None:
        self._carrier = carrier
        self._max_head = max_head
        self._scanner: ChunkScanner | None = None
        self._held = b""
        self._method = ""
        self._left = 0
        self._verbatim = self._tunnel = False
        self._with_content = False  # whether the request has any
        self._idle_timeout = 0.0
        self.read: Callable[[bytes], None] = self._unasked
        """Take the next piece; raises Malformed."""
        self.receiver: Receiver | None = None
        self.framing: Framing | None = None
        """The response's; None until its final head is there."""
        self.started = False
        """Whether any byte of the response has come."""

    def begin(
        self, receiver: Receiver, method: str, with_content: bool, verbatim: bool, tunnel: bool
    ) -> None:
        """A request by `method` leaves: what comes from now on is its response."""
        self.receiver = receiver
        self._method = method
        self._with_content = with_content
        self._verbatim = verbatim
        self._tunnel = tunnel
        self.framing = None
        self.started = False
        self.read = self._head

    def stop(self) -> Receiver | None:
        """Expect nothing any more; who did is returned."""
        receiver, self.receiver = self.receiver, None
        self.read = self._unasked
        return receiver

    def end(self) -> None:
        """The response is complete; the receiver may have aborted from within its own callback."""
        receiver = self.receiver
        if receiver is not None:
            self._complete()
            receiver.on_end()

    def _complete(self) -> None:
        self.receiver = self._scanner = None
        self.read = self._unasked
        self._carrier.response_complete(self._idle_timeout)

    def _unasked(self, data: bytes) -> None:
        """Whatever this is, it must not become the next request's response."""
        self._carrier.unasked(data)

    def _head(self, data: bytes) -> None:
        self.started = True
        receiver = self.receiver
        if self._held:
            data, self._held = self._held + data, b""
        while data and receiver is not None and self.receiver is receiver:
            end = data.find(b"\r\n\r\n") + 4
            try:
                if end == 3 or end > self._max_head:
                    self._hold(data)
                    return
                head = response_head.parse(data[:end], self._method)
            except BareLineFeed:
                data = response_head.with_crlf(data)
                continue
            data = data[end:]
            if head.framing is _LENGTH and head.length == len(data):
                self._left = 0
                self._keep(head)
                self._complete()
                receiver.on_whole(head, data)
                return
            if head.status >= 200 or head.framing is Framing.TUNNEL:
                self._final(head, data)
                return
            receiver.on_interim(head)

    def _keep(self, head: ResponseHead) -> None:
        """Say for how long the connection may be used after this response.

        Who refuses a request with content may have read no byte of it, and say that it keeps the
        connection: what is left of the content would then be read as the next request.
        """
        idle_timeout = self._idle_timeout = head.idle_timeout
        if not idle_timeout and head.raw.startswith(b"HTTP/1.0"):
            self._carrier.speaks_http10()
        if self._with_content and head.status >= 400:
            self._idle_timeout = 0.0

    def _hold(self, data: bytes) -> None:
        response_head.check_beginning(data, self._max_head)
        self._held = data

    def _final(self, head: ResponseHead, rest: bytes) -> None:
        if head.framing is Framing.TUNNEL and not self._tunnel:
            raise Malformed("a 101 without a request for it")
        framing = self.framing = head.framing
        self._keep(head)
        receiver = self._to_receiver()
        if framing is Framing.LENGTH:
            self._left = head.length
            self.read = self._counted
        elif framing is Framing.CHUNKED:
            self._scanner = ChunkScanner(verbatim=self._verbatim)
            self.read = self._chunks
        elif framing is Framing.NONE:
            self._left = 0
            self.read = self._counted
        else:
            self.read = self._rest
        receiver.on_head(head)
        empty = framing is Framing.NONE or (framing is Framing.LENGTH and not head.length)
        if self.receiver is receiver and (rest or empty):
            self.read(rest)
        if self.receiver is receiver:
            receiver.on_more()

    def _counted(self, data: bytes) -> None:
        left = self._left = self._left - len(data)
        if left > 0:
            self._to_receiver().on_data(data)
            return
        if left < 0:  # more than was announced: not a byte of it is a response to anything
            self._idle_timeout = 0.0
            data = data[:left]
        if data:
            self._to_receiver().on_data(data)
        self.end()

    def _chunks(self, data: bytes) -> None:
        scanner = self._scanner
        assert scanner is not None
        passed, beyond = scanner.feed(data)
        if passed:
            self._to_receiver().on_data(passed)
        if scanner.done:
            if beyond:
                self._idle_timeout = 0.0
            self.end()

    def _rest(self, data: bytes) -> None:
        self._to_receiver().on_data(data)

    def _to_receiver(self) -> Receiver:
        assert self.receiver is not None
        return self.receiver
