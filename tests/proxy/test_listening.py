"""Where the gateway listens, exchanged while it serves: nothing is lost, or nothing has changed."""

import asyncio
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from corsproxy.accept.connection_limit import ConnectionLimit
from corsproxy.accept.handshake import Secure
from corsproxy.accept.server_tls import ServerTls
from corsproxy.accept.sockets import CannotListen
from corsproxy.config.address import ListenAddress, TcpAddress, UnixAddress
from corsproxy.config.settings import Config
from corsproxy.proxy.gateway import ReloadRefused
from corsproxy.proxy.listening import Listeners, OwnAddressInTheWay
from tests.served import Served, config, request, served
from tests.upstreams import Upstream
from tests.wire.messages import Message, Wire, reply

ANY = TcpAddress("127.0.0.1", 0)
PEM = Path(__file__).parents[1] / "cases" / "lint" / "pem"


class Greeting(asyncio.Protocol):
    """Says hello, and ends the connection."""

    def __init__(self, _client: str) -> None: ...

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"hello")
        transport.close()


@pytest.fixture
async def listeners() -> Listeners:
    return Listeners(Greeting, ConnectionLimit(100), Secure(ServerTls(), Greeting))


async def greeting(address: ListenAddress) -> bytes:
    assert isinstance(address, TcpAddress)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    try:
        async with asyncio.timeout(5):
            return await reader.read()
    finally:
        writer.close()


async def test_an_address_that_stays_keeps_its_socket_and_new_ones_come_beside_it(
    listeners: Listeners, tmp_path: Path
) -> None:
    listeners.use(await listeners.prepare([ANY]))
    (first,) = listeners.addresses
    path = UnixAddress(str(tmp_path / "s"))
    listeners.use(await listeners.prepare([path, ANY]))
    assert listeners.addresses == (path, first)
    assert await greeting(first) == b"hello"
    listeners.use(await listeners.prepare([ANY]))
    assert not os.path.exists(path.path)  # noqa: ASYNC240, PTH110 - nothing else runs meanwhile
    assert await greeting(first) == b"hello"
    listeners.close()


async def test_where_one_address_is_taken_nothing_is_bound_and_nothing_has_changed(
    listeners: Listeners, tmp_path: Path
) -> None:
    listeners.use(await listeners.prepare([ANY]))
    path = UnixAddress(str(tmp_path / "s"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = TcpAddress("127.0.0.1", taken.getsockname()[1])
        with pytest.raises(CannotListen, match=r"(?i)in use"):
            await listeners.prepare([path, address])
    assert not os.path.exists(path.path)  # noqa: ASYNC240, PTH110 - nothing else runs meanwhile
    assert await greeting(listeners.addresses[0]) == b"hello"
    listeners.close()


async def test_an_address_of_our_own_that_is_in_the_way_is_named(listeners: Listeners) -> None:
    listeners.use(await listeners.prepare([ANY]))
    (first,) = listeners.addresses
    assert isinstance(first, TcpAddress)
    with pytest.raises(OwnAddressInTheWay, match=rf"0.0.0.0:{first.port} while the proxy itself"):
        await listeners.prepare([TcpAddress("0.0.0.0", first.port)])
    listeners.close()


async def test_who_has_connected_to_an_address_that_is_given_up_is_served(
    listeners: Listeners,
) -> None:
    """Connected by the system, and not accepted yet: nothing runs in between."""
    listeners.use(await listeners.prepare([ANY]))
    (first,) = listeners.addresses
    places = await listeners.prepare([TcpAddress("127.0.0.2", 0)])
    assert isinstance(first, TcpAddress)
    waiting = [socket.create_connection((first.host, first.port)) for _ in range(20)]
    listeners.use(places)
    for client in waiting:
        reader, writer = await asyncio.open_connection(sock=client)
        async with asyncio.timeout(5):
            assert await reader.read() == b"hello"
        writer.close()
    with pytest.raises(ConnectionRefusedError):
        await greeting(first)
    listeners.close()


async def test_drained_it_serves_who_has_connected_and_refuses_others(listeners: Listeners) -> None:
    listeners.use(await listeners.prepare([ANY]))
    (first,) = listeners.addresses
    assert isinstance(first, TcpAddress)
    client = socket.create_connection((first.host, first.port))
    await listeners.drain()
    reader, writer = await asyncio.open_connection(sock=client)
    assert await reader.read() == b"hello"
    writer.close()
    with pytest.raises(ConnectionRefusedError):
        await greeting(first)


# By a gateway.


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    found = Upstream()
    yield found
    found.close()


def reload(gateway: Served, settings: Config) -> None:
    gateway.await_(gateway.gateway.reload(settings))


@pytest.mark.parametrize("fast", [True, False], ids=["fast", "ordinary"])
def test_a_connection_at_an_address_that_is_given_up_carries_one_more_request(
    upstream: Upstream, *, fast: bool
) -> None:
    text = f"upstream: {upstream.url}\nlisten: "
    with served(f"{text}127.0.0.1:0", fast=fast) as gateway, gateway.connect() as client:
        assert client.send(request()).response().one(b"connection") is None
        reload(gateway, config(f"{text}'127.0.0.2:0'", fast=fast))
        last = client.send(request()).response()
        assert (last.content, last.one(b"connection")) == (b"hello", b"close")
        assert client.ended
        (address,) = gateway.gateway.addresses
        assert isinstance(address, TcpAddress)
        with Wire(socket.create_connection(("127.0.0.2", address.port))) as other:
            assert other.send(request()).response().one(b"connection") is None


@pytest.mark.parametrize("fast", [True, False], ids=["fast", "ordinary"])
def test_a_response_under_way_at_an_address_that_is_given_up_comes_to_its_end(
    upstream: Upstream, *, fast: bool
) -> None:
    came, go_on = threading.Event(), threading.Event()

    def script(wire: Wire, _: Message) -> None:
        came.set()
        go_on.wait(10)
        wire.send(reply(b"slow"))

    upstream.script = script
    text = f"upstream: {upstream.url}\nlisten: "
    with served(f"{text}127.0.0.1:0", fast=fast) as gateway, gateway.connect() as client:
        client.send(request())
        assert came.wait(5)
        reload(gateway, config(f"{text}'127.0.0.2:0'", fast=fast))
        go_on.set()
        assert client.response().content == b"slow"


def test_a_reload_that_cannot_listen_leaves_policy_and_addresses_as_they_were(
    upstream: Upstream,
) -> None:
    old = f"upstream: {upstream.url}\ncors: {{allow_origins: [http://a.test]}}"
    with served(old) as gateway, socket.create_server(("127.0.0.1", 0)) as taken:
        before = gateway.gateway.addresses
        port = taken.getsockname()[1]
        with pytest.raises(CannotListen):
            reload(gateway, config(f"upstream: {upstream.url}\nlisten: 127.0.0.1:{port}"))
        assert gateway.gateway.addresses == before
        response = gateway.ask(b"GET", b"/", b"Origin: http://a.test")
        assert response.one(b"access-control-allow-origin") == b"http://a.test"


def test_a_port_changes_to_https_and_back_with_no_moment_without_it(
    upstream: Upstream,
) -> None:
    plain = f"upstream: {upstream.url}\nlisten: 127.0.0.1:0"
    secure = f"{plain}\ntls: {{certificate: {PEM}/certificate.pem, key: {PEM}/key.pem}}"
    with served(plain) as gateway:
        port = gateway.port
        reload(gateway, config(secure))
        assert gateway.port == port
        assert b"to an HTTPS port" in gateway.ask().content
        reload(gateway, config(plain))
        assert gateway.port == port
        assert gateway.ask().content == b"hello"


def test_one_that_stops_does_not_reload(upstream: Upstream) -> None:
    with served(f"upstream: {upstream.url}") as gateway:
        gateway.await_(gateway.gateway.drain(0))
        with pytest.raises(ReloadRefused, match="stopping"):
            reload(gateway, config(f"upstream: {upstream.url}\nlisten: '127.0.0.2:0'"))
        assert gateway.gateway.addresses == ()
