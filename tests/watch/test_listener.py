"""The admin address on the wire: its limits, its timeouts, and what it says in each."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import NamedTuple

import pytest

from corsproxy.accept import connection_limit
from corsproxy.watch import listener
from corsproxy.watch.guard import RESPONSE_HEADERS
from tests.until import soon
from tests.watch.exchanges import refused
from tests.watch.world import World, world

SECRET = b"c4n4ry"


class Response(NamedTuple):
    """A response read to its end."""

    status: int
    fields: dict[str, list[str]]
    content: bytes


class Client:
    """A raw connection to the admin address."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def of(cls, admin: World, limit: int = 1 << 20) -> "Client":
        assert admin.admin.address
        host, port = str(admin.admin.address).rsplit(":", 1)
        return cls(*await asyncio.open_connection(host, int(port), limit=limit))

    async def ask(self, data: bytes) -> Response:
        self.writer.write(data)
        async with asyncio.timeout(10):
            head = await self.reader.readuntil(b"\r\n\r\n")
            first, *lines = head.decode("ascii").split("\r\n")[:-2]
            fields: dict[str, list[str]] = {}
            for name, value in (line.split(": ", 1) for line in lines):
                fields.setdefault(name, []).append(value)
            content = await self.reader.readexactly(int(fields["Content-Length"][0]))
        return Response(int(first.split()[1]), fields, content)

    async def ended(self) -> None:
        """Wait for its end; whatever still comes is read."""
        async with asyncio.timeout(10):
            with suppress(ConnectionError):
                while await self.reader.read(65536):
                    pass

    async def close(self) -> None:
        self.writer.transport.abort()
        with suppress(OSError):
            await self.writer.wait_closed()


def request(*lines: bytes, target: bytes = b"/healthz", host: bytes = b"localhost") -> bytes:
    head = (b"GET %b HTTP/1.1" % target, b"Host: " + host, *lines, b"", b"")
    return b"\r\n".join(head)


@pytest.fixture
async def admin() -> AsyncIterator[World]:
    async with world() as made:
        yield made


Connect = Callable[..., Awaitable[Client]]


@pytest.fixture
async def connect(admin: World) -> AsyncIterator[Connect]:
    """Opens connections, and closes them when the test is over."""
    clients = []

    async def opened(limit: int = 1 << 20) -> Client:
        clients.append(await Client.of(admin, limit))
        return clients[-1]

    yield opened
    for client in clients:
        await client.close()


def guarded(response: Response) -> None:
    """Every field that guards it is there, once; it says why in our own words."""
    for name, value in RESPONSE_HEADERS.items():
        assert response.fields[name] == [value]
    assert response.fields["Content-Type"] == ["application/problem+json"]
    told = json.loads(response.content)
    assert (told["type"], told["status"]) == ("about:blank", response.status)
    assert SECRET not in response.content


@pytest.mark.parametrize("size", [9_000, 40_000, 60_000])
async def test_the_cookies_of_all_of_localhost_are_read(connect: Connect, size: int) -> None:
    client = await connect()
    for _ in range(3):
        response = await client.ask(request(b"Cookie: a=" + b"a" * size))
        assert (response.status, response.content) == (200, b"ok\n")


UNREADABLE = [
    pytest.param(request(b"Cookie: a=" + SECRET + b"a" * 70_000), 431, id="a cookie of 70 kB"),
    pytest.param(request(*[b"X-%d: %b" % (n, b"a" * 900) for n in range(80)]), 431, id="80 fields"),
    pytest.param(request(target=b"/?" + b"a" * 70_000), 431, id="a target of 70 kB"),
    pytest.param(request(b"no field line " + SECRET), 400, id="a line that is no field"),
    pytest.param(request(b"Cookie : " + SECRET), 400, id="a blank before the colon"),
    pytest.param(request(b"X: a\x00" + SECRET), 400, id="a NUL"),
    pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400, id="TLS"),
    pytest.param(b"GET /" + SECRET + b"\r\n\r\n", 400, id="HTTP/0.9"),
    pytest.param(request(target=b"/exchanges/\xff\xfe"), 400, id="a target that is not UTF-8"),
    pytest.param(request(host=b"evil.test"), 421, id="a re-bound name"),
    pytest.param(request(host=b"\xff"), 400, id="a Host that is not UTF-8"),
    pytest.param(request(b"Sec-Fetch-Site: cross-site"), 403, id="another page"),
    pytest.param(request(target=b"/none"), 404, id="nothing there"),
    pytest.param(request(b"Expect: miracles"), 417, id="an expectation"),
]


@pytest.mark.parametrize(("data", "status"), UNREADABLE)
async def test_what_is_refused_is_refused_in_our_own_words_and_logged_by_nobody(
    connect: Connect, data: bytes, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    client = await connect()
    response = await client.ask(data)
    assert response.status == status
    guarded(response)
    assert caplog.records == []
    other = await connect()
    assert (await other.ask(request())).status == 200


@pytest.mark.parametrize("field", [b"X-Corsproxy-Token", b"Origin", b"Sec-Fetch-Site", b"Cookie"])
async def test_bytes_that_are_no_utf_8_are_no_failure(
    admin: World, connect: Connect, field: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    trusted = {name.encode(): value.encode() for name, value in admin.trusted.items()}
    lines = [b"%b: %b" % pair for pair in ({**trusted, field: b"\xff\xfe"}).items()]
    data = request(*lines, b"Content-Length: 0", target=b"/har", host=admin.url[7:].encode())
    client = await connect()
    client.writer.write(data.replace(b"GET", b"POST", 1))
    status = int((await client.reader.readuntil(b"\r\n")).split()[1])
    assert status == (200 if field == b"Cookie" else 403)
    assert caplog.records == []


async def test_a_head_that_comes_byte_by_byte_ends_in_time(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "KEEPALIVE_TIMEOUT", 1.0)
    slow, silent, idle = [await connect() for _ in range(3)]
    assert (await idle.ask(request())).status == 200
    ending = asyncio.create_task(slow.ended())
    while not ending.done():
        slow.writer.write(b"G")
        await asyncio.sleep(0.01)  # slow is what this head is
    await asyncio.gather(silent.ended(), idle.ended(), ending)


async def test_what_is_malformed_is_answered_after_the_requests_before_it(
    connect: Connect,
) -> None:
    client = await connect()
    assert (await client.ask(request())).status == 200
    response = await client.ask(b"\x00\r\n\r\n")
    assert response.status == 400
    guarded(response)
    await client.ended()


async def test_a_head_without_an_end_is_bounded(connect: Connect) -> None:
    client = await connect()
    client.writer.write(b"GET / HTTP/1.1\r\n")
    response = await client.ask(b"X: a\r\n" * 20_000)
    assert response.status == 431
    guarded(response)


async def test_the_longest_idle_connection_makes_room(
    admin: World, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_limit, "MIN_IDLE", 0.0)
    admin.admin.room.max_guests = 3
    first, second, third = [await connect() for _ in range(3)]
    for client in (third, second, first):
        assert (await client.ask(request())).status == 200
    fourth = await connect()
    assert (await fourth.ask(request())).status == 200
    await third.ended()
    for client in (first, second):
        assert (await client.ask(request())).status == 200


async def test_where_all_are_busy_a_connection_too_many_is_told(
    admin: World, connect: Connect
) -> None:
    admin.admin.room.max_guests = 2
    busy = [await connect() for _ in range(2)]
    for client in busy:
        client.writer.write(request(target=b"/events"))
        await client.reader.readuntil(b"event: hello")
    late = await connect()
    response = await late.ask(b"")
    assert response.status == 503
    guarded(response)


async def test_a_reader_that_takes_nothing_loses_its_place(
    admin: World, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "WRITE_TIMEOUT", 0.2)
    for number in range(10_000):  # in all more than any kernel buffers
        admin.recent(refused(target=f"/{number}{'a' * 1500}"))
    client = await connect(limit=1)
    client.writer.write(request(target=b"/events"))
    await client.reader.readexactly(1)
    await soon(lambda: admin.admin.streams == 1)
    await soon(lambda: admin.admin.streams == 0)


async def test_content_that_nobody_reads_is_bounded_in_the_middle_of_a_stream(
    connect: Connect,
) -> None:
    client = await connect()
    client.writer.write(request(target=b"/events"))
    await client.reader.readuntil(b"event: hello")
    client.writer.write(b"a" * 200_000)
    await client.ended()


async def test_a_handler_that_fails_says_where_once_and_nothing_of_the_request(
    admin: World, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> object:
        raise ValueError(SECRET.decode())

    monkeypatch.setattr("corsproxy.watch.inspector.server.row", fails)
    admin.recent(refused())
    for _ in range(3):
        client = await connect()
        response = await client.ask(request(b"Cookie: a=" + SECRET, target=b"/exchanges"))
        assert response.status == 500
        guarded(response)
        assert (await client.ask(request())).status == 200
    [told] = admin.told
    assert told.startswith("corsproxy: admin failed and goes on: ValueError at corsproxy/")
    assert SECRET.decode() not in told
    assert b'corsproxy_watcher_errors_total{watcher="admin"} 3.0' in admin.metrics.text()


async def test_a_stream_that_fails_ends_and_the_server_goes_on(
    admin: World, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> object:
        raise ValueError

    monkeypatch.setattr("corsproxy.watch.inspector.rows.row", fails)
    client = await connect()
    client.writer.write(request(target=b"/events"))
    await client.reader.readuntil(b"event: hello")
    admin.recent(refused())
    await client.ended()
    other = await connect()
    assert (await other.ask(request())).status == 200
