"""What cannot be read, or has no room, is answered so that a page can read it, and is told."""

import asyncio
import json

import pytest

from corsproxy.proxy.unserved import partial_head
from tests.proxy.asking import OK
from tests.proxy.scripted import Peer
from tests.proxy.worlds import ORIGIN, ask, world

GRANTED = b"\r\nAccess-Control-Allow-Origin: https://a.test\r\n"
LARGE = b"x" * 70_000


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize(
    ("said", "status", "failure"),
    [
        pytest.param(
            ask(b"GET", b"/a", ORIGIN, b"Cookie: " + LARGE),
            431,
            "request-header-fields-too-large",
            id="a cookie too large",
        ),
        pytest.param(
            ask(b"GET", b"/a", ORIGIN, b"Cookie: " + LARGE)[:-4],
            431,
            "request-header-fields-too-large",
            id="a cookie that does not end",
        ),
        pytest.param(
            ask(b"GET", b"/a", ORIGIN, *(b"X-%d: y" % n for n in range(1100))),
            431,
            "request-header-fields-too-large",
            id="too many fields",
        ),
        pytest.param(
            ask(b"GET", b"/a", ORIGIN, b"X : y"), 400, "malformed-request", id="no field line"
        ),
        pytest.param(
            ask(b"GET", b"/a", ORIGIN, b"Content-Length: x"),
            400,
            "malformed-request",
            id="no length",
        ),
        pytest.param(
            ask(b"GET", b"/a", ORIGIN).replace(b"1.1", b"3.1"),
            400,
            "malformed-request",
            id="no version",
        ),
        pytest.param(ask(b"GET", b"/a#b", ORIGIN), 400, "malformed-request", id="a fragment"),
        pytest.param(
            ask(b"GET", b"/a", ORIGIN, b"Transfer-Encoding: br"),
            501,
            "not-implemented",
            id="an unknown coding",
        ),
    ],
)
async def test_a_page_can_read_why_its_request_was_not_served(
    fast: bool, said: bytes, status: int, failure: str
) -> None:
    async with world(fast=fast) as here, here.client() as client:
        await client.send(said)
        head, content = await client.response()
        assert head.startswith(b"HTTP/1.1 %d " % status)
        assert GRANTED in head
        assert b"\r\nConnection: close\r\n" in head
        assert json.loads(content)["status"] == status
        exchange = await here.exchanges.get()
        assert (exchange.status, exchange.failure) == (status, failure)
        assert exchange.target.partition("#")[0] == "/a"
        assert exchange.response_head == head
        assert exchange.response_size == len(content)
        assert here.upstream.peers == []


@pytest.mark.parametrize("fast", [True, False])
async def test_a_target_too_long_is_414(fast: bool) -> None:
    async with world(fast=fast) as here:
        for said, visible in (
            (b"GET /" + LARGE, False),
            (ask(b"GET", b"/" + LARGE, ORIGIN), False),
            (ask(b"GET", b"/" + LARGE[:40_000], ORIGIN, b"Cookie: " + LARGE[:30_000]), True),
        ):
            async with here.client() as client:
                await client.send(said)
                head, _ = await client.response()
                assert head.startswith(b"HTTP/1.1 414 ")
                assert not visible or GRANTED in head


@pytest.mark.parametrize("fast", [True, False])
async def test_a_head_too_large_behind_a_request_under_way_is_answered_after_it(fast: bool) -> None:
    go = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        await go.wait()
        await peer.send(OK)

    async with world(script, fast=fast) as here, here.client() as client:
        await client.send(ask(b"GET", b"/1", ORIGIN) + b"GET /2 HTTP/1.1\r\n")
        for n in range(70):
            await client.send(b"X-%d: %b\r\n" % (n, LARGE[:1000]))
        go.set()
        assert (await client.response())[1] == b"ok"
        head, _ = await client.response()
        assert head.startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([], id="none"),
        pytest.param([b"Origin: https://evil.test"], id="a stranger"),
        pytest.param([ORIGIN, ORIGIN], id="two lines"),
        pytest.param([b"Origin : https://a.test"], id="a line that is none"),
        pytest.param([b"X: y", b" " + ORIGIN], id="a folded line"),
    ],
)
async def test_no_origin_is_granted_that_was_not_plainly_said(
    fast: bool, lines: list[bytes]
) -> None:
    async with world(fast=fast) as here, here.client() as client:
        await client.send(ask(b"GET", b"/", *lines, b"A B: c"))
        head, _ = await client.response()
        assert head.startswith(b"HTTP/1.1 400 ")
        assert b"Access-Control-Allow-Origin" not in head


async def test_a_sound_request_before_it_is_answered_first() -> None:
    async with world() as here, here.client() as client:
        await client.send(ask(b"GET", b"/1", ORIGIN) + ask(b"GET", b"/2", b"A B: c", ORIGIN))
        assert (await client.response())[1] == b"GET /1 0"
        head, _ = await client.response()
        assert head.startswith(b"HTTP/1.1 400 ")
        assert [here.exchanges.get_nowait().target for _ in range(2)] == ["/1", "/2"]


@pytest.mark.parametrize(
    ("lines", "where"),
    [
        pytest.param([b"X: y", b"A B: c"], "line 4 of", id="a blank in a name"),
        pytest.param([b"X: y", b"secret"], "line 4 of", id="no colon"),
        pytest.param([b"X: \x00"], "line 3 of", id="a control byte"),
        pytest.param([b"Content-Length: x"], "the request's Content-Length", id="another matter"),
    ],
)
async def test_the_line_that_is_none_is_named_by_its_number(lines: list[bytes], where: str) -> None:
    async with world() as here, here.client() as client:
        await client.send(ask(b"GET", b"/", *lines))
        _, content = await client.response()
        assert json.loads(content)["detail"].startswith(where)
        assert b"secret" not in content


async def test_what_is_no_http_at_all_is_told_without_a_word_of_it() -> None:
    async with world() as here, here.client() as client:
        await client.send(b"\x16\x03\x01\x02\x00\x01secret\r\n\r\n")
        head, _ = await client.response()
        assert head.startswith(b"HTTP/1.1 400 ")
        exchange = here.exchanges.get_nowait()
        assert (exchange.method, exchange.target, exchange.status) == ("-", "/", 400)
        assert b"secret" not in exchange.request_head


def test_a_partial_head_takes_whole_sound_lines_only() -> None:
    seen = partial_head(
        b"PUT /x?y HTTP/1.1\r\nHost: a.test\r\nbad line\r\nX: \x00\r\nOrigin: https://a.te"
    )
    assert (seen.method, seen.target, seen.host) == ("PUT", "/x?y", "a.test")
    assert seen.fields == [("Host", "a.test")]


@pytest.mark.parametrize("head", [b"", b"\r\n\r\n", b"GET", b"GET /", b"GET  / HTTP/1.1\r\n\r\n"])
def test_where_there_is_nothing_to_see_nothing_is_made_up(head: bytes) -> None:
    assert partial_head(head)[:3] == ("-", "/", [])
