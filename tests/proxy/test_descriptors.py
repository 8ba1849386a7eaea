"""More clients than the system has descriptors for, on the wire: each is answered all the same."""

import contextlib
import json
import socket
import sys
import time
from collections.abc import Iterator

import pytest

from tests.program import Program
from tests.served import Served, request, served
from tests.upstreams import Upstream
from tests.wire.messages import Message, Wire, reply

resource = pytest.importorskip("resource")

ORIGIN = "https://a.test"
MOST = 200
"""Files that the program may open: (200 - 100) / 2 connections are served at the same time."""
SERVED = 50


@contextlib.contextmanager
def limited(upstream: Upstream, *, uvloop: bool = True) -> Iterator[Program]:
    """The program, with few descriptors and no way to get more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    where = ("--upstream", upstream.url, "--allow-origin", ORIGIN)
    ports = ("--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
    with Program(*where, *ports, uvloop=uvloop, most_files=MOST) as program:
        assert program.port
        yield program
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (soft, hard)


def is_readable(response: Message) -> None:
    assert response.one(b"access-control-allow-origin") == ORIGIN.encode()
    if response.status != 200:
        assert response.status == 503
        assert response.one(b"retry-after") == b"1"
        assert json.loads(response.content)["detail"].endswith("raise limits.connections")


ASKED = request(b"GET", b"/", b"Origin: " + ORIGIN.encode())


@pytest.mark.parametrize("uvloop", [True, False], ids=["uvloop", "asyncio"])
def test_a_crowd_beyond_the_descriptors_is_answered_to_the_last(
    upstream: Upstream, uvloop: bool
) -> None:
    """Three hundred at the same time, and each of them stays connected until all have asked."""
    with limited(upstream, uvloop=uvloop) as program, contextlib.ExitStack() as open_:
        wires = [open_.enter_context(Wire.to(program.port)).send(ASKED) for _ in range(300)]
        statuses = []
        for wire in wires:
            response = wire.response()
            is_readable(response)
            statuses.append(response.status)
            wire.sock.close()
        assert statuses.count(200) >= SERVED - 3  # one address leaves some to others
        assert healthy(program)
        assert "Too many open files" not in program.output


def healthy(program: Program) -> bool:
    with Wire.to(program.admin) as wire:
        return wire.send(request(b"GET", b"/healthz")).response().status == 200


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: loc"], ids=["nothing", "half"])
def test_those_who_send_nothing_make_room_for_those_who_ask(
    upstream: Upstream, said: bytes
) -> None:
    with limited(upstream) as program, contextlib.ExitStack() as open_:
        for _ in range(SERVED):
            open_.enter_context(Wire.to(program.port)).send(said)
        end = time.monotonic() + 10
        while True:  # until they have been idle for long enough
            with Wire.to(program.port) as wire:
                response = wire.send(ASKED).response()
            is_readable(response)
            if response.status == 200 or time.monotonic() > end:
                break
        assert response.status == 200
        assert healthy(program)


def test_who_asks_one_after_the_other_keeps_the_connection(upstream: Upstream) -> None:
    with limited(upstream) as program, contextlib.ExitStack() as open_:
        good = open_.enter_context(Wire.to(program.port))
        silent = [open_.enter_context(Wire.to(program.port)) for _ in range(SERVED + 100)]
        assert silent
        end = time.monotonic() + 2
        while time.monotonic() < end:
            assert good.send(ASKED).response().status == 200


@pytest.mark.skipif(sys.platform != "linux", reason="prlimit")
def test_descriptors_that_others_take_stop_nothing(upstream: Upstream) -> None:
    """The limit falls below what was promised: who comes meanwhile waits, and is served."""
    with limited(upstream) as program, contextlib.ExitStack() as open_:
        held = [open_.enter_context(Wire.to(program.port)) for _ in range(5)]
        for wire in held:
            assert wire.send(ASKED).response().status == 200
        lowest = 8
        resource.prlimit(program.process.pid, resource.RLIMIT_NOFILE, (lowest, MOST))
        waiting = open_.enter_context(Wire.to(program.port))
        waiting.send(ASKED)
        program.wait_for("no connection can be accepted: Too many open files")
        resource.prlimit(program.process.pid, resource.RLIMIT_NOFILE, (MOST, MOST))
        assert waiting.response().status == 200
        assert "Traceback" not in program.output


def test_start_up_says_how_many_are_served_and_how_to_have_more(upstream: Upstream) -> None:
    with limited(upstream) as program:
        program.wait_for(
            f"corsproxy: only {SERVED} of limits.connections=1000 are served at the same time: "
            r"1000 need 2256 open files, and the system allows fewer \(ulimit -Hn\)"
        )
        program.wait_for(rf"  fix: --limit-connections {SERVED}, or a system")


def test_where_there_are_enough_nothing_is_said(upstream: Upstream) -> None:
    with Program("--upstream", upstream.url, "--listen", "127.0.0.1:0", "--admin", "off") as it:
        assert it.port
        assert "limits.connections" not in it.output


@pytest.mark.parametrize("last", [b"close", b"keep-alive"])
def test_who_does_not_take_the_end_of_a_response_makes_room(
    upstream: Upstream, fast: bool, last: bytes
) -> None:
    """So small a rest stops nobody by its size; and nobody waits for it to be taken."""
    upstream.script = lambda wire, _: wire.send(reply(bytes(10_000)))
    policy = f"upstream: {upstream.url}\nlimits: {{connections: 1}}"
    asked: list[Wire] = []
    with served(policy, fast=fast) as gateway, taking_little(gateway) as stuck:
        end = time.monotonic() + 20
        while not gateway.call(lambda: unsent(gateway)):
            assert time.monotonic() < end
            if len(upstream.seen) == len(asked):
                asked.append(stuck.send(request()))
        stuck.send(request(b"GET", b"/", b"Connection: " + last))
        end = time.monotonic() + 10
        while gateway.ask().status != 200:
            assert time.monotonic() < end


def taking_little(gateway: Served) -> Wire:
    """A client whose system holds little for it."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(("127.0.0.1", gateway.port))
    return Wire(sock)


def unsent(gateway: Served) -> int:
    """Bytes that the clients have not taken."""
    places = vars(gateway.gateway)["_room"]._guests
    transports = (getattr(guest, "_open", None) or guest._transport for guest in places)
    return sum(transport.get_write_buffer_size() for transport in transports)
