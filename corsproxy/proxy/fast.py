"""The fast lane: ordinary requests, without a task or a request object for any of them.

It takes what `recognise` and `plan` understand completely. Everything else is handed over untouched
to the ordinary lane, one way for the rest of the connection: a request with Upgrade, Expect or
chunked content, one that is refused, one that is no HTTP. So nothing is decided here; the rules
are asked by `plan`, and this file moves bytes: in order, with backpressure, and to their end.
"""

import asyncio
import re
import time
from collections.abc import Sequence
from typing import Protocol, cast

from corsproxy.cors.exchange import Exchange
from corsproxy.proxy import errors, forwarding, recognise
from corsproxy.proxy.connection import Connection
from corsproxy.proxy.failure import UpstreamFailure
from corsproxy.proxy.plan import Plan, Plans
from corsproxy.proxy.record import Watcher
from corsproxy.proxy.response_head import Framing, ResponseHead

MOST_HELD = 65536
"""Bytes of pipelined requests that wait for the answer before them."""

_TOGETHER = 16384
"""Up to here it is cheaper to copy a head and its content into one piece than to write twice."""

_new = tuple.__new__  # a record for each request: this is twice as fast as Exchange(...)
_BARE_LF = re.compile(rb"(?<!\r)\n")


class Lane(Protocol):
    """What the connections of the fast lane share."""

    watchers: Sequence[Watcher]
    draining: bool

    def new_id(self) -> str: ...

    def plans_for(self, transport: asyncio.Transport) -> Plans: ...

    def current(self, plans: Plans) -> Plans: ...

    def forget(self, connection: "FastConnection") -> None: ...

    def ordinary(self) -> asyncio.Protocol: ...


class FastConnection(asyncio.Protocol):
    """A client's connection, as long as it says what the fast lane understands.

    `quiet` is counted up by the lane's sweep and set to 0 by whatever moves.
    """

    __slots__ = (
        "_clock",
        "_closes",
        "_connecting",
        "_connection",
        "_forwarded",
        "_held",
        "_lane",
        "_left",
        "_paused",
        "_plan",
        "_plans",
        "_rechunks",
        "_request",
        "_request_size",
        "_response",
        "_response_size",
        "_started",
        "_status",
        "_target",
        "_transport",
        "_unsent",
        "_untaken",
        "_upstream_head",
        "_wait",
        "blocked",
        "quiet",
    )

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._transport: asyncio.Transport = cast("asyncio.Transport", None)
        self._plans: Plans = cast("Plans", None)
        self._held = b""  # what came too early: pipelined requests, or half a head
        self._paused = False
        self._plan: Plan | None = None  # of the request that is being served
        self._connection: Connection | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._left = 0  # bytes of the request's content still to come
        self._closes = False
        self.quiet = 0
        self.blocked = False
        self._untaken = 0  # bytes of answers in our hands at the last sweep

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Part of asyncio.Protocol."""
        self._transport = cast("asyncio.Transport", transport)
        self._plans = self._lane.plans_for(self._transport)

    def data_received(self, data: bytes) -> None:
        """Part of asyncio.Protocol."""
        self.quiet = 0
        if self._connecting is not None:
            self._hold(self._held + data)
            return
        if self._left:
            data = self._content(data)
            if not data:
                return
        if self._held:
            data = self._held + data
            self._held = b""
        if self._plan is None:
            self._serve(data)
        else:
            self._hold(data)

    def connection_lost(self, _exc: Exception | None) -> None:
        """Part of asyncio.Protocol."""
        self._lane.forget(self)
        if self._connecting is not None:
            self._connecting.cancel()
        if self._connection is not None:
            self._connection.abort()
        if self._plan is not None:
            self._report("client-gone", "the client left before the answer was complete")

    def pause_writing(self) -> None:
        """Part of asyncio.Protocol. A client that takes nothing stops its upstream."""
        self.blocked = True
        if self._connection is not None:
            self._connection.pause_reading()
        self._pace()

    def resume_writing(self) -> None:
        """Part of asyncio.Protocol."""
        self.blocked = False
        self.quiet = 0
        if self._connection is not None:
            self._connection.resume_reading()
        self._pace()

    # Requests.

    def _serve(self, data: bytes) -> None:
        """Begin what `data` begins with: one request that is forwarded, or any preflights first."""
        plans = self._plans = self._lane.current(self._plans)
        while data:
            found = recognise.REQUEST_HEAD.match(data)
            if found is None:
                self._not_recognised(data)
                return
            method, target = found.groups()
            end = found.end()
            rest = data[end:]
            head = data[:end] if rest else data
            pieces = recognise.split_request(head)
            plan = plans.find(method, target, tuple(pieces[2::3]))
            length = plan.length(pieces) if plan is not None else 0
            if plan is None or not plans.allows(plan, end, length):
                self._hand_over(data)
                return
            self._begin(plan, head, target)
            if not plan.answered_here:
                self._forward(plan, plan.forward(pieces, method, target), length, rest)
                return
            self._answer_preflight(plan)
            data = rest if not self._closes else b""

    def _not_recognised(self, data: bytes) -> None:
        """Wait for the rest of a head; anything else is the ordinary lane's."""
        if b"\r\n\r\n" in data or len(data) > MOST_HELD or _BARE_LF.search(data):
            self._hand_over(data)
        else:
            self._held = data

    def _begin(self, plan: Plan, head: bytes, target: bytes) -> None:
        self._plan = plan
        self._request = head
        self._target = target
        self._started = time.time()
        self._clock = time.perf_counter()
        self._closes = plan.closes or self._lane.draining
        self._status = self._request_size = self._response_size = 0
        self._response = self._unsent = self._forwarded = b""
        self._upstream_head: ResponseHead | None = None
        self._wait = 0.0
        self._rechunks = False

    def _answer_preflight(self, plan: Plan) -> None:
        self._status = plan.decision.status
        self._response = plan.preflight(closes=self._closes)
        self._transport.write(self._response)
        self._report()
        self._plan = None
        if self._closes:
            self._transport.close()

    def _forward(self, plan: Plan, head: bytes, length: int, rest: bytes) -> None:
        self._forwarded = head
        self._left = self._request_size = length
        connection = plan.destination.upstream.idle()
        if connection is None:
            self._held = rest
            self._connect()
            return
        self._start(connection, plan, head)
        if rest:
            self.data_received(rest)

    def _start(self, connection: Connection, plan: Plan, head: bytes) -> None:
        self._connection = connection
        connection.start(plan.method, head, self, complete=not self._left)
        if self.blocked:  # the client still has the answer before this one to take
            connection.pause_reading()

    def _connect(self) -> None:
        task = asyncio.get_running_loop().create_task(self._start_on_new_connection())
        self._connecting = task

    async def _start_on_new_connection(self) -> None:
        plan = self._plan
        assert plan is not None
        try:
            connection = await plan.destination.upstream.connect()
        except UpstreamFailure as failure:
            self._connecting = None
            self.on_failure(failure)
            return
        self._connecting = None
        self._start(connection, plan, self._forwarded)
        self._release()

    def _content(self, data: bytes) -> bytes:
        """Pass content on, or drop what nobody wants any more; what is beyond it is returned."""
        part, rest = data[: self._left], data[self._left :]
        self._left -= len(part)
        connection = self._connection
        if connection is not None:
            connection.write(part)
            if not self._left:
                connection.finish()
        return rest

    def _hold(self, data: bytes) -> None:
        self._held = data
        self._pace()

    def _release(self) -> None:
        """Go on with what was held."""
        held, self._held = self._held, b""
        if held:
            self.data_received(held)
        self._pace()

    def _pace(self) -> None:
        """Read from the client while there is somewhere to put it."""
        connection = self._connection
        full = len(self._held) > MOST_HELD
        stuck = self.blocked if connection is None else connection.blocked
        if (full or stuck) is not self._paused:
            self._paused = not self._paused
            if self._paused:
                self._transport.pause_reading()
            else:
                self._transport.resume_reading()

    def _hand_over(self, data: bytes) -> None:
        """Let the ordinary lane go on from here; of `data` nothing was consumed."""
        self._lane.forget(self)
        ordinary = self._lane.ordinary()
        self._transport.set_protocol(ordinary)
        ordinary.connection_made(self._transport)
        ordinary.data_received(data)
        if self._paused:
            self._transport.resume_reading()

    # What the lane asks for.

    def sweep(self, tick: float, *, idle: float, keepalive: float) -> None:
        """End what has made no progress for too long."""
        self.quiet += 1
        silent = (self.quiet - 1) * tick  # the first count came after less than a tick
        if self._plan is None and self._held:
            held, self._held = self._held, b""
            self._hand_over(held)  # half a head, and the rest is late: the other lane's affair
        elif self.blocked:
            untaken = self._transport.get_write_buffer_size()
            if untaken < self._untaken:
                self.quiet = 0
            self._untaken = untaken
            if silent >= idle:
                self._give_up("client-stalled", "the client took nothing of the answer")
        elif self._left and not self._paused:
            if silent >= idle:
                self._give_up("client-stalled", "the client sent nothing more of its content")
        elif self._plan is None and silent >= keepalive:
            self._transport.close()

    def drain(self) -> None:
        """Close if idle; else the answer under way is the last, and says so if it still can."""
        if self._plan is None:
            self._transport.close()
        else:
            self._closes = True

    @property
    def endless(self) -> bool:
        """Whether an event stream is under way, which nobody can wait for."""
        return self._plan is not None and b"text/event-stream" in self._response.lower()

    def abort(self) -> None:
        """End the connection at once."""
        self._transport.abort()

    def _give_up(self, failure: str, detail: str) -> None:
        if self._connection is not None:
            self._connection.abort()
            self._connection = None
        if self._plan is not None:
            self._report(failure, detail)
            self._plan = None
        self._transport.abort()

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
        self._wait = time.perf_counter() - self._clock
        self._upstream_head = head
        self._status = head.status
        self._closes = self._closes or self._lane.draining
        self._rechunks = head.framing is Framing.CLOSE
        self._response = self._unsent = plan.response_head(head, closes=self._closes)

    def on_more(self) -> None:
        """Part of Receiver."""
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
        self._report()
        self._next()

    def on_failure(self, failure: UpstreamFailure) -> None:
        """Part of Receiver. Nothing that was cut may look complete."""
        self._connection = None
        if failure.stale:
            self._connect()
            return
        if self._status and not self._unsent:
            self._report(failure.id, failure.sentence)
            self._plan = None
            self._transport.abort()
            return
        self._upstream_head = None
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
        if len(data) < _TOGETHER:
            self._transport.write(head + data)
        else:
            self._transport.write(head)
            self._transport.write(data)

    def _answer_failure(self, failure: UpstreamFailure) -> None:
        plan = self._plan
        assert plan is not None
        own = errors.cors_fields(plan.policy, plan.decision, ())
        answer = errors.problem(failure.status, failure.sentence, own)
        self._status = answer.status
        self._response = answer.head(close=self._closes)
        self._unsent = self._response
        content = b"" if plan.method == "HEAD" else answer.content
        self._response_size = len(content)
        self._send(content)

    def _next(self) -> None:
        """The answer is out: close, or go on with the next request."""
        self._plan = None
        if self._closes:
            self._transport.close()
        elif self._held or self._paused:
            self._release()

    def _report(self, failure: str = "", detail: str = "") -> None:
        """Hand the finished exchange to everybody who watches."""
        plan, upstream_head = self._plan, self._upstream_head
        assert plan is not None
        exchange = _new(
            Exchange,
            (
                self._lane.new_id(),
                self._started,
                time.perf_counter() - self._clock,
                self._plans.client.address,
                plan.destination.route.path,
                plan.policy,
                plan.decision,
                plan.method,
                self._target.decode("ascii"),
                self._request,
                self._status,
                self._response,
                upstream_head.raw if upstream_head is not None else b"",
                self._request_size - self._left,
                self._response_size,
                failure,
                detail,
                self._forwarded,
                self._wait,
                "fast",
            ),
        )
        for watcher in self._lane.watchers:
            watcher(exchange)
