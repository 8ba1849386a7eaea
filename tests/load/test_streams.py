"""Sixty-four downloads of a gibibyte at the same time go through buffers of a bounded size."""

import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.load.measured import descriptors, resident
from tests.program import Program
from tests.until import until
from tests.upstreams import Upstream
from tests.wire.messages import Message, Wire

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc"),
]
STREAMS = 64
LENGTH = 1 << 30
PIECE = bytes(1 << 20)
MOST_GROWTH = 64 << 20
"""Bytes of memory, for all of them together."""


def large(wire: Wire, request: Message) -> object:
    if request.target == b"/":
        return wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    wire.sock.settimeout(60)
    wire.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % LENGTH)
    for _ in range(LENGTH // len(PIECE)):
        wire.sock.sendall(PIECE)
    return True


def download(port: int) -> int:
    """How many bytes of content came."""
    with socket.create_connection(("127.0.0.1", port), 60) as client:
        client.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(1)
        buffer = bytearray(1 << 20)
        came = 0
        while got := client.recv_into(buffer):
            came += got
        return came


class Peak(threading.Thread):
    """Looks at a process's memory, ten times a second."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.bytes, self._pid, self._ended = resident(pid), pid, threading.Event()

    def run(self) -> None:
        while not self._ended.wait(0.1):
            self.bytes = max(self.bytes, resident(self._pid))

    def end(self) -> int:
        self._ended.set()
        self.join()
        return self.bytes


def test_many_large_downloads_take_little_memory(upstream: Upstream) -> None:
    upstream.script = large
    arguments = ("run", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
    with Program(*arguments, "--upstream", upstream.url, "--allow-origin", "*") as program:
        port, pid = program.port, program.process.pid
        with Wire.to(port) as wire:
            wire.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert wire.response().status == 200
        before, peak = resident(pid), Peak(pid)
        peak.start()
        with ThreadPoolExecutor(STREAMS) as pool:
            assert list(pool.map(download, [port] * STREAMS)) == [LENGTH] * STREAMS
        grown = peak.end() - before
        print(f"{grown / 2**20:.0f} MiB for {STREAMS} streams")
        assert grown < MOST_GROWTH
        until(lambda: descriptors(pid) < 60)
