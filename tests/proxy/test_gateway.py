"""Gateway: where it listens, what a reload may change, how it ends."""

import asyncio
import socket
import stat
from pathlib import Path

import pytest

from corsproxy.accept.sockets import CannotListen
from corsproxy.config.address import TcpAddress, UnixAddress
from corsproxy.proxy.gateway import Gateway, ReloadRefused
from tests.proxy.scripted import Peer
from tests.proxy.worlds import ask, world
from tests.served import Served, config, request, served
from tests.upstreams import Upstream
from tests.wire.messages import Wire


def test_port_0_is_resolved(upstream: Upstream) -> None:
    with served(f"upstream: {upstream.url}") as gateway:
        (address,) = gateway.gateway.addresses
        assert isinstance(address, TcpAddress)
        assert address.port > 0
        assert gateway.ask().content == b"hello"


def over(path: Path) -> Wire:
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(str(path))
    return Wire(sock)


def test_a_unix_socket_is_listened_on_and_removed(
    upstream: Upstream, tmp_path: Path, fast: bool
) -> None:
    path = tmp_path / "proxy.sock"
    with served(f"upstream: {upstream.url}\nlisten: unix:{path}", fast=fast) as gateway:
        assert gateway.gateway.addresses == (UnixAddress(str(path)),)
        assert stat.S_ISSOCK(path.stat().st_mode)
        with over(path) as client:
            assert client.send(request()).response().content == b"hello"
    assert not path.exists()
    (seen,) = upstream.seen
    assert seen.one(b"x-forwarded-for") == b"unix"
    assert (seen.one(b"forwarded") or b"").startswith(b"for=unknown;")


def test_a_socket_that_nobody_listens_on_is_replaced(upstream: Upstream, tmp_path: Path) -> None:
    path = tmp_path / "proxy.sock"
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    with served(f"upstream: {upstream.url}\nlisten: unix:{path}"), over(path) as client:
        assert client.send(request()).response().content == b"hello"


def test_an_address_that_is_taken_is_an_error(upstream: Upstream, tmp_path: Path) -> None:
    path = tmp_path / "proxy.sock"
    policy = f"upstream: {upstream.url}\nlisten: unix:{path}"
    with served(policy) as gateway:
        second = Gateway(config(policy))
        with pytest.raises(OSError, match=r"(?i)in use"):
            gateway.await_(second.start())
        gateway.await_(second.stop())
        with over(path) as client:
            assert client.send(request()).response().content == b"hello"


def test_of_two_addresses_none_is_listened_on_where_one_is_taken(
    upstream: Upstream, tmp_path: Path
) -> None:
    taken, free = tmp_path / "taken.sock", tmp_path / "free.sock"
    with served(f"upstream: {upstream.url}\nlisten: unix:{taken}") as gateway:
        second = Gateway(config(f"upstream: {upstream.url}\nlisten: [unix:{free}, unix:{taken}]"))
        with pytest.raises(CannotListen, match=r"(?i)in use") as caught:
            gateway.await_(second.start())
        assert str(caught.value.address) == f"unix:{taken}"
        assert not free.exists()
        assert second.addresses == ()
        gateway.await_(second.stop())


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            "admin: off\nhar: new.har",
            "admin cannot change from 127.0.0.1:8081 to off; har cannot change from off to",
        ),
        ("admin: off", "admin cannot change from 127.0.0.1:8081 to off"),
        ("log: {file: new.log}", "log.file cannot change from off to .*new.log"),
        ("har: new.har", "har cannot change from off to .*new.har"),
    ],
)
def test_where_it_is_watched_and_writes_needs_a_restart(
    upstream: Upstream, more: str, said: str
) -> None:
    with served(f"upstream: {upstream.url}") as gateway:
        new = config(f"upstream: {upstream.url}\n{more}")
        with pytest.raises(ReloadRefused, match=said):
            gateway.await_(gateway.gateway.reload(new))
        assert gateway.ask().content == b"hello"


def test_a_reload_may_change_the_upstream(upstream: Upstream, fast: bool) -> None:
    other = Upstream()
    with served(f"upstream: {upstream.url}", fast=fast) as gateway, gateway.connect() as client:
        assert client.send(request()).response().content == b"hello"
        new = config(f"upstream: {other.url}", fast=fast)
        gateway.await_(gateway.gateway.reload(new))
        assert client.send(request()).response().content == b"hello"
    assert (len(upstream.seen), len(other.seen)) == (1, 1)
    other.close()


def test_a_reload_keeps_the_connections_whose_settings_stay(upstream: Upstream, fast: bool) -> None:
    with served(f"upstream: {upstream.url}", fast=fast) as gateway:
        gateway.ask()
        wires = list(upstream.wires)
        new = config(f"upstream: {upstream.url}\ncors: {{max_age: 5}}", fast=fast)
        gateway.await_(gateway.gateway.reload(new))
        gateway.ask()
        assert upstream.wires == wires


def test_a_file_for_tls_that_is_no_good_is_an_error(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_text("nothing")
    settings = config(f"upstream: https://127.0.0.1:1\nupstream_tls: {{ca: {ca}}}")
    with pytest.raises(OSError, match=rf"upstream_tls: {ca}: .*no certificate"):
        Served(settings)


def test_a_drained_gateway_accepts_nobody(upstream: Upstream, fast: bool) -> None:
    with served(f"upstream: {upstream.url}", fast=fast) as gateway:
        port = gateway.port
        with gateway.connect() as client:
            client.send(request()).response()
            gateway.await_(gateway.gateway.drain(5))
            assert client.ended
        with pytest.raises(ConnectionRefusedError):
            Wire.to(port)


async def test_what_is_cut_because_it_is_told_to_stop_is_told_so(fast: bool) -> None:
    async def half(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234")
        await peer.reader.read()

    async with world(half, fast=fast) as here, here.client() as client:
        await client.send(ask(b"GET", b"/"))
        await client.reader.readuntil(b"01234")
        await here.gateway.drain(0.01)
        assert (await client.to_the_end()) == b""
        exchange = await asyncio.wait_for(here.exchanges.get(), 5)
    assert (exchange.failure, exchange.lane) == ("stopped", "fast" if fast else "ordinary")
