"""When a connection to the upstream may carry another request, and which."""

import asyncio
from collections.abc import AsyncIterator, Callable
from math import inf

import pytest

from corsproxy.config.address import UpstreamAddress
from corsproxy.proxy.http1.chunked import CHUNKED
from corsproxy.proxy.upstream.failure import UpstreamFailure
from corsproxy.proxy.upstream.pool import RESOLVED_FOR, TICK, UpstreamPool
from corsproxy.proxy.upstream.response_stream import exchange
from tests.proxy.asking import HEAD, OK, replies
from tests.proxy.scripted import Peer, scripted

POST = b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n"
IN_CHUNKS = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"


def refusal(*lines: bytes) -> bytes:
    return b"\r\n".join([b"HTTP/1.1 401 No", *lines, b"Content-Length: 2", b"", b"no"])


async def pieces_of(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def reused(
    upstream: UpstreamPool, head: bytes, *content: bytes, owed: int = 0, method: str = "POST"
) -> bool:
    """Whether the connection is kept after this request."""
    sent = pieces_of(*content) if owed else None
    async with exchange(upstream, method, head, sent, owed=owed) as (_, response):
        [_ async for _ in response]
    return upstream.idle(repeatable=True) is not None


def answers_after(size: int, response: bytes) -> Callable[[Peer], object]:
    """Read so much content, then say this."""

    async def script(peer: Peer) -> None:
        while True:
            await peer.head()
            await peer.reader.readexactly(size)
            await peer.send(response)

    return script


@pytest.mark.parametrize(
    ("response", "kept"),
    [
        pytest.param(OK, True, id="200"),
        pytest.param(OK.replace(b"200", b"303"), True, id="303"),
        pytest.param(OK.replace(b"\r\n", b"\r\nConnection: close\r\n", 1), False, id="close"),
        pytest.param(OK.replace(b"\r\n", b"\r\nKeep-Alive: timeout=0\r\n", 1), False, id="0 s"),
        pytest.param(OK.replace(b"\r\n", b"\r\nKeep-Alive: timeout=5\r\n", 1), True, id="5 s"),
        pytest.param(refusal(), False, id="a refusal may leave content unread"),
        pytest.param(OK.replace(b"200", b"500"), False, id="so may an error"),
    ],
)
@pytest.mark.parametrize(
    "asked",
    [
        pytest.param((POST, [b"ab", b"cd"], 4), id="length"),
        pytest.param((IN_CHUNKS, [b"1\r\na\r\n", b"0\r\n\r\n"], CHUNKED), id="chunked"),
    ],
)
async def test_after_a_request_with_content(
    to: Callable[..., UpstreamPool],
    asked: tuple[bytes, list[bytes], int],
    response: bytes,
    kept: bool,
) -> None:
    head, content, owed = asked
    size = len(b"".join(content))
    async with scripted(answers_after(size, response)) as there:  # type: ignore[arg-type]
        assert await reused(to(there.address), head, *content, owed=owed) is kept


async def test_a_refusal_of_a_request_without_content_costs_no_connection(
    to: Callable[..., UpstreamPool],
) -> None:
    async with scripted(replies(refusal())) as there:
        assert await reused(to(there.address), HEAD, method="GET")


@pytest.mark.parametrize(
    "owed", [pytest.param(4, id="length"), pytest.param(CHUNKED, id="chunked")]
)
async def test_content_that_is_owed_costs_the_connection(
    to: Callable[..., UpstreamPool], owed: int
) -> None:
    """Else the next request's head would be read as what is left of this one's content."""
    async with scripted(replies(OK)) as there:
        head = POST if owed == 4 else IN_CHUNKS
        upstream = to(there.address)
        waiting = asyncio.Event()

        async def part() -> AsyncIterator[bytes]:
            yield b"ab"
            await waiting.wait()

        async with exchange(upstream, "POST", head, part(), owed=owed) as (found, response):
            assert (found.status, [data async for data in response]) == (200, [b"ok"])
        assert upstream.idle(repeatable=True) is None


async def test_content_announced_and_never_sent_costs_the_connection(
    to: Callable[..., UpstreamPool],
) -> None:
    async with scripted(replies(OK)) as there:
        upstream = to(there.address)
        async with exchange(upstream, "GET", POST, owed=4) as (_, response):
            [_ async for _ in response]
        assert upstream.idle(repeatable=True) is None
        assert await there.ended.get() == 0


@pytest.mark.parametrize(
    ("idle", "closed_after", "repeatable", "other"),
    [
        pytest.param(0, inf, True, True, id="just used"),
        pytest.param(0.25, 1, True, True, id="just used, closed after 1 s"),
        pytest.param(0.75, inf, True, True, id="0.75 s"),
        pytest.param(1.0, inf, True, False, id="1 s"),
        pytest.param(1.5, inf, True, False, id="1.5 s"),
        pytest.param(1.75, inf, False, False, id="beyond gunicorn's 2 s, nearly"),
        pytest.param(0.5, 1, True, False, id="0.5 s of 1 s"),
        pytest.param(0.75, 1, False, False, id="0.75 s of 1 s"),
        pytest.param(1.5, 2, True, False, id="1.5 s of 2 s"),
        pytest.param(1.5, 5, True, False, id="1.5 s of 5 s"),
    ],
)
async def test_what_may_not_be_repeated_rides_on_no_connection_that_was_idle_for_long(
    to: Callable[..., UpstreamPool], idle: float, closed_after: float, repeatable: bool, other: bool
) -> None:
    async with scripted(replies(OK)) as there:
        upstream = to(there.address)
        connection = await upstream.connect()
        for expected, asked in ((repeatable, True), (other, False)):
            connection.idle_ticks, connection.idle_timeout = int(idle / TICK), closed_after
            upstream.free(connection)
            assert (upstream.idle(repeatable=asked) is connection) is expected
            upstream.close()
            upstream = to(there.address)
            connection = await upstream.connect()


async def test_a_name_is_resolved_anew_after_a_refused_connect(
    to: Callable[..., UpstreamPool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container that was started anew may have another address."""
    loop = asyncio.get_running_loop()
    resolve = loop.getaddrinfo
    asked: list[object] = []

    async def counted(host: str, *how: int, **named: int) -> object:
        asked.append(host)
        return await resolve(host, *how, **named)

    monkeypatch.setattr(loop, "getaddrinfo", counted)
    async with scripted(replies(OK)) as there:
        address = UpstreamAddress("http", "localhost", there.address.port)
    upstream = to(address)
    for _ in range(3):
        with pytest.raises(UpstreamFailure, match="nothing listens there"):
            await upstream.connect()
    assert asked == ["localhost"] * 3


async def test_a_name_is_believed_for_a_while_and_not_for_ever(
    to: Callable[..., UpstreamPool], monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    resolve, now = loop.getaddrinfo, loop.time
    asked: list[object] = []
    passed = 0.0

    async def counted(host: str, *how: int, **named: int) -> object:
        asked.append(host)
        return await resolve(host, *how, **named)

    monkeypatch.setattr(loop, "getaddrinfo", counted)
    monkeypatch.setattr(loop, "time", lambda: now() + passed)
    async with scripted(replies(OK)) as there:
        upstream = to(UpstreamAddress("http", "localhost", there.address.port))
        for _ in range(3):
            await upstream.connect()
        assert asked == ["localhost"]
        passed = RESOLVED_FOR
        await upstream.connect()
        assert asked == ["localhost"] * 2
