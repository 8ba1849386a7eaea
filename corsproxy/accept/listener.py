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
import socket
from collections.abc import Iterable, Iterator
from typing import Any

from corsproxy.accept.connection_limit import ConnectionLimit, client_of
from corsproxy.accept.handshake import Handshake, Make, Secure
from corsproxy.accept.inherited import inherited
from corsproxy.accept.sockets import BACKLOG, Bound, bind, remove
from corsproxy.config.address import ListenAddress, TcpAddress

PAUSE = 0.1
"""Seconds until the next attempt after the system could not give us a connection."""

_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}

logger = logging.getLogger(__name__)


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
        self._tasks = {asyncio.create_task(self._accept_from(sock)): sock for sock in sockets}
        for task, sock in self._tasks.items():
            task.add_done_callback(functools.partial(self._ended, sock))
        self._retired = False

    @property
    def names(self) -> Iterable[Any]:
        """The names of its sockets, as the system says them."""
        return [sock.getsockname() for sock in self._tasks.values()]

    @property
    def shaking_hands(self) -> bool:
        """Whether TLS is still to begin on connections that were accepted."""
        return bool(self._handshakes)

    def close(self) -> None:
        """Accept no more connections."""
        for task in self._tasks:
            task.cancel()
        for handshake in tuple(self._handshakes.values()):
            handshake.give_way()

    async def retire(self, *, leaving: bool = False) -> None:
        """Accept those who have connected already, then nobody; handshakes come to their end.

        The system has told these clients that they are connected, and would reset them. Where the
        program is `leaving`, those at a socket that it was handed are left to the next one.
        """
        self._retired = True
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        waiting: list[tuple[socket.socket, Any]] = []
        for sock in self._tasks.values():
            if not (leaving and inherited().holds(sock.getsockname())):
                waiting += _connected(sock)
            sock.close()
        try:
            while waiting:
                await self._room.wait()
                await self._begin(*waiting.pop(0))
        finally:
            for accepted, _ in waiting:
                accepted.close()

    def _ended(self, sock: socket.socket, _: asyncio.Task[None]) -> None:
        """Not before the loop has stopped looking at it."""
        if not self._retired:
            sock.close()

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
        try:
            sock, peer = await _next(listening)
        except OSError as error:
            if error.errno in _EXHAUSTED:
                logger.warning("no connection can be accepted: %s", error.strerror)
                self._room.make_room()
                await asyncio.sleep(PAUSE)
            return  # else the client has gone again
        await self._begin(sock, peer)

    async def _begin(self, sock: socket.socket, peer: Any) -> None:
        sock.setblocking(False)
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


def _connected(listening: socket.socket) -> Iterator[tuple[socket.socket, Any]]:
    """Who waits there: all at once, since others come as fast as these are served."""
    for _ in range(BACKLOG):
        try:
            yield listening.accept()
        except OSError as error:
            if isinstance(error, BlockingIOError) or error.errno in _EXHAUSTED:
                return


async def _next(listening: socket.socket) -> tuple[socket.socket, Any]:
    """The next connection. None is lost where this is cancelled, as by the loop's `sock_accept`.

    That one may have accepted already when it is cancelled, and drops the connection.
    """
    loop = asyncio.get_running_loop()
    while True:
        with contextlib.suppress(BlockingIOError):
            return listening.accept()
        readable = loop.create_future()
        try:
            loop.add_reader(listening, _wake, readable)
        except NotImplementedError:  # Windows
            return await loop.sock_accept(listening)
        try:
            await readable
        finally:
            loop.remove_reader(listening)


def _wake(readable: "asyncio.Future[None]") -> None:
    if not readable.done():
        readable.set_result(None)


async def listen(
    make: Make, address: ListenAddress, room: ConnectionLimit, secure: Secure | None = None
) -> tuple[Listener, ListenAddress]:
    """A listener on `address`, and where it really is (port 0 resolved); raises CannotListen.

    `secure` is for addresses that speak https, and needed there.
    """
    bound = await bind(address)
    return accepting(bound, make, room, secure), bound.address


def accepting(
    bound: Bound, make: Make, room: ConnectionLimit, secure: Secure | None = None
) -> Listener:
    """A listener on sockets that are bound already."""
    speaks_https = isinstance(bound.address, TcpAddress) and bound.address.tls
    assert secure is not None or not speaks_https
    return Listener(bound.sockets, make, room, secure if speaks_https else None)


def stop(listener: Listener, address: ListenAddress) -> None:
    """Accept no more connections, and remove a `unix:` socket of our own from the file system."""
    listener.close()
    remove(address)
