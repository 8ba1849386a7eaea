"""The real program: `corsproxy probe`, its exit codes and its messages."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest

from tests.browser.scripted import Asked, Reply, Scripted

PAGE = "http://localhost:5173"
CANARY = "s3cret-canary"


class Ended(NamedTuple):
    code: int | None
    out: str
    err: str


async def probe(*arguments: str) -> Ended:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "corsproxy", "probe", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return Ended(process.returncode, out.decode(), err.decode())


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """A server that shares with the page, and asks of a preflight what it asks of a request."""

    def response(asked: Asked) -> Reply:
        allowed = [("Access-Control-Allow-Origin", PAGE), ("Vary", "Origin")]
        return Reply(204, [*allowed, ("Access-Control-Allow-Headers", "x-a")])

    server = Scripted(response)
    yield f"http://127.0.0.1:{await server.listen()}/"
    server.close()


async def test_a_readable_response_exits_0(url: str) -> None:
    ended = await probe(url, "--origin", PAGE, "--header", f"X-A: {CANARY}")
    assert (ended.code, ended.err) == (0, "")
    assert "readable: the page reads this response, status 204" in ended.out
    assert CANARY not in ended.out


async def test_a_blocked_response_exits_1_and_says_why(url: str) -> None:
    ended = await probe(url, "--origin", "http://localhost:3000")
    assert ended.code == 1
    assert "[allow-origin-differs]" in ended.out


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param(b"X-Secret: \0" + CANARY.encode(), "response-malformed", id="NUL in a value"),
        pytest.param(b"X\0: a", "response-malformed", id="NUL in a name"),
        pytest.param(
            b"Access-Control-Allow-Origin: " + PAGE.encode() + b"\0", "response-malformed", id="NUL"
        ),
        pytest.param(
            b"Access-Control-Allow-Origin: http://a.test:" + b"9" * 5000,
            "allow-origin-invalid",
            id="a port of 5000 digits",
        ),
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT"], ids=["response", "preflight"])
async def test_a_response_that_no_browser_reads_is_blocked(
    line: bytes, reason: str, method: str
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n" + line + b"\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        ended = await probe(url, "--origin", PAGE, "--method", method)
    assert (ended.code, ended.err) == (1, "")
    assert "blocked: " in ended.out
    assert f"[{reason}]" in ended.out
    assert CANARY not in ended.out


async def test_a_url_with_an_empty_user_name_is_one_that_fetch_takes(url: str) -> None:
    ended = await probe(url.replace("//", "//@"), "--origin", PAGE)
    assert (ended.code, ended.err) == (0, "")


async def test_a_head_beyond_what_chromium_reads_is_named_as_that() -> None:
    server = Scripted(lambda _: Reply(200, [("X-A", "a" * 300_000)]))
    url = f"http://127.0.0.1:{await server.listen()}/"
    ended = await probe(url, "--origin", PAGE)
    server.close()
    assert (ended.code, ended.out) == (3, "")
    assert "a line of its head has more than 262144 bytes" in ended.err


async def test_what_was_expected_to_be_blocked_exits_0(url: str) -> None:
    ended = await probe(url, "--origin", PAGE, "--method", "PUT", "--expect", "blocked")
    assert ended.code == 0
    assert "[allow-methods-lacks-method]" in ended.out


async def test_a_name_alone_is_enough(url: str) -> None:
    ended = await probe(url, "--origin", PAGE, "--header", "x-b")
    assert ended.code == 1
    assert "[allow-headers-lacks-name]" in ended.out


async def test_an_audit_grades(url: str) -> None:
    ended = await probe(url, "--audit", "--format", "json")
    assert ended.code == 0
    assert '"grade": "A"' in ended.out


async def test_a_server_that_is_not_there_exits_3() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, and not listening
        ended = await probe(f"http://127.0.0.1:{nobody.getsockname()[1]}/", "--origin", PAGE)
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.endswith("cannot be reached: nothing listens there\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(
            ["http://a.test"], "no origin is given\n  fix: --origin http://", id="no origin"
        ),
        pytest.param(["a.test", "--origin", PAGE], "fix: http://a.test", id="no scheme"),
        pytest.param(["ftp://a.test", "--origin", PAGE], "expected http://", id="other scheme"),
        pytest.param(["http://a.test:99999", "--origin", PAGE], "is not a URL", id="no such port"),
        pytest.param(
            [f"http://user:{CANARY}@a.test/x?a=1&b=2", "--origin", PAGE],
            "fetch throws a TypeError for a URL with a user name or password\n"
            "  fix: 'http://a.test/x?a=1&b=2'\n",
            id="password",
        ),
        pytest.param(["http://me@a.test/", "--audit"], "fix: http://a.test/\n", id="user name"),
        pytest.param(
            [f"me:{CANARY}@a.test", "--origin", PAGE], "fix: http://a.test\n", id="password alone"
        ),
        pytest.param(
            [f"http://me:{CANARY} @a.test", "--origin", PAGE],
            "'http://***@a.test' is not a URL",
            id="password with a blank",
        ),
        pytest.param(
            ["http://a.test", "--origin", f"http://me:{CANARY}@localhost:5173"],
            "an origin has no user name and no password\n  fix: http://localhost:5173\n",
            id="password in the origin",
        ),
        pytest.param(
            ["http://a.test", "--origin", f"{PAGE}/"], f"fix: {PAGE}\n", id="origin with a slash"
        ),
        pytest.param(
            ["http://a.test", "--origin", "http://localhost:*"], "names many", id="pattern"
        ),
        pytest.param(
            ["http://a.test", "--origin", PAGE, "--method", "TRACE"],
            "no browser lets a page use the method TRACE",
            id="forbidden method",
        ),
        pytest.param(
            ["http://a.test", "--origin", PAGE, "--header", f"Host: {CANARY}"],
            "no script can set the request header Host",
            id="forbidden name",
        ),
        pytest.param(
            ["http://a.test", "--origin", PAGE, "--header", f"Cookie: {CANARY}"],
            "fix: --credentials",
            id="cookie without credentials",
        ),
        pytest.param(
            ["http://a.test", "--audit", "--method", "PUT"], "fix: no --method", id="audit of a PUT"
        ),
        pytest.param(
            ["http://a.test", "--origin", PAGE, "--header", f"X-A: {CANARY}\n"],
            "the value of X-A has bytes that no page can send",
            id="line end in a value",
        ),
    ],
)
async def test_wrong_usage_exits_2_and_names_the_fix(arguments: list[str], words: str) -> None:
    ended = await probe(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
    assert CANARY not in ended.err
