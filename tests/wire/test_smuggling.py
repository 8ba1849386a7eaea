"""Smuggling: what has two readings gets one response, a refusal; nothing behind it is served."""

import pytest

from tests.wire.conftest import Gateway, every_loop
from tests.wire.messages import Message, Wire, chunked, reply
from tests.wire.payloads import EVERY, LARGE

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"


def watch(gateway: Gateway) -> list[bytes]:
    """The targets of requests that the upstream took for complete."""
    complete: list[bytes] = []

    def script(wire: Wire, request: Message) -> None:
        wire.read_content(request)
        complete.append(request.target)
        wire.send(reply(b"hello"))

    gateway.upstream.script = script
    return complete


def contents(gateway: Gateway, target: bytes) -> list[bytes]:
    """What came with each request for `target`."""
    return [one.content for one in gateway.upstream.seen if one.target == target]


@every_loop
@pytest.mark.parametrize("payload", [pytest.param(raw, id=name) for name, raw in EVERY.items()])
def test_nothing_gets_past(gateway: Gateway, payload: bytes) -> None:
    complete = watch(gateway)
    with gateway.connect() as client:
        client.send(payload + SMUGGLED)
        response = client.response()
        too_large = payload in LARGE.values()
        assert response.status in ((431, 414) if too_large else (400, 501))
        assert response.one(b"content-type") == b"application/problem+json"
        assert client.ended
    assert complete == []


@pytest.mark.parametrize("size", [1, 2, 7])
@pytest.mark.parametrize(
    "payload", [pytest.param(raw, id=name) for name, raw in EVERY.items() if name not in LARGE]
)
def test_nothing_gets_past_in_pieces(gateway: Gateway, payload: bytes, size: int) -> None:
    complete = watch(gateway)
    with gateway.connect() as client:
        try:
            client.pieces(payload, size)
        except OSError:
            pass  # it was refused before its end
        else:
            assert client.response().status in (400, 501)
    assert complete == []


@pytest.mark.parametrize("spelled", [b"GET  /%b HTTP/1.1", b"GET /%b  HTTP/1.1"])
def test_blanks_between_words_have_one_reading(gateway: Gateway, spelled: bytes) -> None:
    complete = watch(gateway)
    with gateway.connect() as client:
        client.send(spelled % b"a" + b"\r\nHost: localhost\r\n\r\n")
        assert client.response().content == b"hello"
    assert complete == [b"/a"]
    assert gateway.upstream.seen[0].start == b"GET /a HTTP/1.1"


@every_loop
@pytest.mark.parametrize("bad", [b"BAD\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\r\n\r\n"])
def test_a_sound_request_before_a_malformed_one_is_answered(gateway: Gateway, bad: bytes) -> None:
    complete = watch(gateway)
    with gateway.connect() as client:
        client.send(gateway.ask(b"GET", b"/1") + gateway.ask(b"GET", b"/2") + bad + SMUGGLED)
        assert client.response().content == b"hello"
        assert client.response().content == b"hello"
        assert client.response().status == 400
        assert client.ended
    assert complete == [b"/1", b"/2"]


@every_loop
@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(b"Upgrade: websocket\r\nConnection: Upgrade\r\n", id="websocket"),
        pytest.param(b"Upgrade: foo\r\nConnection: Upgrade\r\n", id="another protocol"),
        pytest.param(b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n", id="h2c"),
        pytest.param(b"Expect: 100-continue\r\n", id="Expect"),
        pytest.param(b"Connection: Content-Length\r\n", id="Connection: Content-Length"),
        pytest.param(b"X-Http-Method-Override: HEAD\r\n", id="another method"),
    ],
)
@pytest.mark.parametrize("method", [b"GET", b"POST"])
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_content_is_content_whatever_the_fields_say(
    gateway: Gateway, fields: bytes, method: bytes, framing: str
) -> None:
    complete = watch(gateway)
    head = method + b" /outer HTTP/1.1\r\nHost: localhost\r\n" + fields
    if framing == "length":
        content = b"Content-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED
    else:
        content = b"Transfer-Encoding: chunked\r\n\r\n" + chunked(SMUGGLED)
    with gateway.connect() as client:
        client.send(head + content)
        client.send(gateway.ask(b"GET", b"/next"))
        assert client.response().content == b"hello"
        assert client.response().content == b"hello"
    assert complete == [b"/outer", b"/next"]
    assert contents(gateway, b"/outer") == [SMUGGLED]


@every_loop
@pytest.mark.parametrize("chunks", [False, True], ids=["length", "chunked"])
def test_content_beside_an_upgrade_is_content(gateway: Gateway, chunks: bool) -> None:
    complete = watch(gateway)
    fields = (b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Version: 13")
    framing = b"Transfer-Encoding: chunked" if chunks else b"Content-Length: %d" % len(SMUGGLED)
    content = chunked(SMUGGLED) if chunks else SMUGGLED
    with gateway.connect() as client:
        client.send(gateway.ask(b"PUT", b"/outer", *fields, framing, content=content))
        client.send(gateway.ask(b"GET", b"/next"))
        assert client.response().content == b"hello"
        assert client.response().content == b"hello"
    assert complete == [b"/outer", b"/next"]
    assert contents(gateway, b"/outer") == [SMUGGLED]


@every_loop
def test_content_of_a_request_that_needs_none_is_not_the_next_request(gateway: Gateway) -> None:
    complete = watch(gateway)
    length = b"Content-Length: %d" % len(SMUGGLED)
    preflight = (b"Origin: http://app.test:5173", b"Access-Control-Request-Method: PUT")
    with gateway.connect() as client:
        client.send(gateway.ask(b"OPTIONS", b"/", *preflight, length, content=SMUGGLED))
        client.send(gateway.ask(b"GET", b"/next"))
        assert client.response().status == 204
        assert client.response().content == b"hello"
    assert complete == [b"/next"]


@every_loop
def test_a_head_that_does_not_end_is_refused_before_it_does(gateway: Gateway) -> None:
    complete = watch(gateway)
    with gateway.connect() as client:
        client.send(gateway.ask(b"GET", b"/", *[b"X-A: " + b"a" * 1000] * 70)[:-4])
        assert client.response().status == 431
    assert complete == []
