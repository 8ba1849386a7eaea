"""Listener: takes connections from its sockets, one at a time, as long as there is room.

asyncio's and uvloop's own servers accept whatever comes: where the process has no descriptor left,
the one is deaf for a second and the other drops the connection silently. Here a connection without
a place waits in the system's queue.
"""

import asyncio
import contextlib
import errno
import functools
import logging
import os
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from corsproxy.accept.connection_limit import ConnectionLimit, client_of
from corsproxy.accept.handshake import Handshake, Make, Secure
from corsproxy.accept.inherited import inherited
from corsproxy.config.address import ListenAddress, TcpAddress, UnixAddress

BACKLOG = 1024

PAUSE = 0.1
"""Seconds until the next attempt after the system could not give us a connection."""

_ABSENT = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}

logger = logging.getLogger(__name__)


class CannotListen(OSError):
    """An address that is taken, not this machine's, or not permitted: `address` says which."""

    def __init__(self, error: OSError, address: ListenAddress) -> None:
        super().__init__(error.errno, error.strerror)
        self.address = address


class Listener:
    """Accepts from `sockets` until `close`; `make` gets the client that `room` counts."""

    def __init__(
        self,
        sockets: list[socket.socket],
        make: Make,
        room: ConnectionLimit,
        secure: Secure | None = None,
    ) -> None:
        self._make = make
        self._room = room
        self._secure = secure
        self._handshakes: dict[asyncio.Task[None], Handshake] = {}
        self._tasks = []
        for sock in sockets:
            task = asyncio.create_task(self._accept_from(sock))
            task.add_done_callback(functools.partial(_close, sock))
            self._tasks.append(task)

    def close(self) -> None:
        """Accept no more connections."""
        for task in self._tasks:
            task.cancel()
        for handshake in tuple(self._handshakes.values()):
            handshake.give_way()

    async def _accept_from(self, listening: socket.socket) -> None:
        """One after the other: each is counted before the next is decided on."""
        while True:
            try:
                await self._accept(listening)
            except Exception:
                logger.exception("a connection could not be accepted")
                await asyncio.sleep(PAUSE)

    async def _accept(self, listening: socket.socket) -> None:
        await self._room.wait()
        loop = asyncio.get_running_loop()
        try:
            sock, peer = await loop.sock_accept(listening)
        except OSError as error:
            if error.errno in _EXHAUSTED:
                logger.warning("no connection can be accepted: %s", error.strerror)
                self._room.make_room()
                await asyncio.sleep(PAUSE)
            return  # else the client has gone again
        if self._secure is not None:
            self._shake_hands(sock, client_of(peer), self._secure)
        else:
            await asyncio.shield(self._hand_over(sock, client_of(peer)))

    def _shake_hands(self, sock: socket.socket, client: str, secure: Secure) -> None:
        """Not waited for: a client may take long. It is counted from now on."""
        handshake = Handshake(sock, client, self._make, secure, self._room)
        task = asyncio.create_task(handshake.run())
        self._handshakes[task] = handshake
        task.add_done_callback(self._handshakes.pop)

    async def _hand_over(self, sock: socket.socket, client: str) -> None:
        """Let the connection begin. Cancelled in the midst, uvloop would never tell of its end."""
        loop = asyncio.get_running_loop()
        try:
            await loop.connect_accepted_socket(functools.partial(self._make, client), sock)
        except OSError:  # the client has gone again
            sock.close()


def _close(sock: socket.socket, _: asyncio.Task[None]) -> None:
    """Not before the loop has stopped looking at it."""
    sock.close()


async def listen(
    make: Make, address: ListenAddress, room: ConnectionLimit, secure: Secure | None = None
) -> tuple[Listener, ListenAddress]:
    """A listener on `address`, and where it really is (port 0 resolved); raises CannotListen.

    `secure` is for addresses that speak https, and needed there.
    """
    try:
        if isinstance(address, UnixAddress):
            return Listener([_unix_socket(address.path)], make, room), address
        sockets = await _tcp_sockets(address)
    except OSError as error:
        if error.errno is None:  # not the system's: it says what the matter is
            raise
        raise CannotListen(error, address) from error
    port = sockets[0].getsockname()[1]
    assert secure is not None or not address.tls
    return Listener(sockets, make, room, secure if address.tls else None), replace(
        address, port=port
    )


def stop(listener: Listener, address: ListenAddress) -> None:
    """Accept no more connections, and remove a `unix:` socket of our own from the file system."""
    listener.close()
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
