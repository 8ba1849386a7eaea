"""The record of one request as it grows; finished exactly once, into an Exchange for watchers.

Both lanes fill one in, so that an Exchange is built in one place: the ordinary lane a new one for
each request, the fast lane one for each connection, which `clear` makes ready for the next request.
"""

import itertools
import secrets
import time
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Self, cast

from corsproxy.cors.exchange import Exchange
from corsproxy.limits import OPEN_AFTER
from corsproxy.proxy.admission import Admitted
from corsproxy.proxy.http1.incoming_request import Incoming

Watcher = Callable[[Exchange], None]


class Ids:
    """Ids of exchanges: one prefix for each run of the program, then a count."""

    def __init__(self) -> None:
        self._prefix = secrets.token_hex(2)
        self._count = itertools.count(1)

    def __call__(self) -> str:
        return f"{self._prefix}-{next(self._count)}"


class Record:
    """What is known of one request so far. Whoever serves it fills in what it learns.

    `clock` is when its head had arrived, by `perf_counter`.
    """

    __slots__ = (
        "admitted",
        "clock",
        "detail",
        "failure",
        "fix",
        "forwarded_head",
        "id",
        "lane",
        "method",
        "opened",
        "peer",
        "request_head",
        "request_size",
        "response_head",
        "response_size",
        "status",
        "target",
        "upstream_head",
        "wait",
    )

    def __init__(self, peer: str, lane: str) -> None:
        self.peer = peer
        self.lane = lane
        self.clock = 0.0
        self.method = ""
        self.admitted = cast("Admitted", None)
        self.clear()

    @classmethod
    def of(
        cls, record_id: str, peer: str, incoming: Incoming, head: bytes, admitted: Admitted
    ) -> Self:
        """The record of a request of the ordinary lane; `head` is as it came."""
        record = cls(peer, "ordinary")
        record.id = record_id
        record.method, record.target = incoming.method, incoming.target
        record.request_head = head
        record.admitted = admitted
        record.clock = perf_counter()
        return record

    def clear(self) -> None:
        """Forget what differs from one request to the next, and may be large."""
        self.id = self.target = self.failure = self.detail = self.fix = ""
        self.request_head = self.forwarded_head = self.upstream_head = self.response_head = b""
        self.status = self.request_size = self.response_size = 0
        self.wait = 0.0
        self.opened = False

    def upstream_responded(self, upstream_head: bytes) -> None:
        """The upstream's head is there."""
        self.upstream_head = upstream_head
        self.wait = perf_counter() - self.clock

    def failed(self, failure: str, detail: str, fix: str = "") -> None:
        """Note what went wrong, and what helps; the first word on it stands."""
        if not self.failure:
            self.failure, self.detail, self.fix = failure, detail, fix

    @property
    def lasts(self) -> bool:
        """Whether the response has begun and goes on, and nobody has been told of it."""
        return bool(self.status) and not self.opened and perf_counter() - self.clock > OPEN_AFTER

    def tell_open(self, watchers: Sequence[Watcher]) -> None:
        """Hand the exchange to everybody who watches, as one that goes on."""
        self.opened = True
        self._tell(watchers, still_open=True)

    def finish(self, watchers: Sequence[Watcher]) -> None:
        """Hand the finished exchange to everybody who watches."""
        self._tell(watchers, still_open=False)

    def _tell(self, watchers: Sequence[Watcher], *, still_open: bool) -> None:
        seconds = perf_counter() - self.clock
        destination = self.admitted.destination
        route = destination.route
        exchange = Exchange(
            id=self.id,
            started=time.time() - seconds,
            seconds=seconds,
            peer=self.peer,
            route=route.path,
            policy=route.policy,
            decision=self.admitted.decision,
            method=self.method,
            target=self.target,
            request_head=self.request_head,
            status=self.status,
            response_head=self.response_head,
            upstream_head=self.upstream_head,
            request_size=self.request_size,
            response_size=self.response_size,
            failure=self.failure,
            detail=self.detail,
            fix=self.fix,
            forwarded_head=destination.forwarder.shown(self.forwarded_head),
            wait=self.wait,
            lane=self.lane,
            open=still_open,
            other_upstreams=destination.other_upstreams,
        )
        for watcher in watchers:
            watcher(exchange)
