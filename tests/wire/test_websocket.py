"""WebSocket: a handshake that both sides agree on, then bytes, untouched; else its refusal."""

import hashlib
import json
import queue
import struct
import threading
import time

import pytest

from tests.wire.conftest import ORIGIN, Gateway, Start, every_loop
from tests.wire.messages import Message, Truncated, Wire, reply

ACCEPTED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
)
HANDSHAKE = (
    b"Upgrade: websocket",
    b"Connection: keep-alive, Upgrade",
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    b"Sec-WebSocket-Version: 13",
    b"Sec-WebSocket-Protocol: chat, superchat",
    b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
)
FROM_PAGE = (*HANDSHAKE, b"Origin: " + ORIGIN)


def frame(opcode: int, content: bytes, *, final: bool = True, rsv: int = 0) -> bytes:
    """A frame as a server sends it."""
    first = (0x80 if final else 0) | rsv << 4 | opcode
    size = len(content)
    if size < 126:
        return struct.pack("!BB", first, size) + content
    if size < 65536:
        return struct.pack("!BBH", first, 126, size) + content
    return struct.pack("!BBQ", first, 127, size) + content


def close(code: int, reason: bytes = b"") -> bytes:
    return frame(8, struct.pack("!H", code) + reason)


def blob(size: int) -> bytes:
    return hashlib.shake_128(b"%d" % size).digest(size)


FRAMES = {
    **{f"binary, {n} bytes": frame(2, blob(n)) for n in (0, 1, 125, 126, 65535, 65536, 1 << 20)},
    "16 MiB": frame(2, blob(1 << 24)),
    "text": frame(1, "grüße".encode()),
    "text that is not UTF-8": frame(1, b"\xff\xfe"),
    "a fragmented message": frame(1, b"a", final=False) + frame(0, b"c"),
    "a ping between fragments": frame(2, b"a", final=False) + frame(9, b"?") + frame(0, b"c"),
    "ping and pong": frame(9, b"x" * 125) + frame(10, b"x" * 125),
    "the bit of compression": frame(1, b"\xca\x48\xcd\xc9\xc9\x07\x00", rsv=4),
    "reserved bits": frame(2, b"x", rsv=3),
    "a reserved opcode": frame(5, b"x"),
    "no WebSocket at all": b"GET / HTTP/1.1\r\n\r\n" * 3,
    **{f"close {code}": close(code, b"reason") for code in (1000, 1001, 1007, 1011, 3000, 4999)},
    "close 1005, which none may send": close(1005),
    "close without a code": frame(8, b""),
}  # fmt: skip


def echo(wire: Wire, _: Message) -> bool:
    """Accept, and send back whatever comes."""
    wire.send(ACCEPTED)
    while data := wire.held or wire.sock.recv(1 << 16):
        wire.held = b""
        wire.send(data)
    return False


@every_loop
@pytest.mark.parametrize("frames", [pytest.param(raw, id=name) for name, raw in FRAMES.items()])
def test_bytes_cross_untouched_both_ways(gateway: Gateway, frames: bytes) -> None:
    gateway.upstream.script = echo
    with gateway.connect() as client:
        client.send(gateway.ask(b"GET", b"/chat?room=1", *FROM_PAGE))
        assert client.response().status == 101
        sending = threading.Thread(target=client.send, args=(frames,))
        sending.start()
        assert client.exactly(len(frames)) == frames
        sending.join()


@every_loop
def test_the_handshake_is_agreed_upon_by_the_ends(gateway: Gateway) -> None:
    gateway.upstream.script = echo
    with gateway.connect() as client:
        response = client.send(gateway.ask(b"GET", b"/chat", *FROM_PAGE)).response()
    (request,) = gateway.upstream.seen
    for line in FROM_PAGE[2:]:
        name, _, value = line.partition(b": ")
        assert request.one(name) == value
    assert request.one(b"upgrade") == b"websocket"
    assert request.one(b"connection") == b"Upgrade"
    assert response.one(b"sec-websocket-accept") == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert response.one(b"sec-websocket-protocol") == b"chat"
    assert response.one(b"upgrade") == b"websocket"
    assert response.one(b"connection") == b"Upgrade"


@every_loop
def test_what_follows_a_handshake_at_once_belongs_to_it(gateway: Gateway) -> None:
    def script(wire: Wire, request: Message) -> bool:
        wire.send(ACCEPTED + frame(1, b"welcome"))
        wire.send(wire.exactly(5))
        return echo(wire, request) if wire.held else False

    gateway.upstream.script = script
    with gateway.connect() as client:
        client.send(gateway.ask(b"GET", b"/", *FROM_PAGE, content=b"early"))
        assert client.response().status == 101
        assert client.rest() == frame(1, b"welcome") + b"early"


@every_loop
@pytest.mark.parametrize(
    ("status", "line"),
    [
        pytest.param(b"401 Unauthorized", b"WWW-Authenticate: Basic", id="401"),
        pytest.param(b"403 Forbidden", b"X-A: 1", id="403"),
        pytest.param(b"302 Found", b"Location: /login", id="302"),
        pytest.param(b"200 OK", b"X-A: 1", id="200"),
    ],
)
def test_a_refused_handshake_comes_back_as_it_is(
    gateway: Gateway, status: bytes, line: bytes
) -> None:
    gateway.upstream.script = lambda wire, _: wire.send(reply(b"no", line, status=status))
    with gateway.connect() as client:
        response = client.send(gateway.ask(b"GET", b"/", *FROM_PAGE)).response()
        name, _, value = line.partition(b": ")
        assert (response.status, response.content) == (int(status[:3]), b"no")
        assert response.one(name) == value
        gateway.upstream.reset()
        assert client.send(gateway.ask()).response().content == b"hello"


@every_loop
def test_a_page_of_a_foreign_origin_gets_no_tunnel(gateway: Gateway) -> None:
    with gateway.connect() as client:
        client.send(gateway.ask(b"GET", b"/", *HANDSHAKE, b"Origin: http://evil.test"))
        response = client.response()
    assert response.status == 403
    assert json.loads(response.content)["reasons"][0]["check"] == "origin"
    assert gateway.upstream.seen == []


ANY_ORIGIN = 'upstream: {upstream}\ncors: {{allow_origins: "*"}}\n'
FORWARDED = (
    "upstream: {upstream}\ncors: {{allow_origins: [http://app.test], refused_request: forward}}\n"
)


@pytest.mark.parametrize(
    "policy",
    [pytest.param(ANY_ORIGIN, id="any origin"), pytest.param(FORWARDED, id="forwarded")],
)
def test_a_stranger_gets_no_tunnel_with_the_credentials_of_the_user(
    started: Start, policy: str
) -> None:
    gateway = started(policy)
    gateway.upstream.script = echo
    stranger = (*HANDSHAKE, b"Origin: http://evil.test")
    for line in (b"Cookie: sid=s3cret", b"Authorization: Basic czNjcmV0"):
        with gateway.connect() as client:
            response = client.send(gateway.ask(b"GET", b"/", *stranger, line)).response()
        [why] = json.loads(response.content)["reasons"]
        assert (response.status, why["reason"]) == (403, "websocket-with-credentials")
        assert "name http://evil.test in allow_origins" in why["fix"]
        assert b"czNjcmV0" not in response.content
        assert b"s3cret" not in response.content
    assert gateway.upstream.seen == []
    with gateway.connect() as client:
        assert client.send(gateway.ask(b"GET", b"/", *stranger)).response().status == 101
    gateway.program.wait_for("fix: name http://evil.test in allow_origins")
    assert "s3cret" not in gateway.program.output
    assert "czNjcmV0" not in gateway.program.output


@pytest.mark.parametrize(
    "origin",
    [
        pytest.param((), id="no origin"),
        pytest.param((b"Origin: http://localhost",), id="its own origin"),
    ],
)
def test_who_is_not_foreign_gets_a_tunnel(gateway: Gateway, origin: tuple[bytes, ...]) -> None:
    gateway.upstream.script = echo
    with gateway.connect() as client:
        client.send(gateway.ask(b"GET", b"/", b"Host: localhost", *HANDSHAKE, *origin))
        assert client.response().status == 101


@every_loop
def test_each_side_can_end_while_the_other_still_speaks(gateway: Gateway) -> None:
    def script(wire: Wire, _: Message) -> bool:
        wire.send(ACCEPTED)
        assert wire.rest() == b"bye"
        wire.send(b"good bye")
        return False

    gateway.upstream.script = script
    with gateway.connect() as client:
        client.send(gateway.ask(b"GET", b"/", *FROM_PAGE)).response()
        client.send(b"bye").finish()
        assert client.rest() == b"good bye"
    assert not gateway.upstream.unsound


@every_loop
def test_when_the_client_is_gone_the_upstream_learns_it(gateway: Gateway) -> None:
    gateway.upstream.script = echo
    for _ in range(10):
        with gateway.connect() as client:
            client.send(gateway.ask(b"GET", b"/", *FROM_PAGE)).response()
            client.reset()
    assert gateway.upstream.wait_closed(1.5)


@every_loop
def test_when_the_upstream_is_gone_the_client_learns_it(gateway: Gateway) -> None:
    def script(wire: Wire, _: Message) -> bool:
        wire.send(ACCEPTED)
        wire.reset()
        return False

    gateway.upstream.script = script
    with gateway.connect() as client, pytest.raises(Truncated):
        client.send(gateway.ask(b"GET", b"/", *FROM_PAGE)).until(b"more than the handshake")


@every_loop
def test_a_tunnel_that_is_silent_is_ended_by_a_close_to_both_sides(gateway: Gateway) -> None:
    got: queue.Queue[bytes] = queue.Queue()

    def script(wire: Wire, _: Message) -> bool:
        wire.send(ACCEPTED)
        got.put(wire.exactly(8))
        return False

    gateway.upstream.script = script
    with gateway.connect() as client:
        assert client.send(gateway.ask(b"GET", b"/", *FROM_PAGE)).response().status == 101
        assert client.exactly(4) == close(1001)
        assert client.ended
    masked = got.get(timeout=5)
    assert masked[:2] == b"\x88\x82"
    assert bytes(a ^ b for a, b in zip(masked[2:4], masked[6:], strict=False)) == b"\x03\xe9"
    assert gateway.upstream.wait_closed()


@pytest.mark.parametrize(
    "down", [pytest.param(True, id="downwards"), pytest.param(False, id="upwards")]
)
def test_a_tunnel_that_speaks_in_one_direction_goes_on(gateway: Gateway, down: bool) -> None:
    """For longer than the 2 s after which silence would end it."""

    def script(wire: Wire, _: Message) -> bool:
        wire.send(ACCEPTED)
        speaker, listener = (wire, None) if down else (None, wire)
        _one_way(speaker, listener)
        return False

    gateway.upstream.script = script
    with gateway.connect() as client:
        client.send(gateway.ask(b"GET", b"/", *FROM_PAGE)).response()
        _one_way(None if down else client, client if down else None)


def _one_way(speaker: Wire | None, listener: Wire | None) -> None:
    """A frame each 0.25 s for 3 s: time is what this is about."""
    for _ in range(12):
        if speaker is not None:
            time.sleep(0.25)  # the pace of the frames
            speaker.send(frame(1, b"x"))
        if listener is not None:
            assert listener.exactly(3) == frame(1, b"x")


@every_loop
@pytest.mark.parametrize(
    "switched", [b"Upgrade: h2c\r\n", b"Upgrade: websocket, h2c\r\n", b""], ids=repr
)
def test_a_101_to_another_protocol_opens_no_tunnel(gateway: Gateway, switched: bytes) -> None:
    other = ACCEPTED.replace(b"Upgrade: websocket\r\n", switched)
    gateway.upstream.script = lambda wire, _: wire.send(other)
    with gateway.connect() as client:
        assert client.send(gateway.ask(b"GET", b"/", *FROM_PAGE)).response().status == 502


def test_another_upgrade_opens_no_tunnel(gateway: Gateway) -> None:
    gateway.upstream.script = lambda wire, _: wire.send(ACCEPTED)
    with gateway.connect() as client:
        client.send(gateway.ask(b"GET", b"/", b"Upgrade: foo", b"Connection: Upgrade"))
        assert client.response().status == 502
    assert b"upgrade" not in gateway.upstream.seen[0].names
