"""The fast lane on its own: what it takes, when it hands over, and what it reports."""

import asyncio
import socket
from dataclasses import replace

import pytest

from corsproxy.cors.policy import Policy
from corsproxy.proxy.fast.connection import FastConnection
from tests.proxy.asking import OK
from tests.proxy.scripted import Peer
from tests.proxy.worlds import ORIGIN, PREFLIGHT, ask, world
from tests.until import soon


async def test_requests_are_answered_in_order_preflights_among_them() -> None:
    async with world() as here, here.client() as client:
        sent = [
            ask(b"GET", b"/1", ORIGIN),
            ask(b"OPTIONS", b"/2", *PREFLIGHT),
            ask(b"POST", b"/3", b"Content-Length: 3") + b"abc",
            ask(b"OPTIONS", b"/4", *PREFLIGHT),
            ask(b"OPTIONS", b"/5", *PREFLIGHT),
            ask(b"DELETE", b"/6"),
        ]
        await client.send(b"".join(sent))
        answers = [await client.response() for _ in sent]
        contents = [b"GET /1 0", b"", b"POST /3 3", b"", b"", b"DELETE /6 0"]
        assert [content for _, content in answers] == contents
        assert all(b"204" in answers[n][0] for n in (1, 3, 4))
        lanes = [here.exchanges.get_nowait().lane for _ in sent]
        assert lanes == ["fast"] * 6
        assert len(here.upstream.peers) == 1


async def test_a_request_in_pieces_is_taken() -> None:
    async with world() as here, here.client() as client:
        whole = ask(b"PUT", b"/x", b"Content-Length: 4") + b"abcd"
        await client.send(*(whole[i : i + 7] for i in range(0, len(whole), 7)))
        assert (await client.response())[1] == b"PUT /x 4"
        assert here.exchanges.get_nowait().lane == "fast"


async def test_a_head_in_many_pieces_is_looked_at_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    serve = FastConnection._serve

    def noted(self: FastConnection, data: bytes) -> None:
        looks.append(len(data))
        serve(self, data)

    monkeypatch.setattr(FastConnection, "_serve", noted)
    async with world() as here, here.client() as client:
        whole = ask(b"GET", b"/x", b"X-Large: " + b"a" * 300)
        await client.send(*(whole[i : i + 4] for i in range(0, len(whole), 4)))
        assert (await client.response())[1] == b"GET /x 0"
        assert here.exchanges.get_nowait().lane == "fast"
    assert len(looks) <= 2
    assert looks[-1] == len(whole)


@pytest.mark.parametrize(
    "unusual",
    [
        pytest.param(ask(b"GET", b"/x", b"TE: trailers"), id="a field that is not for this lane"),
        pytest.param(b"GET /x HTTP/1.1\nHost: localhost\n\n", id="LF alone"),
        pytest.param(b"GET /x HTTP/1.0\r\nHost: localhost\r\n\r\n", id="HTTP/1.0"),
        pytest.param(b"BREW /x HTTP/1.1\r\nHost: localhost\r\n\r\n", id="an unknown method"),
        pytest.param(ask(b"GET", b"/x", b"Origin: https://evil.test"), id="a refused request"),
    ],
)
async def test_what_is_unusual_is_handed_over_after_what_came_before(unusual: bytes) -> None:
    async with world() as here, here.client() as client:
        await client.send(ask(b"GET", b"/1") + ask(b"GET", b"/2") + unusual)
        assert [(await client.response())[1] for _ in range(2)] == [b"GET /1 0", b"GET /2 0"]
        head, _ = await client.response()
        assert head.startswith(b"HTTP/1.1 ")
        assert [here.exchanges.get_nowait().lane for _ in range(2)] == ["fast", "fast"]


async def test_half_a_head_is_handed_over_when_the_rest_is_late() -> None:
    async with world() as here, here.client() as client:
        whole = ask(b"GET", b"/slow")
        await client.send(whole[:20])
        front = here.gateway._server
        assert front is not None
        await soon(lambda: front.connections)  # those of the ordinary lane
        await client.send(whole[20:])
        assert (await client.response())[1] == b"GET /slow 0"
        assert (await here.exchanges.get()).lane == "ordinary"


async def test_an_exchange_is_reported_once_and_in_full() -> None:
    async with world() as here, here.client() as client:
        request = ask(b"POST", b"/x?y", b"Content-Length: 3", ORIGIN)
        await client.send(request + b"abc")
        head, content = await client.response()
        exchange = here.exchanges.get_nowait()
        assert here.exchanges.empty()
        assert exchange.request_head == request
        assert exchange.response_head == head
        assert exchange.upstream_head == b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n"
        assert exchange.forwarded_head.startswith(b"POST /x?y HTTP/1.1\r\nHost: localhost\r\n")
        assert (exchange.method, exchange.target, exchange.status) == ("POST", "/x?y", 200)
        assert (exchange.request_size, exchange.response_size) == (3, len(content))
        assert exchange.decision.granted
        assert 0 < exchange.wait <= exchange.seconds
        assert (exchange.peer, exchange.route, exchange.failure) == ("127.0.0.1", "/", "")


async def test_an_upstream_that_is_down_is_told_to_the_page() -> None:
    async with world() as here, here.client() as client:
        config = here.gateway.config
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            nowhere = replace(config.upstream, port=taken.getsockname()[1])
            await here.gateway.reload(replace(config, upstream=nowhere))
            for _ in range(2):
                await client.send(ask(b"POST", b"/", ORIGIN, b"Content-Length: 3") + b"abc")
                head, content = await client.response()
                assert head.startswith(b"HTTP/1.1 502 ")
                assert b"Access-Control-Allow-Origin: https://a.test" in head
                assert b"refuses connections" in content
                assert here.exchanges.get_nowait().failure == "refused"


async def test_a_response_that_is_cut_is_never_completed() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel")

    async with world(script) as here, here.client() as client:
        await client.send(ask() + ask())
        assert (await client.to_the_end()).endswith(b"\r\n\r\nhel")
        exchange = await here.exchanges.get()
        assert (exchange.status, exchange.failure, exchange.response_size) == (200, "truncated", 3)
        assert here.exchanges.empty()


async def test_a_stale_connection_is_not_noticed() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(OK)
        if peer.number == 0:
            await peer.head()
        else:
            await peer.reader.read()

    async with world(script) as here, here.client() as client:
        for _ in range(2):
            await client.send(ask())
            assert (await client.response())[1] == b"ok"
        assert len(here.upstream.peers) == 2


async def test_a_client_that_leaves_takes_its_upstream_connection_along() -> None:
    asked = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        asked.set()
        await peer.reader.read()

    async with world(script) as here, here.client() as client:
        await client.send(ask())
        await asked.wait()
        client.reset()
        assert await here.upstream.ended.get() == 0
        exchange = await here.exchanges.get()
        assert (exchange.status, exchange.failure) == (0, "client-gone")


async def test_an_early_response_is_heard_and_the_rest_of_the_content_dropped() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(OK)

    async with world(script) as here, here.client() as client:
        await client.send(ask(b"POST", b"/", b"Content-Length: 1000000") + b"x" * 1000)
        assert (await client.response())[1] == b"ok"
        await client.send(b"x" * 999_000 + ask())
        assert (await client.response())[1] == b"ok"


async def test_content_until_the_end_is_chunked_for_the_client() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.0 200 OK\r\n\r\n", b"hello", b"world")

    async with world(script) as here, here.client() as client:
        await client.send(ask())
        head = await client.reader.readuntil(b"\r\n\r\n")
        assert b"Transfer-Encoding: chunked" in head
        wire = await client.reader.readuntil(b"0\r\n\r\n")
        assert wire == b"5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n"


async def test_a_head_does_not_wait_for_content() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        await peer.reader.read()

    async with world(script) as here, here.client() as client:
        await client.send(ask())
        assert b"200 OK" in await client.reader.readuntil(b"\r\n\r\n")


async def test_a_reload_counts_from_the_next_request_on() -> None:
    async with world() as here, here.client() as client:
        await client.send(ask(b"GET", b"/", ORIGIN))
        assert b"Allow-Origin" in (await client.response())[0]
        await here.gateway.reload(replace(here.gateway.config, policy=Policy()))
        await client.send(ask(b"GET", b"/", ORIGIN))
        assert b"HTTP/1.1 403 " in (await client.response())[0]


async def test_draining_closes_what_is_idle_and_tells_what_is_not() -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        asked.set()
        await go_on.wait()
        await peer.send(OK)

    async with world(script) as here, here.client() as idle, here.client() as busy:
        await busy.send(ask())
        await asked.wait()
        draining = asyncio.create_task(here.gateway.drain(5))
        assert await idle.reader.read() == b""
        go_on.set()
        head, content = await busy.response()
        assert b"Connection: close" in head
        assert content == b"ok"
        assert await busy.reader.read() == b""
        await draining


async def test_a_client_that_sends_no_more_of_its_content_is_given_up() -> None:
    async with world(idle=0.4) as here, here.client() as client:
        await client.send(ask(b"POST", b"/", b"Content-Length: 10") + b"abc")
        await client.to_the_end()
        exchange = await here.exchanges.get()
        assert (exchange.failure, exchange.request_size) == ("client-stalled", 3)
        assert await here.upstream.ended.get() == 0
