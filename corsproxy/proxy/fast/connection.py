"""The fast lane: ordinary requests, without a task or a request object for any of them.

It takes what `plain_request_head` and `plan` understand completely. Everything else is handed over
untouched to the ordinary lane, one way for the rest of the connection: a request with Upgrade,
Expect or chunked content, one that is refused, one that is not HTTP. So nothing is decided here;
the rules are asked by `plan`, and this file moves bytes: in order, with backpressure, and to their
end.

The states of a connection, by what is set, and what may happen in each:

    state        set              bytes of the client            ends by
    -----        ---              -------------------            -------
    idle         nothing          a head: planned, or handed     a request; 75 s; giving way
                                  over to the ordinary lane
    half a head  _held            added to it                    its end; the next sweep hands it
                                                                 over
    connecting   exchange.plan,   held                           a connection, or a failure
                 .connecting
    under way    exchange.plan,   content (.content_left) is     the response's end; a failure;
                 .upstream        passed on; what is beyond it   `timeouts.idle` of silence
                                  is held
    lingering    _lingering       dropped                        its end; 5 s of silence; 30 s
    handed over  another          the other protocol's           -
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

from corsproxy.limits import LINGERING_TIME, LINGERING_TIMEOUT, MAX_HELD_BYTES
from corsproxy.proxy.fast.exchange import FastExchange, Lane
from corsproxy.proxy.fast.plan_cache import Plans
from corsproxy.proxy.http1 import plain_request_head
from corsproxy.proxy.http1.head_pieces import content_length

TICK = 0.5
"""Seconds between two sweeps over the connections."""

_BARE_LF = re.compile(rb"(?<!\r)\n")


class FastConnection(asyncio.Protocol):
    """A client's connection, as long as it says what the fast lane understands.

    `idle_ticks` is counted up by the lane's sweep and set to 0 by whatever moves.
    """

    __slots__ = (
        "_exchange",
        "_held",
        "_lane",
        "_lingering",
        "_paused",
        "_plans",
        "_transport",
        "_untaken",
        "blocked",
        "idle_ticks",
    )

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._transport: asyncio.Transport = cast("asyncio.Transport", None)
        self._plans: Plans = cast("Plans", None)
        self._exchange: FastExchange = cast("FastExchange", None)
        self._held = b""  # what came too early: pipelined requests, or half a head
        self._paused = False
        self._untaken = 0  # bytes of responses in our hands at the last sweep
        self._lingering = 0  # sweeps since the last response left, while its request still comes
        self.idle_ticks = 0
        self.blocked = False

    @property
    def is_endless(self) -> bool:
        """Whether an event stream is under way, which has no end to wait for."""
        return self._exchange.is_endless

    @property
    def busy(self) -> bool:
        """Whether a request is under way whose end can be waited for."""
        return self._exchange.busy

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._plans = self._lane.opened(self, self._transport)
        address = self._plans.client.address
        self._exchange = FastExchange(self._lane, self, self._transport, address)

    def data_received(self, data: bytes) -> None:
        self.idle_ticks = 0
        exchange = self._exchange
        if self._lingering:
            self._drop(data)
        elif exchange.plan is None and not self._held and not exchange.content_left:
            self._serve(data)  # as nearly always
        elif exchange.connecting is not None:
            self._hold(self._held + data)
        elif not exchange.content_left or (data := exchange.take_content(data)):
            self._add(data)

    def _drop(self, data: bytes) -> None:
        exchange = self._exchange
        exchange.content_left -= len(data)
        if exchange.content_left <= 0:
            self._transport.close()

    def _add(self, data: bytes) -> None:
        """Data that is beyond the content of the request under way, or after half a head."""
        idle = self._exchange.plan is None
        if self._held:
            whole = self._held + data
            if idle and b"\r\n\r\n" not in whole[-len(data) - 3 :]:
                self._wait_on(whole)
                return
            data, self._held = whole, b""
        if idle:
            self._serve(data)
        else:
            self._hold(data)

    def connection_lost(self, _exc: Exception | None) -> None:
        self._lane.lost(self)
        gone = "the client left before the response was complete"
        self._exchange.give_up("client-gone", gone)
        self._exchange.detach()

    def pause_writing(self) -> None:
        """A client that takes nothing stops its upstream."""
        self.blocked = True
        if self._exchange.upstream is not None:
            self._exchange.upstream.pause_reading()
        self.pace()

    def resume_writing(self) -> None:
        self.blocked = False
        self.idle_ticks = 0
        if self._exchange.upstream is not None:
            self._exchange.upstream.resume_reading()
        self.pace()

    # Requests.

    def _serve(self, data: bytes) -> None:
        """Begin what `data` begins with: one request that is forwarded, or any preflights first."""
        plans, exchange = self._plans, self._exchange
        if plans.admission is not self._lane.admission:
            plans = self._plans = self._lane.renewed(plans, self._transport)
        while data:
            found = plain_request_head.cut(data)
            if found is None:
                self._not_recognised(data)
                return
            method, target, pieces, end = found
            head, rest = (data, b"") if end == len(data) else (data[:end], data[end:])
            plan = plans.find(method, target, tuple(pieces[2::3]))
            length = 0
            if plan is not None and plan.content_length_index >= 0:
                length = content_length(pieces, plan.content_length_index)
            fits = end <= plans.max_unchecked_bytes or plans.head_fits(head)
            if plan is None or not fits or length > plan.max_content:
                self._hand_over(data)
                return
            exchange.begin(plan, head, target)
            if not plan.is_preflight:
                rest = exchange.forward(plan, pieces, length, rest)
                if rest:
                    self.data_received(rest)
                return
            exchange.answer_preflight(plan)
            if exchange.closes:
                self._close()
                return
            data = rest

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
        if len(data) > MAX_HELD_BYTES:
            self._hand_over(data)
        else:
            self._held = data

    # What the exchange tells.

    def response_sent(self) -> None:
        """The response is out: close, or go on with the next request."""
        if self._exchange.closes:
            self._close()
            return
        if self._held or self._paused:
            self.go_on()
        if self._lane.closes_idle and self._transport.get_protocol() is self:
            self.close_if_idle()

    def go_on(self) -> None:
        """Go on with what was held."""
        held, self._held = self._held, b""
        if held:
            self.data_received(held)
        self.pace()

    def pace(self) -> None:
        """Read from the client while there is somewhere to put it."""
        upstream = self._exchange.upstream
        full = len(self._held) > MAX_HELD_BYTES
        stuck = self.blocked if upstream is None else upstream.blocked
        if (full or stuck) is not self._paused:
            self._paused = not self._paused
            if self._paused:
                self._transport.pause_reading()
            else:
                self._transport.resume_reading()

    def _close(self) -> None:
        """End the connection once the client has the response.

        Closed with bytes of the client unread, a connection is reset, and the reset destroys a
        response that the client, still sending, has not read (RFC 9112, 9.6). So what still comes
        is read, and dropped, for a while.
        """
        if not self._exchange.content_left and not self._held:
            self._transport.close()
        elif not self._lingering:
            self._lingering = 1
            self._held = b""
            if self._transport.can_write_eof():
                self._transport.write_eof()
            self.pace()

    def _hold(self, data: bytes) -> None:
        self._held = data
        self.pace()

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
        self._exchange.detach()
        ordinary.data_received(data)

    # What the lane asks for.

    def sweep(self, idle: float, keepalive: float) -> None:
        """End what has made no progress for too long, in seconds; tell of what goes on."""
        self.idle_ticks += 1
        self._exchange.tell_open()
        silent = self._silent
        if self._lingering:
            self._lingering += 1
            if silent >= LINGERING_TIMEOUT or self._lingering * TICK > LINGERING_TIME:
                self._transport.abort()
        elif self.is_idle and self._held:
            held, self._held = self._held, b""
            self._hand_over(held)  # half a head, and the rest is late: the other lane's affair
        elif self.blocked:
            untaken = self._transport.get_write_buffer_size()
            if untaken < self._untaken:
                self.idle_ticks = 0
            self._untaken = untaken
            if silent >= idle:
                self._give_up("client-stalled", "the client took nothing of the response")
        elif self._exchange.content_left and not self._paused:
            if silent >= idle:
                self._give_up("client-stalled", "the client sent nothing more of its content")
        elif self.is_idle and silent >= keepalive:
            self.give_way()

    @property
    def _silent(self) -> float:
        """Seconds for which nothing has moved, at least."""
        return (self.idle_ticks - 1) * TICK  # the first count came after less than a tick

    def idle_for(self) -> float:
        return self._silent if self.is_idle else 0.0

    def give_way(self) -> None:
        """What the client has not taken by now it does not get any more."""
        if self._held or self._lingering or self._transport.get_write_buffer_size():
            self._transport.abort()
        else:
            self._transport.close()

    def drain(self) -> None:
        """Close if idle for a while; else with the last response to what was read or comes."""
        if self.idle_for() >= TICK:
            self._close()
        elif not self.is_idle and not self._exchange.responding:
            self._exchange.closes = True

    def close_if_idle(self) -> None:
        """Whether or not the client was told that its connection ends."""
        if self.is_idle:
            self._close()

    def abort(self) -> None:
        """End the connection at once: the proxy is told to stop."""
        self._give_up("stopped", "the proxy was told to stop")

    def _give_up(self, failure: str, detail: str) -> None:
        self._exchange.give_up(failure, detail)
        self._transport.abort()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        return self._exchange.plan is None
