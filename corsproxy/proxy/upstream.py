"""The way to one upstream: connections made, kept for the next request, and watched over.

Both lanes use it. The pool is last in, first out, so that few connections stay warm; what the
upstream says on an idle connection gets it thrown away, for nobody asked.
"""

import asyncio
import socket
import ssl
from collections.abc import Sequence

from aiohappyeyeballs import AddrInfoType, start_connection

from corsproxy.config.address import UpstreamAddress
from corsproxy.config.settings import Timeouts
from corsproxy.proxy.connection import Connection
from corsproxy.proxy.failure import UpstreamFailure

TICK = 0.25
"""Seconds between two sweeps over the connections: no timer is set for any single one."""

IDLE_LIMIT = 4.0
"""Seconds that a connection is kept unused: less than the 5 s of Node and uvicorn."""

ATTEMPT_DELAY = 0.25
"""Seconds until the next address is tried beside the one before (RFC 8305, 5)."""

RESOLVED_FOR = 5.0
"""Seconds that a resolved name is believed."""

_MOST_HEAD = 65536


class Upstream:
    """Connections to one address. `tls` is the context for an https upstream."""

    def __init__(
        self,
        address: UpstreamAddress,
        timeouts: Timeouts,
        tls: ssl.SSLContext | None = None,
        server_name: str | None = None,
        *,
        most_head: int = _MOST_HEAD,
    ) -> None:
        self.address = address
        self.most_head = most_head
        self._timeouts = timeouts
        self._tls = tls
        self._server_name = (server_name or address.host) if tls else None
        self._free: list[Connection] = []
        self._all: set[Connection] = set()
        self._sweeper: asyncio.TimerHandle | None = None
        self._resolved: tuple[float, Sequence[AddrInfoType]] = (0.0, ())
        self._closed = False

    def idle(self) -> Connection | None:
        """A connection that is open and unused, or None: then `connect`."""
        return self._free.pop() if self._free else None

    async def connect(self) -> Connection:
        """A new connection; raises UpstreamFailure."""
        seconds = self._timeouts.connect
        try:
            async with asyncio.timeout(seconds):
                return await self._open()
        except (OSError, ssl.CertificateError) as error:
            raise UpstreamFailure.of(error, self.address, seconds) from error

    async def _open(self) -> Connection:
        loop = asyncio.get_running_loop()
        make = self._connection
        if self.address.path is not None:
            _, connection = await loop.create_unix_connection(make, self.address.path)
            return connection
        # uvloop's create_connection tries one address after the other, each for its full timeout.
        sock = await start_connection(
            await self._addresses(), happy_eyeballs_delay=ATTEMPT_DELAY, interleave=1
        )
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _, connection = await loop.create_connection(
                make, sock=sock, ssl=self._tls, server_hostname=self._server_name
            )
        except BaseException:
            sock.close()
            raise
        return connection

    def _connection(self) -> Connection:
        return Connection(self)

    async def _addresses(self) -> Sequence[AddrInfoType]:
        host, port = self.address.host, self.address.port
        kind = socket.SOCK_STREAM
        loop = asyncio.get_running_loop()
        until, known = self._resolved
        if loop.time() < until:
            return known
        try:  # a literal address needs no resolver and no thread
            numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
            known = socket.getaddrinfo(host, port, type=kind, flags=numeric)
        except socket.gaierror:
            known = await loop.getaddrinfo(host, port, type=kind)
        self._resolved = (loop.time() + RESOLVED_FOR, known)
        return known

    def close(self) -> None:
        """Give up the unused connections; those in use close when their exchange is over."""
        self._closed = True
        while self._free:
            self._free.pop().close()

    def abort(self) -> None:
        """Give up every connection; whoever still waits on one gets no word of it."""
        self.close()
        for connection in tuple(self._all):
            connection.abort()

    # What a Connection tells its owner.

    def opened(self, connection: Connection) -> None:
        """It is there."""
        self._all.add(connection)
        if self._sweeper is None:
            self._sweeper = asyncio.get_running_loop().call_later(TICK, self._sweep)

    def free(self, connection: Connection) -> None:
        """It may carry another request."""
        if self._closed:
            connection.close()
        else:
            self._free.append(connection)

    def lost(self, connection: Connection) -> None:
        """It carries nothing any more; said once or twice."""
        self._all.discard(connection)
        if connection in self._free:
            self._free.remove(connection)

    def _sweep(self) -> None:
        for connection in tuple(self._all):
            connection.quiet += 1
            # The first count came after less than a tick.
            silent = (connection.quiet - 1) * TICK
            if not connection.busy:
                if silent >= IDLE_LIMIT and connection in self._free:
                    self._free.remove(connection)
                    connection.close()
                continue
            match connection.overdue():
                case "head" if silent >= self._timeouts.head:
                    connection.fail("head-timeout", self._timeouts.head)
                case "idle" if silent >= self._timeouts.idle:
                    connection.fail("idle-timeout", self._timeouts.idle)
        self._sweeper = None
        if self._all:
            self._sweeper = asyncio.get_running_loop().call_later(TICK, self._sweep)
