"""Ten thousand clients that have asked once and say nothing more: what each of them costs."""

import contextlib
import resource
import socket
import sys
from collections.abc import Iterator

import pytest

from tests.load.measured import descriptors, resident
from tests.program import Program
from tests.until import until
from tests.upstreams import Upstream

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc"),
]
WANTED, FEWEST = 10_000, 5_000
MOST_EACH = 4096
"""Bytes of memory for one of them."""

ASKED = b"GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:5173\r\n\r\n"


@pytest.fixture
def clients() -> Iterator[int]:
    """How many there can be; the program keeps a descriptor towards the upstream for each, too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = min(WANTED, hard * 9 // 20)
    if most < FEWEST:
        pytest.skip(f"SKIPPED: the system lets a program open {hard} files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield most
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def asking(port: int) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), 30)
    client.sendall(ASKED)
    head = client.recv(4096)
    assert head.startswith(b"HTTP/1.1 200 "), head
    return client


def test_an_idle_connection_takes_less_than_a_page_of_memory(
    upstream: Upstream, clients: int
) -> None:
    arguments = (
        *("run", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--log-level", "error"),
        *("--upstream", upstream.url, "--allow-origin", "http://localhost:5173"),
        *("--limit-connections", str(clients + 1000)),
    )
    with Program(*arguments) as program, contextlib.ExitStack() as opened:
        port, pid = program.port, program.process.pid
        for _ in range(200):  # what is made once is there now
            asking(port).close()
        until(lambda: descriptors(pid) < 60)
        before = resident(pid)
        for _ in range(clients):
            opened.callback(asking(port).close)
        assert descriptors(pid) >= clients
        each = (resident(pid) - before) / clients
        print(f"{each:.0f} bytes for each of {clients}")
        assert each < MOST_EACH
        asking(port).close()  # and there is room for one more
        opened.close()
        until(lambda: descriptors(pid) < 60)
