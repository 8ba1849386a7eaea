"""The way to the upstream over real sockets: the pool, getting there, and silence."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from corsproxy.config.address import UpstreamAddress
from corsproxy.config.settings import Timeouts
from corsproxy.proxy.http1.chunked import CHUNKED
from corsproxy.proxy.upstream import pool as upstream_module
from corsproxy.proxy.upstream.failure import UpstreamFailure
from corsproxy.proxy.upstream.pool import AllPools, UpstreamPool
from corsproxy.proxy.upstream.response_stream import exchange
from tests.proxy.asking import HEAD, OK, ask, failure, replies
from tests.proxy.scripted import Peer, scripted
from tests.until import soon, turns

# The pool.


async def test_the_last_connection_used_is_the_next_one(to: Callable[..., UpstreamPool]) -> None:
    async with scripted(replies(OK)) as there:
        upstream = to(there.address)
        first, second = await upstream.connect(), await upstream.connect()
        upstream.free(first)
        upstream.free(second)
        assert upstream.idle(repeatable=True) is second
        assert upstream.idle(repeatable=True) is first
        assert upstream.idle(repeatable=True) is None


async def test_past_the_most_the_longest_idle_of_all_upstreams_gives_way() -> None:
    async with scripted(replies(OK)) as one, scripted(replies(OK)) as other:
        together = AllPools(max_connections=3)
        first = UpstreamPool(one.address, Timeouts(), together=together)
        second = UpstreamPool(other.address, Timeouts(), together=together)
        oldest, younger = await first.connect(), await second.connect()
        first.free(oldest)
        oldest.idle_ticks = 2
        second.free(younger)
        busy = await first.connect()
        assert (first.open, second.open) == (2, 1)
        await second.connect()
        assert (first.open, second.open) == (1, 2)
        assert first.idle(repeatable=True) is None
        assert second.idle(repeatable=True) is younger
        await first.connect()  # none is idle: it is made all the same
        assert (first.open, second.open) == (2, 2)
        busy.abort()
        for upstream in (first, second):
            upstream.abort()
        await turns()
        assert (first.open, second.open) == (0, 0)
        assert together._count == 0


async def test_an_upstream_that_lost_one_of_its_connections_still_gives_way() -> None:
    async with scripted(replies(OK)) as one, scripted(replies(OK)) as other:
        together = AllPools(max_connections=2)
        first = UpstreamPool(one.address, Timeouts(), together=together)
        second = UpstreamPool(other.address, Timeouts(), together=together)
        kept, lost = await first.connect(), await first.connect()
        lost.abort()
        await turns()
        first.free(kept)
        await second.connect()
        await second.connect()
        assert (first.open, second.open) == (0, 2)
        second.abort()
        await turns()


@pytest.mark.parametrize(
    "said",
    [pytest.param(OK, id="bytes that nobody asked for"), pytest.param(b"", id="the end")],
)
async def test_a_connection_that_speaks_while_unused_is_thrown_away(
    to: Callable[..., UpstreamPool], said: bytes
) -> None:
    spoken = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % peer.number)
        if peer.number == 0:
            await turns()
            if said:
                await peer.send(said)
                await peer.reader.read()
            else:
                peer.writer.close()
                await peer.writer.wait_closed()
            spoken.set()

    async with scripted(script) as there:
        upstream = to(there.address)
        assert (await ask(upstream))[1] == b"0"
        await spoken.wait()
        await turns()
        assert upstream.idle(repeatable=True) is None
        assert (await ask(upstream))[1] == b"1"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        pytest.param(b"\x00\x00\x06\x04" + bytes(11), "it speaks HTTP/2 only", id="HTTP/2"),
        pytest.param(OK, "a response before any request, 'HTTP/1.1 200 OK'", id="HTTP"),
    ],
)
async def test_a_server_that_speaks_first_is_told_by_what_it_says(
    to: Callable[..., UpstreamPool], said: bytes, told: str
) -> None:
    connected = asyncio.Event()

    async def script(peer: Peer) -> None:
        await connected.wait()
        await peer.send(said)
        await peer.reader.read()

    async with scripted(script) as there:
        connection = await to(there.address).connect()
        connected.set()
        assert await there.ended.get() == 0
        assert connection.failure is not None
        assert told in connection.failure.sentence


async def test_more_than_was_announced_costs_the_connection(
    to: Callable[..., UpstreamPool],
) -> None:
    async with scripted(replies(OK + b"HTTP/1.1 200 OK\r\n")) as there:
        upstream = to(there.address)
        assert (await ask(upstream))[1] == b"ok"
        assert upstream.idle(repeatable=True) is None


async def test_a_connection_left_in_the_middle_is_not_used_again(
    to: Callable[..., UpstreamPool],
) -> None:
    async with scripted(replies(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel")) as there:
        upstream = to(there.address)
        async with exchange(upstream, "GET", HEAD):
            pass
        assert upstream.idle(repeatable=True) is None
        assert await there.ended.get() == 0


async def test_a_paused_connection_is_read_again_by_its_next_user(
    to: Callable[..., UpstreamPool],
) -> None:
    large = b"x" * 400_000
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 400000\r\n\r\n"
    async with scripted(replies(head + large)) as there:
        upstream = to(there.address)
        for _ in range(5):
            async with exchange(upstream, "GET", HEAD) as (_, response):
                connection = response._connection
                assert connection is not None
                await soon(lambda: connection.paused)  # noqa: B023 - waited for at once
                assert b"".join([data async for data in response]) == large
        assert len(there.peers) == 1


async def test_an_unused_connection_is_closed_before_the_upstream_would(
    to: Callable[..., UpstreamPool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upstream_module, "IDLE_LIMIT", 0.0)
    async with scripted(replies(OK)) as there:
        upstream = to(there.address)
        await ask(upstream)
        assert await there.ended.get() == 0
        assert upstream.idle(repeatable=True) is None


async def stale(peer: Peer) -> None:
    """Serve once; end the connection at the second request."""
    await peer.head()
    await peer.send(OK)
    if peer.number == 0:
        await peer.head()
    else:
        await peer.reader.read()


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
async def test_a_request_that_met_a_stale_connection_is_sent_once_more(
    to: Callable[..., UpstreamPool], method: str
) -> None:
    async with scripted(stale) as there:
        upstream = to(there.address)
        await ask(upstream)
        async with exchange(upstream, method, HEAD) as (head, _):
            assert head.status == 200
        assert len(there.peers) == 2


async def test_a_request_that_may_not_be_repeated_is_not(to: Callable[..., UpstreamPool]) -> None:
    async with scripted(stale) as there:
        upstream = to(there.address)
        await ask(upstream)
        assert (await failure(upstream, "POST")).id == "closed"
        assert len(there.peers) == 1


async def test_a_new_connection_that_dies_is_no_stale_one(to: Callable[..., UpstreamPool]) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()

    async with scripted(script) as there:
        assert (await failure(to(there.address))).id == "closed"
        assert len(there.peers) == 1


# Getting there.


async def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(UpstreamFailure) as caught:
            await UpstreamPool(UpstreamAddress("http", "localhost", port), Timeouts()).connect()
    assert (caught.value.id, caught.value.status) == ("refused", 502)
    assert f"http://localhost:{port}" in caught.value.sentence


async def test_a_name_that_nobody_knows() -> None:
    upstream = UpstreamPool(UpstreamAddress("http", "nobody.invalid", 80), Timeouts())
    with pytest.raises(UpstreamFailure) as caught:
        await upstream.connect()
    assert caught.value.id == "dns"


async def test_localhost_is_found_on_ipv4_only(to: Callable[..., UpstreamPool]) -> None:
    async with scripted(replies(OK)) as there:
        upstream = to(UpstreamAddress("http", "localhost", there.address.port))
        assert (await ask(upstream))[1] == b"ok"


async def test_a_unix_socket(to: Callable[..., UpstreamPool], tmp_path: Path) -> None:
    async with scripted(replies(OK), path=tmp_path / "s") as there:
        assert (await ask(to(there.address)))[1] == b"ok"


async def test_no_unix_socket_there(to: Callable[..., UpstreamPool], tmp_path: Path) -> None:
    address = UpstreamAddress("http", "localhost", 80, str(tmp_path / "none"))
    assert (await failure(to(address))).id == "unreachable"


# Timeouts.


@pytest.mark.parametrize(
    ("sent", "cause"),
    [
        pytest.param(b"", "head-timeout", id="no response"),
        pytest.param(b"HTTP/1.1 20", "head-timeout", id="half a head"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\nhel", "idle-timeout", id="half of the content"),
    ],
)
async def test_silence_ends(to: Callable[..., UpstreamPool], sent: bytes, cause: str) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(sent)
        await peer.reader.read()

    async with scripted(script) as there:
        found = await failure(to(there.address, head=0.4, idle=0.4))
        assert (found.id, found.status) == (cause, 504)
        assert await there.ended.get() == 0


async def test_a_head_that_trickles_is_too_late(to: Callable[..., UpstreamPool]) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        for byte in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1000:
            await peer.send(bytes([byte]), b"")
            await asyncio.sleep(0.02)  # slow is what this head is

    async with scripted(script) as there:
        found = await failure(to(there.address, head=0.4))
        assert (found.id, found.status) == ("head-timeout", 504)


async def test_an_upstream_that_takes_nothing_is_given_up(to: Callable[..., UpstreamPool]) -> None:
    async def script(peer: Peer) -> None:
        peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.Event().wait()

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65536

    async with scripted(script) as there:
        with pytest.raises(UpstreamFailure) as caught:
            async with exchange(to(there.address, idle=0.4), "POST", HEAD, endless(), owed=CHUNKED):
                pass
        assert caught.value.id == "idle-timeout"


async def test_a_slow_client_is_not_the_upstreams_fault(to: Callable[..., UpstreamPool]) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.reader.readexactly(2)
        await peer.send(OK)

    async def slow() -> AsyncIterator[bytes]:
        yield b"a"
        await asyncio.sleep(1.5)  # longer than the upstream may take
        yield b"b"

    async with (
        scripted(script) as there,
        exchange(to(there.address, head=0.4), "POST", HEAD, slow(), owed=2) as (found, _),
    ):
        assert found.status == 200


@pytest.mark.parametrize(
    ("error", "id_", "words"),
    [
        pytest.param(ConnectionResetError(104, "Connect call failed ('h', 1)"), "reset", "reset"),
        pytest.param(
            OSError(101, "Connect call failed ('h', 1)"), "unreachable", "Network is unreachable"
        ),
    ],
)
def test_what_fails_on_the_way_is_told_in_the_systems_words(
    error: OSError, id_: str, words: str
) -> None:
    told = UpstreamFailure.of(error, UpstreamAddress("http", "h", 1), 1.0)
    assert told.id == id_
    assert words in told.sentence
    assert "Connect call" not in told.sentence
