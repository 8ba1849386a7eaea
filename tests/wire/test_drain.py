"""Drain: told to stop, the program ends when what is under way has ended, and loses none of it."""

import threading
from collections.abc import Callable

import pytest

from tests.wire.conftest import POLICY, Gateway, Start
from tests.wire.messages import Message, Truncated, Wire, reply
from tests.wire.test_websocket import ACCEPTED, FROM_PAGE, close, frame

STOPPING = "corsproxy: stopping"


class Slow:
    """An upstream that waits before it answers, until it is told to go on."""

    def __init__(self) -> None:
        self.came = threading.Semaphore(0)
        self.go_on = threading.Event()

    def __call__(self, wire: Wire, request: Message) -> None:
        self.came.release()
        self.go_on.wait(10)
        wire.read_content(request)
        wire.send(reply(b"slow"))


def ended(gateway: Gateway) -> int:
    """The exit code."""
    return gateway.program.process.wait(10)


def test_what_is_under_way_is_answered_and_told_that_it_is_the_last(started: Start) -> None:
    gateway = started(POLICY)
    gateway.upstream.script = slow = Slow()
    clients = [gateway.connect() for _ in range(10)]
    for client in clients:
        client.send(gateway.ask())
        slow.came.acquire(timeout=5)
    gateway.program.signal("SIGTERM")
    gateway.program.wait_for(STOPPING)
    slow.go_on.set()
    for client in clients:
        response = client.response()
        assert response.content == b"slow"
        assert response.one(b"connection") == b"close"
        assert client.ended
        client.sock.close()
    assert ended(gateway) == 0


def test_a_response_that_names_event_streams_and_is_none_is_let_to_its_end(
    started: Start,
) -> None:
    gateway = started(POLICY)
    go_on = threading.Event()

    def script(wire: Wire, _: Message) -> None:
        wire.send(reply(b"0123456789", b"Accept-Post: text/event-stream")[:-5])
        go_on.wait(10)
        wire.send(b"56789")

    gateway.upstream.script = script
    with gateway.connect() as client:
        client.send(gateway.ask()).until(b"01234")
        gateway.program.signal("SIGTERM")
        gateway.program.wait_for(STOPPING)
        go_on.set()
        assert client.rest() == b"56789"
    assert ended(gateway) == 0


def test_what_was_read_behind_a_response_under_way_is_answered_too(started: Start) -> None:
    gateway = started(POLICY)
    go_on = threading.Event()

    def script(wire: Wire, request: Message) -> None:
        whole = reply(b"in two halves")
        wire.send(whole[:-6])
        go_on.wait(10)
        wire.send(whole[-6:])

    gateway.upstream.script = script
    with gateway.connect() as client:
        client.send(gateway.ask() * 2 + b"GET /half")
        client.sock.recv(1)
        gateway.program.signal("SIGTERM")
        gateway.program.wait_for(STOPPING)
        go_on.set()
        rest = client.rest()
    assert rest.count(b"in two halves") == 2
    assert rest.count(b"Connection: close") == 1
    assert ended(gateway) == 0


def test_idle_connections_are_closed_at_once(started: Start) -> None:
    gateway = started(POLICY)
    with gateway.connect() as used, gateway.connect() as unused:
        assert used.send(gateway.ask()).response().content == b"hello"
        gateway.program.signal("SIGINT")
        assert used.ended
        assert unused.ended
    assert ended(gateway) == 0


def test_an_upload_under_way_is_taken_to_its_end(started: Start) -> None:
    gateway = started(POLICY)
    came = threading.Event()

    def script(wire: Wire, request: Message) -> None:
        came.set()
        wire.read_content(request)
        wire.send(reply(request.content))

    gateway.upstream.script = script
    with gateway.connect() as client:
        client.send(gateway.ask(b"POST", b"/", b"Content-Length: 10", content=b"01234"))
        assert came.wait(5)
        gateway.program.signal("SIGTERM")
        gateway.program.wait_for(STOPPING)
        assert client.send(b"56789").response().content == b"0123456789"
    assert ended(gateway) == 0


def endless_events(wire: Wire, _: Message) -> bool:
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
    return bool(wire.rest())


def endless_tunnel(wire: Wire, _: Message) -> bool:
    wire.send(ACCEPTED + frame(1, b"data: 1\n\n"))
    return bool(wire.rest())


@pytest.mark.parametrize("script", [endless_events, endless_tunnel])
def test_what_never_ends_is_ended(started: Start, script: Callable[[Wire, Message], bool]) -> None:
    gateway = started(POLICY)
    gateway.upstream.script = script
    lines = FROM_PAGE if script is endless_tunnel else ()
    with gateway.connect() as client:
        client.send(gateway.ask(b"GET", b"/", *lines)).until(b"data: 1\n\n")
        gateway.program.signal("SIGTERM")
        with pytest.raises(Truncated):
            client.until(b"more")
    assert ended(gateway) == 0
    assert "Traceback" not in gateway.program.output


@pytest.mark.parametrize(
    ("last", "told"),
    [
        pytest.param(frame(1, b"hello"), close(1001), id="between two frames"),
        pytest.param(frame(1, b"hello")[:-1], b"", id="within a frame"),
        pytest.param(close(1000), b"", id="after the upstream's own close"),
    ],
)
def test_a_websocket_is_told_that_the_proxy_goes_away(
    started: Start, last: bytes, told: bytes
) -> None:
    gateway = started(POLICY)
    sent_up: list[bytes] = []

    def script(wire: Wire, _: Message) -> bool:
        wire.send(ACCEPTED + last)
        sent_up.append(wire.rest())
        return False

    gateway.upstream.script = script
    with gateway.connect() as client:
        client.send(gateway.ask(b"GET", b"/", *FROM_PAGE)).until(ACCEPTED[-4:])
        assert client.exactly(len(last)) == last
        gateway.program.signal("SIGTERM")
        assert client.rest() == told
    assert ended(gateway) == 0
    gateway.upstream.close()
    (up,) = sent_up
    assert up[:2] == b"\x88\x82"
    assert bytes(one ^ other for one, other in zip(up[6:8], up[2:4], strict=True)) == b"\x03\xe9"


def test_a_second_signal_ends_everything_at_once(started: Start) -> None:
    gateway = started(POLICY)
    gateway.upstream.script = slow = Slow()
    with gateway.connect() as client:
        client.send(gateway.ask())
        slow.came.acquire(timeout=5)
        gateway.program.signal("SIGTERM")
        gateway.program.wait_for(STOPPING)
        gateway.program.signal("SIGTERM")
        assert ended(gateway) == 130
    slow.go_on.set()


def ask_until_told(gateway: Gateway, answered: threading.Semaphore, lost: list[object]) -> None:
    """Ask again and again on one connection, until it is said to be the last time, or closed."""
    with gateway.connect() as client:
        while True:
            try:
                response = client.send(gateway.ask()).response()
            except Truncated as end:
                if end.args[0] not in (b"", "reset"):  # a closed idle connection is no loss
                    lost.append(end)
                return
            except OSError:
                return  # closed while idle
            answered.release()
            if response.content != b"hello":
                lost.append(response)
            if response.get(b"connection"):
                return


def test_nothing_that_was_read_is_lost_under_load(started: Start) -> None:
    gateway = started(POLICY)
    lost: list[object] = []
    answered = threading.Semaphore(0)
    load = (gateway, answered, lost)
    threads = [threading.Thread(target=ask_until_told, args=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(100):
        assert answered.acquire(timeout=10)
    gateway.program.signal("SIGTERM")
    for thread in threads:
        thread.join()
    assert lost == []
    assert ended(gateway) == 0


def test_a_client_that_was_answered_just_now_may_ask_once_more(started: Start) -> None:
    """It was not told that its connection ends, and would take a close for a failure."""
    gateway = started(POLICY)
    with gateway.connect() as client:
        assert client.send(gateway.ask()).response().one(b"connection") is None
        gateway.program.signal("SIGTERM")
        gateway.program.wait_for(STOPPING)
        last = client.send(gateway.ask()).response()
        assert (last.content, last.one(b"connection")) == (b"hello", b"close")
        assert client.ended
    assert ended(gateway) == 0
