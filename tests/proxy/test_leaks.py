"""After hundreds of rounds in which things go wrong, nothing is left behind."""

import asyncio
import gc
from pathlib import Path

import pytest

from tests.proxy.scripted import Peer
from tests.proxy.worlds import ORIGIN, PREFLIGHT, World, ask, world
from tests.until import soon

ROUNDS = 300
LOOKS = 5
DESCRIPTORS = Path("/proc/self/fd")


async def moody(peer: Peer) -> None:
    """Answer well, cut, reset, babble or leave: by the request's target."""
    while True:
        head = await peer.head()
        match head.split(b" ")[1]:
            case b"/cut":
                await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut")
                return
            case b"/reset":
                peer.reset()
                return
            case b"/babble":
                await peer.send(b"HTTP/1.1 200 OK\nbabble")
                return
            case b"/leave":
                return
            case b"/stream":
                await peer.send(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000)
            case _:
                await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


ROUND = [
    ask(b"GET", b"/", ORIGIN),
    ask(b"OPTIONS", b"/", *PREFLIGHT),
    ask(b"GET", b"/cut"),
    ask(b"GET", b"/reset"),
    ask(b"POST", b"/babble", b"Content-Length: 3") + b"abc",
    ask(b"GET", b"/leave"),
    ask(b"GET", b"/stream"),
    ask(b"GET", b"/", b"Origin: https://evil.test"),
    b"GET / HTTP/1.1\r\nbroken\r\n\r\n",
    ask(b"POST", b"/", b"Content-Length: 100") + b"half",
]


async def one(here: World, request: bytes) -> None:
    """Ask, take a look, and be gone."""
    async with here.client() as client:
        await client.send(request)
        if b"half" not in request:
            await client.reader.read(100)
        client.reset()


def count() -> tuple[int, int]:
    """Tasks and descriptors."""
    gc.collect()
    return len(asyncio.all_tasks()), len(list(DESCRIPTORS.iterdir()))


async def settled() -> tuple[int, int]:
    """What is there once what is ending has ended."""
    counted: list[tuple[int, int]] = []

    def the_same_for_a_while() -> bool:
        counted.append(count())
        return len(counted) >= LOOKS and len(set(counted[-LOOKS:])) == 1

    await soon(the_same_for_a_while)
    return counted[-1]


@pytest.mark.skipif(not DESCRIPTORS.exists(), reason="needs /proc")
@pytest.mark.parametrize("fast", [True, False], ids=["fast", "ordinary"])
async def test_nothing_is_left_behind(fast: bool) -> None:
    async with world(moody, fast=fast) as here:
        await asyncio.gather(*(one(here, request) for request in ROUND))
        tasks, descriptors = await settled()
        for _ in range(ROUNDS // len(ROUND)):
            await asyncio.gather(*(one(here, request) for request in ROUND))
        after = await settled()
        # Some connections to the upstream may wait for the next request.
        assert after[0] <= tasks + 5
        assert after[1] <= descriptors + 10
