"""slowhttptest's four attacks, with a thousand connections each, beside a good client."""

import http.client
import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.load.measured import descriptors
from tests.program import Program
from tests.until import until
from tests.upstreams import Upstream
from tests.wire.messages import Message, Wire

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]
ATTACKS = {
    "slow heads": ("-H", "-i", "5"),
    "slow content": ("-B", "-i", "5"),
    "ranges": ("-R",),
    "slow reading": ("-X", "-w", "1", "-y", "16", "-n", "5", "-z", "1"),
}
ANSWERED_AT_ONCE = "ranges"
SECONDS = 20
CONNECTIONS = 1000
MOST_P99, MOST_SLOWER = 0.05, 4.0
"""Seconds that all but one in a hundred of the good client's requests take; where the machine has
more to do than that, as a multiple of what they take at the upstream itself."""
GONE_AFTER = 80
"""Seconds until nothing is left of the attack, from its end on."""

ORIGIN = "http://localhost:5173"


def large(wire: Wire, request: Message) -> object:
    """A mebibyte, which a slow reader takes long for, or nothing."""
    wire.read_content(request)
    length = (1 << 20) if request.target == b"/large" else 0
    return wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length + bytes(length))


@pytest.fixture
def program(upstream: Upstream) -> Iterator[Program]:
    """With the timeout of heads that a machine under attack would have, and room for each."""
    upstream.script = large
    arguments = (
        *("run", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--log-level", "error"),
        *("--upstream", upstream.url, "--allow-origin", ORIGIN),
        *("--timeout-head", "10", "--timeout-idle", "10", "--limit-connections", "5000"),
    )
    with Program(*arguments) as running:
        assert running.port
        yield running


def attack(name: str, port: int) -> "subprocess.Popen[bytes]":
    if shutil.which("slowhttptest") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("slowhttptest is not installed")
        pytest.skip("SKIPPED: slowhttptest is not installed")
    counts = ("-c", str(CONNECTIONS), "-r", "500", "-l", str(SECONDS), "-p", "3")
    where = ("-u", f"http://127.0.0.1:{port}/large")
    return subprocess.Popen(
        ["slowhttptest", *ATTACKS[name], *counts, *where], stdout=subprocess.DEVNULL
    )


def asked(port: int) -> tuple[float, str | None]:
    """The seconds that a request takes on a connection of its own, and the origin it is granted."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/", headers={"Origin": ORIGIN})
    response = connection.getresponse()
    assert response.status == 200
    response.read()
    connection.close()
    return time.perf_counter() - began, response.getheader("Access-Control-Allow-Origin")


def p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98]


@pytest.mark.parametrize("name", ATTACKS)
def test_a_good_client_is_served_while_a_thousand_are_slow_and_these_are_gone_soon(
    program: Program, upstream: Upstream, name: str
) -> None:
    port, pid = program.port, program.process.pid
    base = descriptors(pid)
    times: list[float] = []
    control: list[float] = []
    most = 0
    with attack(name, port) as attacker:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            seconds, granted = asked(port)
            assert granted == ORIGIN
            times.append(seconds)
            control.append(asked(upstream.port)[0])
            if len(times) % 20 == 0:
                most = max(most, descriptors(pid))
        attacker.kill()
    told = f"p99 {p99(times) * 1e3:.1f} ms, at the upstream {p99(control) * 1e3:.1f} ms"
    print(f"{name}: {told}, of {len(times)}; at most {most} descriptors")
    assert name == ANSWERED_AT_ONCE or most > CONNECTIONS // 2, "few came"
    assert p99(times) < max(MOST_P99, MOST_SLOWER * p99(control)), told
    until(lambda: descriptors(pid) <= base + 5, GONE_AFTER)
    assert asked(port)[1] == ORIGIN
