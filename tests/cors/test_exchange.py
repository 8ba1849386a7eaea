"""An exchange is a record: what is known of a request once it is over."""

from corsproxy.cors.decision import Request, decide
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.policy import Policy


def test_an_exchange_with_no_upstream_says_so_by_its_defaults() -> None:
    policy = Policy()
    decision = decide(policy, Request("GET"))
    exchange = Exchange(
        id="k3f9-1",
        started=1.0,
        seconds=0.002,
        peer="127.0.0.1:50000",
        route="/",
        policy=policy,
        decision=decision,
        method="GET",
        target="/",
        request_head=b"GET / HTTP/1.1\r\n\r\n",
        status=204,
        response_head=b"HTTP/1.1 204 No Content\r\n\r\n",
    )
    assert exchange.upstream_head == b""
    assert (exchange.request_size, exchange.response_size, exchange.wait) == (0, 0, 0.0)
    assert (exchange.failure, exchange.detail, exchange.lane) == ("", "", "ordinary")
    assert exchange.decision is decision
