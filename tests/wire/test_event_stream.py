"""Event streams: each event is passed on when it comes, for as long as it takes."""

import threading

import pytest

from tests.wire.conftest import Gateway, Start, every_loop
from tests.wire.messages import Message, Wire

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"


@every_loop
@pytest.mark.parametrize(
    "framing", [b"Transfer-Encoding: chunked\r\n", b""], ids=["chunks", "close"]
)
def test_each_event_is_passed_on_before_the_next(gateway: Gateway, framing: bytes) -> None:
    received = threading.Semaphore(0)

    def script(wire: Wire, _: Message) -> bool:
        wire.send(HEAD + framing + b"\r\n")
        for number in range(20):
            event = b"data: %d\n\n" % number
            wire.send(b"%x\r\n%b\r\n" % (len(event), event) if framing else event)
            assert received.acquire(timeout=5)  # not before the client has this one
        return False

    gateway.upstream.script = script
    with gateway.connect() as client:
        response = client.send(gateway.ask(b"GET", b"/events")).head()
        assert response.one(b"transfer-encoding") == b"chunked"
        for number in range(20):
            event = b"data: %d\n\n" % number
            client.until(b"%x\r\n%b\r\n" % (len(event), event))
            received.release()


FAILING = {
    "closes": lambda _wire, _request: False,
    "resets": lambda wire, _request: wire.reset(),
    "closes in the middle of a head": lambda wire, _request: wire.send(b"HTTP/1.1 2") and False,
}


@pytest.mark.parametrize("fault", FAILING)
@pytest.mark.parametrize(
    ("accept", "reconnects"),
    [
        pytest.param(b"text/event-stream", True, id="EventSource"),
        pytest.param(b"application/json, text/event-stream", False, id="fetch"),
        pytest.param(b"*/*", False, id="any other"),
    ],
)
def test_an_event_source_is_left_to_reconnect_while_its_upstream_starts_anew(
    gateway: Gateway, fault: str, accept: bytes, reconnects: bool
) -> None:
    """After a 502 it would never try again; after a network error it does, by itself."""
    gateway.upstream.script = FAILING[fault]
    with gateway.connect() as client:
        client.send(gateway.ask(b"GET", b"/events", b"Accept: " + accept))
        if reconnects:
            assert client.ended
        else:
            assert client.response().status == 502


def test_an_event_source_whose_upstream_is_down_is_left_to_reconnect(started: Start) -> None:
    gateway = started("upstream: http://127.0.0.1:1\nlog: {{level: info, format: json}}\n")
    with gateway.connect() as client:
        client.send(gateway.ask(b"GET", b"/events", b"Accept: text/event-stream"))
        assert client.ended
    assert gateway.program.wait_for('"failure":"refused"')


@every_loop
def test_many_streams_do_not_wait_for_each_other(gateway: Gateway) -> None:
    def script(wire: Wire, _: Message) -> bool:
        wire.send(HEAD + b"\r\ndata: 1\n\n")
        wire.rest()
        return False

    gateway.upstream.script = script
    clients = [gateway.connect() for _ in range(150)]
    for client in clients:
        client.send(gateway.ask(b"GET", b"/events"))
    for client in clients:
        client.until(b"data: 1\n\n")
        client.sock.close()
    assert gateway.upstream.wait_closed()
