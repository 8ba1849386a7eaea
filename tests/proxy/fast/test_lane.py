"""In a flood, what goes well is counted, all else is told; nothing is lost or told twice."""

import asyncio
import itertools
from collections.abc import Iterable
from dataclasses import replace

import pytest

from corsproxy.cors.policy import Names, Policy
from corsproxy.cors.tally import Tally
from corsproxy.limits import BURST, RATE
from tests.proxy.asking import OK
from tests.proxy.scripted import Peer, Script
from tests.proxy.worlds import ORIGIN, POLICY, PREFLIGHT, World, ask, world

QUICK_POLICY = replace(POLICY, allow_credentials=True, expose_headers=Names(any=True))
"""As without a file: the names of each response are listed in it."""


class Counted:
    """What was only counted."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int, float]] = []
        self.total = 0

    def __call__(self, tally: Tally) -> None:
        self.total += tally.count
        self.seen.append((tally.status, tally.count, tally.received.sum))


async def flooded(here: World, *requests: bytes) -> None:
    """Each of `requests` asked once more than is told."""
    async with here.client() as client:
        for request in requests:
            for _ in range(BURST + 20):
                await client.send(request)
                await client.response()


def told(here: World) -> list[int]:
    return [here.exchanges.get_nowait().status for _ in range(here.exchanges.qsize())]


async def test_what_goes_well_is_told_up_to_a_point_and_counted_beyond_it() -> None:
    counted = Counted()
    async with world(counters=[counted]) as here:
        await flooded(here, ask(b"GET", b"/1", ORIGIN))
        statuses = told(here)
    assert BURST <= len(statuses) < BURST + 20
    assert len(statuses) + counted.total == BURST + 20
    assert all(status == 200 for status, _, _ in counted.seen)
    assert sum(size for _, _, size in counted.seen) == counted.total * len(b"GET /1 0")


async def test_preflights_are_counted_too() -> None:
    counted = Counted()
    async with world(counters=[counted]) as here:
        await flooded(here, ask(b"OPTIONS", b"/1", *PREFLIGHT))
        statuses = told(here)
    assert len(statuses) + counted.total == BURST + 20
    assert {status for status, _, _ in counted.seen} == {204}


async def same(peer: Peer, numbers: Iterable[int] = itertools.repeat(1)) -> None:
    """Answer with the status that the path names."""
    for number in numbers:
        status = (await peer.head()).split(b"/")[1][:3]
        length = b"" if status == b"204" else b"Content-Length: 0\r\n"
        head = b"HTTP/1.1 %b Said\r\nX-Request-Id: %d\r\n%b\r\n"
        await peer.send(head % (status, number, length))


async def varied(peer: Peer) -> None:
    """Answer with the status that the path names, each time with another head."""
    await same(peer, itertools.count())


async def test_an_error_of_the_server_is_told_in_a_flood_too() -> None:
    counted = Counted()
    async with world(same, counters=[counted]) as here:
        await flooded(here, ask(b"GET", b"/500", ORIGIN))
        assert told(here) == [500] * (BURST + 20)
    assert counted.total == 0


@pytest.mark.parametrize("script", [same, varied], ids=["heads repeat", "all heads differ"])
@pytest.mark.parametrize("policy", [POLICY, QUICK_POLICY], ids=["named list", "quick policy"])
@pytest.mark.parametrize("status", [200, 204, 301, 302, 304, 401, 404, 429])
async def test_an_ordinary_response_is_counted_in_a_flood(
    status: int, policy: Policy, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corsproxy.proxy.fast.lane.RATE", 0)
    counted = Counted()
    async with world(script, policy=policy, counters=[counted]) as here:
        await flooded(here, ask(b"GET", b"/%d" % status, ORIGIN))
        statuses = told(here)
    assert statuses == [status] * BURST
    assert counted.total == 20
    assert {seen for seen, _, _ in counted.seen} == {status}


@pytest.mark.parametrize("script", [same, varied], ids=["heads repeat", "all heads differ"])
@pytest.mark.parametrize("status", [302, 404])
async def test_the_first_that_is_no_success_is_told_in_a_flood_of_others(
    status: int, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corsproxy.proxy.fast.lane.RATE", 0)
    counted = Counted()
    async with world(script, counters=[counted]) as here:
        await flooded(here, ask(b"GET", b"/200", ORIGIN))
        told(here)
        async with here.client() as client:
            for _ in range(20):
                await client.send(ask(b"GET", b"/%d" % status, ORIGIN))
                await client.response()
        assert told(here) == [status]
    assert sum(count for seen, count, _ in counted.seen if seen == status) == 19


async def test_a_refusal_and_a_failure_are_told_in_a_flood_too() -> None:
    async def script(peer: Peer) -> None:
        for _ in range(BURST + 20):
            await peer.head()
            await peer.send(OK)
        await peer.head()

    counted = Counted()
    async with world(script, counters=[counted]) as here:
        await flooded(here, ask(b"GET", b"/1", ORIGIN))
        told(here)
        async with here.client() as client:
            await client.send(ask(b"POST", b"/1", b"Content-Length: 0", ORIGIN))
            await client.response()
            await client.send(ask(b"GET", b"/1", b"Origin: https://evil.test"))
            await client.response()
        assert told(here) == [502, 403]


async def test_without_counters_everything_is_told() -> None:
    async with world() as here:
        await flooded(here, ask(b"GET", b"/1", ORIGIN))
        assert len(told(here)) == BURST + 20


async def test_what_was_counted_is_told_while_the_flood_goes_on() -> None:
    arrived = asyncio.Event()
    async with world(counters=[lambda _: arrived.set()]) as here, here.client() as client:
        for _ in range(BURST + 20):
            await client.send(ask(b"GET", b"/1", ORIGIN))
            await client.response()
        async with asyncio.timeout(5):
            await arrived.wait()


async def test_what_had_to_be_told_does_not_keep_the_rest_from_being_told_for_long() -> None:
    async with world(counters=[lambda _: None]) as here:
        front = here.gateway._server
        assert front is not None
        lane = front._fast
        lane.allowance = -1_000_000  # as after a million failures
        lane._counted = asyncio.get_running_loop().time() - 2.1
        lane.count()
        assert lane.allowance == 2 * RATE + RATE // 10
        lane._counted -= 3600
        lane.count()
        assert lane.allowance == BURST
