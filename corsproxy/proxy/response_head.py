"""The head of an upstream's answer, read in exactly one way or not at all.

What two recipients could take for different messages (RFC 9112, 11.1) is malformed: a folded
line, a blank before a colon, a control byte, two lengths, a coding that is not `chunked`.
"""

import re
from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple

from corsproxy.cors.fields import Fields
from corsproxy.proxy.any_case import any_case

_HEAD = re.compile(
    rb"HTTP/1\.([01]) ([1-9][0-9][0-9])(?: ([\t -~\x80-\xff]*+))?\r\n"
    rb"(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]++:[\t -~\x80-\xff]*+\r\n)*+\r\n"
)
_LINE = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]++:[\t -~\x80-\xff]*+")
_LENGTH = any_case([b"content-length"]) + rb":[\t ]*([0-9]{1,18})[\t ]*(?=\r)"
_PLAIN_LENGTH = re.compile(rb"\r\n" + _LENGTH)
_FRAMING = re.compile(
    rb"\r\n(?:"
    + (_LENGTH + b"|(")
    + (any_case([b"connection", b"content-length", b"transfer-encoding"]) + rb"):([^\r]*))")
)
_BARE_LF = re.compile(rb"(?<!\r)\n")
_MOST_QUOTED = 60
_MOST_REMEMBERED = 1024
_new = tuple.__new__  # a record for each answer: this is twice as fast as ResponseHead(...)


class Malformed(Exception):
    """What the upstream sent is no HTTP that can be read in one way; the text says what."""


class Framing(Enum):
    """Where the content of an answer ends (RFC 9112, 6.3)."""

    NONE = auto()
    LENGTH = auto()
    CHUNKED = auto()
    CLOSE = auto()
    TUNNEL = auto()
    """No content: after 101, bytes of another protocol, both ways."""


class ResponseHead(NamedTuple):
    """One head as the upstream sent it. `length` is that of the content, with Framing.LENGTH.

    `persistent` says whether the connection may carry another request afterwards.
    """

    status: int
    reason: str
    framing: Framing
    length: int
    persistent: bool
    raw: bytes

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
    return _parse_small(raw, method) if len(raw) <= _MOST_REMEMBERED else _parse(raw, method)


def _parse(raw: bytes, method: str) -> ResponseHead:
    shape = _HEAD.fullmatch(raw)
    if shape is None:
        raise Malformed(_complaint(raw))
    minor, digits, reason = shape.groups()
    status = int(digits)
    if method == "HEAD" or status in (204, 304):
        raw = _without_contradiction(raw)
    length, chunked, closes = _framing_fields(raw)
    framing = _framing(status, method, length, chunked=chunked)
    if chunked and minor == b"0":
        raise Malformed("Transfer-Encoding in HTTP/1.0")
    ends_by_close = framing is Framing.CLOSE or framing is Framing.TUNNEL
    return _new(
        ResponseHead,
        (
            status,
            reason.decode("latin-1") if reason else "",
            framing,
            length if framing is Framing.LENGTH else 0,
            minor == b"1" and not closes and not ends_by_close,
            raw,
        ),
    )


_parse_small = lru_cache(512)(_parse)
"""An upstream repeats itself: within a second, often to the byte."""


def _without_contradiction(raw: bytes) -> bytes:
    """Leave out lengths that contradict each other, where none counts (RFC 9112, 6.3, rule 1)."""
    lines = [digits for digits, _, _ in _FRAMING.findall(raw) if digits]
    return _PLAIN_LENGTH.sub(b"", raw) if len(lines) > 1 else raw


def _framing(status: int, method: str, length: int, *, chunked: bool) -> Framing:
    if status == 101:
        return Framing.TUNNEL
    if status in (204, 304) or status < 200 or method == "HEAD":
        return Framing.NONE
    if length >= 0:
        return Framing.LENGTH
    return Framing.CHUNKED if chunked else Framing.CLOSE


def _framing_fields(raw: bytes) -> tuple[int, bool, bool]:
    """Content-Length or -1, whether chunked, and whether the connection closes afterwards."""
    length = -1
    chunked = closes = False
    found = _FRAMING.findall(raw)
    if len(found) == 1 and found[0][0]:  # the usual answer: a length and nothing else
        return int(found[0][0]), False, False
    for digits, name, value in found:
        kind = name.lower()
        if digits and length < 0:
            length = int(digits)
        elif kind == b"connection":
            closes = closes or b"close" in value.lower()
        elif kind != b"transfer-encoding":
            raise Malformed(f"Content-Length {quoted(digits or value)}")
        elif chunked or value.strip(b"\t ").lower() != b"chunked":
            raise Malformed(f"Transfer-Encoding {quoted(value)}")
        else:
            chunked = True
    if chunked and length >= 0:
        raise Malformed("Transfer-Encoding beside Content-Length")
    return length, chunked, closes


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
    status_line, *lines = raw.split(b"\r\n")[:-2]
    if not _HEAD.fullmatch(status_line + b"\r\n\r\n"):
        return f"status line {quoted(status_line)}"
    wrong = next((line for line in lines if not sound_line(line)), b"")
    return f"field line {quoted(wrong)}"
