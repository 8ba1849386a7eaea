"""How a response is read: piece by piece as it comes, and no further than to its end.

What is read at any moment is one method (`_read`), which is the state:

    _read      expects                          goes on to
    -----      -------                          ----------
    _unasked   nothing: any byte is a fault     `start` makes it _head
    _head      interim heads, then a final one  _counted, _chunks, _rest; back to _unasked for a
                                                response that is whole in one piece
    _counted   `_left` bytes                    _unasked; more bytes than that cost the connection
    _chunks    chunks up to the last            _unasked, likewise
    _rest      whatever comes                   the end of the connection; a tunnel's bytes too

A method as the state costs one call for each piece; events as objects would be one more for each.
What cannot be read in exactly one way raises Malformed, which ends the connection.
"""

from collections.abc import Callable

from corsproxy.proxy.http1 import response_head
from corsproxy.proxy.http1.chunked import ChunkScanner
from corsproxy.proxy.http1.response_head import (
    MAX_KEPT_BYTES,
    MAX_KEPT_LINES,
    BareLineFeed,
    Framing,
    Malformed,
    ResponseHead,
)
from corsproxy.proxy.upstream.receiver import Receiver

_LENGTH = Framing.LENGTH  # looking a member up costs more than the comparison


class Reading:
    """The half of a Connection that reads. What raises Malformed ends the connection."""

    __slots__ = (
        "_framing",
        "_held",
        "_last",
        "_left",
        "_method",
        "_most_head",
        "_read",
        "_receiver",
        "_scanner",
        "_tunnel",
        "_verbatim",
        "_with_content",
        "idle_timeout",
        "quiet",
        "started",
    )

    def __init__(self, most_head: int) -> None:
        self._most_head = most_head
        self._receiver: Receiver | None = None
        self._scanner: ChunkScanner | None = None
        self._read: Callable[[bytes], None] = self._unasked
        self._held = b""
        self._last: ResponseHead | None = None
        self._method = ""
        self._left = 0
        self._framing: Framing | None = None  # until the final head is there
        self._verbatim = self._tunnel = False
        self._with_content = False  # whether the request has any
        self.quiet = 0
        self.idle_timeout = 0.0
        """Seconds for which the connection may be idle and then be used; 0 where it may not."""
        self.started = False
        """Whether any byte of the response has come."""

    def _head(self, data: bytes) -> None:
        self.started = True
        receiver = self._receiver
        if self._held:
            data, self._held = self._held + data, b""
        while data and receiver is not None and self._receiver is receiver:
            end = data.find(b"\r\n\r\n") + 4
            try:
                if end == 3 or end > self._most_head:
                    self._hold(data)
                    return
                head = self._parsed(data[:end])
            except BareLineFeed:
                data = response_head.with_crlf(data)
                continue
            data = data[end:]
            if head.framing is _LENGTH and head.length == len(data):
                self._left = 0
                self._keep(head)
                self._release()
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
        self.idle_timeout = head.idle_timeout
        if self._with_content and head.status >= 400:
            self.idle_timeout = 0.0

    def _parsed(self, raw: bytes) -> ResponseHead:
        """The head that `raw` is: an upstream in a hurry repeats itself to the byte."""
        if self._method == "HEAD":  # the same bytes have another meaning there
            return response_head.parse(raw, "HEAD")
        last = self._last
        if last is not None and last.raw == raw:
            return last
        head = response_head.parse(raw, self._method)
        if len(raw) <= MAX_KEPT_BYTES and len(head.lines) <= MAX_KEPT_LINES:
            self._last = head
        return head

    def _hold(self, data: bytes) -> None:
        response_head.check_beginning(data, self._most_head)
        self._held = data

    def _final(self, head: ResponseHead, rest: bytes) -> None:
        if head.framing is Framing.TUNNEL and not self._tunnel:
            raise Malformed("a 101 that nobody asked for")
        framing = self._framing = head.framing
        self.quiet = 0
        self._keep(head)
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
        if left < 0:  # more than was announced: not a byte of it is a response to anything
            self.idle_timeout = 0.0
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
            if beyond:
                self.idle_timeout = 0.0
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

    # What only the whole connection can do.

    def _unasked(self, _data: bytes) -> None:
        """Bytes came while nobody had asked."""
        raise NotImplementedError

    def _release(self) -> None:
        """The response is complete."""
        raise NotImplementedError
