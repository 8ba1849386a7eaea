"""Each gateway that can be emulated: both lanes serve it, and the same."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from corsproxy.gateways.emulation.gateway_emulation import names
from tests.gateways.emulation.table import answer_of, requests
from tests.gateways.played import Player, answer
from tests.served import Served, config
from tests.upstreams import Upstream

POLICY = """\
upstream: {url}
cors:
  allow_origins: [https://a.test, "http://localhost:5173"]
  allow_methods: [PUT, "*"]
  allow_headers: ["*", x-a]
  expose_headers: [etag]
  allow_credentials: true
  max_age: 600
  emulate: {name}
"""


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    found = Upstream()
    found.script = answer
    yield found
    found.close()


@pytest.mark.parametrize("name", names())
def test_both_lanes_do_what_the_gateway_does(name: str, upstream: Upstream) -> None:
    policy = POLICY.format(url=upstream.url, name=name)
    with ExitStack() as stack:
        players = []
        for fast in (True, False):
            served = Served(config(policy, fast=fast))
            stack.callback(served.stop)
            players.append(Player(served.port, upstream))
            stack.callback(players[-1].close)
        for request, path in requests():
            found = []
            for player in players:
                seen = len(upstream.seen)
                response = player.ask(request, path)
                found.append(answer_of(response, forwarded=len(upstream.seen) > seen))
            assert found[0] == found[1], (request, path)
