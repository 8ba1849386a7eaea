"""The head of an upstream's answer, read in exactly one way or not at all.

What two recipients could take for different messages (RFC 9112, 11.1) is malformed: a folded
line, a blank before a colon, a control byte, two lengths, a coding that is not `chunked`.
"""

import re
from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple

from corsproxy.cors import fields as f
from corsproxy.cors.fields import Fields
from corsproxy.proxy.forwarding import RESPONSE_DROPPED
from corsproxy.proxy.pieces import Pieces, content_length, splitter

_fullmatch = re.compile(
    rb"HTTP/1\.[01] [1-9][0-9][0-9](?: [\t -~\x80-\xff]*+)?\r\n"
    rb"(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]++:[\t -~\x80-\xff]*+\r\n)*+\r\n"
).fullmatch
_LINE = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]++:[\t -~\x80-\xff]*+")
_BARE_LF = re.compile(rb"(?<!\r)\n")
_MOST_QUOTED = 60
_new = tuple.__new__  # a record for each answer: this is twice as fast as ResponseHead(...)

split = splitter(RESPONSE_DROPPED | f.RESPONSE_NAMES | {"vary"})
"""A response's head in pieces."""


class Malformed(Exception):
    """What the upstream sent is no HTTP that can be read in one way; the text says what."""


Lines = tuple[bytes | None, ...]


class Framing(Enum):
    """Where the content of an answer ends (RFC 9112, 6.3)."""

    NONE = auto()
    LENGTH = auto()
    CHUNKED = auto()
    CLOSE = auto()
    TUNNEL = auto()
    """No content: after 101, bytes of another protocol, both ways."""


_LENGTH = Framing.LENGTH


class ResponseHead(NamedTuple):
    """One head as the upstream sent it. `length` is that of the content, with Framing.LENGTH.

    `persistent` says whether the connection may carry another request afterwards.
    """

    status: int
    framing: Framing
    length: int
    persistent: bool
    raw: bytes
    pieces: Pieces
    """`raw`, cut where framing, forwarding or CORS look; not to be changed."""
    lines: Lines
    """The special lines among the pieces; None for a plain Content-Length."""

    @property
    def reason(self) -> str:
        """The reason phrase; often empty."""
        return self.raw[13 : self.raw.index(b"\r\n")].decode("latin-1")

    @property
    def fields(self) -> Fields:
        """The field lines in order, blanks around each value removed; made at each call."""
        return split_fields(self.raw)


def split_fields(head: bytes) -> Fields:
    """The field lines of a head that was found sound, status or request line left out."""
    pairs = []
    for line in head.decode("latin-1").split("\r\n")[1:-2]:
        name, _, value = line.partition(":")
        pairs.append((name, value.strip(" \t")))
    return pairs


def parse(raw: bytes, method: str) -> ResponseHead:
    """The head that `raw` is, up to its empty line; the answer to a request by `method`."""
    if _fullmatch(raw) is None:
        raise Malformed(_complaint(raw))
    pieces = split(raw)
    lines = tuple(pieces[2::3])
    status, framing, persistent, measured = _framed(raw[:12], method == "HEAD", lines)
    if measured > 1:
        raw, pieces, lines = _without_contradiction(raw, pieces)
    length = content_length(pieces, lines.index(None)) if framing is _LENGTH else 0
    return _new(ResponseHead, (status, framing, length, persistent, raw, pieces, lines))


def _without_contradiction(raw: bytes, pieces: Pieces) -> tuple[bytes, Pieces, Lines]:
    """Leave out lengths that contradict each other, where none counts (RFC 9112, 6.3, rule 1)."""
    kept = [
        b"\r\n" + piece if n % 3 == 2 else piece
        for n, piece in enumerate(pieces)
        if n % 3 != 1 and piece is not None
    ]
    raw = b"".join(kept)
    pieces = split(raw)
    return raw, pieces, tuple(pieces[2::3])


@lru_cache(256)
def _framed(start: bytes, to_head: bool, lines: Lines) -> tuple[int, Framing, bool, int]:
    """The status, where the content ends, whether the connection then goes on, how many lengths.

    By `start`, the status line without its reason, and these special lines.
    """
    status, old = int(start[9:12]), start.startswith(b"HTTP/1.0")
    parts = [line.partition(b":") for line in lines if line is not None]
    said = [(name.lower(), value.strip(b"\t ").lower()) for name, _, value in parts]
    for name, value in said:
        if name == b"content-length":
            raise Malformed(f"Content-Length {quoted(value)}")
    chunked = _chunked([value for name, value in said if name == b"transfer-encoding"], lines, old)
    closes = any(name == b"connection" and b"close" in value for name, value in said)
    measured = lines.count(None)
    if measured > 1 and not to_head and status not in (204, 304):
        raise Malformed("a second Content-Length")
    if status == 101:
        return status, Framing.TUNNEL, False, measured
    if to_head or status < 200 or status in (204, 304):
        return status, Framing.NONE, not old and not closes, measured
    if chunked or measured:
        framing = Framing.CHUNKED if chunked else Framing.LENGTH
        return status, framing, not old and not closes, measured
    return status, Framing.CLOSE, False, measured


def _chunked(codings: list[bytes], lines: Lines, old: bool) -> bool:
    """Whether the one transfer coding is `chunked`; anything else but none is malformed."""
    if codings and codings != [b"chunked"]:
        raise Malformed(f"Transfer-Encoding {quoted(b', '.join(codings))}")
    if codings and None in lines:
        raise Malformed("Transfer-Encoding beside Content-Length")
    if codings and old:
        raise Malformed("Transfer-Encoding in HTTP/1.0")
    return bool(codings)


def check_beginning(data: bytes) -> None:
    """Raise Malformed for a beginning that can never become a head, so that nobody waits for it."""
    if not data.startswith(b"HTTP/1."[: len(data)]):
        raise Malformed(f"status line {quoted(data)}")
    if _BARE_LF.search(data):
        raise Malformed("a line that ends in LF without CR")


def sound_line(line: bytes) -> bool:
    """Whether `line`, without its CRLF, is a field line."""
    return _LINE.fullmatch(line) is not None


def quoted(data: bytes) -> str:
    """The beginning of `data` for a message: printable ASCII, the rest escaped."""
    line = data.split(b"\r\n", 1)[0]
    dots = "..." if len(line) > _MOST_QUOTED else ""
    return repr(line[:_MOST_QUOTED])[1:] + dots


def _complaint(raw: bytes) -> str:
    status_line, *lines = raw.split(b"\r\n")
    if not _fullmatch(status_line + b"\r\n\r\n"):
        return f"status line {quoted(status_line)}"
    wrong = next((line for line in lines[:-2] if not sound_line(line)), b"")
    return f"field line {quoted(wrong)}"
