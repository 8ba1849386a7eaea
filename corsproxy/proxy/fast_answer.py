"""The fast lane's way back: an upstream's answer, as it comes, to the client.

Nothing is decided here. The head leaves as `plan` says, content as it came, in one write with the
head where they came together; and nothing that was cut may look complete.
"""

import asyncio
from collections.abc import Sequence
from time import perf_counter, time
from typing import Protocol, cast

from corsproxy.cors.exchange import Exchange
from corsproxy.cors.tally import Tally
from corsproxy.proxy import errors, forwarding
from corsproxy.proxy.connection import Connection, write_together
from corsproxy.proxy.failure import UpstreamFailure
from corsproxy.proxy.plan import Plan, Plans
from corsproxy.proxy.record import Watcher
from corsproxy.proxy.response_head import Framing, ResponseHead
from corsproxy.proxy.serving import Serving

_CLOSE = Framing.CLOSE  # looking a member up costs more than the comparison


class Lane(Protocol):
    """What the connections of the fast lane share."""

    serving: Serving
    watchers: Sequence[Watcher]
    draining: bool
    allowance: int
    """How many exchanges may still be told before they are only counted."""
    tallied: list[Tally]
    """Where any were counted."""

    def new_id(self) -> str: ...

    def plans_for(self, transport: asyncio.Transport) -> Plans: ...

    def renewed(self, plans: Plans) -> Plans: ...

    def ordinary(self) -> asyncio.Protocol: ...


class FastAnswer:
    """The Receiver of the fast lane: one for each client, used for one request after the other."""

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

    def _begin(self, plan: Plan, head: bytes, target: bytes) -> None:
        """A request is here: `head` as it came. What an answer leaves behind, `_next` clears."""
        self._plan = plan
        self._request = head
        self._target = target
        self._clock = perf_counter()
        self._closes = plan.closes or self._lane.draining

    def _answer_preflight(self, plan: Plan) -> None:
        self._status = plan.decision.status
        self._response = plan.preflight(closes=self._closes)
        self._transport.write(self._response)
        self._tally = plan.tally
        self._finish()
        self._clear()
        if self._closes:
            self._transport.close()

    # The Receiver of the upstream's answer.

    def on_interim(self, head: ResponseHead) -> None:
        """Part of Receiver. 100 is between the upstream and us."""
        if head.status != 100:
            fields = forwarding.response_fields(head.fields)
            self._transport.write(forwarding.response_head(head.status, head.reason, fields))

    def on_head(self, head: ResponseHead) -> None:
        """Part of Receiver. The head waits for the content that came with it: one write."""
        plan = self._plan
        assert plan is not None
        self._wait = perf_counter() - self._clock
        self._upstream_head = head.raw
        self._status = head.status
        closes = self._closes = self._closes or self._lane.draining
        self._rechunks = head.framing is _CLOSE
        self._response, self._tally = plan.answer(head, closes=closes)
        self._unsent = self._response

    def on_whole(self, head: ResponseHead, content: bytes) -> None:
        """Part of Receiver."""
        self.on_head(head)
        self._connection = None
        self._response_size = len(content)
        self._send(content)
        self._finish()
        self._next()

    def on_more(self) -> None:
        """Part of Receiver."""
        if self._unsent:
            self._send(b"")

    def on_data(self, data: bytes) -> None:
        """Part of Receiver."""
        self._response_size += len(data)
        if self._rechunks:
            data = b"%x\r\n%b\r\n" % (len(data), data)
        if self._unsent:
            self._send(data)
        else:
            self._transport.write(data)

    def on_end(self) -> None:
        """Part of Receiver."""
        self._connection = None
        if self._rechunks:
            self._send(b"0\r\n\r\n")
        elif self._unsent:
            self._send(b"")
        self._finish()
        self._next()

    def on_failure(self, failure: UpstreamFailure) -> None:
        """Part of Receiver. Nothing that was cut may look complete."""
        self._connection = None
        if failure.stale:
            self._connect()
        elif self._status and not self._unsent:
            self._report(failure.id, failure.sentence)
            self._clear()
            self._transport.abort()
        else:
            self._answer_failure(failure)
            self._report(failure.id, failure.sentence)
            self._next()

    def on_blocked(self) -> None:
        """Part of Receiver. An upstream that takes nothing stops its client."""
        self._pace()

    def on_writable(self) -> None:
        """Part of Receiver."""
        self._pace()

    def _send(self, data: bytes) -> None:
        head, self._unsent = self._unsent, b""
        write_together(self._transport, head, data)

    def _answer_failure(self, failure: UpstreamFailure) -> None:
        plan = self._plan
        assert plan is not None
        own = errors.cors_fields(plan.policy, plan.decision, ())
        answer = errors.problem(failure.status, failure.sentence, own)
        self._status = answer.status
        self._response = self._unsent = answer.head(close=self._closes)
        content = b"" if plan.method == "HEAD" else answer.content
        self._response_size = len(content)
        self._send(content)

    def _finish(self) -> None:
        """The answer is out. In a flood it is counted only, if there is nothing to tell of it."""
        lane = self._lane
        tally = self._tally
        if tally is None or lane.allowance > 0:
            lane.allowance -= 1
            self._report()
            return
        if not tally.count:
            lane.tallied.append(tally)
        tally.add(self._request_size, self._response_size, self._wait)

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

    # What only the connection can do.

    def _connect(self) -> None:
        """Send the request on a new connection."""
        raise NotImplementedError

    def _next(self) -> None:
        """The answer is out: close, or go on with the next request."""
        raise NotImplementedError

    def _pace(self) -> None:
        """Read from the client while there is somewhere to put it."""
        raise NotImplementedError
