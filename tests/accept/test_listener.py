"""A listener on real sockets: what it does with errors, and where it listens."""

import asyncio
import errno
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvloop

from corsproxy.accept import listener
from corsproxy.accept.connection_limit import ConnectionLimit
from corsproxy.config.address import ListenAddress, TcpAddress, UnixAddress
from tests.until import turns

ANY = TcpAddress("127.0.0.1", 0)


class Greeting(asyncio.Protocol):
    """Says whose connection it is, and ends it."""

    def __init__(self, client: str) -> None:
        self.client = client

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(self.client.encode() or b"local")
        transport.close()


@asynccontextmanager
async def listening(
    address: ListenAddress, room: ConnectionLimit | None = None
) -> AsyncIterator[str]:
    """Listens there; where it really is comes out."""
    made, where = await listener.listen(Greeting, address, room or ConnectionLimit(10))
    try:
        yield str(where)
    finally:
        listener.stop(made, where)
        await turns()


async def greeting(where: str) -> bytes:
    if where.startswith("unix:"):
        reader, writer = await asyncio.open_unix_connection(where.removeprefix("unix:"))
    else:
        host, _, port = where.rpartition(":")
        reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
    try:
        async with asyncio.timeout(5):
            return await reader.read()
    finally:
        writer.close()


async def test_connections_are_accepted_and_small_pieces_leave_at_once() -> None:
    async with listening(ANY) as where:
        assert [await greeting(where) for _ in range(3)] == [b"127.0.0.1"] * 3


async def test_a_name_is_listened_on_by_every_address_it_has() -> None:
    async with listening(TcpAddress("localhost", 0)) as where:
        assert await greeting(where) in (b"127.0.0.1", b"0000000000000000")


async def test_an_address_that_the_machine_lacks_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As localhost stands for ::1 in a container without IPv6."""
    loop = asyncio.get_running_loop()

    async def found(*_: object, **__: object) -> object:
        kind = socket.SOCK_STREAM
        return [
            (socket.AF_INET, kind, 6, "", ("203.0.113.1", 0)),
            (socket.AF_INET, kind, 6, "", ("127.0.0.1", 0)),
        ]

    monkeypatch.setattr(loop, "getaddrinfo", found)
    async with listening(TcpAddress("localhost", 0)) as where:
        monkeypatch.undo()
        assert await greeting(where.replace("localhost", "127.0.0.1")) == b"127.0.0.1"


async def test_where_the_machine_has_none_of_them_that_is_the_error() -> None:
    with pytest.raises(OSError, match="annot assign") as caught:
        await listener.listen(Greeting, TcpAddress("203.0.113.1", 0), ConnectionLimit(1))
    assert caught.value.errno == errno.EADDRNOTAVAIL


async def test_ipv6() -> None:
    try:
        async with listening(TcpAddress("::1", 0)) as where:
            assert await greeting(where) == b"0000000000000000"
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            pytest.skip("no IPv6 here")
        raise


async def test_a_local_socket_is_there_and_gone_again(tmp_path: Path) -> None:
    path = tmp_path / "s"
    async with listening(UnixAddress(str(path))) as where:
        assert await greeting(where) == b"local"
    assert not path.exists()


async def test_afterwards_nobody_is_accepted() -> None:
    async with listening(ANY) as where:
        pass
    with pytest.raises(ConnectionRefusedError):
        await greeting(where)


async def test_an_address_that_is_taken_is_an_error_and_leaves_no_socket() -> None:
    async with listening(ANY) as where:
        with pytest.raises(OSError, match="in use"):
            await listener.listen(
                Greeting, TcpAddress("127.0.0.1", int(where[-5:])), ConnectionLimit(1)
            )


@pytest.mark.parametrize(
    ("code", "told"),
    [
        pytest.param(errno.EMFILE, ["no connection can be accepted: Too many open files"], id="us"),
        pytest.param(errno.ECONNABORTED, [], id="the client has gone"),
    ],
)
async def test_what_accept_fails_with_is_no_end(
    code: int, told: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(listener, "PAUSE", 0.01)
    failures = [OSError(code, os.strerror(code))]
    accept = socket.socket.accept

    def fails_once(sock: socket.socket) -> tuple[socket.socket, object]:
        if failures and sock.type == socket.SOCK_STREAM:
            raise failures.pop()
        return accept(sock)

    monkeypatch.setattr(socket.socket, "accept", fails_once)
    with caplog.at_level(logging.WARNING):
        async with listening(ANY) as where:
            assert await greeting(where) == b"127.0.0.1"
    assert not failures
    assert [record.getMessage() for record in caplog.records] == told


async def test_a_fault_of_ours_is_told_and_is_no_end(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(listener, "PAUSE", 0.01)
    room = ConnectionLimit(10)
    faults = [RuntimeError("a mistake")]
    wait = room.wait

    async def fails_once() -> None:
        if faults:
            raise faults.pop()
        await wait()

    monkeypatch.setattr(room, "wait", fails_once)
    async with listening(ANY, room) as where:
        assert await greeting(where) == b"127.0.0.1"
    assert [record.getMessage() for record in caplog.records] == [
        "a connection could not be accepted"
    ]


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_connection_that_has_begun_when_the_listener_is_closed_comes_to_its_end(
    loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    """Else whoever waits for its end, as at shutdown, waits in vain."""

    async def main() -> None:
        ended = asyncio.Event()

        class Begun(asyncio.Protocol):
            """Closes the listener at the very moment at which the connection is handed over."""

            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                listener.stop(made, where)

            def connection_lost(self, exc: Exception | None) -> None:
                ended.set()

        made, where = await listener.listen(lambda _: Begun(), ANY, ConnectionLimit(10))
        host, _, port = str(where).rpartition(":")
        with socket.create_connection((host, int(port))):
            pass
        async with asyncio.timeout(5):
            await ended.wait()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main())
