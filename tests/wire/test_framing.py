"""Framing: where a message ends, in both directions, in every spelling that is allowed."""

import gzip
import hashlib
import sys
import threading

import pytest

from tests.served import served
from tests.upstreams import Script
from tests.wire.conftest import Gateway, every_loop
from tests.wire.messages import Message, Wire, chunked, reply

MIB = 1 << 20


def blob(size: int) -> bytes:
    """Bytes that do not compress."""
    return hashlib.shake_128(b"%d" % size).digest(size)


def sends(raw: bytes, *, ends: bool = False) -> Script:
    """An upstream that sends just these bytes."""

    def script(wire: Wire, request: Message) -> bool:
        wire.read_content(request)
        wire.send(raw)
        return not ends

    return script


@every_loop
@pytest.mark.parametrize("size", [0, 1, 8191, 65536, MIB])
@pytest.mark.parametrize("method", [b"POST", b"GET", b"DELETE"], ids=bytes.decode)
def test_a_request_of_known_length(gateway: Gateway, method: bytes, size: int) -> None:
    content = blob(size)
    request, response = gateway.exchange(
        method, b"/", b"Content-Length: %d" % size, content=content
    )
    assert request.content == content
    assert request.one(b"content-length") == b"%d" % size
    assert response.status == 200


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize(
    ("zeros", "status"),
    [
        pytest.param(0, 413, id="a digit"),
        pytest.param(17, 413, id="eighteen digits"),
        pytest.param(5000, 400, id="more digits than any length has"),
    ],
)
def test_no_length_is_too_long_to_be_answered(zeros: int, status: int, *, fast: bool) -> None:
    policy = "upstream: http://127.0.0.1:1\nlimits: {body_bytes: 2}\n"
    length = b"Content-Length: " + b"0" * zeros + b"5"
    with served(policy, fast=fast) as gateway:
        assert gateway.ask(b"POST", b"/", length).status == status


@every_loop
@pytest.mark.parametrize("size", [0, 1, 8191, 65536, MIB])
@pytest.mark.parametrize("chunk", [7, 65536])
def test_a_chunked_request(gateway: Gateway, size: int, chunk: int) -> None:
    content = blob(min(size, 20000 * chunk))
    request, response = gateway.exchange(
        b"POST", b"/", b"Transfer-Encoding: chunked", content=chunked(content, chunk)
    )
    assert request.content == content
    assert response.status == 200


@pytest.mark.parametrize(
    "framed",
    [
        pytest.param(b"5;a=b\r\nhello\r\n0;last\r\n\r\n", id="extensions"),
        pytest.param(b"0005\r\nhello\r\n000\r\n\r\n", id="zeros"),
        pytest.param(b"5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n", id="a trailer"),
        pytest.param(b"5\r\nhello\r\n0\r\nHost: evil\r\nContent-Length: 9\r\n\r\n", id="more"),
        pytest.param(b"1\r\nh\r\n4\r\nello\r\n0\r\n\r\n", id="two chunks"),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_chunks_arrive_in_whatever_pieces_they_come(
    gateway: Gateway, framed: bytes, size: int
) -> None:
    with gateway.connect() as client:
        client.pieces(gateway.ask(b"POST", b"/", b"Transfer-Encoding: chunked") + framed, size)
        assert client.response().status == 200
    (request,) = gateway.upstream.seen
    assert request.content == b"hello"
    assert request.trailers == []


@every_loop
@pytest.mark.parametrize("size", [0, 1, 8192, MIB])
@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_a_response(gateway: Gateway, framing: str, size: int) -> None:
    content = blob(size)
    raw = {
        "length": reply(content),
        "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(content),
        "close": b"HTTP/1.1 200 OK\r\n\r\n" + content,
    }[framing]
    gateway.upstream.script = sends(raw, ends=framing == "close")
    _, response = gateway.exchange()
    assert response.content == content
    assert bool(response.get(b"content-length")) is (framing == "length")


@every_loop
@pytest.mark.parametrize(
    ("head", "content"),
    [
        pytest.param(b"transfer-encoding:\t chunked \t", b"5\r\nhello\r\n0\r\n\r\n", id="tabs"),
        pytest.param(b"Transfer-Encoding: Chunked", b"5\r\nhello\r\n0\r\n\r\n", id="capitals"),
        pytest.param(b"Transfer-Encoding: chunked", b'5;a="b;c"\r\nhello\r\n0\r\n\r\n', id="ext"),
        pytest.param(b"Transfer-Encoding: chunked", b"0005\r\nhello\r\n0\r\n\r\n", id="zeros"),
        pytest.param(b"content-length:5", b"hello", id="no blank"),
        pytest.param(b"Connection: close", b"hello", id="by close"),
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_spellings_of_a_response(gateway: Gateway, head: bytes, content: bytes, size: int) -> None:
    def script(wire: Wire, _: Message) -> bool:
        wire.pieces(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n" + content, size)
        return b"close" not in head

    gateway.upstream.script = script
    _, response = gateway.exchange()
    assert response.content == b"hello"


@every_loop
def test_trailers_of_a_response_stay_trailers(gateway: Gateway) -> None:
    gateway.upstream.script = sends(
        b"HTTP/1.1 200 OK\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"5\r\nhello\r\n0\r\nX-T: v\r\nSet-Cookie: evil=1\r\n\r\n"
    )
    _, response = gateway.exchange()
    assert response.content == b"hello"
    assert response.trailers == [(b"X-T", b"v"), (b"Set-Cookie", b"evil=1")]
    assert b"set-cookie" not in response.names


@every_loop
@pytest.mark.parametrize(
    ("method", "head"),
    [
        pytest.param(b"HEAD", b"200 OK\r\nContent-Length: 5", id="HEAD with a length"),
        pytest.param(b"HEAD", b"200 OK\r\nTransfer-Encoding: chunked", id="HEAD, chunked"),
        pytest.param(b"HEAD", b"200 OK\r\nX: y", id="HEAD without"),
        pytest.param(b"HEAD", b"200 OK\r\nContent-Length: 5\r\nContent-Length: 6", id="HEAD, two"),
        pytest.param(b"GET", b"204 No Content\r\nX: y", id="204"),
        pytest.param(b"GET", b"204 No Content\r\nContent-Length: 0", id="204 with a length"),
        pytest.param(b"GET", b"304 Not Modified\r\nContent-Length: 77", id="304"),
    ],
)
@pytest.mark.parametrize("stray", [b"", b"STRAY"], ids=["", "and wrongly content"])
def test_responses_that_never_have_content(
    gateway: Gateway, method: bytes, head: bytes, stray: bytes
) -> None:
    def script(wire: Wire, request: Message) -> None:
        wire.send(reply(b"next") if request.target == b"/next" else raw)

    raw = b"HTTP/1.1 " + head + b"\r\n\r\n" + stray
    gateway.upstream.script = script
    with gateway.connect() as client:
        client.send(gateway.ask(method) + gateway.ask(b"GET", b"/next"))
        response = client.response(method)
        assert response.status == int(head[:3])
        assert response.status != 204 or not response.get(b"content-length")
        assert len(response.get(b"content-length")) < 2
        assert client.response().content == b"next"


@every_loop
@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_an_old_client_gets_no_chunks_and_the_end(gateway: Gateway, framing: str) -> None:
    raw = {
        "length": reply(b"hello"),
        "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"hello"),
        "close": b"HTTP/1.1 200 OK\r\n\r\nhello",
    }[framing]
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    gateway.upstream.script = sends(early + raw, ends=framing == "close")
    with gateway.connect() as client:
        response = client.send(b"GET / HTTP/1.0\r\n\r\n").response()
        assert response.content == b"hello"
        assert response.interim == []
        assert not response.get(b"transfer-encoding")
        assert client.ended


@every_loop
def test_early_hints_are_passed_on(gateway: Gateway) -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: x\r\n\r\n"
    gateway.upstream.script = sends(b"HTTP/1.1 100 Continue\r\n\r\n" + early * 2 + reply(b"x"))
    _, response = gateway.exchange()
    assert [interim.status for interim in response.interim] == [103, 103]
    assert response.interim[0].fields == [(b"Link", b"</a>")]
    assert response.content == b"x"


@pytest.mark.parametrize("framing", [b"Content-Length: 5", b"Transfer-Encoding: chunked"])
def test_a_client_that_waits_is_told_to_go_on_once(gateway: Gateway, framing: bytes) -> None:
    content = b"hello" if b"Length" in framing else chunked(b"hello")
    with gateway.connect() as client:
        client.send(gateway.ask(b"POST", b"/", b"Expect: 100-continue", framing))
        assert client.head().status == 100
        response = client.send(content).response()
    assert response.status == 200
    assert response.interim == []
    (request,) = gateway.upstream.seen
    assert request.content == b"hello"
    assert b"expect" not in request.names


def test_a_client_that_waits_and_is_refused_is_not_told_to_go_on(gateway: Gateway) -> None:
    with gateway.connect() as client:
        client.send(
            gateway.ask(b"POST", b"/", b"Expect: 100-continue", b"Content-Length: 5", b"Host: a.b")
        )
        response = client.response()
        assert response.status == 421
        assert response.interim == []
        assert client.ended


def test_another_expectation_is_refused(gateway: Gateway) -> None:
    with gateway.connect() as client:
        assert client.send(gateway.ask(b"GET", b"/", b"Expect: 200-ok")).response().status == 417


@every_loop
@pytest.mark.parametrize("coding", [b"gzip", b"br", b"zstd", b"bogus", b"GZIP", b"deflate"])
def test_codings_are_nobodys_business_here(gateway: Gateway, coding: bytes) -> None:
    content = gzip.compress(b"hello " * 99) if coding == b"gzip" else blob(300)
    said = b"Content-Encoding: " + coding
    gateway.upstream.script = sends(reply(content, said))
    request, response = gateway.exchange(
        b"POST", b"/", said, b"Content-Length: %d" % len(content), content=content
    )
    assert (request.content, request.one(b"content-encoding")) == (content, coding)
    assert (response.content, response.one(b"content-encoding")) == (content, coding)


@every_loop
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_an_early_response_is_passed_on_while_the_client_still_sends(
    gateway: Gateway, framing: str
) -> None:
    def script(wire: Wire, _: Message) -> bool:
        wire.send(reply(b"early", b"Connection: close", status=b"413 Too Large"))
        wire.finish()
        wire.rest()
        return False

    gateway.upstream.script = script
    line = b"Content-Length: 8388608" if framing == "length" else b"Transfer-Encoding: chunked"
    piece = blob(65536) if framing == "length" else chunked(blob(65536))[:-5]
    with gateway.connect() as client:
        client.send(gateway.ask(b"POST", b"/", line))
        sending = threading.Thread(target=_send_until_closed, args=(client, piece))
        sending.start()
        response = client.response()
        assert (response.status, response.content) == (413, b"early")
        client.finish()
        sending.join()


@every_loop
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a reset hides what went before")
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_response_that_its_end_completes_is_whole_though_a_reset_follows_the_end(
    gateway: Gateway, framing: str
) -> None:
    refused = b"refused" * 1000

    def script(wire: Wire, _: Message) -> bool:
        wire.send(b"HTTP/1.1 413 Too Large\r\n\r\n" + refused)
        wire.finish()
        return False

    gateway.upstream.script = script
    content = blob(2 * MIB)
    line = b"Content-Length: %d" % len(content)
    if framing == "chunked":
        line, content = b"Transfer-Encoding: chunked", chunked(content)
    for _ in range(20):
        with gateway.connect() as client:
            client.send_as_far_as_taken(gateway.ask(b"POST", b"/", line) + content)
            response = client.response()
            assert (response.status, response.content) == (413, refused)


def _send_until_closed(client: Wire, piece: bytes) -> None:
    try:
        for _ in range(100):
            client.send(piece)
    except OSError:
        pass  # the response is there; nobody wants the rest


@every_loop
def test_a_response_can_begin_before_the_request_has_ended(gateway: Gateway) -> None:
    def script(wire: Wire, _: Message) -> None:
        wire.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while size := int(wire.until(b"\r\n"), 16):
            part = wire.exactly(size + 2)[:-2]
            wire.send(b"%x\r\n%b\r\n" % (len(part), part))
        wire.until(b"\r\n")
        wire.send(b"0\r\n\r\n")

    gateway.upstream.script = script
    with gateway.connect() as client:
        client.send(gateway.ask(b"POST", b"/", b"Transfer-Encoding: chunked"))
        assert client.send(b"5\r\nhello\r\n").head().status == 200
        assert client.until(b"\r\n5\r\nhello\r\n".removeprefix(b"\r\n")) == b""
        client.send(b"0\r\n\r\n")
        assert client.until(b"0\r\n\r\n") == b""
