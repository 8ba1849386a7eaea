"""Event streams: each event is passed on when it comes, for as long as it takes."""

import threading

import pytest

from tests.wire.conftest import Gateway, every_loop
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
