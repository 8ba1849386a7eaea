"""The way to one upstream: connections made, kept for the next request, and watched over.

Both lanes use it. The pool is last in, first out, so that few connections stay warm; what the
upstream says on an idle connection makes it useless: no request is waiting for that.

An upstream closes a connection that was idle for too long, and its close can cross with the next
request (RFC 9112, 9.5). A request without content and with an idempotent method is then sent once
more. Any other would be lost, or done twice; so it rides only on a connection that was idle for
half as long as others may be. Both limits lie below the shortest of the upstreams in use (2 s of
gunicorn; 5 s of Node, uvicorn and hypercorn), and below what the upstream itself says.
"""

import asyncio
import socket
import ssl
import sys
from collections.abc import Sequence

from aiohappyeyeballs import AddrInfoType, start_connection

from corsproxy.config.address import HttpProxy, UpstreamAddress
from corsproxy.config.settings import Timeouts
from corsproxy.proxy.sweeper import Sweeper
from corsproxy.proxy.upstream import http_proxy
from corsproxy.proxy.upstream.connection import Connection
from corsproxy.proxy.upstream.failure import UpstreamFailure

TICK = 0.25
"""Seconds between two sweeps over the connections: no timer is set for any single one."""

IDLE_LIMIT = 1.5
"""Seconds for which a connection is kept idle."""

IDLE_MARGIN = 0.5
"""Seconds by which we are done with an idle connection before the upstream says that it is."""

ATTEMPT_DELAY = 0.25
"""Seconds until the next address is tried beside the one before (RFC 8305, 5)."""

RESOLVED_FOR = 5.0
"""Seconds that a resolved name is believed."""

_MAX_HEAD = 65536


class AllPools:
    """The connections to all upstreams: past the limit, an idle one gives way to a new one."""

    def __init__(self, max_connections: int = sys.maxsize) -> None:
        self.max_connections = max_connections
        self._count = 0
        self._pools: set[UpstreamPool] = set()

    def make_room(self) -> None:
        """Before one more is opened: close an idle one, where the limit is reached."""
        if self._count >= self.max_connections and (
            pools := [pool for pool in self._pools if pool.idle_for]
        ):
            max(pools, key=lambda pool: pool.idle_for).close_longest_idle()

    def opened(self, pool: "UpstreamPool") -> None:
        """A connection of `pool` is there."""
        self._count += 1
        self._pools.add(pool)

    def lost(self, pool: "UpstreamPool") -> None:
        """One of `pool` is gone."""
        self._count -= 1
        if not pool.open:
            self._pools.discard(pool)


class UpstreamPool:
    """Connections to one address, among all that are open `together`.

    `tls` is the context for an https upstream; `proxy` an HTTP proxy on the way.
    """

    def __init__(
        self,
        address: UpstreamAddress,
        timeouts: Timeouts,
        tls: ssl.SSLContext | None = None,
        server_name: str | None = None,
        *,
        proxy: HttpProxy | None = None,
        max_head: int = _MAX_HEAD,
        together: AllPools | None = None,
    ) -> None:
        self.address = address
        self.max_head = max_head
        self.speaks_http10 = False
        self.proxy = proxy
        self._timeouts = timeouts
        self._tls = tls
        self._server_name = (server_name or address.host) if tls else None
        self._free: list[Connection] = []
        self._all: set[Connection] = set()
        self._sweeper = Sweeper(TICK, self._all, self._look_at)
        self._together = AllPools() if together is None else together
        self._resolved: tuple[float, Sequence[AddrInfoType]] = (0.0, ())
        self._closed = False

    def idle(self, *, repeatable: bool) -> Connection | None:
        """A connection that is open and unused, or None: then `connect`.

        `repeatable` says that the request may be sent again, should the connection be stale.
        """
        while self._free:
            connection = self._free.pop()
            if (
                connection.idle_ticks < 2
            ):  # a tick at most: below anybody's timeout, which are whole seconds
                return connection
            idle = connection.idle_ticks * TICK  # rounded up
            limit = idle_limit(connection.idle_timeout)
            if idle <= (limit if repeatable else limit / 2):
                return connection
            if idle <= limit:  # others may use it; those below it were idle for longer
                self._free.append(connection)
                return None
            connection.close()
        return None

    async def connect(self) -> Connection:
        """A new connection; raises UpstreamFailure."""
        self._together.make_room()
        seconds = self._timeouts.connect
        try:
            async with asyncio.timeout(seconds):
                connection = await self._open()
        except (OSError, ssl.CertificateError) as error:
            self._resolved = (0.0, ())  # it may have moved: a container that was started anew has
            name = f"{self.proxy}, the proxy on the way to {self.address}," if self.proxy else None
            raise UpstreamFailure.of(error, self.address, seconds, name) from error
        if connection.failure is not None:  # it has ended already, or its server spoke first
            raise connection.failure
        return connection

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
            if self.proxy is not None and self._tls is not None:
                await http_proxy.connect(sock, self.proxy, self.address)
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
        nearest = self.proxy or self.address
        host, port = nearest.host, nearest.port
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
        """Give up every connection; a Receiver that still waits is not called."""
        self.close()
        for connection in tuple(self._all):
            connection.abort()

    # What a Connection tells its owner.

    def opened(self, connection: Connection) -> None:
        """It is there."""
        self._all.add(connection)
        self._together.opened(self)
        self._sweeper.start()

    def free(self, connection: Connection) -> None:
        """It may carry another request."""
        if self._closed:
            connection.close()
        else:
            self._free.append(connection)

    def lost(self, connection: Connection) -> None:
        """It carries nothing any more; said once or twice."""
        if connection in self._all:
            self._all.discard(connection)
            self._together.lost(self)
        if connection in self._free:
            self._free.remove(connection)

    # What they have together.

    @property
    def open(self) -> int:
        """How many are."""
        return len(self._all)

    @property
    def idle_for(self) -> int:
        """Sweeps for which the longest idle connection has been so; 0 where none is idle."""
        return self._free[0].idle_ticks + 1 if self._free else 0

    def close_longest_idle(self) -> None:
        """Let it give way."""
        connection = self._free.pop(0)
        self.lost(connection)
        connection.close()

    def _look_at(self, connection: Connection) -> None:
        connection.idle_ticks += 1
        silent = (connection.idle_ticks - 1) * TICK  # the first count came after less than a tick
        if not connection.busy:
            if connection.idle_ticks * TICK > idle_limit(connection.idle_timeout):
                self._close_idle(connection)
            return
        match connection.overdue():
            case "head" if silent >= self._timeouts.head:
                connection.fail("head-timeout", self._timeouts.head)
            case "idle" if silent >= self._timeouts.idle:
                connection.fail("idle-timeout", self._timeouts.idle)

    def _close_idle(self, connection: Connection) -> None:
        if connection in self._free:
            self._free.remove(connection)
            connection.close()


def idle_limit(idle_timeout: float) -> float:
    """Seconds for which a connection may be idle whose upstream says that it closes it then."""
    return min(IDLE_LIMIT, idle_timeout - IDLE_MARGIN)
