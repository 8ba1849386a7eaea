"""The head of a client's request, read in exactly one way or not at all.

This reader alone decides what is refused of a head, whichever lane it came by: the fast lane takes
a part of this grammar by one match (`plain_request_head`), and leaves all the rest to `read`. What
two recipients could take for different requests (RFC 9112, 11.2) is refused. What has one reading
passes, be it ever so odd: any method, and any header as often as the client cares to repeat it.
"""

import functools
import re
from typing import NamedTuple

from corsproxy.cors.fetch_standard import TOKEN
from corsproxy.cors.headers import Fields, elements, fields_of
from corsproxy.cors.request import MAX_METHOD_BYTES
from corsproxy.limits import MAX_FIELDS
from corsproxy.proxy.http1.chunked import CHUNKED
from corsproxy.proxy.http1.field_lines import FIELD_LINES, TOKEN_BYTE, is_field_line
from corsproxy.proxy.http1.incoming_request import Incoming
from corsproxy.proxy.http1.refusals import Refusal, malformed, too_large

_KNOWN = ("host", "connection", "content-length", "transfer-encoding")

_VERSION = re.compile(rb".* HTTP/(?P<version>[0-9]\.[0-9])", re.DOTALL)
_REQUEST_LINE = re.compile(
    # RFC 9112, 3; several blanks between two words have one reading, other white space does not.
    rb"(?P<method>" + TOKEN_BYTE + rb"++) ++(?P<target>[!-~]++) ++HTTP/1\.(?P<minor>[0-9])"
)
_FIELDS = re.compile(FIELD_LINES)
_ABSOLUTE = re.compile(r"https?://(?P<authority>[^/?#]*)(?P<rest>.*)", re.IGNORECASE)
_LENGTH = re.compile(r"[0-9]{1,18}")
"""Digits that every recipient holds in 64 bits."""

_CODING = re.compile(TOKEN.pattern + r"(?:[ \t]*;[\t -~]*)?")
_RAW = re.compile(rb"[\x80-\xff]")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_NEVER = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|(?<!\r)\n|\r(?!\n|\Z)")
"""A control byte, CR and LF but as a line end, and so nothing that a sound head could contain."""


_TLS = b"\x16\x03"
"""How a ClientHello begins (RFC 8446, 5.1)."""


class RequestHead(NamedTuple):
    """One head, and what it says of its message and of its connection."""

    incoming: Incoming
    length: int
    """Bytes of content; 0 for none, CHUNKED where chunks tell."""
    closes: bool
    """Whether no other request follows on this connection."""

    @property
    def stand_in(self) -> bytes:
        """What aiohttp reads in its place: where the content ends, and whether that is all."""
        return _stand_in(self.length, closes=self.closes)


def read(raw: bytes, max_bytes: int) -> RequestHead:
    """The head that `raw` is, up to its empty line; raises Refusal, whose text quotes nothing."""
    line, _, lines = raw.partition(b"\r\n")
    if len(raw) > max_bytes:
        raise too_large(len(line), max_bytes)
    if raw.count(b"\n") > MAX_FIELDS + 2:
        raise Refusal(431, f"the request's head has more than {MAX_FIELDS} fields", close=True)
    found = _REQUEST_LINE.fullmatch(line)
    if found is None or _FIELDS.fullmatch(lines) is None:
        raise not_http(raw)
    method, target = found["method"].decode("ascii"), found["target"].decode("ascii")
    # RFC 9110, 2.5 and 6.2: a higher minor version is read as the highest that is known.
    version = "1.0" if found["minor"] == b"0" else "1.1"
    fields = fields_of(raw)
    known = _known(fields)
    target, host = _addressed(method, target, known["host"], version)
    incoming = Incoming(method, target, fields, host, version)
    options = [option.lower() for value in known["connection"] for option in elements(value)]
    length = _length(known["content-length"], known["transfer-encoding"], version)
    return RequestHead(incoming, length, version == "1.0" or "close" in options)


def _known(fields: Fields) -> dict[str, list[str]]:
    """The values of each line that says where the request goes and where it ends."""
    known: dict[str, list[str]] = {name: [] for name in _KNOWN}
    for name, value in fields:
        if (found := known.get(name.lower())) is not None:
            found.append(value)
    return known


@functools.lru_cache(maxsize=256)
def _stand_in(length: int, *, closes: bool) -> bytes:
    framing = {0: "", CHUNKED: "Transfer-Encoding: chunked\r\n"}
    said = framing.get(length, f"Content-Length: {length}\r\n")
    said += "Connection: close\r\n" if closes else ""
    return f"POST / HTTP/1.1\r\nHost: localhost\r\n{said}\r\n".encode("ascii")


def _addressed(method: str, target: str, hosts: list[str], version: str) -> tuple[str, str]:
    """What is asked for, and of which host."""
    if len(method) > MAX_METHOD_BYTES:  # RFC 9112, 3
        message = f"the request's method is longer than {MAX_METHOD_BYTES} bytes"
        raise Refusal(501, message, close=True)
    if len(hosts) > 1 or (version != "1.0" and not hosts):  # RFC 9112, 3.2
        found = f"{len(hosts)} Host headers" if hosts else "no Host header"
        raise malformed(f"the request has {found}: expected one")
    host = hosts[0] if hosts else ""
    if method == "CONNECT":
        return target, host
    if absolute := _ABSOLUTE.fullmatch(target):
        # RFC 9112, 3.2.2: the authority of the target counts, whatever Host says.
        host, target = absolute["authority"], absolute["rest"] or "/"
        target = target if target.startswith("/") else f"/{target}"
    if "#" in target:
        raise malformed("the request's target has a fragment (#), which stays in the browser")
    if not (target.startswith("/") or (target, method) == ("*", "OPTIONS")):
        raise malformed("the request's target is neither a path nor the URL of one")
    return target, host


def _length(lengths: list[str], codings: list[str], version: str) -> int:
    """Where the content ends (RFC 9112, 6.3), as far as the head says."""
    if codings:
        if lengths:
            raise malformed("the request has Content-Length beside Transfer-Encoding")
        if version == "1.0":
            raise malformed("HTTP/1.0 knows no Transfer-Encoding")
        _check_codings([element.lower() for value in codings for element in elements(value)])
        return CHUNKED
    if len(lengths) > 1:
        raise malformed("the request has several Content-Length headers: expected one")
    if not lengths:
        return 0
    if not _LENGTH.fullmatch(lengths[0]):
        raise malformed("the request's Content-Length is not a number of bytes")
    return int(lengths[0])


def _check_codings(codings: list[str]) -> None:
    """Raise Refusal for all but `chunked`, alone; in however many lines it was said."""
    if codings == ["chunked"]:
        return
    if all(map(_CODING.fullmatch, codings)) and set(codings) != {"chunked"}:
        message = "the only transfer coding that is understood here is chunked"
        raise Refusal(501, message, close=True)  # RFC 9112, 6.1
    raise malformed("the request's Transfer-Encoding is malformed")


def check_beginning(data: bytes, known: int, max_bytes: int) -> None:
    """Raise Refusal for a beginning that can never become a head: its end is not waited for.

    The first `known` bytes of it were found good before.
    """
    end = data.find(b"\r\n")
    if len(data) > max_bytes:
        raise too_large(len(data) if end < 0 else end, max_bytes)
    if _NEVER.search(data, max(known - 1, 0)) or (
        end >= max(known - 1, 0) and not _REQUEST_LINE.fullmatch(data, 0, end)
    ):
        raise not_http(data)


def not_http(data: bytes) -> Refusal:
    """The response to what is no head; TLS has an id of its own, since a setting helps."""
    if data.startswith(_TLS):
        message = "this is TLS, and plain HTTP is spoken here: the page calls https://"
        fix = "call http:// instead, or let it speak https: --tls auto"
        return Refusal(400, message, id="tls-on-plain-port", close=True, fix=fix)
    return malformed(complaint(data))


def complaint(head: bytes) -> str:
    """What is wrong with a head that is not HTTP: which line, which byte, but not a word of it."""
    request_line, *lines = head.split(b"\r\n")
    fields = lines[: lines.index(b"")] if b"" in lines else lines
    found = (
        _field_complaint(number, line) if number > 1 else _first_complaint(line)
        for number, line in enumerate((request_line, *fields), 1)
    )
    return next(filter(None, found), "this is not an HTTP/1.1 request")


def _first_complaint(line: bytes) -> str:
    if control := _CONTROL.search(line.replace(b"\t", b"\0")):
        return _control_byte(1, line[control.start()])
    if _REQUEST_LINE.fullmatch(line):
        return ""
    if raw := _RAW.search(line):
        byte = f"0x{line[raw.start()]:02x}"
        return f"line 1 of the request's head contains the byte {byte}: percent-encode it"
    if (found := _VERSION.fullmatch(line)) and not found["version"].startswith(b"1."):
        return f"HTTP/{found['version'].decode()} is not spoken here, HTTP/1.1 is"
    return "line 1 of the request's head is not a request line: expected METHOD target HTTP/1.1"


def _field_complaint(number: int, line: bytes) -> str:
    if control := _CONTROL.search(line):
        return _control_byte(number, line[control.start()])
    if is_field_line(line):
        return ""
    return f"line {number} of the request's head is not a field line: expected name: value"


def _control_byte(number: int, byte: int) -> str:
    hint = {0x0A: ", LF without CR", 0x0D: ", CR without LF"}.get(byte, "")
    return f"line {number} of the request's head contains the control byte 0x{byte:02x}{hint}"
