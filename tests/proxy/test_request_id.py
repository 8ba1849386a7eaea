"""X-Request-Id: the client's passes; where it sent none, ours leads from one log to the other."""

import json
from collections.abc import Iterator

import pytest

from corsproxy.cors.exchange import Exchange
from tests.served import Served, request, served
from tests.upstreams import Upstream

POLICY = "cors: {allow_origins: [http://a.test]}\n"
ADD = POLICY + "forward: {request_id: add}\n"
TRACEPARENT = b"traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    found = Upstream()
    yield found
    found.close()


@pytest.fixture(params=[True, False], ids=["fast", "ordinary"])
def fast(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def told(gateway: Served) -> Exchange:
    """The next exchange that watchers get."""
    return gateway.exchanges.get(timeout=5)


def test_each_request_gets_an_id_of_its_own_by_which_it_is_found(
    upstream: Upstream, *, fast: bool
) -> None:
    with (
        served(f"upstream: {upstream.url}\n{ADD}", fast=fast) as gateway,
        gateway.connect() as client,
    ):
        for _ in range(3):
            assert client.send(request()).response().content == b"hello"
        client.send(request(b"POST", b"/", b"Content-Length: 2", content=b"ab")).response()
        ids = [seen.one(b"x-request-id") for seen in upstream.seen]
        assert ids == [told(gateway).id.encode() for _ in range(4)]
        assert len(set(ids)) == 4


def test_the_clients_id_and_trace_pass_as_they_are(upstream: Upstream, *, fast: bool) -> None:
    lines = (b"x-request-id: from-nginx", TRACEPARENT, b"tracestate: a=b")
    with served(f"upstream: {upstream.url}\n{ADD}", fast=fast) as gateway:
        gateway.ask(b"GET", b"/", *lines)
    (seen,) = upstream.seen
    assert [value for name, value in seen.fields if name.lower() == b"x-request-id"] == [
        b"from-nginx"
    ]
    assert b"traceparent: " + (seen.one(b"traceparent") or b"") == TRACEPARENT
    assert seen.one(b"tracestate") == b"a=b"


def test_where_it_is_not_asked_for_nothing_is_added(upstream: Upstream, *, fast: bool) -> None:
    with served(f"upstream: {upstream.url}\n{POLICY}", fast=fast) as gateway:
        gateway.ask()
    assert upstream.seen[0].one(b"x-request-id") is None


@pytest.mark.parametrize("more", [POLICY, ADD], ids=["keep", "add"])
def test_an_upstream_that_is_down_is_told_with_the_id(
    upstream: Upstream, more: str, *, fast: bool
) -> None:
    upstream.close()
    with (
        served(f"upstream: {upstream.url}\n{more}", fast=fast) as gateway,
        gateway.connect() as client,
    ):
        for _ in range(2):
            response = client.send(request(b"GET", b"/", b"Origin: http://a.test")).response()
            assert response.status == 502
            found = told(gateway).id
            assert response.one(b"x-corsproxy-decision") == found.encode()
            assert json.loads(response.content)["decision"] == found
