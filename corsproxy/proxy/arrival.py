"""What aiohttp has read of a request, every byte of it kept; and what is refused of that."""

import asyncio
import re

from aiohttp import web

from corsproxy.cors.fields import joined
from corsproxy.proxy.errors import Refusal
from corsproxy.proxy.forwarding import Incoming
from corsproxy.proxy.response_head import sound_line

_ABSOLUTE = re.compile(r"https?://(?P<authority>[^/?#]*)(?P<rest>.*)", re.IGNORECASE)


def incoming(request: web.BaseRequest) -> Incoming:
    """The head of `request` as it came, every byte kept."""
    target = request.raw_path.encode("utf-8", "surrogateescape").decode("latin-1")
    fields = [
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers
    ]
    version = f"{request.version.major}.{request.version.minor}"
    host = next((value for name, value in fields if name.lower() == "host"), "")
    if absolute := _ABSOLUTE.fullmatch(target):
        # RFC 9112, 3.2.2: the authority of the target counts, whatever Host says.
        host, target = absolute["authority"], absolute["rest"] or "/"
        target = target if target.startswith("/") else f"/{target}"
    return Incoming(request.method, target, fields, host, version)


def check(incoming: Incoming, most_bytes: int) -> None:
    """Raise Refusal for a head that aiohttp accepts and we do not."""
    if incoming.version not in ("1.0", "1.1"):
        raise malformed(f"HTTP/{incoming.version} is not spoken here, HTTP/1.1 is")
    target = incoming.target
    if "#" in target or not (
        target.startswith("/") or (target, incoming.method) == ("*", "OPTIONS")
    ):
        raise malformed("the request's target is neither a path nor the URL of one")
    size = sum(len(name) + len(value) + 4 for name, value in incoming.fields)
    if size + len(target) > most_bytes:
        raise too_large(len(target), most_bytes)
    coding = joined(incoming.fields, "Transfer-Encoding")
    if coding is not None:
        if coding.lower() != "chunked":
            message = "the only transfer coding that is understood here is chunked"
            raise Refusal(501, message, close=True)
        if incoming.version == "1.0":
            raise malformed("HTTP/1.0 knows no Transfer-Encoding")


def too_large(target_bytes: int, most_bytes: int) -> Refusal:
    """The answer to a head beyond the limit: 414 where the target alone takes half of it."""
    long = target_bytes > most_bytes // 2
    what = "target is so long that its head" if long else "head"
    message = f"the request's {what} is larger than {most_bytes} bytes (limits.header_bytes)"
    return Refusal(414 if long else 431, message, close=True)


def malformed(detail: str) -> Refusal:
    """The answer to what is no HTTP; where the next request begins is not known any more."""
    return Refusal(400, detail, id="malformed-request", close=True)


def complaint(head: bytes) -> str:
    """What is wrong with a head that is no HTTP: which line, but not a word of it."""
    for number, line in enumerate(head.split(b"\r\n")[1:], 2):
        if not line:
            break
        if not sound_line(line):
            return f"line {number} of the request's head is no field line: expected name: value"
    return "this is no HTTP/1.1 request"


def address(transport: asyncio.BaseTransport | None) -> str:
    """The IP address of the client; "unix" for a local socket."""
    peer = transport.get_extra_info("peername") if transport else None
    if not isinstance(peer, tuple):
        return "unix"
    return str(peer[0]).removeprefix("::ffff:")


def head_of(incoming: Incoming) -> bytes:
    """The bytes of a head, but for blanks around values, which no parser keeps."""
    lines = [f"{incoming.method} {incoming.target} HTTP/{incoming.version}"]
    lines += [f"{name}: {value}" for name, value in incoming.fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
