"""The ordinary lane's connection: heads and content in pieces, and what comes before its turn."""

import asyncio

import pytest

from tests.proxy.asking import OK
from tests.proxy.scripted import Peer
from tests.proxy.worlds import ORIGIN, ask, world

UPGRADE = (b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Version: 13")
SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


@pytest.mark.parametrize("size", [1, 2, 3, 5])
async def test_empty_lines_before_a_request_are_ignored_in_whatever_pieces(size: int) -> None:
    raw = b"\r\n\r\n\r\n" + ask(b"GET", b"/1") + b"\r\n" + ask(b"GET", b"/2")
    start, rest = raw[:10], raw[10:]
    async with world(fast=False) as here, here.client() as client:
        await client.send(*(start[at : at + size] for at in range(0, len(start), size)), rest)
        assert (await client.response())[1] == b"GET /1 0"
        assert (await client.response())[1] == b"GET /2 0"


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize(
    "beginning",
    [
        pytest.param(b"\x16\x03\x01", id="TLS"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\nX: \0", id="a control byte"),
        pytest.param(b"GET / HTTP/1.1\nHost: a\n\n", id="LF"),
        pytest.param(b"GET /\r\n", id="HTTP/0.9"),
        pytest.param(b"GET / HTTP/2.0\r\n", id="another version"),
    ],
)
async def test_what_can_never_become_a_head_is_refused_before_it_ends(
    fast: bool, beginning: bytes
) -> None:
    async with world(fast=fast) as here, here.client() as client:
        await client.send(beginning)
        head, _ = await client.response()
        assert head.startswith(b"HTTP/1.1 400 ")


async def test_what_comes_behind_a_handshake_belongs_to_the_tunnel_it_opens() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(SWITCHED)
        await peer.send(await peer.reader.readexactly(9))

    async with world(script, fast=False) as here, here.client() as client:
        await client.send(ask(b"GET", b"/", ORIGIN, *UPGRADE) + b"\x81\x83abcd", b"xyz")
        assert (await client.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        assert await client.reader.readexactly(9) == b"\x81\x83abcdxyz"


async def test_what_comes_behind_a_handshake_that_is_refused_is_the_next_request() -> None:
    async with world(fast=False) as here, here.client() as client:
        await client.send(ask(b"GET", b"/1", ORIGIN, *UPGRADE) + ask(b"PUT", b"/2"))
        assert (await client.response())[1] == b"GET /1 0"
        assert (await client.response())[1] == b"PUT /2 0"


async def test_no_request_reaches_the_upstream_before_the_response_to_the_one_before_it() -> None:
    go = asyncio.Event()
    seen: asyncio.Queue[bytes] = asyncio.Queue()

    async def script(peer: Peer) -> None:
        while True:
            seen.put_nowait((await peer.head()).split(b" ")[1])
            await go.wait()
            await peer.send(OK)

    async with world(script, fast=False) as here, here.client() as client:
        await client.send(ask(b"GET", b"/1") + ask(b"GET", b"/2"))
        async with here.client() as other:
            await other.send(ask(b"GET", b"/other"))
            assert {await seen.get(), await seen.get()} == {b"/1", b"/other"}
        go.set()
        assert [(await client.response())[1] for _ in range(2)] == [b"ok", b"ok"]
    assert await seen.get() == b"/2"
