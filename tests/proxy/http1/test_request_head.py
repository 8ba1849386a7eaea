"""The head of a request: read in one way, alike in both lanes, or refused without a word of it."""

import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from corsproxy.proxy.http1 import plain_request_head, request_head
from corsproxy.proxy.http1.chunked import CHUNKED
from corsproxy.proxy.http1.head_pieces import content_length
from corsproxy.proxy.http1.refusals import Refusal
from corsproxy.proxy.http1.request_head import RequestHead, read
from tests.proxy.heads import request_heads

LIMIT = 65536


def head(*lines: bytes, first: bytes = b"GET / HTTP/1.1", host: bytes = b"Host: a.test") -> bytes:
    return b"\r\n".join([first, *([host] if host else []), *lines, b"", b""])


def reading(raw: bytes) -> RequestHead | Refusal:
    try:
        return read(raw, LIMIT)
    except Refusal as refusal:
        return refusal


def refusal(raw: bytes, limit: int = LIMIT) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read(raw, limit)
    return caught.value


@pytest.mark.parametrize(
    ("raw", "length", "closes"),
    [
        pytest.param(head(), 0, False, id="the least"),
        pytest.param(head(b"Content-Length: 007"), 7, False, id="a length"),
        pytest.param(head(b"Transfer-Encoding: \tChunked "), CHUNKED, False, id="chunks"),
        pytest.param(head(b"Connection: x, Close"), 0, True, id="close among others"),
        pytest.param(head(b"Connection: x", b"connection: close"), 0, True, id="close, two lines"),
        pytest.param(head(b"Connection: closed"), 0, False, id="what is not close"),
        pytest.param(head(first=b"GET / HTTP/1.0", host=b""), 0, True, id="HTTP/1.0, no Host"),
        pytest.param(head(b"Upgrade: websocket", b"Content-Length: 5"), 5, False, id="an upgrade"),
        pytest.param(head(b"Content_Length: 5"), 0, False, id="what looks like a length"),
        pytest.param(head(b"User-Agent: a", b"User-Agent: b"), 0, False, id="a header twice"),
        pytest.param(head(b"X: \xff\t"), 0, False, id="any bytes"),
        pytest.param(head(first=b"x!y / HTTP/1.1"), 0, False, id="any method"),
    ],
)
def test_what_has_one_reading_is_read(raw: bytes, length: int, closes: bool) -> None:
    found = read(raw, LIMIT)
    assert (found.length, found.closes) == (length, closes)


@pytest.mark.parametrize(
    ("raw", "status", "why"),
    [
        pytest.param(head(b"Transfer-Encoding: gzip, chunked"), 501, "coding", id="in one line"),
        pytest.param(
            head(b"Transfer-Encoding: gzip", b"Transfer-Encoding: chunked"),
            501,
            "coding",
            id="an unknown coding in two lines",
        ),
        pytest.param(head(b"Transfer-Encoding: br"), 501, "coding", id="an unknown one alone"),
        pytest.param(head(b"Transfer-Encoding: chunked, chunked"), 400, "malformed", id="twice"),
        pytest.param(head(b"Transfer-Encoding: ,chunked"), 400, "malformed", id="an empty one"),
        pytest.param(
            head(b"Transfer-Encoding: chunked", b"Content-Length: 5"), 400, "beside", id="both"
        ),
        pytest.param(
            head(b"Transfer-Encoding: br", b"Content-Length: 5"), 400, "beside", id="br and both"
        ),
        pytest.param(head(b"Content-Length: 5", b"Content-Length: 6"), 400, "several", id="two"),
        pytest.param(head(b"Content-Length: " + b"9" * 19), 400, "not a number", id="too long"),
        pytest.param(head(b"Host: b.test"), 400, "2 Host headers", id="two Hosts"),
        pytest.param(head(host=b""), 400, "no Host header", id="no Host"),
        pytest.param(head(first=b"M" * 65 + b" / HTTP/1.1"), 501, "64 bytes", id="a long method"),
        pytest.param(head(first=b"GET / HTTP/2.0"), 400, "HTTP/2.0 is not", id="HTTP/2.0"),
        pytest.param(head(first=b"GET /\xe9 HTTP/1.1"), 400, "line 1 of", id="a raw byte"),
        pytest.param(head(first=b"GET /#secret HTTP/1.1"), 400, "target", id="a fragment"),
        pytest.param(head(first=b"secret"), 400, "line 1 of", id="no request line"),
        pytest.param(b"\x16\x03\x01secret\r\n\r\n", 400, "this is TLS", id="TLS"),
        pytest.param(head(b"X: secret\x00"), 400, "line 3 of", id="NUL"),
        pytest.param(head(b"X: y", b"secret"), 400, "line 4 of", id="no field line"),
        pytest.param(head(*[b"X: secret"] * 1000), 431, "1000 fields", id="too many fields"),
    ],
)
def test_what_has_not_is_refused_for_its_reason_and_never_quoted(
    raw: bytes, status: int, why: str
) -> None:
    found = refusal(raw)
    assert (found.status, found.close) == (status, True)
    assert why in found.detail
    assert "secret" not in found.detail


@pytest.mark.parametrize("byte", [b for b in range(256) if (b < 32 and b != 9) or b == 127])
@pytest.mark.parametrize("line", [1, 3])
def test_a_control_byte_is_named_with_its_line(byte: int, line: int) -> None:
    mark = bytes([byte])
    raw = head(first=b"GET /" + mark + b"x HTTP/1.1") if line == 1 else head(b"X: a" + mark + b"b")
    assert f"line {line} of the request's head contains the control byte 0x{byte:02x}" in (
        refusal(raw).detail
    )


def test_a_head_may_be_as_large_as_the_limit_and_not_a_byte_more() -> None:
    raw = head(b"X: " + b"y" * 1000)
    assert isinstance(read(raw, len(raw)), RequestHead)
    assert refusal(raw, len(raw) - 1).status == 431
    assert refusal(head(first=b"GET /" + b"y" * 1000 + b" HTTP/1.1"), 1000).status == 414


@given(request_heads())
@example(head(b"Connection: close"))
@example(head(b"Content_Length: 5", b"X_Forwarded_For: a"))
def test_what_the_fast_lane_recognises_is_read_alike(raw: bytes) -> None:
    found = plain_request_head.REQUEST_HEAD.fullmatch(raw)
    pieces = plain_request_head.split(raw) if found else []
    special = plain_request_head.specials(pieces[2::3])
    host = plain_request_head.host_of(special) if found else None
    event("recognised" if host is not None else "left to the other lane")
    if found is None or host is None:
        return
    lengths = [n for n, piece in enumerate(pieces[1::3]) if piece is not None]
    read_ = read(raw, LIMIT)
    assert read_.incoming.method.encode() == found[1]
    assert read_.incoming.target.encode() == found[2]
    assert (read_.incoming.host, read_.incoming.version) == (host, "1.1")
    assert read_.length == (content_length(pieces, lengths[0]) if lengths else 0)
    said = [value.lower() for name, value in special if name.lower() == "connection"]
    assert read_.closes is ("close" in said)


@given(st.one_of(st.binary(max_size=200), request_heads()), st.integers(0, 300))
@settings(max_examples=300)
def test_a_beginning_is_refused_only_if_the_whole_is(raw: bytes, cut: int) -> None:
    whole = reading(raw + b"\r\n\r\n")
    known = min(cut, len(raw)) // 2
    try:
        request_head.check_beginning(raw[:cut], known, LIMIT)
    except Refusal:
        assert isinstance(whole, Refusal)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    assert isinstance(reading(raw + b"\r\n\r\n"), RequestHead | Refusal)
