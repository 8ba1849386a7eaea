"""What the fast lane knows of the request under way, and how it tells of it in the end."""

import asyncio
from collections.abc import Sequence
from time import perf_counter, time
from typing import Any, Protocol, cast

from corsproxy.cors.exchange import Exchange
from corsproxy.cors.tally import Tally
from corsproxy.proxy.admission import Admission
from corsproxy.proxy.fast.plan import Plan
from corsproxy.proxy.fast.plan_cache import Plans
from corsproxy.proxy.http1.response_head import endless
from corsproxy.proxy.record import Watcher
from corsproxy.proxy.upstream.connection import Connection


class Lane(Protocol):
    """What the connections of the fast lane share."""

    serving: Admission
    watchers: Sequence[Watcher]
    draining: bool
    allowance: int
    """How many exchanges may still be told before they are only counted."""
    tallied: list[Tally]
    """Where any were counted."""

    def new_id(self) -> str: ...

    def opened(self, connection: Any, transport: asyncio.Transport) -> Plans: ...

    def lost(self, connection: Any) -> None: ...

    def renewed(self, plans: Plans) -> Plans: ...

    def ordinary(self) -> asyncio.Protocol: ...


class FastExchange:
    """One for each client, used for one request after the other: nothing is made for any."""

    __slots__ = (
        "_clock",
        "_closes",
        "_connection",
        "_forwarded",
        "_lane",
        "_left",
        "_plan",
        "_plans",
        "_rechunks",
        "_request",
        "_request_size",
        "_response",
        "_response_size",
        "_status",
        "_tally",
        "_target",
        "_transport",
        "_unsent",
        "_upstream_head",
        "_wait",
    )

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._transport: asyncio.Transport = cast("asyncio.Transport", None)
        self._plans: Plans = cast("Plans", None)
        self._plan: Plan | None = None  # of the request that is being served
        self._connection: Connection | None = None
        self._left = 0  # bytes of the request's content still to come
        self._closes = self._rechunks = False
        self._request = self._forwarded = self._target = b""
        self._response = self._unsent = self._upstream_head = b""
        self._status = self._request_size = self._response_size = 0
        self._wait = 0.0
        self._tally: Tally | None = None

    @property
    def endless(self) -> bool:
        """Whether an event stream is under way, which nobody can wait for."""
        return self._plan is not None and endless(self._response)

    @property
    def busy(self) -> bool:
        """Whether a request is under way whose end can be waited for."""
        return self._plan is not None and not self.endless

    def _begin(self, plan: Plan, head: bytes, target: bytes) -> None:
        """A request is here: `head` as it came. What it leaves behind, `_clear` clears."""
        self._plan = plan
        self._request = head
        self._target = target
        self._clock = perf_counter()
        self._closes = plan.closes or self._lane.draining

    def _finish(self) -> None:
        """The response is out. In a flood it is counted only, if there is nothing to tell of it."""
        lane = self._lane
        tally = self._tally
        if tally is None or lane.allowance > 0 or not tally.reported:
            lane.allowance -= 1
            if tally is not None:
                tally.reported = True
            self._report()
            return
        if not tally.count:
            lane.tallied.append(tally)
        tally.add(self._request_size - self._left, self._response_size, self._wait)

    def _report(self, failure: str = "", detail: str = "") -> None:
        """Hand the finished exchange to everybody who watches."""
        plan = self._plan
        assert plan is not None
        seconds = perf_counter() - self._clock
        exchange = Exchange(
            id=self._lane.new_id(),
            started=time() - seconds,
            seconds=seconds,
            peer=self._plans.client.address,
            route=plan.route.path,
            policy=plan.policy,
            decision=plan.decision,
            method=plan.method,
            target=self._target.decode("ascii"),
            request_head=self._request,
            status=self._status,
            response_head=self._response,
            upstream_head=self._upstream_head,
            request_size=self._request_size - self._left,
            response_size=self._response_size,
            failure=failure,
            detail=detail,
            forwarded_head=self._forwarded,
            wait=self._wait,
            lane="fast",
        )
        for watcher in self._lane.watchers:
            watcher(exchange)

    def _clear(self) -> None:
        """Nothing is under way; a connection that is idle holds on to as little as can be."""
        self._plan = self._tally = None
        self._request = self._forwarded = self._target = b""
        self._response = self._unsent = self._upstream_head = b""
        self._status = self._request_size = self._response_size = 0
        self._wait = 0.0

    def _give_up(self, failure: str, detail: str) -> None:
        if self._connection is not None:
            self._connection.abort()
            self._connection = None
        if self._plan is not None:
            self._report(failure, detail)
            self._clear()
        self._transport.abort()
