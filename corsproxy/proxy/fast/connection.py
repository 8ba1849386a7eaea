"""The fast lane: ordinary requests, without a task or a request object for any of them.

It takes what `recognise` and `plan` understand completely. Everything else is handed over untouched
to the ordinary lane, one way for the rest of the connection: a request with Upgrade, Expect or
chunked content, one that is refused, one that is not HTTP. So nothing is decided here; the rules
are asked by `plan`, and this file moves bytes: in order, with backpressure, and to their end.

The states of a connection, by what is set, and what may happen in each:

    state        set            bytes of the client            ends by
    -----        ---            -------------------            -------
    idle         nothing        a head: planned, or handed     a request; 75 s; giving way
                                over to the ordinary lane
    half a head  _held          added to it                    its end; the next sweep hands it over
    connecting   _plan,         held                           a connection, or a failure
                 _connecting
    under way    _plan,         content (_left) is passed on;  the response's end; a failure;
                 _connection    what is beyond it is held      `timeouts.idle` of silence
    lingering    _lingering     dropped                        its end; 5 s of silence; 30 s
    handed over  another        the other protocol's           -
                 protocol

Two flags cross all of them: `blocked` (the client takes nothing: its upstream is paused) and
`_paused` (the upstream takes nothing, or too much is held: the client is). No request is begun
before the response to the one before it is out, so one connection is one exchange at a time.

Nothing here is awaited: a task for each request costs more than everything else that happens to it.
The one exception is a new connection to the upstream, since that is rare.
"""

import asyncio
import re
from typing import cast

from corsproxy.proxy.fast.exchange import Lane
from corsproxy.proxy.fast.plan import Plan
from corsproxy.proxy.fast.response import FastAnswer
from corsproxy.proxy.http1 import recognise
from corsproxy.proxy.http1.pieces import content_length
from corsproxy.proxy.upstream.connection import Connection, repeatable
from corsproxy.proxy.upstream.failure import UpstreamFailure

TICK = 0.5
"""Seconds between two sweeps over the connections."""

MAX_HELD = 65536
"""Bytes of pipelined requests that wait for the response before them."""

LINGERING_TIME = 30.0
"""Seconds for which content that nobody wants is read before the connection is closed."""

LINGERING_TIMEOUT = 5.0
"""Seconds after which it is closed because no more of it comes."""

_BARE_LF = re.compile(rb"(?<!\r)\n")


class FastConnection(FastAnswer, asyncio.Protocol):
    """A client's connection, as long as it says what the fast lane understands.

    `quiet` is counted up by the lane's sweep and set to 0 by whatever moves.
    """

    __slots__ = (
        "_connecting",
        "_held",
        "_lingering",
        "_paused",
        "_untaken",
        "blocked",
        "quiet",
    )

    def __init__(self, lane: Lane) -> None:
        super().__init__(lane)
        self._held = b""  # what came too early: pipelined requests, or half a head
        self._paused = False
        self._connecting: asyncio.Task[None] | None = None
        self._untaken = 0  # bytes of responses in our hands at the last sweep
        self._lingering = 0  # sweeps since the last response left, while its request still comes
        self.quiet = 0
        self.blocked = False

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._plans = self._lane.opened(self, self._transport)

    def data_received(self, data: bytes) -> None:
        self.quiet = 0
        if self._lingering:
            self._left -= len(data)
            if self._left <= 0:
                self._transport.close()
            return
        if self._plan is None and not self._held and not self._left:  # as nearly always
            self._serve(data)
            return
        if self._connecting is not None:
            self._hold(self._held + data)
            return
        if self._left:
            data = self._content(data)
            if not data:
                return
        if self._held:
            whole = self._held + data
            if self._plan is None and b"\r\n\r\n" not in whole[-len(data) - 3 :]:
                self._wait_on(whole)
                return
            data, self._held = whole, b""
        if self._plan is None:
            self._serve(data)
        else:
            self._hold(data)

    def connection_lost(self, _exc: Exception | None) -> None:
        self._lane.lost(self)
        if self._connecting is not None:
            self._connecting.cancel()
        if self._connection is not None:
            self._connection.abort()
        if self._plan is not None:
            self._report("client-gone", "the client left before the response was complete")

    def pause_writing(self) -> None:
        """A client that takes nothing stops its upstream."""
        self.blocked = True
        if self._connection is not None:
            self._connection.pause_reading()
        self._pace()

    def resume_writing(self) -> None:
        self.blocked = False
        self.quiet = 0
        if self._connection is not None:
            self._connection.resume_reading()
        self._pace()

    # Requests.

    def _serve(self, data: bytes) -> None:
        """Begin what `data` begins with: one request that is forwarded, or any preflights first."""
        plans = self._plans
        if plans.serving is not self._lane.serving:
            plans = self._plans = self._lane.renewed(plans)
        while data:
            found = recognise.cut(data)
            if found is None:
                self._not_recognised(data)
                return
            method, target, pieces, end = found
            head, rest = (data, b"") if end == len(data) else (data[:end], data[end:])
            plan = plans.find(method, target, tuple(pieces[2::3]))
            length = 0
            if plan is not None and plan.measured >= 0:
                length = content_length(pieces, plan.measured)
            allowed = end <= plans.unquestioned or plans.allows(head)
            if plan is None or not allowed or length > plan.most_content:
                self._hand_over(data)
                return
            self._begin(plan, head, target)
            if not plan.answered_here:
                self._left = self._request_size = length
                self._forward(plan, plan.forward(pieces, method, target), rest)
                return
            self._answer_preflight(plan)
            data = rest if not self._closes else b""

    def _not_recognised(self, data: bytes) -> None:
        """Wait for the rest of a head; anything else is the ordinary lane's."""
        if b"\r\n\r\n" in data or _BARE_LF.search(data):
            self._hand_over(data)
        else:
            self._wait_on(data)

    def _wait_on(self, data: bytes) -> None:
        """Hold half a head, which is looked at once more when its end comes: pieces cost little.

        What can never become a head is found by the ordinary lane, which gets it with the next
        sweep.
        """
        if len(data) > MAX_HELD:
            self._hand_over(data)
        else:
            self._held = data

    def _forward(self, plan: Plan, head: bytes, rest: bytes) -> None:
        """Send the request, and what of its content is here, in one write."""
        self._forwarded = head
        connection = plan.upstream.idle(repeatable=repeatable(plan.method, self._left))
        if connection is None:
            self._held = rest
            self._connect()
            return
        content = b""
        if rest and self._left:
            content, rest = rest[: self._left], rest[self._left :]
            self._left -= len(content)
        self._start(connection, plan, content)
        if rest:
            self.data_received(rest)

    def _start(self, connection: Connection, plan: Plan, content: bytes) -> None:
        self._connection = connection
        connection.start(plan.method, self._forwarded, self, content, owed=self._left)
        if self.blocked:  # the client still has the response before this one to take
            connection.pause_reading()

    def _connect(self) -> None:
        task = asyncio.get_running_loop().create_task(self._start_on_new_connection())
        self._connecting = task

    async def _start_on_new_connection(self) -> None:
        plan = self._plan
        assert plan is not None
        try:
            connection = await plan.upstream.connect()
        except UpstreamFailure as failure:
            self._connecting = None
            self.on_failure(failure)
            return
        self._connecting = None
        self._start(connection, plan, b"")
        self._release()

    def _content(self, data: bytes) -> bytes:
        """Pass content on, or drop what nobody wants any more; what is beyond it is returned."""
        part, rest = data[: self._left], data[self._left :]
        self._left -= len(part)
        connection = self._connection
        if connection is not None:
            connection.write(part)
        return rest

    def _next(self) -> None:
        """The response is out: close, or go on with the next request."""
        self._clear()
        if self._closes:
            self._close()
            return
        if self._held or self._paused:
            self._release()
        if self._lane.draining and self._plan is None and self._transport.get_protocol() is self:
            self._close()

    def _close(self) -> None:
        """End the connection once the client has the response.

        Closed with bytes of the client unread, a connection is reset, and the reset destroys a
        response that the client, still sending, has not read (RFC 9112, 9.6). So what still comes
        is read, and dropped, for a while.
        """
        if not self._left and not self._held:
            self._transport.close()
        elif not self._lingering:
            self._lingering = 1
            self._held = b""
            if self._transport.can_write_eof():
                self._transport.write_eof()
            self._pace()

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
        full = len(self._held) > MAX_HELD
        stuck = self.blocked if connection is None else connection.blocked
        if (full or stuck) is not self._paused:
            self._paused = not self._paused
            if self._paused:
                self._transport.pause_reading()
            else:
                self._transport.resume_reading()

    def _hand_over(self, data: bytes) -> None:
        """Let the ordinary lane go on from here; of `data` nothing was consumed.

        It takes the connection in the state in which it is: it is told at once where the client
        takes nothing, and reading that we have paused is its own to pause before it gets any data.
        """
        self._lane.lost(self)
        ordinary = self._lane.ordinary()
        self._transport.set_protocol(ordinary)
        ordinary.connection_made(self._transport)
        if self.blocked:
            ordinary.pause_writing()
        if self._paused:
            self._transport.resume_reading()
        ordinary.data_received(data)

    # What the lane asks for.

    def sweep(self, idle: float, keepalive: float) -> None:
        """End what has made no progress for too long; seconds."""
        self.quiet += 1
        silent = self._silent
        if self._lingering:
            self._lingering += 1
            if silent >= LINGERING_TIMEOUT or self._lingering * TICK > LINGERING_TIME:
                self._transport.abort()
        elif self._plan is None and self._held:
            held, self._held = self._held, b""
            self._hand_over(held)  # half a head, and the rest is late: the other lane's affair
        elif self.blocked:
            untaken = self._transport.get_write_buffer_size()
            if untaken < self._untaken:
                self.quiet = 0
            self._untaken = untaken
            if silent >= idle:
                self._give_up("client-stalled", "the client took nothing of the response")
        elif self._left and not self._paused:
            if silent >= idle:
                self._give_up("client-stalled", "the client sent nothing more of its content")
        elif self._plan is None and silent >= keepalive:
            self.give_way()

    @property
    def _silent(self) -> float:
        """Seconds for which nothing has moved, at least."""
        return (self.quiet - 1) * TICK  # the first count came after less than a tick

    def idle_for(self) -> float:
        return self._silent if self._plan is None else 0.0

    def give_way(self) -> None:
        """What the client has not taken by now it does not get any more."""
        if self._held or self._lingering or self._transport.get_write_buffer_size():
            self._transport.abort()
        else:
            self._transport.close()

    def drain(self) -> None:
        """Close if idle; else with the last response to what was read, which says so."""
        if self._plan is None:
            self._close()
        elif not self._status:
            self._closes = True

    def abort(self) -> None:
        """End the connection at once: the proxy is told to stop."""
        self._give_up("stopped", "the proxy was told to stop")
