"""Chunked content followed as it arrives (RFC 9112, 7.1), in whatever pieces.

The scanner checks every size, extension, line end and trailer before it hands anything on, so
that what leaves verbatim is read by everybody as it was read here.
"""

import re

from corsproxy.proxy.http1.field_lines import is_field_line
from corsproxy.proxy.http1.response_head import Malformed, quoted

CHUNKED = -1
"""In the place of a length: content whose end its last chunk tells."""

LAST_CHUNK = b"0\r\n\r\n"

# 15 digits are more than any disk holds; extensions may hold any byte that a field value may.
_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,15})(?:[\t ]*;[\t -~\x80-\xff]*)?")
_MAX_LINE = 8192
_MAX_TRAILERS = 65536


def as_chunk(data: bytes) -> bytes:
    """`data` as one chunk; never empty, for that would be the last."""
    return b"%x\r\n%b\r\n" % (len(data), data)


class ChunkScanner:
    """Follows one message's chunks. `verbatim` hands on the framing too, else only the data."""

    __slots__ = ("_held", "_left", "_trailers", "_verbatim", "done")

    def __init__(self, *, verbatim: bool) -> None:
        self.done = False
        self._verbatim = verbatim
        self._held = b""  # the beginning of a line whose end has not come
        self._left = 0  # bytes of the chunk still to come, its CRLF included
        self._trailers = -1  # bytes of trailer lines; -1 before the last chunk

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """What may be handed on, and, once `done`, what came after the end. Raises Malformed."""
        if self._held:
            data = self._held + data
            self._held = b""
        at = kept = 0
        data_parts: list[bytes] = []
        while not self.done and at < len(data):
            if self._left:
                at = self._through_chunk(data, at, data_parts)
                kept = at
                continue
            end = data.find(b"\r\n", at)
            if end < 0:
                self._hold(data[at:])
                break
            self._line(data[at:end])
            at = end + 2
            kept = at
        passed = data[:kept] if self._verbatim else b"".join(data_parts)
        return passed, data[kept:] if self.done else b""

    def _through_chunk(self, data: bytes, at: int, parts: list[bytes]) -> int:
        """Go to the end of the chunk, or of what there is of it."""
        content = self._left - 2
        if content > 0:
            part = data[at : at + content]
            if not self._verbatim:
                parts.append(part)
            self._left -= len(part)
            at += len(part)
        if at < len(data) and self._left <= 2:
            closing = data[at : at + self._left]
            if closing != b"\r\n"[2 - self._left :][: len(closing)]:
                raise Malformed(f"{quoted(closing)} where a chunk ends")
            self._left -= len(closing)
            at += len(closing)
        return at

    def _hold(self, rest: bytes) -> None:
        if len(rest) > _MAX_LINE or b"\n" in rest:
            raise Malformed(f"chunk line {quoted(rest)}")
        self._held = rest

    def _line(self, line: bytes) -> None:
        if self._trailers >= 0:
            self._trailer(line)
            return
        shape = _SIZE_LINE.fullmatch(line)
        if shape is None or len(line) > _MAX_LINE:
            raise Malformed(f"chunk line {quoted(line)}")
        size = int(shape[1], 16)
        if size:
            self._left = size + 2
        else:
            self._trailers = 0

    def _trailer(self, line: bytes) -> None:
        if not line:
            self.done = True
            return
        self._trailers += len(line)
        if self._trailers > _MAX_TRAILERS or not is_field_line(line):
            raise Malformed(f"trailer line {quoted(line)}")
