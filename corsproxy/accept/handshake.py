"""Handshake: a connection at an https address, until TLS has begun.

It takes a place among the connections meanwhile, and is idle: who opens many and says nothing
keeps nobody out. Its first byte is looked at, and left where it is: what is no TLS is plain HTTP,
meant for another address, and gets a response that says so.
"""

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Callable
from typing import NamedTuple

from corsproxy.accept.connection_limit import ConnectionLimit, Guest
from corsproxy.accept.server_tls import ServerTls
from corsproxy.limits import HANDSHAKE_TIMEOUT, TLS_SHUTDOWN_TIMEOUT

logger = logging.getLogger(__name__)

Make = Callable[[str], asyncio.BaseProtocol]
"""Makes the protocol of a connection from that client."""


class Secure(NamedTuple):
    """What an https address needs: certificates, and who answers a client that speaks plain."""

    tls: ServerTls
    plain: Make


class Handshake:
    """One of them; `run` returns when the connection is another's, or over."""

    def __init__(
        self, sock: socket.socket, client: str, make: Make, secure: Secure, room: ConnectionLimit
    ) -> None:
        self._socket = sock
        self._client = client
        self._protocol = make(client)
        self._secure = secure
        self._room = room
        self._begun = time.monotonic()
        # Decided on already: one that is to be refused stays out of the places.
        if isinstance(self._protocol, Guest):
            room.enter(self, client)
        else:
            room.refuse(self)

    def idle_for(self) -> float:
        """It never serves anybody yet."""
        return time.monotonic() - self._begun

    def give_way(self) -> None:
        """End at once: whoever waits for the socket sees its end."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    async def run(self) -> None:
        """Let TLS begin, or the response to who does not speak it."""
        try:
            await self._begin()
        except OSError as error:  # TimeoutError and SSLError are some
            with contextlib.suppress(OSError):
                self._socket.close()
            self._secure.tls.failed(error)
        except Exception:
            self._socket.close()
            logger.exception("a TLS connection could not begin")
        finally:
            self._room.leave(self)
            self._room.dismiss(self)

    async def _begin(self) -> None:
        async with asyncio.timeout(HANDSHAKE_TIMEOUT):
            first = await _first_byte(self._socket)
        if first == b"":
            self._socket.close()
            return
        loop = asyncio.get_running_loop()
        if _is_plain(first):
            plain = lambda: self._secure.plain(self._client)  # noqa: E731
            await loop.connect_accepted_socket(plain, self._socket)
            return
        await loop.connect_accepted_socket(
            lambda: self._protocol,
            self._socket,
            ssl=self._secure.tls.context(str(self._socket.getsockname()[0])),
            ssl_handshake_timeout=HANDSHAKE_TIMEOUT,
            ssl_shutdown_timeout=TLS_SHUTDOWN_TIMEOUT,
        )


def _is_plain(first: bytes | None) -> bool:
    """Whether a request begins so: a method's letter, or an empty line. TLS begins with 0x16."""
    return first is not None and (first.isalpha() or first in b"\r\n")


async def _first_byte(sock: socket.socket) -> bytes | None:
    """The first byte, left to be read; b"" at the end. None where this loop cannot look."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    try:
        loop.add_reader(sock, readable.set)
    except NotImplementedError:  # Windows: OpenSSL refuses plain HTTP there, without a response
        return None
    try:
        while True:
            await readable.wait()
            with contextlib.suppress(BlockingIOError):
                return sock.recv(1, socket.MSG_PEEK)
            readable.clear()
    finally:
        loop.remove_reader(sock)
