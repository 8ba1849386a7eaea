"""Real gateways with the configuration that was exported for them, beside corsproxy itself.

Both get the same policy, the same upstream and the same attempts of pages. Where the export lost
nothing, a browser makes the same of both; where it did, the gateway never grants more.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from corsproxy.config.address import TcpAddress, UpstreamAddress
from corsproxy.config.settings import Config, Route
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.request import Request
from corsproxy.gateways.conversion.gateway import Loss
from corsproxy.gateways.conversion.registry import gateway, names
from tests.gateways.conftest import missing
from tests.gateways.converted import config
from tests.gateways.played import POLICIES, Player, Seen, answer, attempts
from tests.gateways.programs import PROGRAMS, installed, running
from tests.served import Served
from tests.until import until
from tests.upstreams import Upstream

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]


METHODS_READ = {"nginx": re.compile(r"[A-Z_-]+")}
"""The methods that a gateway reads, where these are not all; docs/gateways.md tells of it."""


class Side(NamedTuple):
    """A gateway before an upstream, and corsproxy before the same."""

    name: str
    settings: Config
    losses: tuple[Loss, ...]
    upstream: Upstream
    theirs: Player
    ours: Player


def before(upstream: Upstream, policy: str) -> Config:
    address = UpstreamAddress("http", "127.0.0.1", upstream.port)
    settings = config(policy if policy != "{}" else "max_age: 5")
    return replace(settings, upstream=address, routes=(), listen=(TcpAddress("127.0.0.1", 0),))


def sides(name: str, policy: str, programs: Path, folder: Path) -> Iterator[Side]:
    with ExitStack() as stack:
        upstream = Upstream()
        upstream.script = answer
        stack.callback(upstream.close)
        settings = before(upstream, policy)
        own = Served(replace(settings, routes=settings_routes(settings)))
        stack.callback(own.stop)
        losses: list[Loss] = []

        def export(form: str, port: int) -> str:
            listening = replace(settings, listen=(TcpAddress("127.0.0.1", port),))
            write = gateway(name).write
            assert write is not None
            written = write(listening, form)
            losses.extend(written.losses)
            return written.text

        port = stack.enter_context(running(name, programs, folder / "program", export))
        theirs, ours = Player(port, upstream), Player(own.port, upstream)
        stack.callback(theirs.close)
        stack.callback(ours.close)
        until(lambda: theirs.ask(Request("GET")).status == 200)
        yield Side(name, settings, tuple(losses), upstream, theirs, ours)


def settings_routes(settings: Config) -> tuple[Route, ...]:
    return (Route("/", settings.upstream, settings.policy),)


@pytest.fixture(params=[name for name in names() if gateway(name).forwards])
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    if not installed(found):
        missing(f"{found} is not installed")
    return found


@pytest.fixture(params=POLICIES)
def side(name: str, request: pytest.FixtureRequest, judges: Path, tmp_path: Path) -> Iterator[Side]:
    yield from sides(name, POLICIES[request.param], judges, tmp_path)


def test_a_page_reads_through_it_what_it_reads_through_corsproxy_or_a_loss_was_told(
    side: Side,
) -> None:
    wider: list[tuple[Attempt, Seen, Seen]] = []
    narrower: list[tuple[Attempt, Seen, Seen]] = []
    for attempt in attempts():
        if not read(side.name, attempt.sent_method):
            continue
        theirs, ours = side.theirs.play(attempt), side.ours.play(attempt)
        if theirs != ours:
            more = theirs.readable and not (ours.readable and {*theirs.names} <= {*ours.names})
            (wider if more else narrower).append((attempt, theirs, ours))
    assert wider == []
    assert narrower == [] or side.losses
    if not side.losses:
        assert_the_same_without_a_page(side)


def read(name: str, method: str) -> bool:
    """Whether the gateway reads such a method at all."""
    return name not in METHODS_READ or METHODS_READ[name].fullmatch(method) is not None


def test_what_is_no_method_to_a_gateway_is_answered_400(
    name: str, judges: Path, tmp_path: Path
) -> None:
    unread = [method for method in ("patch", "M!#%&'+-.^_`|~1") if not read(name, method)]
    for side in sides(name, POLICIES["any of all"], judges, tmp_path):
        statuses = {side.theirs.ask(Request(method)).status for method in unread}
        assert statuses <= {400}


def assert_the_same_without_a_page(side: Side) -> None:
    """Errors, a bare OPTIONS, Vary, the private network: what no attempt of a page shows."""
    good = next((a for a in attempts() if side.ours.play(a) == Seen(True)), None)
    if good is not None:
        assert side.theirs.play(good, "/error").readable
    origin = good.origin if good else "https://a.test"
    seen = len(side.upstream.seen)
    assert side.theirs.ask(Request("OPTIONS", origin)).status == 200
    assert len(side.upstream.seen) == seen + 1
    response = side.theirs.ask(Request("GET", origin))
    vary = ",".join(value.decode().lower() for value in response.get(b"vary"))
    assert side.settings.policy.literal_wildcard or "origin" in vary
    granted = response.get(b"access-control-allow-origin")
    assert len(granted) <= 1
    without = side.theirs.ask(Request("GET")).get(b"access-control-allow-origin")
    assert without in ([], [b"*"], [b""])
    asking = Request("OPTIONS", origin, "PUT", private_network="true")
    private = (b"access-control-allow-private-network",)
    assert [side.theirs.ask(asking).get(one) for one in private] == [
        side.ours.ask(asking).get(one) for one in private
    ]


def test_no_websocket_passes_whose_origin_nobody_has_judged(
    name: str, judges: Path, tmp_path: Path
) -> None:
    for side in sides(name, POLICIES["one origin"], judges, tmp_path):
        handshake = (("Connection", "Upgrade"), ("Upgrade", "websocket"))
        side.theirs.ask(Request("GET", "https://evil.test"), "/", *handshake)
        assert [request for request in side.upstream.seen if request.get(b"upgrade")] == []


def test_each_program_has_a_gateway() -> None:
    assert {name for name in names() if gateway(name).forwards} == set(PROGRAMS)
