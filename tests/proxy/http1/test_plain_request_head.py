"""What the fast lane takes, aiohttp reads alike; what it must not take, it does not."""

import asyncio
from unittest.mock import Mock

import pytest
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpRequestParser
from aiohttp.http_exceptions import HttpProcessingError
from hypothesis import event, example, given, settings

from corsproxy.proxy.http1 import plain_request_head
from corsproxy.proxy.http1.head_pieces import content_length
from tests.proxy.heads import request_heads

_CONNECTION = Mock(spec=BaseProtocol)
_LOOP = Mock(spec=asyncio.AbstractEventLoop)


def recognised(raw: bytes) -> tuple[bytes, bytes, int] | None:
    """Method, target and length of content, if this is one ordinary head and nothing else."""
    found = plain_request_head.REQUEST_HEAD.fullmatch(raw)
    if found is None:
        return None
    pieces = plain_request_head.split(raw)
    if plain_request_head.host_of(plain_request_head.specials(pieces[2::3])) is None:
        return None
    lengths = [n for n, piece in enumerate(pieces[1::3]) if piece is not None]
    return found[1], found[2], content_length(pieces, lengths[0]) if lengths else 0


def head(*lines: bytes, first: bytes = b"GET / HTTP/1.1", host: bytes = b"Host: a.test") -> bytes:
    return b"\r\n".join([first, *([host] if host else []), *lines, b"", b""])


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(head(), id="the least"),
        pytest.param(head(b"Connection: Keep-Alive", b"Accept:*/*", b"X:"), id="a few fields"),
        pytest.param(head(b"Connection: close"), id="close"),
        pytest.param(head(b"content-length: 007"), id="a length"),
        pytest.param(head(b"X: \xff\x80", b"Cookie: a", b"Cookie: b"), id="any bytes"),
        pytest.param(head(first=b"OPTIONS /a?b=%zz&[]{}|\\^` HTTP/1.1"), id="any visible target"),
    ],
)
def test_what_is_ordinary_is_recognised(raw: bytes) -> None:
    assert recognised(raw) is not None


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(head(host=b""), id="no Host"),
        pytest.param(head(host=b"Host:"), id="an empty Host"),
        pytest.param(head(b"host: b.test"), id="two Hosts"),
        pytest.param(head(b"Content-Length: 5", b"Content-Length: 5"), id="two lengths"),
        pytest.param(head(b"Content-Length: +5"), id="a signed length"),
        pytest.param(head(b"Content-Length: 5, 5"), id="a list of lengths"),
        pytest.param(head(b"Content-Length:"), id="an empty length"),
        pytest.param(head(b"Transfer-Encoding: chunked"), id="chunked"),
        pytest.param(head(b"Upgrade: websocket"), id="an upgrade"),
        pytest.param(head(b"Expect: 100-continue"), id="an expectation"),
        pytest.param(head(b"TE: trailers"), id="TE"),
        pytest.param(head(b"Trailer: x"), id="a trailer"),
        pytest.param(head(b"Max-Forwards: 1"), id="Max-Forwards"),
        pytest.param(head(b"Connection: X-Hop"), id="a nominated field"),
        pytest.param(head(b"Connection: keep-alive, upgrade"), id="a list in Connection"),
        pytest.param(head(b"A : b"), id="a blank before the colon"),
        pytest.param(head(b"A: b", b" folded"), id="a folded line"),
        pytest.param(head(b"A: b\x00"), id="a control byte"),
        pytest.param(head(b"A: b\nB: c"), id="LF alone"),
        pytest.param(head(first=b"GET /a#b HTTP/1.1"), id="a fragment"),
        pytest.param(head(first=b"GET /\xe9 HTTP/1.1"), id="a raw byte in the target"),
        pytest.param(head(first=b"GET http://a.test/ HTTP/1.1"), id="absolute-form"),
        pytest.param(head(first=b"OPTIONS * HTTP/1.1"), id="asterisk-form"),
        pytest.param(head(first=b"CONNECT a.test:1 HTTP/1.1"), id="CONNECT"),
        pytest.param(head(first=b"get / HTTP/1.1"), id="lower case"),
        pytest.param(head(first=b"BREW / HTTP/1.1"), id="an unknown method"),
        pytest.param(head(first=b"GET / HTTP/1.0"), id="HTTP/1.0"),
        pytest.param(head(first=b"GET  / HTTP/1.1"), id="two blanks"),
        pytest.param(b"\r\n" + head(), id="an empty line first"),
    ],
)
def test_what_is_not_is_left_to_the_other_lane(raw: bytes) -> None:
    assert recognised(raw) is None


def test_only_what_rules_look_at_is_taken_out() -> None:
    raw = head(b"Accept: a", b"ORIGIN: http://a.test", b"Originally: b", b"Content-Length: 5")
    pieces = plain_request_head.split(raw)
    assert pieces[2::3] == [b"Host: a.test", b"ORIGIN: http://a.test", None]
    assert pieces[1::3] == [None, None, b"Content-Length: 5"]
    assert b"".join(pieces[::3]) == b"GET / HTTP/1.1\r\nAccept: a\r\nOriginally: b\r\n\r\n"


def _agrees_with_aiohttp(raw: bytes) -> None:
    ours = recognised(raw)
    event("recognised" if ours else "left to the other lane")
    if ours is None:
        return
    parser = HttpRequestParser(
        _CONNECTION, _LOOP, 2**16, max_line_size=8190, max_headers=128, auto_decompress=False
    )
    try:
        messages, _, _ = parser.feed_data(raw)
    except (HttpProcessingError, ValueError) as error:
        raise AssertionError(f"aiohttp refuses {raw!r}") from error
    [(message, _)] = messages
    method, target, length = ours
    assert (message.method.encode(), message.path.encode()) == (method, target)
    assert not message.chunked
    assert not message.upgrade
    assert int(message.headers.get("Content-Length", 0)) == length
    lines = [line.partition(b":") for line in raw.split(b"\r\n")[1:-2]]
    assert list(message.raw_headers) == [(name, value.strip(b" \t")) for name, _, value in lines]


@given(request_heads())
@example(b"GET / HTTP/1.1\r\nHost: a\r\nX:\xa0b\r\n\r\n")
def test_what_is_recognised_aiohttp_reads_alike(raw: bytes) -> None:
    _agrees_with_aiohttp(raw)


@pytest.mark.long
@pytest.mark.timeout(1200)
@settings(max_examples=100_000)
@given(request_heads())
def test_what_is_recognised_aiohttp_reads_alike_at_length(raw: bytes) -> None:
    _agrees_with_aiohttp(raw)
