"""Leaks: whatever goes wrong, three hundred times, leaves nothing behind."""

import asyncio
import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.program import Program, running
from tests.served import request, served
from tests.until import PATIENCE, until
from tests.upstreams import Script, Upstream
from tests.wire.messages import Message, Truncated, Wire, reply
from tests.wire.test_websocket import ACCEPTED, FROM_PAGE

WARMING, ROUNDS = 150, 300
"""Before the first, tables that are bounded fill, and the allocator finds its size."""
CONTENT = bytes(100_000)


def plain(wire: Wire, asked: Message) -> None:
    wire.read_content(asked)
    wire.send(reply(CONTENT))


def cut(wire: Wire, _: Message) -> bool:
    wire.send(reply(CONTENT)[:-1])
    wire.reset()
    return False


def hanging(wire: Wire, _: Message) -> bool:
    wire.send(reply(CONTENT)[:-1])
    return bool(wire.rest())


def tunnel(wire: Wire, _: Message) -> bool:
    wire.send(ACCEPTED)
    return bool(wire.rest())


def closed(_wire: Wire, _: Message) -> bool:
    return False


GET = request(b"GET", b"/")
UPLOAD = request(b"POST", b"/", b"Content-Length: 100000")
CHUNKS = request(b"POST", b"/", b"Transfer-Encoding: chunked", content=b"5\r\nhello\r\n")
SCENES: dict[str, tuple[Script, bytes]] = {
    "a response": (plain, GET),
    "a response to an upload": (plain, UPLOAD + CONTENT),
    "half an upload": (plain, UPLOAD + CONTENT[:5]),
    "half a chunked upload": (plain, CHUNKS),
    "malformed chunks": (plain, CHUNKS + b"x\r\n"),
    "no HTTP": (plain, b"\x16\x03\x01\r\n\r\n"),
    "half a head": (plain, GET[:20]),
    "no response": (closed, GET),
    "a cut response": (cut, GET),
    "a response that hangs": (hanging, GET),
    "a tunnel": (tunnel, request(b"GET", b"/", *FROM_PAGE)),
    "a refused tunnel": (plain, request(b"GET", b"/", *FROM_PAGE[:-1], b"Origin: http://evil.test")),
    "five at once": (plain, GET * 5),
}  # fmt: skip


def play(connect: Callable[[], Wire], upstream: Upstream, scene: str) -> None:
    """Send, read what comes first, leave."""
    upstream.script, sent = SCENES[scene]
    with connect() as client:
        client.send(sent)
        client.sock.settimeout(0.02)
        with contextlib.suppress(Truncated, TimeoutError):
            client.until(b"\r\n\r\n")


def settled(count: Callable[[], int], most: int, seconds: float = PATIENCE) -> int:
    """`count`, once it is no more than `most`, or after longer than anything may linger."""
    with contextlib.suppress(AssertionError):  # the caller's says more
        until(lambda: count() <= most, seconds)
    return count()


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("fast", [True, False], ids=["fast", "ordinary"])
def test_no_task_and_no_connection_is_left(scene: str, fast: bool) -> None:
    upstream = Upstream()
    policy = f"upstream: {upstream.url}\ncors: {{allow_origins: [http://app.test:5173]}}"
    with served(policy, fast=fast) as gateway:
        listening = gateway.call(lambda: len(asyncio.all_tasks()))
        for _ in range(10):
            play(gateway.connect, upstream, scene)
        tasks = settled(lambda: gateway.call(lambda: len(asyncio.all_tasks())), listening)
        assert tasks == listening
        # One connection may wait in the pool for the next request.
        assert settled(lambda: len(upstream.wires), 1) <= 1
    upstream.close()


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("fast", ["true", "false"], ids=["fast", "ordinary"])
def test_descriptors_and_memory_stay_what_they_were(fast: str) -> None:
    upstream = Upstream()
    policy = f"upstream: {upstream.url}\ncors: {{allow_origins: [http://app.test:5173]}}"
    # Without an inspector, which remembers exchanges by intent.
    lane = {"CORSPROXY_FAST_LANE": fast, "CORSPROXY_LOG_LEVEL": "error"}
    with running(policy, "--admin", "off", environ=lane) as (program, _):
        play_all(program, upstream, WARMING)
        descriptors, memory = settled(lambda: open_files(program), 0, 5), resident(program)
        play_all(program, upstream, ROUNDS)
        assert settled(lambda: open_files(program), descriptors) <= descriptors
        assert resident(program) - memory < 2 << 20
        assert "Traceback" not in program.output
        assert "never retrieved" not in program.output
    upstream.close()


def play_all(program: Program, upstream: Upstream, rounds: int) -> None:
    def connect() -> Wire:
        return Wire.to(program.port)

    for _ in range(rounds):
        for scene in SCENES:
            play(connect, upstream, scene)


def open_files(program: Program) -> int:
    return len(list(Path(f"/proc/{program.process.pid}/fd").iterdir()))


def resident(program: Program) -> int:
    """Bytes of memory that are in use."""
    pages = Path(f"/proc/{program.process.pid}/statm").read_text().split()[1]
    return int(pages) * 4096
