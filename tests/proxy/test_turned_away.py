"""More connections than limits.connections: told so, in a way that a page can read."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.served import Served, request, served
from tests.upstreams import Upstream
from tests.wire.messages import Message

ORIGIN = b"Origin: https://a.test"
ASKS_PUT = b"Access-Control-Request-Method: PUT"


@contextmanager
def full(upstream: Upstream, fast: bool) -> Iterator[Served]:
    """A gateway whose one connection is taken."""
    cors = "cors: {allow_origins: [https://a.test], allow_methods: [PUT]}"
    policy = f"upstream: {upstream.url}\n{cors}\nlimits: {{connections: 1}}"
    with served(policy, fast=fast) as gateway, gateway.connect() as client:
        assert client.send(request()).response().content == b"hello"
        yield gateway


def one_more(gateway: Served, said: bytes, method: bytes = b"GET") -> Message:
    with gateway.connect() as client:
        response = client.send(said).response(method)
        assert client.ended
    return response


def test_a_page_can_read_that_there_is_no_room(upstream: Upstream, fast: bool) -> None:
    with full(upstream, fast) as gateway:
        response = one_more(gateway, request(b"GET", b"/", ORIGIN))
    assert response.status == 503
    assert response.one(b"retry-after") == b"1"
    assert response.one(b"access-control-allow-origin") == b"https://a.test"
    assert response.one(b"vary") == b"Origin"
    assert b"limits.connections" in response.content
    assert len(upstream.seen) == 1


def test_its_preflight_is_granted_first(upstream: Upstream, fast: bool) -> None:
    with full(upstream, fast) as gateway:
        response = one_more(gateway, request(b"OPTIONS", b"/", ORIGIN, ASKS_PUT))
    assert response.status == 204
    assert response.one(b"access-control-allow-methods") == b"PUT"


@pytest.mark.parametrize(
    ("said", "method"),
    [
        pytest.param(request(b"HEAD"), b"HEAD", id="HEAD"),
        pytest.param(request(b"GET", b"/", b"Origin: https://evil.test"), b"GET", id="refused"),
        pytest.param(b"no HTTP\r\n\r\n", b"GET", id="no HTTP"),
        pytest.param(b"GET / HTTP/1.1\r\nX: " + b"y" * 100_000, b"GET", id="an endless head"),
        pytest.param(
            request(b"POST", b"/", b"Content-Length: 3000000") + b"x" * 3_000_000,
            b"POST",
            id="an upload",
        ),
    ],
)
def test_everybody_else_is_told_too(
    upstream: Upstream, fast: bool, said: bytes, method: bytes
) -> None:
    with full(upstream, fast) as gateway:
        response = one_more(gateway, said, method)
    assert response.status == 503
    assert response.one(b"access-control-allow-origin") is None


def test_whoever_says_nothing_is_not_waited_for(upstream: Upstream, fast: bool) -> None:
    with full(upstream, fast) as gateway, gateway.connect() as client:
        began = time.monotonic()
        assert client.response().status == 503
        assert time.monotonic() - began < 5


def test_there_is_room_again_when_somebody_leaves(upstream: Upstream, fast: bool) -> None:
    with served(f"upstream: {upstream.url}\nlimits: {{connections: 1}}", fast=fast) as gateway:
        for _ in range(3):
            with gateway.connect() as client:
                client.send(request(b"GET", b"/", b"Connection: close"))
                assert client.response().content == b"hello"
                assert client.ended
