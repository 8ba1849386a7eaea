"""No watcher can slow or break a request: the real program, with every reader stuck at once."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.program import running
from tests.until import listening
from tests.upstreams import Upstream
from tests.wire.messages import Message, Wire, reply

POLICY = "cors:\n  allow_origins: [http://localhost:5173]\n"
REQUESTS = 3000


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    it = Upstream()
    yield it
    it.close()


def get(number: int) -> bytes:
    """A request with an Origin of its own, refused: each makes several lines of log."""
    target = f"/{number}{'a' * 1500}"
    origin = f"http://{number}.test"
    return f"GET {target} HTTP/1.1\r\nHost: localhost\r\nOrigin: {origin}\r\n\r\n".encode()


def slowest_of(port: int, requests: int) -> float:
    """The longest that a response took, over one connection; each is a whole 403."""
    slowest = 0.0
    with Wire.to(port) as wire:
        for number in range(requests):
            before = time.perf_counter()
            wire.send(get(number))
            assert wire.response().status == 403
            slowest = max(slowest, time.perf_counter() - before)
    return slowest


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a disk that is full")
def test_a_full_disk_under_har_and_a_stuck_inspector(upstream: Upstream) -> None:
    with running(POLICY, "--upstream", upstream.url, "--har", "/dev/full") as (program, _):
        with Wire.to(program.admin) as stuck:
            stuck.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            stuck.send(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert slowest_of(program.port, REQUESTS) < 2
        program.wait_for("cannot be written, entries are lost: No space left on device")


def test_a_stuck_terminal(upstream: Upstream, tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    ports = [_free_port(), _free_port()]
    path.write_text(
        f"{POLICY}upstream: {upstream.url}\nlisten: 127.0.0.1:{ports[0]}\n"
        f"admin: 127.0.0.1:{ports[1]}\nlog: {{format: json, level: debug}}\n"
    )
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "corsproxy", "run", "-c", str(path)]
    program = subprocess.Popen(command, stderr=writing)
    os.close(writing)
    try:
        listening(ports[0])
        assert slowest_of(ports[0], REQUESTS) < 2
        with Wire.to(ports[1]) as wire:
            wire.send(b"GET /exchanges?limit=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b'"total": 3000' in wire.response().content
    finally:
        program.kill()
        program.wait()
        os.close(reading)


def test_a_slow_request_is_not_taken_for_one_that_never_came(upstream: Upstream) -> None:
    def slow(wire: Wire, request: Message) -> None:
        time.sleep(6.5)  # longer than a preflight's request is waited for
        wire.send(reply(b"late"))

    upstream.script = slow
    policy = f"{POLICY}  allow_methods: [PUT]\nupstream: {upstream.url}\n"
    head = "Host: localhost\r\nOrigin: http://localhost:5173\r\n"
    with running(policy) as (program, _), Wire.to(program.port) as wire:
        asks = f"OPTIONS /a HTTP/1.1\r\n{head}Access-Control-Request-Method: PUT\r\n\r\n"
        wire.send(asks.encode())
        assert wire.response(b"OPTIONS").status == 204
        wire.send(f"PUT /a HTTP/1.1\r\n{head}Content-Length: 0\r\n\r\n".encode())
        assert wire.response(b"PUT").status == 200
        program.wait_for("PUT  .*granted")
        assert "then nothing" not in program.output


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
