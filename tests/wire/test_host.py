"""Host on the wire: which names a listener answers to, by where it listens."""

import contextlib
import json

import pytest

from tests.served import Served, config
from tests.upstreams import Upstream
from tests.wire.messages import Message


def asked(listen: str, host: bytes, *, fast: bool, allowed: str = "[]") -> Message:
    """The response to a request that names `host`, by a gateway on `listen`."""
    with contextlib.closing(Upstream()) as upstream:
        policy = f"{{listen: '{listen}', upstream: '{upstream.url}', allowed_hosts: {allowed}}}"
        running = Served(config(policy, fast=fast))
        try:
            return running.ask(b"GET", b"/", b"Host: " + host)
        finally:
            running.stop()


@pytest.mark.parametrize("fast", [True, False], ids=["fast lane", "ordinary lane"])
@pytest.mark.parametrize("host", [b"wifi", b"printer:8080", b"2130706433", b"a.evil.test"])
def test_a_name_that_another_may_point_here_is_refused_with_its_fix(
    host: bytes, fast: bool
) -> None:
    response = asked("127.0.0.1:0", host, fast=fast)
    name = host.decode().partition(":")[0]
    assert response.status == 421
    assert json.loads(response.content)["detail"].endswith(f"allowed_hosts: [{name}]")


@pytest.mark.parametrize("fast", [True, False], ids=["fast lane", "ordinary lane"])
@pytest.mark.parametrize(
    ("listen", "host", "allowed"),
    [
        pytest.param("127.0.0.1:0", b"localhost:1", "[]", id="localhost"),
        pytest.param("127.0.0.1:0", b"a.localhost", "[]", id="below localhost"),
        pytest.param("127.0.0.1:0", b"10.1.2.3", "[]", id="an address"),
        pytest.param("127.0.0.1:0", b"wifi", "[wifi]", id="a single label that is listed"),
        pytest.param("0.0.0.0:0", b"corsproxy", "[]", id="a single label, open to others anyway"),
    ],
)
def test_other_names_are_served(listen: str, host: bytes, allowed: str, fast: bool) -> None:
    assert asked(listen, host, fast=fast, allowed=allowed).status == 200
