"""The head of an upstream's response, read in exactly one way or not at all.

What two recipients could take for different messages (RFC 9112, 11.1) is malformed: a folded
line, a blank before a colon, a control byte, two lengths that differ, a coding that is not
`chunked`. What every browser and gateway reads alike is read here too, and leaves as the standard
spells it: lines that end in a bare LF (RFC 9112, 2.2), a length said twice (6.3, rule 5), a later
minor version (RFC 9110, 2.5).
"""

import contextlib
import re
from collections.abc import Callable
from enum import Enum, auto
from functools import lru_cache
from math import inf
from typing import NamedTuple

from corsproxy.cors import headers as f
from corsproxy.cors.headers import Fields
from corsproxy.cors.secret_names import random
from corsproxy.cors.secret_text import MASK, masked_text
from corsproxy.proxy.http1.field_lines import FIELD_LINES, is_field_line
from corsproxy.proxy.http1.forwarding import RESPONSE_DROPPED
from corsproxy.proxy.http1.head_pieces import Pieces, Splitter, content_length

_fullmatch = re.compile(
    rb"HTTP/1\.[0-9] [1-9][0-9][0-9](?: [\t -~\x80-\xff]*+)?\r\n" + FIELD_LINES
).fullmatch
_BARE_LF = re.compile(rb"(?<!\r)\n")
_ANY_END = re.compile(rb"\n\r?\n")
_LENGTH_LINE = re.compile(rb"(?i:\r\ncontent-length):([^\r]*)")
_PLAIN_LENGTH = re.compile(rb"[0-9]{1,18}")
_IDLE_TIMEOUT = re.compile(rb"(?:^|[,\t ])timeout=\"?([0-9]{1,9})(?![0-9])")
_MAX_QUOTED = 60
_new = tuple.__new__  # a record for each response: this is twice as fast as ResponseHead(...)

SIGNIFICANT_HEADERS = RESPONSE_DROPPED | f.RESPONSE_NAMES | {"content-length", "vary"}
"""Response fields that framing, forwarding or CORS have a say in, by name in lower case."""

split = Splitter(SIGNIFICANT_HEADERS)
"""A response's head in pieces."""

_names_of = re.compile(rb"\r\n([^:\r]++):").findall

Cut = tuple[bytes, Pieces, int]
"""The shape of a head, the head in pieces, and its plain Content-Length; -1 where it has none."""


def cut_by_regex(raw: bytes) -> Cut | None:
    """The ordinary head that `raw` is; None where it is none."""
    if _fullmatch(raw) is None:
        return None
    pieces = split(raw)
    lines = pieces[2::3]
    length = content_length(pieces, lines.index(None)) if None in lines else -1
    return _shape(raw, lines), pieces, length


def _shape(raw: bytes, lines: list[bytes | None]) -> bytes:
    """All that any rule looks at in a head: equal for heads that are alike to them.

    The status line without its reason; each special line after a CR, empty for a plain
    Content-Length; the name of every line after an LF.
    """
    special = b"\r".join((raw[:13].rstrip(b"\r"), *(line or b"" for line in lines)))
    return b"\n".join((special, *_names_of(raw)))


cut: Callable[[bytes], Cut | None] = cut_by_regex
"""The same by the compiled module, if it is there."""
with contextlib.suppress(ImportError):
    from corsproxy.proxy.http1 import _heads

    _heads.learn_response(SIGNIFICANT_HEADERS, ())
    cut = _heads.cut_response

_EVENT_STREAM = re.compile(rb"(?i:\r\ncontent-type:[\t ]*+text/event-stream[\t ;\r])")


def is_event_stream(head: bytes) -> bool:
    """Whether a response with this head is an event stream, which has no end to wait for."""
    return _EVENT_STREAM.search(head) is not None


class Malformed(Exception):
    """What the upstream sent is not HTTP that can be read in one way; the text says what."""


class BareLineFeed(Malformed):
    """The head has lines that end in LF without CR: see `with_crlf`."""


HTTP2 = "it speaks HTTP/2 only"
"""A frame of SETTINGS or GOAWAY came, for the connection as a whole (RFC 9113, 6.5 and 6.8)."""
TLS = "it speaks TLS"
"""An alert came (RFC 8446, 6): what was sent was no ClientHello."""

Lines = tuple[bytes | None, ...]


class Framing(Enum):
    """Where the content of a response ends (RFC 9112, 6.3)."""

    NONE = auto()
    LENGTH = auto()
    CHUNKED = auto()
    CLOSE = auto()
    TUNNEL = auto()
    """No content: after 101, bytes of another protocol, both ways."""


_LENGTH = Framing.LENGTH

MAX_KEPT, MAX_KEPT_BYTES = 64, 4096
"""How many shapes are remembered as to their framing, outside of `MemoBudget`, and of how long
heads."""


class ResponseHead(NamedTuple):
    """One head as the upstream sent it. `length` is that of the content, with Framing.LENGTH.

    A status of 600 and above is passed on like any other: what RFC 9110 (section 15) asks for, to
    take it as a server error, it asks of the client.
    """

    status: int
    framing: Framing
    length: int
    idle_timeout: float
    """Seconds for which the upstream keeps the connection open without a request: infinite where it
    does not say, 0 where the connection carries no request after this one."""
    raw: bytes
    pieces: Pieces
    """`raw`, cut where framing, forwarding or CORS look; not to be changed."""
    shape: bytes
    """All that any rule looks at: of two heads with the same one, the same becomes."""

    @property
    def lines(self) -> Lines:
        """The special lines among the pieces; None for a plain Content-Length."""
        return tuple(self.pieces[2::3])

    @property
    def names(self) -> frozenset[str]:
        """The names of all its lines, in lower case; made at each call."""
        _, *names = self.shape.lower().decode("latin-1").split("\n")
        return frozenset(names)

    @property
    def reason(self) -> str:
        """The reason phrase; often empty."""
        return self.raw[13 : self.raw.index(b"\r\n")].decode("latin-1")

    @property
    def fields(self) -> Fields:
        """The field lines in order, blanks around each value removed; made at each call."""
        return f.fields_of(self.raw)


def parse(raw: bytes, method: str) -> ResponseHead:
    """The head that `raw` is, up to its empty line; the response to a request by `method`."""
    found = cut(raw)
    if found is None:
        raise BareLineFeed if _BARE_LF.search(raw) else Malformed(_complaint(raw))
    shape, pieces, length = found
    framed = _framed if len(raw) <= MAX_KEPT_BYTES else _framed_anew
    status, framing, idle_timeout, lengths = framed(shape, method == "HEAD")
    if lengths > 1:
        return parse(_one_length(raw, counts=framing is not Framing.NONE), method)
    length = length if framing is _LENGTH else 0
    return _new(ResponseHead, (status, framing, length, idle_timeout, raw, pieces, shape))


def with_crlf(data: bytes) -> bytes:
    """`data`, which begins with a head, with CRLF at the end of each of the head's lines."""
    end = _ANY_END.search(data)
    assert end is not None
    return _BARE_LF.sub(b"\r\n", data[: end.end()]) + data[end.end() :]


def _one_length(raw: bytes, *, counts: bool) -> bytes:
    """`raw` with its lengths as one, if all are the same (RFC 9112, 6.3, rule 5).

    Lengths that differ are left out where none counts, as after HEAD; else they are malformed.
    """
    lines = [line[1] for line in _LENGTH_LINE.finditer(raw)]
    said = {length.strip(b"\t ") for line in lines for length in line.split(b",")}
    wrong = next((length for length in said if not _PLAIN_LENGTH.fullmatch(length)), None)
    if wrong is not None:
        raise Malformed(f"Content-Length {quoted(wrong)}")
    if len(said) > 1 and counts:
        raise Malformed("two values of Content-Length that differ")
    without = _LENGTH_LINE.sub(b"", raw)
    return without if len(said) > 1 else b"%b\r\nContent-Length: %b\r\n\r\n" % (without[:-4], *said)


def _framed_anew(shape: bytes, to_head: bool) -> tuple[int, Framing, float, int]:
    """The status, where the content ends, `ResponseHead.idle_timeout`, how many lengths.

    Where there is more than one length, or one that is not plain digits, `_one_length` says what
    counts.
    """
    start, *lines = shape.partition(b"\n")[0].split(b"\r")
    status, old = int(start[9:12]), start.startswith(b"HTTP/1.0")
    parts = [line.partition(b":") for line in lines if line]
    said = [(name.lower(), value.strip(b"\t ").lower()) for name, _, value in parts]
    odd = any(name == b"content-length" for name, _ in said)
    lengths = 2 if odd else lines.count(b"")
    chunked = _chunked(
        [value for name, value in said if name == b"transfer-encoding"], lengths, old
    )
    idle_timeout = 0.0 if old else _idle_timeout(said)
    if status == 101:
        _check_upgrade([value for name, value in said if name == b"upgrade"])
        return status, Framing.TUNNEL, 0.0, lengths
    if to_head or status < 200 or status in (204, 304):
        return status, Framing.NONE, idle_timeout, lengths
    if chunked or lengths:
        framing = Framing.CHUNKED if chunked else Framing.LENGTH
        return status, framing, idle_timeout, lengths
    return status, Framing.CLOSE, 0.0, lengths


_framed = lru_cache(MAX_KEPT)(_framed_anew)


def _idle_timeout(said: list[tuple[bytes, bytes]]) -> float:
    """By Connection, and by Keep-Alive (RFC 2068, 19.7.1), which node, Apache and others send."""
    timeout = inf
    for name, value in said:
        if name == b"connection" and b"close" in value:
            return 0.0
        if name == b"keep-alive" and (found := _IDLE_TIMEOUT.search(value)):
            timeout = min(timeout, float(found[1]))
    return timeout


def _check_upgrade(protocols: list[bytes]) -> None:
    """Raise Malformed for a 101 to another protocol than the one that is ever asked for."""
    if protocols != [b"websocket"]:
        switched = quoted(b", ".join(protocols)) if protocols else "a protocol without a name"
        raise Malformed(f"a 101 to {switched}, where websocket was asked for")


def _chunked(codings: list[bytes], lengths: int, old: bool) -> bool:
    """Whether the one transfer coding is `chunked`; anything else but none is malformed."""
    if codings and codings != [b"chunked"]:
        raise Malformed(f"Transfer-Encoding {quoted(b', '.join(codings))}")
    if codings and lengths:
        raise Malformed("Transfer-Encoding beside Content-Length")
    if codings and old:
        raise Malformed("Transfer-Encoding in HTTP/1.0")
    return bool(codings)


def check_beginning(data: bytes, max_bytes: int) -> None:
    """Raise Malformed for what can never become a head of `max_bytes`: it is not waited for.

    Raises BareLineFeed for a whole head whose lines do not all end in CRLF.
    """
    if not data.startswith(b"HTTP/1."[: len(data)]):
        if data[3:4] in (b"\x04", b"\x07") and data[5:9] == bytes(4):
            raise Malformed(HTTP2)
        if data[:2] == b"\x15\x03":
            raise Malformed(TLS)
        raise Malformed(f"status line {quoted(data)}")
    if _ANY_END.search(data, 0, max_bytes):
        raise BareLineFeed
    if len(data) > max_bytes:
        raise Malformed(f"a head of more than {max_bytes} bytes")


def quoted(data: bytes) -> str:
    """The beginning of `data` for a message: printable ASCII, the rest escaped, secrets masked.

    Out of step with the upstream, any piece of any content may be taken for a head.
    """
    line = data.split(b"\r\n", 1)[0].decode("latin-1")
    dots = "..." if len(line) > _MAX_QUOTED else ""
    text = masked_text(line, _MAX_QUOTED).removesuffix(dots)
    return ascii(MASK if random(text) else text) + dots


def _complaint(raw: bytes) -> str:
    status_line, *lines = raw.split(b"\r\n")
    if not _fullmatch(status_line + b"\r\n\r\n"):
        return f"status line {quoted(status_line)}"
    wrong = next((line for line in lines[:-2] if not is_field_line(line)), b"")
    return f"field line {quoted(wrong)}"
