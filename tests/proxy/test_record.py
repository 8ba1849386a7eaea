"""The record of a request: one id, one end, and a failure that says whose it is."""

import pytest

from corsproxy.cors.exchange import UPSTREAM_FAILURES
from corsproxy.proxy.record import Ids
from corsproxy.proxy.upstream.failure import FAILURES
from tests.served import request, served
from tests.until import until
from tests.upstreams import Upstream


def test_ids_count_within_one_run() -> None:
    first, second = Ids(), Ids()
    assert [first(), first()] == [f"{first._prefix}-1", f"{first._prefix}-2"]
    assert second._prefix != first._prefix


def test_every_failure_of_an_upstream_is_told_from_all_others() -> None:
    assert UPSTREAM_FAILURES == FAILURES


@pytest.mark.parametrize(
    ("raw", "failure"),
    [
        pytest.param(request(b"TRACE"), "method-not-allowed", id="a method"),
        pytest.param(request(b"GET", b"/#x"), "malformed-request", id="a target"),
        pytest.param(request(b"GET", b"/", b"Host: evil.test"), "misdirected-request", id="a host"),
        pytest.param(request(b"GET", b"/", b"Expect: x"), "expectation-failed", id="Expect"),
    ],
)
def test_a_refusal_of_ours_is_not_the_upstreams_failure(
    upstream: Upstream, fast: bool, raw: bytes, failure: str
) -> None:
    with served(f"upstream: {upstream.url}", fast=fast) as gateway, gateway.connect() as client:
        client.send(raw).response()
        exchange = gateway.exchanges.get(timeout=5)
    assert exchange.failure == failure
    assert exchange.detail
    assert not exchange.upstream_failed


def test_a_client_that_leaves_is_not_the_upstreams_failure(upstream: Upstream, fast: bool) -> None:
    upstream.script = lambda wire, _: bool(wire.rest())
    with served(f"upstream: {upstream.url}", fast=fast) as gateway:
        with gateway.connect() as client:
            client.send(request())
            until(lambda: upstream.seen)
        exchange = gateway.exchanges.get(timeout=5)
    assert exchange.failure == "client-gone"
    assert exchange.client_left
    assert not exchange.upstream_failed
    assert exchange.status == 0
