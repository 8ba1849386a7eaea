"""In a flood, what goes well is counted, all else is told; nothing is lost or told twice."""

import asyncio

import pytest

from corsproxy.cors.tally import Tally
from corsproxy.proxy.fast.lane import BURST, RATE
from tests.proxy.asking import OK
from tests.proxy.scripted import Peer
from tests.proxy.worlds import ORIGIN, PREFLIGHT, World, ask, world


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


@pytest.mark.parametrize("status", [b"301 Moved", b"404 Not Found", b"500 Oh"])
async def test_a_response_that_is_no_success_is_told_in_a_flood_too(status: bytes) -> None:
    async def script(peer: Peer) -> None:
        while await peer.head():
            await peer.send(b"HTTP/1.1 %b\r\nContent-Length: 0\r\n\r\n" % status)

    counted = Counted()
    async with world(script, counters=[counted]) as here:
        await flooded(here, ask(b"GET", b"/1", ORIGIN))
        assert told(here) == [int(status[:3])] * (BURST + 20)
    assert counted.total == 0


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
        front = here.gateway._front
        assert front is not None
        lane = front._fast
        lane.allowance = -1_000_000  # as after a million failures
        lane._counted = asyncio.get_running_loop().time() - 2.1
        lane.count()
        assert lane.allowance == 2 * RATE + RATE // 10
        lane._counted -= 3600
        lane.count()
        assert lane.allowance == BURST
