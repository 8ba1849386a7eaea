"""FastLane: what the connections of the fast lane share, and who looks after them."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import Protocol

from corsproxy.accept.connection_limit import ConnectionLimit, client_of
from corsproxy.cors.tally import Counter, Tally
from corsproxy.limits import BURST, KEEPALIVE_TIMEOUT, RATE
from corsproxy.proxy.admission import Admission
from corsproxy.proxy.fast.connection import TICK, FastConnection
from corsproxy.proxy.fast.memo_budget import MemoBudget
from corsproxy.proxy.fast.plan_cache import Plans
from corsproxy.proxy.http1.incoming_request import Client
from corsproxy.proxy.record import Watcher
from corsproxy.proxy.sweeper import Sweeper

MAX_CLIENTS = 256
"""Whose plans are found by address; their entries are charged to the one `MemoBudget`."""


class LaneOwner(Protocol):
    """Where the connections come from, and the other lane."""

    admission: Admission
    watchers: Sequence[Watcher]
    counters: Sequence[Counter]
    opened_watchers: Sequence[Watcher]
    room: ConnectionLimit
    draining: bool

    @property
    def new_id(self) -> Callable[[], str]: ...

    @property
    def given_up(self) -> Callable[[asyncio.BaseTransport], bool]: ...

    def ordinary(self) -> asyncio.Protocol: ...

    def client_of(self, transport: asyncio.BaseTransport) -> Client: ...


class FastLane:
    """The open connections of the fast lane; a call makes a new one."""

    def __init__(self, owner: LaneOwner) -> None:
        self._owner = owner
        self.watchers = owner.watchers
        self.opened_watchers = owner.opened_watchers
        self.new_id = owner.new_id
        self.ordinary = owner.ordinary
        self.admission = owner.admission
        self.draining = False
        """Whether each response is the last on its connection."""
        self.closes_idle = False
        """Whether nothing is waited for on a connection that is idle."""
        self.begin_allowance()
        self.tallied: list[Tally] = []
        self._counted = 0.0
        # Tallies of forgotten plans are delivered; else they would pile up in `tallied`.
        self.memory = MemoBudget(on_forgotten=self.count)
        self._plans: dict[Client, Plans] = {}
        self._connections: set[FastConnection] = set()
        self._fewer = asyncio.Event()
        self._sweeper = Sweeper(TICK, self._connections, self._look_after, first=self.count)

    def begin_allowance(self) -> None:
        """How many exchanges may be reported before they are only counted; all, for nobody."""
        self.allowance = BURST if self._owner.counters else sys.maxsize

    def __call__(self) -> FastConnection:
        return FastConnection(self)

    @property
    def busy(self) -> bool:
        """Whether any request is under way whose end can be waited for."""
        return any(connection.busy for connection in self._connections)

    # What a FastConnection asks.

    def opened(self, connection: FastConnection, transport: asyncio.Transport) -> Plans:
        """It has begun; the plans for the client at the other end come back."""
        self._owner.room.enter(connection, client_of(transport.get_extra_info("peername")))
        if not self._connections:
            self.count()
        self._connections.add(connection)
        self._sweeper.start()
        return self._plans_at(transport, self._owner.client_of(transport))

    def renewed(self, plans: Plans, transport: asyncio.BaseTransport) -> Plans:
        """The plans that took the place of these at a reload."""
        client = self.admission.client(plans.client.address, plans.client.scheme)
        return self._plans_at(transport, client)

    def _plans_at(self, transport: asyncio.BaseTransport, client: Client) -> Plans:
        """Where nobody listens any more, the next response on the connection is the last."""
        if self._owner.given_up(transport):
            return Plans(self.admission, client, self.memory, closing=True)
        return self._plans_of(client)

    def lost(self, connection: FastConnection) -> None:
        """It is closed, or in the other lane; may be said twice."""
        self._owner.room.leave(connection)
        self._connections.discard(connection)
        self._fewer.set()

    def _plans_of(self, client: Client) -> Plans:
        plans = self._plans.get(client)
        if plans is None or plans.admission is not self.admission:
            if len(self._plans) >= MAX_CLIENTS:
                self._retire()
            plans = self._plans[client] = Plans(self.admission, client, self.memory)
        return plans

    def _retire(self) -> None:
        """Let every connection ask for its plans anew: those of one client share theirs."""
        for plans in self._plans.values():
            plans.admission = None
        self._plans.clear()
        self.memory.forget()

    def use_admission(self, admission: Admission) -> None:
        """Serve what is asked from now on by `admission`."""
        self.admission = admission
        self._retire()

    # Looking after them.

    def drain(self) -> None:
        """Close what was idle for a while, and tell other clients that their connection ends."""
        self.draining = True
        for connection in tuple(self._connections):
            connection.drain()

    @property
    def idle(self) -> bool:
        """Whether any connection is, and open."""
        return any(connection.is_idle for connection in self._connections)

    def close_idle(self) -> None:
        """Close whatever is idle, now and from now on."""
        self.closes_idle = True
        for connection in tuple(self._connections):
            connection.close_if_idle()

    async def drained(self) -> None:
        """Wait until nothing is under way but streams without an end."""
        while any(not connection.is_endless for connection in self._connections):
            self._fewer.clear()
            await self._fewer.wait()

    def abort(self) -> None:
        """End every connection at once."""
        for connection in tuple(self._connections):
            connection.abort()
        self.count()

    def count(self) -> None:
        """Tell what was only counted since the last time."""
        for tally in self.tallied:
            for counter in self._owner.counters:
                counter(tally)
            tally.clear()
        self.tallied.clear()
        if self._owner.counters:
            now = asyncio.get_running_loop().time()
            regained = int(RATE * (now - self._counted))
            self.allowance = min(max(self.allowance, 0) + regained, BURST)
            self._counted = now

    def _look_after(self, connection: FastConnection) -> None:
        connection.sweep(self.admission.config.timeouts.idle, KEEPALIVE_TIMEOUT)
