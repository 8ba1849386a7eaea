"""Sockets that listen: bound to an address, while nobody is accepted from them yet.

At a reload the new addresses are bound before the old ones are given up, so that one which is taken
changes nothing.
"""

import asyncio
import contextlib
import errno
import os
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from corsproxy.accept.inherited import inherited
from corsproxy.config.address import ListenAddress, TcpAddress, UnixAddress

BACKLOG = 1024

_ABSENT = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}


class CannotListen(OSError):
    """An address that is taken, not this machine's, or not permitted: `address` says which."""

    def __init__(self, error: OSError, address: ListenAddress) -> None:
        super().__init__(error.errno, error.strerror)
        self.address = address


class Bound(NamedTuple):
    """Sockets, and the address where they really are: port 0 resolved."""

    sockets: list[socket.socket]
    address: ListenAddress

    def close(self) -> None:
        """Nobody accepts from them; a `unix:` socket of our own leaves the file system."""
        for sock in self.sockets:
            sock.close()
        remove(self.address)

    def again(self, address: TcpAddress) -> "Bound":
        """The same sockets for another listener at the same host and port."""
        assert isinstance(self.address, TcpAddress)
        return Bound(
            [sock.dup() for sock in self.sockets], replace(address, port=self.address.port)
        )


async def bind(address: ListenAddress) -> Bound:
    """Sockets for `address`; raises CannotListen, or OSError with a sentence of its own."""
    try:
        if isinstance(address, UnixAddress):
            return Bound([_unix_socket(address.path)], address)
        sockets = await _tcp_sockets(address)
    except OSError as error:
        if error.errno is None:  # not the system's: it says what the matter is
            raise
        raise CannotListen(error, address) from error
    return Bound(sockets, replace(address, port=sockets[0].getsockname()[1]))


def remove(address: ListenAddress) -> None:
    """Remove a `unix:` socket of our own from the file system."""
    if isinstance(address, UnixAddress) and not inherited().has(address.path):
        with contextlib.suppress(OSError):
            Path(address.path).unlink()


async def _tcp_sockets(address: TcpAddress) -> list[socket.socket]:
    """One for each address that the host's name stands for and that this machine has.

    A container without IPv6 often calls `::1` localhost all the same.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(
        address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    sockets: list[socket.socket] = []
    absent: OSError | None = None
    try:
        addresses = dict.fromkeys((family, sockaddr) for family, *_, sockaddr in found)
        for family, sockaddr in addresses:
            try:
                sockets.append(_listening(family, sockaddr))
            except OSError as error:
                if error.errno not in _ABSENT:
                    raise
                absent = error
    except BaseException:
        for sock in sockets:
            sock.close()
        raise
    if absent is not None and not sockets:
        raise absent
    return sockets


def _listening(family: int, sockaddr: Any) -> socket.socket:
    if (handed_over := inherited().take(family, sockaddr)) is not None:
        return handed_over
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if family in (socket.AF_INET, socket.AF_INET6):
            _prepare(sock, family)
        sock.bind(sockaddr)
        sock.setblocking(False)
        sock.listen(BACKLOG)
    except BaseException:
        sock.close()
        raise
    return sock


def _prepare(sock: socket.socket, family: int) -> None:
    if sys.platform not in ("win32", "cygwin"):  # there it would let two programs share a port
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)


def _unix_socket(path: str) -> socket.socket:
    if not hasattr(socket, "AF_UNIX"):
        raise OSError(f"unix:{path}: this platform has no unix sockets")
    if not inherited().has(path):
        _remove_stale(Path(path))
    return _listening(socket.AF_UNIX, path)


def _remove_stale(path: Path) -> None:
    """Remove a socket that a program which is gone has left; raises OSError for one in use."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink(missing_ok=True)
            return
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
