"""The record of one request as it grows; finished exactly once, into an Exchange for watchers."""

import itertools
import secrets
import time
from collections.abc import Callable, Sequence

from corsproxy.cors.exchange import Exchange
from corsproxy.proxy.admission import Admitted
from corsproxy.proxy.http1.incoming import Incoming

Watcher = Callable[[Exchange], None]


class Ids:
    """Ids of exchanges: one prefix for each run of the program, then a count."""

    def __init__(self) -> None:
        self._prefix = secrets.token_hex(2)
        self._count = itertools.count(1)

    def __call__(self) -> str:
        return f"{self._prefix}-{next(self._count)}"


class Record:
    """What is known of one request so far. Whoever serves it fills in what it learns."""

    __slots__ = (
        "_admitted",
        "_clock",
        "_incoming",
        "_peer",
        "_started",
        "detail",
        "failure",
        "forwarded_head",
        "id",
        "request_head",
        "request_size",
        "response_head",
        "response_size",
        "status",
        "upstream_head",
        "wait",
    )

    def __init__(
        self,
        record_id: str,
        peer: str,
        incoming: Incoming,
        head: bytes,
        admitted: Admitted,
    ) -> None:
        self.id = record_id
        self._peer = peer
        self._incoming = incoming
        self.request_head = head
        self._admitted = admitted
        self._started = time.time()
        self._clock = time.perf_counter()
        self.status = 0
        self.response_head = self.upstream_head = self.forwarded_head = b""
        self.request_size = self.response_size = 0
        self.failure = self.detail = ""
        self.wait = 0.0

    def answered(self, upstream_head: bytes) -> None:
        """The upstream's head is there."""
        self.upstream_head = upstream_head
        self.wait = time.perf_counter() - self._clock

    def failed(self, failure: str, detail: str) -> None:
        """What went wrong; the first word on it stands."""
        if not self.failure:
            self.failure, self.detail = failure, detail

    def finish(self, watchers: Sequence[Watcher]) -> None:
        """Hand the exchange to everybody who watches."""
        exchange = Exchange(
            id=self.id,
            started=self._started,
            seconds=time.perf_counter() - self._clock,
            peer=self._peer,
            route=self._admitted.destination.route.path,
            policy=self._admitted.destination.route.policy,
            decision=self._admitted.decision,
            method=self._incoming.method,
            target=self._incoming.target,
            request_head=self.request_head,
            status=self.status,
            response_head=self.response_head,
            upstream_head=self.upstream_head,
            request_size=self.request_size,
            response_size=self.response_size,
            failure=self.failure,
            detail=self.detail,
            forwarded_head=self.forwarded_head,
            wait=self.wait,
        )
        for watcher in watchers:
            watcher(exchange)
