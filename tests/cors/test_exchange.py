"""An exchange is a record: what is known of a request once it is over."""

import pytest

from corsproxy.cors.decision import Request, decide
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.policy import Policy


def finished() -> Exchange:
    policy = Policy()
    return Exchange(
        id="k3f9-1",
        started=1.0,
        seconds=0.002,
        peer="127.0.0.1:50000",
        route="/",
        policy=policy,
        decision=decide(policy, Request("GET")),
        method="GET",
        target="/",
        request_head=b"GET / HTTP/1.1\r\n\r\n",
        status=204,
        response_head=b"HTTP/1.1 204 No Content\r\n\r\n",
    )


def test_an_exchange_with_no_upstream_says_so_by_its_defaults() -> None:
    exchange = finished()
    assert exchange.upstream_head == b""
    assert (exchange.request_size, exchange.response_size, exchange.wait) == (0, 0, 0.0)
    assert (exchange.failure, exchange.detail, exchange.lane) == ("", "", "ordinary")


@pytest.mark.parametrize(
    ("failure", "upstream_failed", "client_left"),
    [
        pytest.param("", False, False, id="nothing went wrong"),
        pytest.param("head-timeout", True, False, id="the upstream"),
        pytest.param("client-gone", False, True, id="the client"),
        pytest.param("loop", False, False, id="a rule of ours"),
    ],
)
def test_a_failure_says_whose_it_is(failure: str, upstream_failed: bool, client_left: bool) -> None:
    exchange = finished()._replace(failure=failure)
    assert (exchange.upstream_failed, exchange.client_left) == (upstream_failed, client_left)
