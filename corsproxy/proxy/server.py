"""GatewayServer: every connection of a client begins here, and is kept count of."""

import asyncio
import contextlib
import functools
import time
from collections.abc import Callable, Sequence
from typing import Any, cast

from aiohttp import web

from corsproxy.accept.connection_limit import ConnectionLimit, address, client_of
from corsproxy.cors.tally import Counter
from corsproxy.limits import KEEPALIVE_TIMEOUT, LAST_REQUEST, LINGERING_TIMEOUT
from corsproxy.proxy.admission import Admission
from corsproxy.proxy.fast.connection import TICK
from corsproxy.proxy.fast.lane import FastLane
from corsproxy.proxy.http1.incoming_request import Client
from corsproxy.proxy.http1.refusals import Refusal
from corsproxy.proxy.ordinary.connection import OrdinaryConnection, Written
from corsproxy.proxy.ordinary.exchange import OrdinaryExchange
from corsproxy.proxy.ordinary.request_body import ContentBudget
from corsproxy.proxy.record import Ids, Watcher
from corsproxy.proxy.sweeper import Sweeper
from corsproxy.proxy.turned_away import TurnedAway, no_room, plain_http
from corsproxy.proxy.unserved import Unserved

_LOOK_AGAIN = 0.01


class GatewayServer(web.Server):
    """The protocol factory of the listeners, and the ordinary lane's handler."""

    def __init__(
        self,
        admission: Admission,
        room: ConnectionLimit,
        watchers: Sequence[Watcher],
        counters: Sequence[Counter],
        *,
        opened_watchers: Sequence[Watcher] = (),
    ) -> None:
        super().__init__(self._handle, handler_cancellation=True)
        self.room = room
        self.admission = admission
        self.watchers = watchers
        self.counters = counters
        self.opened_watchers = opened_watchers
        """Who is told of responses that go on."""
        self.given_up: Callable[[asyncio.BaseTransport | None], bool] = lambda _: False
        """Whether nobody listens any more where a connection came in."""
        self.draining = False
        self.new_id = Ids()
        self._busy: dict[asyncio.Task[Any], OrdinaryConnection] = {}
        self._endless: set[asyncio.Task[Any]] = set()
        self._content = ContentBudget()
        self._exchanges: set[OrdinaryExchange] = set()
        self._sweeper = Sweeper(
            TICK, self._exchanges, lambda exchange: exchange.tell_open(opened_watchers)
        )
        self._fast = FastLane(self)

    def connection(self, client: str) -> asyncio.Protocol:
        """The protocol of a new connection: the fast lane's, which hands over what is unusual."""
        why = self.room.refusal(client)
        if why:
            return self._turned_away(no_room(why))
        return self._fast() if self.admission.config.fast_lane else self.ordinary()

    def plain_at_https(self, _client: str) -> asyncio.Protocol:
        """The protocol of a client that speaks plain HTTP at an https address."""
        return self._turned_away(plain_http())

    def _turned_away(self, why: Refusal) -> TurnedAway:
        return TurnedAway(functools.partial(self._refused, why), self.room)

    def use_admission(self, admission: Admission) -> None:
        """Serve what is asked from now on by `admission`; it is replaced as a whole."""
        self.admission = admission
        self._fast.use_admission(admission)

    def use_counters(self, counters: Sequence[Counter]) -> None:
        """Count for these from now on; what was counted goes to those before."""
        self._fast.count()
        self.counters = counters
        self._fast.begin_allowance()

    def ordinary(self) -> OrdinaryConnection:
        """A connection of the ordinary lane."""
        return OrdinaryConnection(
            self,
            self._unserved,
            max_head_bytes=self.admission.config.limits.header_bytes,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=KEEPALIVE_TIMEOUT,
            lingering_time=LINGERING_TIMEOUT,
            auto_decompress=False,
            access_log=None,
        )

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        """A connection of the ordinary lane has begun."""
        super().connection_made(handler, transport)
        connection = cast("OrdinaryConnection", handler)
        self.room.enter(connection, client_of(transport.get_extra_info("peername")))

    def connection_lost(
        self, handler: web.RequestHandler, exc: BaseException | None = None
    ) -> None:
        """It has ended."""
        self.room.leave(cast("OrdinaryConnection", handler))
        super().connection_lost(handler, exc)

    def client_of(self, transport: asyncio.BaseTransport | None) -> Client:
        """Who is at the other end."""
        secure = transport is not None and transport.get_extra_info("sslcontext") is not None
        return self.admission.client(address_of(transport), "https" if secure else "http")

    async def _handle(self, request: web.BaseRequest) -> Written:
        connection = cast("OrdinaryConnection", request.protocol)
        if connection.refusal is not None:
            return await connection.turn_away()
        task = asyncio.current_task()
        assert task is not None
        self._busy[task] = connection
        exchange = OrdinaryExchange(
            request,
            self.admission,
            connection.incoming,
            self.client_of(request.transport),
            self.new_id(),
            draining=lambda: self.draining,
            endless=lambda: self._endless.add(task),
            budget=self._content,
            last=self.given_up(request.transport),
        )
        self._exchanges.add(exchange)
        self._sweeper.start()
        try:
            written = await exchange.serve()
        finally:
            del self._busy[task]
            self._exchanges.discard(exchange)
            self._endless.discard(task)
            exchange.record.finish(self.watchers)
        await connection.linger()
        return written

    def _unserved(
        self, head: bytes, transport: asyncio.BaseTransport | None, refusal: Refusal
    ) -> bytes:
        """The response to a request that will not be read any further than `head`."""
        asked = Unserved(head, self.admission, self.client_of(transport), self.new_id())
        return asked.response(refusal, self.watchers)

    def _refused(self, why: Refusal, head: bytes, transport: asyncio.BaseTransport) -> bytes:
        """The response to a request on a connection that is turned away."""
        asked = Unserved(head, self.admission, self.client_of(transport), self.new_id())
        return asked.preflight_response(self.watchers) or asked.response(why, self.watchers)

    async def shutdown(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - web.Server's
        """End every connection."""
        self._fast.abort()
        for refused in self.room.refused:
            refused.give_way()
        await super().shutdown(timeout)
        await asyncio.sleep(0)  # the connections' own ends are on the loop's list

    @property
    def busy(self) -> bool:
        """Whether any request is under way whose end can be waited for."""
        return bool(self._busy.keys() - self._endless) or self._fast.busy

    async def drain(self, grace: float) -> None:
        """Close what is idle, wait for what is not; streams without an end are ended last."""
        self.draining = True
        await asyncio.sleep(0)  # what has arrived already is read, and counts as under way
        self._fast.drain()
        self._close_idle(TICK)
        await self._last_requests(min(grace, LAST_REQUEST))
        self._fast.close_idle()
        self._close_idle(0.0)
        await asyncio.sleep(0)  # what has come by now is with its handler
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace):
                while waiting := self._busy.keys() - self._endless:
                    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                await self._fast.drained()
        self._fast.abort()
        for task in tuple(self._busy):
            task.cancel()

    async def _last_requests(self, seconds: float) -> None:
        """Whoever was answered just now may be asking again: that request is answered, too.

        Its connection was not said to end, so the client would take a close for a failure.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end and (self._fast.idle or self._idle):  # noqa: ASYNC110 - rare
            await asyncio.sleep(_LOOK_AGAIN)

    @property
    def _idle(self) -> set[OrdinaryConnection]:
        """Connections without a handler; others, closed, would drop the rest of a request."""
        return cast("set[OrdinaryConnection]", set(self.connections)) - set(self._busy.values())

    def _close_idle(self, seconds: float) -> None:
        for connection in self._idle:
            if connection.idle_for() > seconds:  # 0 where a request has come, but to no handler yet
                connection.force_close()


def address_of(transport: asyncio.BaseTransport | None) -> str:
    """The IP address of the client; "unix" for a local socket."""
    return address(transport.get_extra_info("peername") if transport else None) or "unix"
