"""What goes out and what comes in, byte for byte, and the sentence when nothing does."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest

from corsproxy.probe.client import ProbeClient, ServerResponse, UnreachableError

HEAD = (
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    b"HTTP/1.1 200 Fine\r\nX-A: 1\r\nx-a: 2\r\nX-B: caf\xe9\r\nContent-Length: 5\r\n\r\n"
)


@contextlib.asynccontextmanager
async def server(response: bytes, seen: list[bytes]) -> AsyncIterator[str]:
    """One that says `answer` to any request head, and then waits for the client to leave."""

    serving: list[asyncio.Future[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        done = asyncio.get_running_loop().create_future()
        serving.append(done)
        await converse(reader, writer)
        writer.close()
        done.set_result(None)

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.read(65536))
        writer.write(response)
        if response:
            await reader.read()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listener:
        yield f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        await asyncio.gather(*serving)


async def test_only_what_was_given_goes_out() -> None:
    seen: list[bytes] = []
    async with server(HEAD, seen) as url:
        await ProbeClient().send("GET", f"{url}/a%2Fb?x=%20", [("Origin", "http://a.test")])
    port = url.rpartition(":")[2].encode()
    head = b"GET /a%2Fb?x=%20 HTTP/1.1\r\nHost: 127.0.0.1:" + port
    assert seen == [head + b"\r\nOrigin: http://a.test\r\nConnection: close\r\n\r\n"]


async def test_the_head_comes_back_as_it_was_sent_and_the_content_is_not_waited_for() -> None:
    async with server(HEAD, []) as url:
        response = await ProbeClient().send("GET", url, [])
    fields = (("X-A", "1"), ("x-a", "2"), ("X-B", "caf\xe9"), ("Content-Length", "5"))
    assert response == ServerResponse(200, "Fine", fields)


@pytest.mark.parametrize(
    ("response", "cause"),
    [
        pytest.param(b"", "the connection is closed before a response came", id="closed"),
        pytest.param(b"SSH-2.0-OpenSSH\r\n\r\n", "its response is not HTTP", id="not HTTP"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX", "no response within 0.3 s", id="half a head"),
    ],
)
async def test_what_stood_in_the_way_is_said(response: bytes, cause: str) -> None:
    async with server(response, []) as url:
        with pytest.raises(UnreachableError, match=cause):
            await ProbeClient(timeout=0.3).send("GET", url, [])


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", id="in a value"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX\0: a\r\n\r\n", id="in a name"),
        pytest.param(b"HTTP/1.1 200 O\0K\r\nX: a\r\n\r\n", id="in the reason"),
    ],
)
async def test_a_head_with_nul_is_a_response_that_no_browser_reads(head: bytes) -> None:
    async with server(head, []) as url:
        assert await ProbeClient(timeout=5).send("GET", url, []) == ServerResponse(
            0, "", (), malformed=True
        )


async def test_another_control_byte_is_read_as_browsers_do() -> None:
    async with server(b"HTTP/1.1 200 OK\r\nX: a\x01b\r\n\r\n", []) as url:
        assert (await ProbeClient(timeout=5).send("GET", url, [])).headers == (("X", "a\x01b"),)


async def test_nothing_of_a_response_that_is_no_http_is_told() -> None:
    async with server(b"HTTP/1.1 200 OK\r\nSet-Cookie : secret\r\n\r\n", []) as url:
        with pytest.raises(UnreachableError, match="its response is not HTTP") as caught:
            await ProbeClient(timeout=5).send("GET", url, [])
    assert "secret" not in str(caught.value)


async def test_a_port_without_a_listener_is_said() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, and not listening
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/?token=secret"
        with pytest.raises(UnreachableError) as caught:
            await ProbeClient().send("GET", url, [])
    assert str(caught.value).endswith("/ cannot be reached: nothing listens there")
    assert "secret" not in str(caught.value)


async def test_a_name_that_does_not_resolve_is_said() -> None:
    with pytest.raises(UnreachableError, match="its host name does not resolve"):
        await ProbeClient().send("GET", "http://nowhere.invalid/", [])


async def test_plain_http_behind_an_https_url_is_said() -> None:
    async with server(b"HTTP/1.1 400 Bad Request\r\n\r\n", []) as url:
        with pytest.raises(UnreachableError, match="the TLS handshake fails"):
            await ProbeClient(timeout=5).send("GET", url.replace("http:", "https:"), [])
