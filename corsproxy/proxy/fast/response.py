"""The fast lane's way back: an upstream's response, as it comes, to the client.

Nothing is decided here. The head leaves as `plan` says, content as it came, in one write with the
head where they came together; and nothing that was cut may look complete.
"""

from time import perf_counter

from corsproxy.proxy.fast.exchange import FastExchange
from corsproxy.proxy.fast.plan import Plan
from corsproxy.proxy.http1 import forwarding, own_responses
from corsproxy.proxy.http1.response_head import Framing, ResponseHead
from corsproxy.proxy.upstream.connection import write_together
from corsproxy.proxy.upstream.failure import UpstreamFailure

_CLOSE = Framing.CLOSE  # looking a member up costs more than the comparison


class FastAnswer(FastExchange):
    """The Receiver of the fast lane."""

    __slots__ = ()

    def _answer_preflight(self, plan: Plan) -> None:
        self._status = plan.decision.status
        self._response = plan.preflight(closes=self._closes)
        self._transport.write(self._response)
        self._tally = plan.tally
        self._finish()
        self._clear()
        if self._closes:
            self._close()

    # The Receiver of the upstream's response.

    def on_interim(self, head: ResponseHead) -> None:
        """100 is between the upstream and us."""
        if head.status != 100:
            fields = forwarding.response_fields(head.fields)
            self._transport.write(forwarding.response_head(head.status, head.reason, fields))

    def on_head(self, head: ResponseHead) -> None:
        """The head waits for the content that came with it: one write."""
        plan = self._plan
        assert plan is not None
        self._wait = perf_counter() - self._clock
        self._upstream_head = head.raw
        self._status = head.status
        closes = self._closes = self._closes or self._lane.draining
        self._rechunks = head.framing is _CLOSE
        self._response, self._tally = plan.response(head, closes=closes)
        self._unsent = self._response

    def on_whole(self, head: ResponseHead, content: bytes) -> None:
        self.on_head(head)
        self._connection = None
        self._response_size = len(content)
        self._send(content)
        self._finish()
        self._next()

    def on_more(self) -> None:
        if self._unsent:
            self._send(b"")

    def on_data(self, data: bytes) -> None:
        self._response_size += len(data)
        if self._rechunks:
            data = b"%x\r\n%b\r\n" % (len(data), data)
        if self._unsent:
            self._send(data)
        else:
            self._transport.write(data)

    def on_end(self) -> None:
        self._connection = None
        if self._rechunks:
            self._send(b"0\r\n\r\n")
        elif self._unsent:
            self._send(b"")
        self._finish()
        self._next()

    def on_failure(self, failure: UpstreamFailure) -> None:
        """Nothing that was cut may look complete."""
        self._connection = None
        if failure.stale:
            self._connect()
        elif self._status and not self._unsent:
            self._report(failure.id, failure.sentence)
            self._clear()
            self._transport.abort()
        elif failure.leaves_reconnecting(self._request):
            self._status = 0
            self._report(failure.id, failure.sentence)
            self._clear()
            self._transport.close()
        else:
            self._answer_failure(failure)
            self._report(failure.id, failure.sentence)
            self._next()

    def on_blocked(self) -> None:
        """An upstream that takes nothing stops its client."""
        self._pace()

    def on_writable(self) -> None:
        self._pace()

    def _send(self, data: bytes) -> None:
        head, self._unsent = self._unsent, b""
        write_together(self._transport, head, data)

    def _answer_failure(self, failure: UpstreamFailure) -> None:
        plan = self._plan
        assert plan is not None
        own = own_responses.cors_fields(plan.policy, plan.decision, ())
        response = own_responses.problem(failure.status, failure.sentence, own, id=failure.id)
        self._status = response.status
        self._response = self._unsent = response.head(close=self._closes)
        content = b"" if plan.method == "HEAD" else response.content
        self._response_size = len(content)
        self._send(content)

    # What only the connection can do.

    def _connect(self) -> None:
        """Send the request on a new connection."""
        raise NotImplementedError

    def _next(self) -> None:
        """The response is out: close, or go on with the next request."""
        raise NotImplementedError

    def _close(self) -> None:
        """End the connection once the client has the response."""
        raise NotImplementedError

    def _pace(self) -> None:
        """Read from the client while there is somewhere to put it."""
        raise NotImplementedError
