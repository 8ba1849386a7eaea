"""Faults: whatever an upstream does wrong, the client learns which, in time, and can go on."""

import json
import queue
import threading

import pytest

from tests.socket_buffers import held
from tests.upstreams import Script
from tests.wire.conftest import ORIGIN, POLICY, Gateway, Start, every_loop
from tests.wire.messages import Message, Truncated, Wire, reply


def sends(raw: bytes) -> Script:
    """An upstream that sends these bytes, and ends."""

    def script(wire: Wire, request: Message) -> bool:
        wire.read_content(request)
        wire.send(raw)
        return False

    return script


def hangs(raw: bytes) -> Script:
    """An upstream that sends these bytes, and then nothing; until the proxy has enough."""

    def script(wire: Wire, request: Message) -> bool:
        wire.read_content(request)
        wire.send(raw)
        wire.rest()
        return False

    return script


def resets(wire: Wire, request: Message) -> bool:
    wire.read_content(request)
    wire.reset()
    return False


def line(raw: bytes) -> Script:
    """An upstream that answers with this field line."""
    return sends(b"HTTP/1.1 200 OK\r\n" + raw + b"\r\n\r\n")


CHUNKED = b"Transfer-Encoding: chunked"
FAULTS = {
    "closes at once": (sends(b""), "closed"),
    "resets at once": (resets, "reset"),
    "is silent": (hangs(b""), "head-timeout"),
    "is silent in its head": (hangs(b"HTTP/1.1 200 OK\r\nX:"), "head-timeout"),
    "is silent after 100": (hangs(b"HTTP/1.1 100 Continue\r\n\r\n"), "head-timeout"),
    "sends garbage": (sends(b"\x00\x01garbage\r\n\r\n"), "malformed"),
    "sends garbage without end": (hangs(b"garbage"), "malformed"),
    "speaks HTTP/0.9": (sends(b"<html>hello</html>"), "malformed"),
    "speaks HTTP/2": (sends(b"\x00\x00\x06\x04" + bytes(11)), "malformed"),
    "sends a huge head": (hangs(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20000), "malformed"),
    "sends two lengths": (line(b"Content-Length: 1\r\nContent-Length: 2"), "malformed"),
    "sends a list of lengths": (line(b"Content-Length: 1, 2"), "malformed"),
    "sends a length and chunks": (line(CHUNKED + b"\r\nContent-Length: 1"), "malformed"),
    "sends a coding that is not chunked": (line(CHUNKED + b", gzip"), "malformed"),
    "sends a control byte": (line(b"X: a\x1bb"), "malformed"),
    "sends NUL": (line(b"X: a\x00b"), "malformed"),
    "folds a field": (line(b"X: a\r\n b"), "malformed"),
    "puts a blank before a colon": (line(b"X : a"), "malformed"),
    "sends CR alone": (sends(b"HTTP/1.1 200 OK\rX: y\r\r\n\r\n"), "malformed"),
    "sends a bad chunk with its head": (line(CHUNKED + b"\r\n\r\nzz\r\n"), "malformed"),
    "switches to another protocol": (
        sends(b"HTTP/1.1 101 Yes\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"), "malformed"),
    "sends a status of four digits": (sends(b"HTTP/1.1 2000 OK\r\n\r\n"), "malformed"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named(gateway: Gateway, fault: str) -> None:
    gateway.upstream.script, failure = FAULTS[fault]
    status = 504 if "timeout" in failure else 502
    with gateway.connect() as client:
        client.send(gateway.ask(b"GET", b"/", b"Origin: " + ORIGIN))
        response = client.response()
        assert response.status == status
        assert response.one(b"access-control-allow-origin") == ORIGIN
        problem = json.loads(response.content)
        assert problem["status"] == status
        assert gateway.upstream.url in problem["detail"]
        gateway.upstream.reset()
        assert client.send(gateway.ask()).response().content == b"hello"


SETTINGS = b"\x00\x00\x06\x04" + bytes(11)


@every_loop
@pytest.mark.parametrize(
    ("greeting", "told"),
    [
        pytest.param(SETTINGS, "it speaks HTTP/2 only", id="HTTP/2"),
        pytest.param(b"220 mail.test ESMTP\r\n", "220 mail.test ESMTP", id="a mail server"),
    ],
)
def test_a_server_that_speaks_first_is_told_by_what_it_says(
    started: Start, greeting: bytes, told: str
) -> None:
    gateway = started(POLICY)
    gateway.upstream.greeting = greeting
    gateway.upstream.script = lambda wire, _: wire.rest() and False
    for _ in range(20):
        with gateway.connect() as client:
            problem = json.loads(client.send(gateway.ask()).response().content)
            assert problem["id"] == "malformed"
            assert told in problem["detail"]


def test_a_response_that_falls_silent_is_ended(gateway: Gateway) -> None:
    gateway.upstream.script = hangs(reply(b"hello")[:-1])
    with gateway.connect() as client, pytest.raises(Truncated):
        client.send(gateway.ask()).response()


@every_loop
def test_a_response_that_trickles_is_passed_on(gateway: Gateway) -> None:
    def script(wire: Wire, _: Message) -> None:
        wire.pieces(reply(b"hello", b"X-A: 1"))

    gateway.upstream.script = script
    _, response = gateway.exchange()
    assert response.content == b"hello"


@every_loop
@pytest.mark.parametrize(
    "said",
    [
        pytest.param(reply(b"second"), id="a second response"),
        pytest.param(b"HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n", id="a timeout"),
        pytest.param(b"x", id="a byte"),
    ],
)
def test_what_nobody_asked_for_is_nobodys_response(gateway: Gateway, said: bytes) -> None:
    gateway.upstream.script = lambda wire, _: wire.send(reply(b"first") + said)
    with gateway.connect() as client:
        assert client.send(gateway.ask()).response().content == b"first"
        gateway.upstream.reset()
        assert client.send(gateway.ask()).response().content == b"hello"


@every_loop
def test_a_connection_that_died_while_idle_is_not_noticed(gateway: Gateway) -> None:
    served = []

    def script(wire: Wire, request: Message) -> bool:
        served.append(wire)
        wire.read_content(request)
        wire.send(reply(b"hello"))
        return False  # without having said so

    gateway.upstream.script = script
    with gateway.connect() as client:
        for _ in range(5):
            assert client.send(gateway.ask()).response().content == b"hello"
    assert len(set(map(id, served))) == len(served)


KERNEL = held(2)
"""What the buffers of two connections hold."""
LARGE = KERNEL + (32 << 20)


def test_an_upstream_that_does_not_take_the_request_stops_the_client(gateway: Gateway) -> None:
    done = threading.Event()
    gateway.upstream.script = lambda _wire, _request: done.wait(10) and False
    with gateway.connect() as client:
        client.send(gateway.ask(b"POST", b"/", b"Content-Length: %d" % LARGE))
        assert sent_until_stuck(client) < KERNEL
    done.set()


def test_a_client_that_takes_nothing_stops_the_upstream(gateway: Gateway) -> None:
    sent: queue.Queue[int] = queue.Queue()

    def script(wire: Wire, _: Message) -> bool:
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % LARGE)
        sent.put(sent_until_stuck(wire))
        return False

    gateway.upstream.script = script
    with gateway.connect() as client:
        client.send(gateway.ask())
        assert sent.get(timeout=10) < KERNEL


def sent_until_stuck(wire: Wire) -> int:
    """How many bytes the other side takes that has stopped to read."""
    wire.sock.settimeout(0.5)
    sent = 0
    try:
        while sent < LARGE:
            sent += wire.sock.send(bytes(1 << 18))
    except TimeoutError:
        pass
    return sent


@every_loop
def test_a_client_that_leaves_takes_its_request_along(gateway: Gateway) -> None:
    gateway.upstream.script = hangs(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
    for _ in range(20):
        with gateway.connect() as client:
            assert client.send(gateway.ask()).head().status == 200
    assert gateway.upstream.wait_closed(1.5)
