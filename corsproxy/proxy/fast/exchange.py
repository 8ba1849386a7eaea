"""The exchange under way on a connection of the fast lane: sent, relayed back, and reported.

A FastConnection has one of these, used for one request after the other: nothing is made for any.
Nothing is decided here. The head leaves as `plan` says, content as it came, in one write with the
head where they came together; and nothing that was cut may look complete.

The states, by what is set:

    state        set                   goes on to
    -----        ---                   ----------
    idle         nothing               `begin`: connecting, under way, or idle again (a preflight)
    connecting   plan, connecting      a connection: under way; a failure: idle
    under way    plan, upstream        the response's end, a failure, `give_up`: idle

Each end calls the watchers, clears, and asks the client's connection to go on (`response_sent`).
"""

import asyncio
from collections.abc import Sequence
from time import perf_counter
from typing import Any, Protocol, cast

from corsproxy.cors.tally import Tally
from corsproxy.proxy.admission import Admission
from corsproxy.proxy.fast.plan import Plan
from corsproxy.proxy.fast.plan_cache import Plans
from corsproxy.proxy.http1 import forwarding, own_responses
from corsproxy.proxy.http1.chunked import LAST_CHUNK, as_chunk
from corsproxy.proxy.http1.head_pieces import Pieces
from corsproxy.proxy.http1.response_head import Framing, ResponseHead, is_event_stream
from corsproxy.proxy.record import Record, Watcher
from corsproxy.proxy.upstream.connection import Connection, repeatable, write_together
from corsproxy.proxy.upstream.failure import UpstreamFailure

_CLOSE = Framing.CLOSE  # looking a member up costs more than the comparison


class Lane(Protocol):
    """What the connections of the fast lane share."""

    admission: Admission
    watchers: Sequence[Watcher]
    opened_watchers: Sequence[Watcher]
    """Who is told of responses that go on."""
    draining: bool
    closes_idle: bool
    allowance: int
    """How many exchanges may still be reported before they are only counted."""
    tallied: list[Tally]
    """Where any were counted."""

    def new_id(self) -> str: ...

    def opened(self, connection: Any, transport: asyncio.Transport) -> Plans: ...

    def lost(self, connection: Any) -> None: ...

    def renewed(self, plans: Plans, transport: asyncio.BaseTransport) -> Plans: ...

    def ordinary(self) -> asyncio.Protocol: ...


class ClientSide(Protocol):
    """What the exchange asks of the client's connection."""

    blocked: bool
    """Whether the client takes nothing for now."""

    def response_sent(self) -> None:
        """The response is out: close, or go on with the next request."""

    def go_on(self) -> None:
        """The upstream takes content now: go on with what was held."""

    def pace(self) -> None:
        """Read from the client while there is somewhere to put it."""


class FastExchange:
    """The Receiver of the upstream's response, and the sender of the request.

    `content_left` counts the bytes of the request's content still to come from the client; it may
    outlive the exchange, whose response can be complete before.
    """

    __slots__ = (
        "_client",
        "_lane",
        "_rechunks",
        "_record",
        "_tally",
        "_target",
        "_transport",
        "_unsent",
        "closes",
        "connecting",
        "content_left",
        "plan",
        "upstream",
    )

    def __init__(
        self, lane: Lane, client: ClientSide, transport: asyncio.Transport, address: str
    ) -> None:
        self._lane = lane
        self._client = client
        self._transport = transport
        self._record = Record(address, "fast")
        self._target = b""  # as it came; the record gets it as text, when it is reported
        self._rechunks = False
        self._tally: Tally | None = None
        self._unsent = b""  # the response's head, as long as it waits for content
        self.plan: Plan | None = None
        self.upstream: Connection | None = None
        self.connecting: asyncio.Task[None] | None = None
        self.content_left = 0
        self.closes = False
        """Whether the client's connection ends with this response."""

    @property
    def is_endless(self) -> bool:
        """Whether an event stream is under way, which has no end to wait for."""
        return self.plan is not None and is_event_stream(self._record.response_head)

    @property
    def busy(self) -> bool:
        """Whether a request is under way whose end can be waited for."""
        return self.plan is not None and not self.is_endless

    @property
    def responding(self) -> bool:
        """Whether the head of the response is made, so that nothing can be added to it."""
        return bool(self._record.status)

    # The request.

    def begin(self, plan: Plan, head: bytes, target: bytes) -> None:
        """A request is here: `head` as it came. What it leaves behind, `_clear` clears."""
        self.plan = plan
        self._target = target
        record = self._record
        record.request_head = head
        record.clock = perf_counter()
        self.closes = plan.closes or self._lane.draining

    def answer_preflight(self, plan: Plan) -> None:
        """The plan has the whole response."""
        record = self._record
        record.status = plan.decision.status
        record.response_head = plan.preflight(closes=self.closes)
        self._transport.write(record.response_head)
        self._tally = plan.tally
        self._finish()
        self._clear()

    def forward(self, plan: Plan, pieces: Pieces, length: int, rest: bytes) -> bytes:
        """Send the request, and what of its content is here, in one write.

        What of `rest` is still to be sent, or is beyond the content, is returned.
        """
        record = self._record
        self.content_left = record.request_size = length
        head = record.forwarded_head = plan.forward(pieces, self._target)
        if plan.identified is not None:
            record.id = self._lane.new_id()
            head = record.forwarded_head = plan.identified(head, record.id)
        connection = plan.upstream.idle(repeatable=repeatable(plan.method, length))
        if connection is None:
            self._connect()
            return rest
        content = b""
        if rest and length:
            content, rest = rest[:length], rest[length:]
            self.content_left -= len(content)
        self._start(connection, plan, head, content)
        return rest

    def _start(self, connection: Connection, plan: Plan, head: bytes, content: bytes) -> None:
        self.upstream = connection
        connection.start(plan.method, head, self, content, owed=self.content_left)
        if self._client.blocked:  # it still has the response before this one to take
            connection.pause_reading()

    def _connect(self) -> None:
        task = asyncio.get_running_loop().create_task(self._start_on_new_connection())
        self.connecting = task

    async def _start_on_new_connection(self) -> None:
        plan = self.plan
        assert plan is not None
        try:
            connection = await plan.upstream.connect()
        except UpstreamFailure as failure:
            self.connecting = None
            self.on_failure(failure)
            return
        self.connecting = None
        self._start(connection, plan, self._record.forwarded_head, b"")
        self._client.go_on()

    def take_content(self, data: bytes) -> bytes:
        """Pass content on, or drop it after the response; what is beyond it is returned."""
        part, rest = data[: self.content_left], data[self.content_left :]
        self.content_left -= len(part)
        if self.upstream is not None:
            self.upstream.write(part)
        return rest

    # The Receiver of the upstream's response.

    def on_interim(self, head: ResponseHead) -> None:
        if interim := forwarding.interim_head(head.status, head.reason, head.fields):
            self._transport.write(interim)

    def on_head(self, head: ResponseHead) -> None:
        """The head waits for the content that came with it: one write."""
        plan = self.plan
        assert plan is not None
        record = self._record
        record.wait = perf_counter() - record.clock
        record.upstream_head = head.raw
        record.status = head.status
        closes = self.closes = self.closes or self._lane.draining
        self._rechunks = head.framing is _CLOSE
        record.response_head, self._tally = plan.response(head, record.request_head, closes=closes)
        self._unsent = record.response_head

    def on_whole(self, head: ResponseHead, content: bytes) -> None:
        self.on_head(head)
        self.upstream = None
        record = self._record
        record.response_size = len(content)
        write_together(self._transport, record.response_head, content)
        self._finish()
        self._clear()
        self._client.response_sent()

    def on_more(self) -> None:
        if self._unsent:
            self._send(b"")

    def on_data(self, data: bytes) -> None:
        self._record.response_size += len(data)
        if self._rechunks:
            data = as_chunk(data)
        if self._unsent:
            self._send(data)
        else:
            self._transport.write(data)

    def on_end(self) -> None:
        self.upstream = None
        if self._rechunks:
            self._send(LAST_CHUNK)
        elif self._unsent:
            self._send(b"")
        self._finish()
        self._clear()
        self._client.response_sent()

    def on_failure(self, failure: UpstreamFailure) -> None:
        """Nothing that was cut may look complete."""
        self.upstream = None
        if failure.stale:
            self._connect()
        elif self._record.status and not self._unsent:
            self._fail(failure.id, failure.sentence, failure.fix)
            self._transport.abort()
        elif failure.leaves_reconnecting(self._record.request_head):
            self._record.status, self._record.response_head = 0, b""
            self._fail(failure.id, failure.sentence, failure.fix)
            self._transport.close()
        else:
            self._respond_with(failure)
            self._fail(failure.id, failure.sentence, failure.fix)
            self._client.response_sent()

    def on_blocked(self) -> None:
        """An upstream that takes nothing stops its client."""
        self._client.pace()

    def on_writable(self) -> None:
        self._client.pace()

    def _send(self, data: bytes) -> None:
        head, self._unsent = self._unsent, b""
        write_together(self._transport, head, data)

    def _respond_with(self, failure: UpstreamFailure) -> None:
        plan = self.plan
        assert plan is not None
        record = self._record
        record.id = record.id or self._lane.new_id()
        response = own_responses.refusal(plan.policy, plan.decision, failure.refusal, record.id)
        content = b"" if plan.method == "HEAD" else response.content
        record.status = response.status
        record.response_head = self._unsent = response.head(close=self.closes)
        record.response_size = len(content)
        self._send(content)

    # The end.

    def give_up(self, failure: str, detail: str) -> None:
        """End the exchange, if one is under way, and its connection to the upstream."""
        if self.connecting is not None:
            self.connecting.cancel()
            self.connecting = None
        if self.upstream is not None:
            self.upstream.abort()
            self.upstream = None
        if self.plan is not None:
            self._fail(failure, detail)

    def detach(self) -> None:
        """The client's connection is closed, or in the other lane; nothing of it is held on to."""
        self._client = cast("ClientSide", None)

    def _finish(self) -> None:
        """The response is out. In a flood it is counted only, where there is nothing to explain."""
        lane = self._lane
        tally = self._tally
        if tally is None or lane.allowance > 0 or not tally.reported or self._record.opened:
            lane.allowance -= 1
            if tally is not None:
                tally.reported = True
            self._report()
            return
        if not tally.count:
            lane.tallied.append(tally)
        record = self._record
        tally.add(record.request_size - self.content_left, record.response_size, record.wait)

    def _fail(self, failure: str, detail: str, fix: str = "") -> None:
        self._record.failed(failure, detail, fix)
        self._report()
        self._clear()

    def tell_open(self) -> None:
        """Tell of a response that goes on; asked by the sweep."""
        if self.plan is not None and self._record.lasts:
            self._complete_record()
            self._record.tell_open(self._lane.opened_watchers)

    def _report(self) -> None:
        """Hand the finished exchange to everybody who watches."""
        if not self._record.opened:
            self._complete_record()
        self._record.request_size -= self.content_left
        self._record.finish(self._lane.watchers)

    def _complete_record(self) -> None:
        """What an exchange that is only counted never has to know."""
        plan, record = self.plan, self._record
        assert plan is not None
        record.id = record.id or self._lane.new_id()
        record.admitted = plan.admitted
        record.method = plan.method
        record.target = self._target.decode("ascii")

    def _clear(self) -> None:
        """Nothing is under way; a connection that is idle holds on to as little as can be."""
        self.plan = self._tally = None
        self._target = self._unsent = b""
        self._record.clear()
