"""An upstream's head is read in one way, or not at all."""

import asyncio
from math import inf
from unittest.mock import Mock

import pytest
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpResponseParser
from aiohttp.http_exceptions import HttpProcessingError
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from corsproxy.proxy.http1.response_head import (
    BareLineFeed,
    Framing,
    Malformed,
    ResponseHead,
    parse,
    with_crlf,
)
from tests.proxy.heads import FIELD_LINES, response_heads


def head(*lines: str) -> bytes:
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


@pytest.mark.parametrize(
    ("raw", "method", "framing", "length"),
    [
        pytest.param(head("HTTP/1.1 200 OK", "Content-Length: 5"), "GET", "LENGTH", 5, id="length"),
        pytest.param(
            head("HTTP/1.1 200 OK", "content-length:5 \t"), "GET", "LENGTH", 5, id="blanks"
        ),
        pytest.param(head("HTTP/1.1 200 OK", "Content-Length: 0"), "GET", "LENGTH", 0, id="zero"),
        pytest.param(head("HTTP/1.1 200 OK"), "GET", "CLOSE", 0, id="until the end"),
        pytest.param(head("HTTP/1.0 200 OK"), "GET", "CLOSE", 0, id="HTTP/1.0"),
        pytest.param(
            head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked"), "GET", "CHUNKED", 0, id="chunked"
        ),
        pytest.param(
            head("HTTP/1.1 200 OK", "transfer-encoding:\tCHUNKED "),
            "GET",
            "CHUNKED",
            0,
            id="CHUNKED",
        ),
        pytest.param(head("HTTP/1.1 200 OK", "Content-Length: 5"), "HEAD", "NONE", 0, id="HEAD"),
        pytest.param(head("HTTP/1.1 204 No"), "GET", "NONE", 0, id="204"),
        pytest.param(head("HTTP/1.1 304 No", "Content-Length: 7"), "GET", "NONE", 0, id="304"),
        pytest.param(head("HTTP/1.1 103 Early", "Link: </a>"), "GET", "NONE", 0, id="interim"),
        pytest.param(head("HTTP/1.1 101 Yes", "Upgrade: WebSocket"), "GET", "TUNNEL", 0, id="101"),
        pytest.param(head("HTTP/1.1 200", "Content-Length: 1"), "GET", "LENGTH", 1, id="no reason"),
    ],
)
def test_the_end_of_the_content_is_found(
    raw: bytes, method: str, framing: str, length: int
) -> None:
    found = parse(raw, method)
    assert (found.framing, found.length) == (Framing[framing], length)
    assert found.raw == raw


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(head("HTTP/1.1 200 OK", "Content-Length: 5", "Content-Length: 6"), id="two"),
        pytest.param(
            head("HTTP/1.1 200 OK", "Content-Length: 5", "Content-Length: 05"), id="two spellings"
        ),
        pytest.param(head("HTTP/1.1 200 OK", "Content-Length: 5, 6"), id="a list of two"),
        pytest.param(head("HTTP/1.1 200 OK", "Content-Length: 5, "), id="an empty element"),
        pytest.param(head("HTTP/1.1 101 Yes", "Upgrade: h2c"), id="101 to another protocol"),
        pytest.param(head("HTTP/1.1 101 Yes"), id="101 to no protocol"),
        pytest.param(head("HTTP/1.1 200 OK", "Content-Length: +5"), id="a sign"),
        pytest.param(head("HTTP/1.1 200 OK", "Content-Length: -5"), id="negative"),
        pytest.param(head("HTTP/1.1 200 OK", "Content-Length: 0x5"), id="hexadecimal"),
        pytest.param(head("HTTP/1.1 200 OK", "Content-Length: 5 5"), id="a blank inside"),
        pytest.param(head("HTTP/1.1 200 OK", "Content-Length:"), id="empty"),
        pytest.param(head("HTTP/1.1 200 OK", f"Content-Length: {10**19}"), id="too many digits"),
        pytest.param(
            head("HTTP/1.1 200 OK", "Content-Length: 5", "Transfer-Encoding: chunked"), id="both"
        ),
        pytest.param(
            head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "Content-Length: 5"),
            id="both, CL last",
        ),
        pytest.param(head("HTTP/1.1 200 OK", "Transfer-Encoding: gzip, chunked"), id="gzip"),
        pytest.param(head("HTTP/1.1 200 OK", "Transfer-Encoding: xchunked"), id="xchunked"),
        pytest.param(
            head("HTTP/1.1 200 OK", *["Transfer-Encoding: chunked"] * 2), id="two codings"
        ),
        pytest.param(head("HTTP/1.0 200 OK", "Transfer-Encoding: chunked"), id="chunked in 1.0"),
        pytest.param(head("HTTP/1.1 200 OK", "A: b", " folded"), id="a folded line"),
        pytest.param(head("HTTP/1.1 200 OK", "A : b"), id="a blank before the colon"),
        pytest.param(head("HTTP/1.1 200 OK", ": b"), id="no name"),
        pytest.param(head("HTTP/1.1 200 OK", "no colon"), id="no colon"),
        pytest.param(head("HTTP/1.1 200 OK", "A\xe9: b"), id="a name that is no token"),
        pytest.param(head("HTTP/1.1 20 OK"), id="two digits"),
        pytest.param(head("HTTP/1.1 2000 OK"), id="four digits"),
        pytest.param(head("HTTP/1.1 099 OK"), id="below 100"),
        pytest.param(head("HTTP/2.0 200 OK"), id="another version"),
        pytest.param(head("http/1.1 200 OK"), id="lower case"),
        pytest.param(head("HTTP/1.1  200 OK"), id="two blanks"),
        pytest.param(head("ICY 200 OK"), id="another protocol"),
        pytest.param(b"HTTP/1.1 200 OK\r\nA: b\rC: d\r\n\r\n", id="CR without LF"),
        *(
            pytest.param(
                head("HTTP/1.1 200 OK", f"A: x{chr(byte)}y"), id=f"byte {byte:02X} in a value"
            )
            for byte in (*range(9), *range(10, 32), 127)
        ),
        pytest.param(head("HTTP/1.1 200 O\x1bK"), id="a control byte in the reason"),
    ],
)
def test_what_can_be_read_in_two_ways_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        parse(raw, "GET")


@pytest.mark.parametrize(
    ("status", "method"), [("200 OK", "HEAD"), ("204 No", "GET"), ("304 Same", "GET")]
)
def test_lengths_that_contradict_each_other_are_left_out_where_none_counts(
    status: str, method: str
) -> None:
    lines = [f"HTTP/1.1 {status}", "A: b", "Content-Length: 5", "content-length: 19", "C: d"]
    assert parse(head(*lines), method).fields == [("A", "b"), ("C", "d")]
    with pytest.raises(Malformed):
        parse(head(*lines, "Content-Length: x"), method)


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["Content-Length: 5", "A: b", "content-length: 5"], id="two lines"),
        pytest.param(["A: b", "Content-Length: 5, 5,5"], id="one line"),
        pytest.param(["Content-Length: 5,5", "A: b", "Content-Length: 5"], id="both"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_length_said_more_than_once_is_said_once(lines: list[str], method: str) -> None:
    found = parse(head("HTTP/1.1 200 OK", *lines), method)
    assert found.fields == [("A", "b"), ("Content-Length", "5")]
    assert found.length == (5 if method == "GET" else 0)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"HTTP/1.1 200 OK\nA: b\nContent-Length: 2\n\n", id="every line"),
        pytest.param(b"HTTP/1.1 200 OK\r\nA: b\nContent-Length: 2\r\n\r\n", id="one line"),
        pytest.param(b"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 2\n\r\n", id="the last"),
        pytest.param(b"HTTP/1.1 200 OK\nA: b\nContent-Length: 2\r\n\n", id="the empty line"),
    ],
)
def test_a_bare_line_feed_ends_a_line(raw: bytes) -> None:
    with pytest.raises(BareLineFeed):
        parse(raw, "GET")
    assert with_crlf(raw + b"ok\n\r\n\r\n").partition(b"\r\n\r\n")[2] == b"ok\n\r\n\r\n"
    assert parse(with_crlf(raw), "GET").fields == [("A", "b"), ("Content-Length", "2")]


@pytest.mark.parametrize(
    ("lines", "idle_timeout"),
    [
        pytest.param(["HTTP/1.1 200 OK", "Content-Length: 1"], inf, id="HTTP/1.1"),
        pytest.param(["HTTP/1.2 200 OK", "Content-Length: 1"], inf, id="HTTP/1.2"),
        pytest.param(["HTTP/1.1 200 OK", "Content-Length: 1", "Connection: Close"], 0, id="close"),
        pytest.param(
            ["HTTP/1.1 200 OK", "Content-Length: 1", "connection: x, close"], 0, id="in a list"
        ),
        pytest.param(["HTTP/1.0 200 OK", "Content-Length: 1"], 0, id="HTTP/1.0"),
        pytest.param(["HTTP/1.1 200 OK"], 0, id="until the end"),
        *(
            pytest.param(["HTTP/1.1 204 No", f"Keep-Alive: {value}"], timeout, id=value)
            for value, timeout in {
                "timeout=5": 5,
                "max=100, timeout=5": 5,
                'Timeout="7", max=1': 7,
                "timeout=0": 0,
                "max=100": inf,
                "xtimeout=3": inf,
                "timeout=" + "9" * 5000: inf,
            }.items()
        ),
    ],
)
def test_a_connection_is_kept_for_as_long_as_both_sides_can(
    lines: list[str], idle_timeout: float
) -> None:
    assert parse(head(*lines), "GET").idle_timeout == idle_timeout


def test_fields_keep_order_spelling_and_bytes() -> None:
    found = parse(
        head("HTTP/1.1 200 Fine, thanks", "B:  1 ", "a: caf\xe9", "B:", "c:\t2\t3"), "GET"
    )
    assert found.reason == "Fine, thanks"
    assert found.fields == [("B", "1"), ("a", "caf\xe9"), ("B", ""), ("c", "2\t3")]


_CONNECTION = Mock(spec=BaseProtocol)
_LOOP = Mock(spec=asyncio.AbstractEventLoop)


def _by_aiohttp(raw: bytes) -> tuple[int, list[tuple[bytes, bytes]], bool] | None:
    """Status, fields and whether chunked, as aiohttp's parser reads them; None if it refuses."""
    parser = HttpResponseParser(_CONNECTION, _LOOP, 2**16, max_line_size=8190, max_headers=128)
    try:
        messages, _, _ = parser.feed_data(raw)
    except (HttpProcessingError, ValueError):
        return None
    if not messages:
        return None
    message = messages[0][0]
    return message.code, list(message.raw_headers), message.chunked


def _agrees_with_aiohttp(raw: bytes) -> None:
    try:
        ours = parse(raw, "GET")
    except Malformed:
        return
    assume(ours.status >= 200)
    assume(ours.raw == raw)  # aiohttp refuses two lengths even where none counts
    theirs = _by_aiohttp(raw)
    assert theirs is not None, f"aiohttp refuses {raw!r}"
    status, fields, chunked = theirs
    assert ours.status == status
    assert [(n.encode("latin-1"), v.encode("latin-1")) for n, v in ours.fields] == fields
    if ours.framing is not Framing.NONE:
        assert (ours.framing is Framing.CHUNKED) is chunked
        assert _length_of(fields) == (ours.length if ours.framing is Framing.LENGTH else None)


def _length_of(fields: list[tuple[bytes, bytes]]) -> int | None:
    return next((int(value) for name, value in fields if name.lower() == b"content-length"), None)


@given(response_heads())
@example(b"HTTP/1.1 200 OK\r\nA:\xa0b\r\n\r\n")
def test_what_is_read_here_aiohttp_reads_alike(raw: bytes) -> None:
    _agrees_with_aiohttp(raw)


@pytest.mark.long
@pytest.mark.timeout(1200)
@settings(max_examples=100_000)
@given(response_heads())
def test_what_is_read_here_aiohttp_reads_alike_at_length(raw: bytes) -> None:
    _agrees_with_aiohttp(raw)


@given(st.lists(FIELD_LINES), st.integers(0, 200), st.binary(min_size=1, max_size=3))
def test_no_bytes_make_it_raise_anything_else(lines: list[bytes], at: int, noise: bytes) -> None:
    raw = b"\r\n".join([b"HTTP/1.1 200 OK", *lines, b"", b""])
    try:
        found = parse(raw[:at] + noise + raw[at:], "GET")
    except Malformed:
        return
    assert isinstance(found, ResponseHead)
