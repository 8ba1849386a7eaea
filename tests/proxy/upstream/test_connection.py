"""Responses and requests over real sockets, with upstreams that do everything wrong they can."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from corsproxy.limits import MAX_WAITING_BYTES
from corsproxy.proxy.http1.response_head import Framing, ResponseHead
from corsproxy.proxy.upstream.connection import Connection
from corsproxy.proxy.upstream.failure import UpstreamFailure
from corsproxy.proxy.upstream.pool import UpstreamPool
from corsproxy.proxy.upstream.response_stream import exchange
from tests.proxy.asking import HEAD, OK, ask, failure, replies
from tests.proxy.scripted import Peer, scripted
from tests.until import soon, turns

LARGE = 8_000_000
MAX_READ = 262_144
"""What asyncio reads of a socket at once."""


@pytest.mark.parametrize(
    ("pieces", "close", "content"),
    [
        pytest.param([OK], False, b"ok", id="length"),
        pytest.param([OK[i : i + 1] for i in range(len(OK))], False, b"ok", id="byte by byte"),
        pytest.param([b"HTTP/1.1 200 OK\r\n\r\n", b"ok"], True, b"ok", id="until the end"),
        pytest.param([b"HTTP/1.0 200 OK\r\n\r\nok"], True, b"ok", id="HTTP/1.0"),
        pytest.param(
            [
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n",
                b"1\r\nk\r\n0\r\n\r\n",
            ],
            False,
            b"ok",
            id="chunked",
        ),
        pytest.param([b"HTTP/1.1 204 No Content\r\n\r\n"], False, b"", id="204"),
        pytest.param([b"HTTP/1.1 304 Same\r\nContent-Length: 9\r\n\r\n"], False, b"", id="304"),
        pytest.param([b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"], False, b"", id="empty"),
    ],
)
async def test_a_response_comes_whole(
    to: Callable[..., UpstreamPool], pieces: list[bytes], close: bool, content: bytes
) -> None:
    async with scripted(replies(*pieces, close=close)) as there:
        upstream = to(there.address)
        for _ in range(3):
            assert (await ask(upstream))[1] == content
        assert len(there.peers) == (3 if close else 1)


@pytest.mark.parametrize(
    ("greeting", "id_", "words"),
    [
        pytest.param(b"\0\0\0\x04\0\0\0\0\0", "malformed", "it speaks HTTP/2 only", id="HTTP/2"),
        pytest.param(b"220 mail.test ESMTP\r\n", "malformed", "status line", id="no HTTP"),
        pytest.param(OK, "closed", "without a response", id="an answer to nothing"),
        pytest.param(b"", "closed", "without a response", id="the end"),
    ],
)
async def test_a_server_that_speaks_before_it_is_asked_is_told_by_what_it_says(
    to: Callable[..., UpstreamPool],
    monkeypatch: pytest.MonkeyPatch,
    greeting: bytes,
    id_: str,
    words: str,
) -> None:
    greeted = asyncio.Event()
    connect = UpstreamPool.connect

    async def greets(peer: Peer) -> None:
        await peer.send(greeting)
        greeted.set()
        if greeting:
            await peer.head()

    async def heard(upstream: UpstreamPool) -> Connection:
        connection = await connect(upstream)
        await greeted.wait()
        await turns()
        return connection

    monkeypatch.setattr(UpstreamPool, "connect", heard)
    async with scripted(greets) as there:
        told = await failure(to(there.address))
    assert (told.id, words in str(told)) == (id_, True)


async def test_a_response_to_head_has_no_content(to: Callable[..., UpstreamPool]) -> None:
    async with scripted(replies(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")) as there:
        upstream = to(there.address)
        for _ in range(2):
            assert (await ask(upstream, "HEAD"))[1] == b""
        assert len(there.peers) == 1


async def test_chunks_pass_verbatim_with_their_trailers(to: Callable[..., UpstreamPool]) -> None:
    wire = b"5;x\r\nhello\r\n0\r\nX-T: v\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with scripted(replies(head, wire[:7], wire[7:])) as there:
        assert (await ask(to(there.address), verbatim=True))[1] == wire


async def test_interim_heads_come_before_the_response(to: Callable[..., UpstreamPool]) -> None:
    seen: list[int] = []

    async def on_interim(head: ResponseHead) -> None:
        seen.append(head.status)

    early = b"HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n" + b"HTTP/1.1 102 Busy\r\n\r\n" * 3000
    async with (
        scripted(replies(early + OK)) as there,
        exchange(to(there.address), "GET", HEAD, on_interim=on_interim) as (head, _),
    ):
        assert (head.status, seen) == (200, [103, *[102] * 3000])


CUT = {
    "in the status line": b"HTTP/1.1 20",
    "in a field": b"HTTP/1.1 200 OK\r\nContent-Le",
    "after the head": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
    "in content": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
    "in a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
    "after a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    "in a chunk's size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5",
    "in the last chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
}


@pytest.mark.parametrize("sent", CUT.values(), ids=CUT)
@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize("verbatim", [False, True], ids=["decoded", "verbatim"])
async def test_what_is_cut_never_looks_complete(
    to: Callable[..., UpstreamPool], sent: bytes, reset: bool, verbatim: bool
) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(sent)
        await turns()
        if reset:
            peer.reset()

    async with scripted(script) as there:
        with pytest.raises(UpstreamFailure) as caught:
            await ask(to(there.address), verbatim=verbatim)
        assert (caught.value.id, caught.value.status) == ("truncated", 502)


async def test_a_reset_ends_no_content_where_a_close_would(to: Callable[..., UpstreamPool]) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\nhalf of it")
        await turns()
        peer.reset()

    async with scripted(script) as there:
        assert (await failure(to(there.address))).id == "truncated"


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nA : b\r\n\r\n", id="a bad field"),
        pytest.param(b"HTTP/1.1 200 OK\rA: b\r\r\n\r\n", id="CR alone"),
        pytest.param(b"SSH-2.0-OpenSSH\r\n", id="another protocol"),
        pytest.param(b"\x15\x03\x01\x00\x02\x02\x16", id="a TLS alert"),
        pytest.param(b"HTTP/1.1 101 Yes\r\nUpgrade: x\r\n\r\n", id="an upgrade unasked"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000, id="an endless head"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX", id="a bad chunk"
        ),
    ],
)
async def test_what_is_no_http_is_malformed_at_once(
    to: Callable[..., UpstreamPool], sent: bytes
) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(sent)
        await peer.reader.read()

    async with scripted(script) as there:
        found = await failure(to(there.address))
    assert (found.id, found.status) == ("malformed", 502)
    assert str(there.address) in found.sentence
    assert found.sentence.isprintable()
    assert found.sentence.isascii()


# Requests with content.


async def pieces_of(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def test_content_is_sent_and_backpressure_is_kept(to: Callable[..., UpstreamPool]) -> None:
    got: asyncio.Queue[int] = asyncio.Queue()

    async def script(peer: Peer) -> None:
        await peer.head()
        got.put_nowait(len(await peer.reader.readexactly(LARGE)))
        await peer.send(OK)

    head = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % LARGE
    async with scripted(script) as there:
        content = pieces_of(*[b"x" * 100_000] * (LARGE // 100_000))
        async with exchange(to(there.address), "POST", head, content, owed=LARGE) as (found, _):
            assert (found.status, got.get_nowait()) == (200, LARGE)


async def test_a_response_is_heard_before_the_content_is_out(
    to: Callable[..., UpstreamPool],
) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nno")
        await peer.reader.read()

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65536
            await turns()

    head = b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n"
    async with scripted(script) as there:
        upstream = to(there.address)
        async with exchange(upstream, "POST", head, endless(), owed=99_999_999) as (
            found,
            response,
        ):
            assert found.status == 413
            assert [data async for data in response] == [b"no"]
        assert upstream.idle(repeatable=True) is None


async def test_what_the_content_raises_the_response_raises(to: Callable[..., UpstreamPool]) -> None:
    async def cut() -> AsyncIterator[bytes]:
        yield b"hel"
        raise ConnectionResetError

    async with scripted(replies()) as there:
        with pytest.raises(ConnectionResetError):
            async with exchange(to(there.address), "POST", HEAD, cut(), owed=5):
                pass
        assert await there.ended.get() == 0


async def test_an_upstream_is_not_read_faster_than_it_is_listened_to(
    to: Callable[..., UpstreamPool],
) -> None:
    sent = 0

    async def script(peer: Peer) -> None:
        nonlocal sent
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(1000):
            await peer.send(b"x" * 65536)
            sent += 65536

    async with (
        scripted(script) as there,
        exchange(to(there.address), "GET", HEAD) as (_, response),
    ):
        await soon(there.peers[0].writer.transport.get_write_buffer_size)  # it is stuck
        assert sent < 16_000_000
        assert response._size <= MAX_WAITING_BYTES + MAX_READ
        await anext(response)


async def test_interim_heads_are_not_read_faster_than_they_are_passed_on(
    to: Callable[..., UpstreamPool],
) -> None:
    sent = 0
    heads = b"HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n" * 2000

    async def script(peer: Peer) -> None:
        nonlocal sent
        await peer.head()
        for _ in range(1000):
            await peer.send(heads)
            sent += len(heads)

    async def stuck(_: ResponseHead) -> None:
        [connection] = upstream._all
        await soon(lambda: connection.paused)
        raise ConnectionResetError

    async with scripted(script) as there:
        upstream = to(there.address)
        with pytest.raises(ConnectionResetError):
            async with exchange(upstream, "GET", HEAD, on_interim=stuck):
                pass
        assert sent < 16_000_000


async def test_a_tunnel_carries_bytes_both_ways_to_each_end(
    to: Callable[..., UpstreamPool],
) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\n\r\nfirst")
        await peer.send(await peer.reader.read())

    async with (
        scripted(script) as there,
        exchange(to(there.address), "GET", HEAD, tunnel=True) as (head, response),
    ):
        assert head.framing is Framing.TUNNEL
        assert await anext(response) == b"first"
        response.write(b"second")
        await response.drain()
        response.half_close()
        assert [data async for data in response] == [b"second"]
