"""Who takes nothing stops who sends, in each state of both lanes: no memory is filled.

The sender offers far more than the buffers of the system hold, and has to get stuck.
"""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.socket_buffers import held
from tests.wire.conftest import Gateway, every_loop
from tests.wire.messages import Message, Wire
from tests.wire.test_websocket import ACCEPTED, FROM_PAGE

MAX_TAKEN = held(2)
"""What the buffers of the system on the way may hold: those of two connections."""
OFFERED = MAX_TAKEN + 150_000_000

PIECE = b"x" * 65536
STUCK_SECONDS = 0.5
"""A sender that nobody takes anything from for so long is stuck."""


def offered(wire: Wire) -> int:
    """Send until it is stuck, or everything is taken; how much was."""
    sent = 0
    wire.sock.settimeout(STUCK_SECONDS)
    try:
        while sent < OFFERED:
            sent += wire.sock.send(PIECE)
    except (TimeoutError, ConnectionError):
        pass
    return sent


class Sending:
    """An upstream that sends a large response to /large, a small one to everything else."""

    def __init__(self, head: bytes) -> None:
        self.taken = -1
        self._head = head
        self._reached = threading.Event()
        self._done = threading.Event()

    def __call__(self, wire: Wire, request: Message) -> object:
        if request.target != b"/large":
            return wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"y" * 100_000)
        self._reached.set()
        wire.send(self._head)
        self.taken = offered(wire)
        self._done.set()
        return False

    def reached(self) -> bool:
        """Whether it gets to /large while nobody reads what came before."""
        return self._reached.wait(0.5)

    def stuck(self) -> int:
        assert self._done.wait(20)
        return self.taken


def small_window(gateway: Gateway) -> Wire:
    """A client that announces little room."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(("127.0.0.1", gateway.program.port))
    return Wire(sock)


@pytest.fixture
def reader(gateway: Gateway) -> Iterator[Wire]:
    """A client that reads nothing."""
    with small_window(gateway) as client:
        yield client


LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % OFFERED
CLOSE = b"HTTP/1.1 200 OK\r\n\r\n"
LINES = {
    "in the fast lane": (),
    "in the ordinary lane": (b"TE: trailers",),
}


@every_loop
@pytest.mark.parametrize("head", [LENGTH, CLOSE], ids=["length", "close"])
@pytest.mark.parametrize("lines", [pytest.param(lines, id=name) for name, lines in LINES.items()])
def test_a_client_that_takes_nothing_stops_the_upstream(
    gateway: Gateway, reader: Wire, head: bytes, lines: tuple[bytes, ...]
) -> None:
    script = gateway.upstream.script = Sending(head)
    reader.send(gateway.ask(b"GET", b"/large", *lines))
    assert script.stuck() < MAX_TAKEN


def until_full(gateway: Gateway) -> int:
    """How many of the small responses it takes until a client that reads nothing is full."""
    gateway.upstream.script = Sending(LENGTH)
    with small_window(gateway) as client:
        client.send(gateway.ask() * 100)
        seen = -1
        while seen != len(gateway.upstream.seen):
            seen = len(gateway.upstream.seen)
            time.sleep(STUCK_SECONDS)  # so long nothing was taken: that is being stuck
    return seen


@every_loop
def test_so_does_one_that_is_handed_over_while_it_takes_nothing(gateway: Gateway) -> None:
    """The last response of the fast lane fills the client's buffers; the next is the other's."""
    full = until_full(gateway)
    for before in range(max(full - 4, 1), full + 2):
        script = gateway.upstream.script = Sending(LENGTH)
        with small_window(gateway) as client:
            client.send(gateway.ask() * before + gateway.ask(b"GET", b"/large", b"TE: trailers"))
            if script.reached():  # else the client has to take something first
                assert script.stuck() < MAX_TAKEN
            for _ in range(before):
                assert client.response().content == b"y" * 100_000
            assert script.stuck() < MAX_TAKEN
            assert client.head().one(b"content-length") == b"%d" % OFFERED
            assert client.exactly(1 << 20) == b"x" * (1 << 20)


@every_loop
def test_a_client_that_pipelines_and_takes_nothing_is_not_read_any_more(gateway: Gateway) -> None:
    gateway.upstream.script = Sending(LENGTH)
    request = gateway.ask(b"GET", b"/", b"X-Filler: " + b"x" * 4000)
    for first in (request, gateway.ask(b"GET", b"/", b"TE: trailers")):
        with small_window(gateway) as client:
            client.send(first)
            client.sock.settimeout(STUCK_SECONDS)
            sent = 0
            try:
                while sent < OFFERED:
                    sent += client.sock.send(request * 16)
            except TimeoutError:
                pass
            assert sent < MAX_TAKEN


@every_loop
@pytest.mark.parametrize(
    "framing",
    [
        pytest.param(b"Content-Length: %d" % OFFERED, id="length"),
        pytest.param(b"Transfer-Encoding: chunked", id="chunked"),
    ],
)
def test_an_upstream_that_takes_nothing_stops_the_client(gateway: Gateway, framing: bytes) -> None:
    released = threading.Event()

    def script(_wire: Wire, _: Message) -> bool:
        released.wait(20)
        return False

    gateway.upstream.script = script
    with gateway.connect() as client:
        client.send(gateway.ask(b"POST", b"/", framing))
        if b"chunked" in framing:
            client.send(b"%x\r\n" % OFFERED)
        taken = offered(client)
        released.set()
    assert taken < MAX_TAKEN


@every_loop
def test_a_tunnel_whose_client_takes_nothing_stops_the_upstream(
    gateway: Gateway, reader: Wire
) -> None:
    script = gateway.upstream.script = Sending(ACCEPTED)
    reader.send(gateway.ask(b"GET", b"/large", *FROM_PAGE))
    assert script.stuck() < MAX_TAKEN


@every_loop
def test_a_tunnel_whose_upstream_takes_nothing_stops_the_client(gateway: Gateway) -> None:
    released = threading.Event()

    def script(wire: Wire, _: Message) -> bool:
        wire.send(ACCEPTED)
        released.wait(20)
        return False

    gateway.upstream.script = script
    with gateway.connect() as client:
        assert client.send(gateway.ask(b"GET", b"/", *FROM_PAGE)).response().status == 101
        taken = offered(client)
        released.set()
    assert taken < MAX_TAKEN
