"""Sockets that listen: where they are, and what is left of them."""

import socket
from pathlib import Path

import pytest

from corsproxy.accept.sockets import CannotListen, bind
from corsproxy.config.address import TcpAddress, UnixAddress

ANY = TcpAddress("127.0.0.1", 0)


def left(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_port_0_is_resolved_and_closed_it_is_free_again() -> None:
    bound = await bind(ANY)
    assert isinstance(bound.address, TcpAddress)
    where = ("127.0.0.1", bound.address.port)
    with pytest.raises(CannotListen, match=r"(?i)in use"):
        await bind(bound.address)
    bound.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(where)


async def test_a_second_listener_at_the_same_place_has_the_same_port() -> None:
    bound = await bind(ANY)
    again = bound.again(TcpAddress("127.0.0.1", 0, tls=True))
    assert isinstance(bound.address, TcpAddress)
    assert again.address == TcpAddress("127.0.0.1", bound.address.port, tls=True)
    bound.close()
    with socket.create_connection(("127.0.0.1", bound.address.port)):
        pass
    again.close()


async def test_a_local_socket_that_is_not_used_leaves_no_file(tmp_path: Path) -> None:
    bound = await bind(UnixAddress(str(tmp_path / "s")))
    assert left(tmp_path) == ["s"]
    bound.close()
    assert left(tmp_path) == []
