"""The ordinary lane: one request from top to bottom. It does everything, and is the reference."""

import asyncio
from collections.abc import Callable, Sequence
from typing import cast

from aiohttp import web

from corsproxy.cors.decision import Action, Kind
from corsproxy.cors.policy import Mode, OnViolation
from corsproxy.cors.reasons import ExplainedReason
from corsproxy.cors.upstream_differences import differences
from corsproxy.proxy.admission import Admission
from corsproxy.proxy.http1 import forwarding, own_responses, refusals
from corsproxy.proxy.http1.framing import client_framing
from corsproxy.proxy.http1.incoming_request import Client, Incoming, head_of
from corsproxy.proxy.http1.refusals import Refusal
from corsproxy.proxy.http1.response_head import Framing, ResponseHead, is_event_stream
from corsproxy.proxy.ordinary import tunnel
from corsproxy.proxy.ordinary.connection import OrdinaryConnection, Written
from corsproxy.proxy.ordinary.request_body import ContentBudget, RequestBody
from corsproxy.proxy.ordinary.response_writer import ResponseWriter
from corsproxy.proxy.record import Record, Watcher
from corsproxy.proxy.upstream.failure import UpstreamFailure
from corsproxy.proxy.upstream.response_stream import UpstreamResponse, exchange

Pairs = list[tuple[str, str]]


class OrdinaryExchange:
    """One request in the ordinary lane, and what is known of it on the way."""

    def __init__(
        self,
        request: web.BaseRequest,
        admission: Admission,
        incoming: Incoming,
        client: Client,
        record_id: str,
        *,
        draining: Callable[[], bool],
        endless: Callable[[], None],
        budget: ContentBudget,
        last: bool = False,
    ) -> None:
        self._connection = cast("OrdinaryConnection", request.protocol)
        self._admission = admission
        self._incoming = incoming
        self._client = client
        self._draining = draining
        self._endless = endless
        self._budget = budget
        admitted = self._admitted = admission.admit(incoming, client)
        self._policy = admitted.destination.route.policy
        head = head_of(incoming)
        self.record = Record.of(record_id, client.address, incoming, head, admitted)
        self._writer = ResponseWriter(request, admission.config.timeouts.idle)
        self._writer.close |= last  # nobody listens any more where it came in
        self._body = RequestBody(request, self._connection, self._writer, admission.config)

    def tell_open(self, watchers: Sequence[Watcher]) -> None:
        """Tell of a response that goes on; asked by the sweep."""
        self.record.status = self._writer.status
        if self.record.lasts:
            self.record.response_head = self._writer.head
            self.record.tell_open(watchers)

    async def serve(self) -> Written:
        """Answer the request, whatever comes."""
        try:
            await self._answer_or_say_why_not()
        except TimeoutError:
            self.record.failed("client-stalled", "the client took nothing of the response")
            self._writer.abort()
        except ConnectionError:
            self.record.failed("client-gone", "the client left before the response was complete")
            self._writer.close = True
        except asyncio.CancelledError:
            if self._draining():
                self.record.failed("stopped", "the proxy was told to stop")
            self.record.failed("client-gone", "the client left before the response was complete")
            self._writer.abort()
            raise
        finally:
            self._body.release()
            self.record.status = self._writer.status
            self.record.response_head = self._writer.head
            self.record.request_size += self._body.size
            self.record.response_size = self._writer.size
        return Written(close=self._writer.close)

    async def _answer_or_say_why_not(self) -> None:
        try:
            await self._answer()
        except Refusal as refusal:
            await self._refuse(refusal)
        except UpstreamFailure as failure:
            self.record.failed(failure.id, failure.sentence, failure.fix)
            if self._writer.status or failure.leaves_reconnecting(self.record.request_head):
                self._writer.abort()  # nothing that was cut may look complete
            else:
                await self._own(self._judged(failure.refusal))

    async def _answer(self) -> None:
        if self._admitted.refusal is not None:
            raise self._admitted.refusal
        self._body.check(self._incoming)
        decision, policy = self._admitted.decision, self._policy
        if decision.action is Action.REJECT:
            await self._own(self._judged(Refusal(decision.status, self._refused_text(), id="")))
        elif decision.action is Action.ANSWER:
            await self._own(own_responses.preflight(policy, decision, self.record.id))
        elif self._incoming.target == "*" or forwarding.hops_left(self._incoming) == 0:
            await self._own(own_responses.options(policy, decision))
        elif decision.request.websocket and tunnel.wanted(self._incoming, self._body):
            await self._tunnel()
        else:
            await self._forward()

    # The way to the upstream.

    async def _forward(self) -> None:
        upstream = self._admitted.destination.upstream
        framing = [("Transfer-Encoding", "chunked")] if self._body.chunked else []
        if self._body.chunked and upstream.speaks_http10:
            framing = [("Content-Length", str(await self._body.measure(self._budget)))]
        head = self._request_head(framing)
        old = self._incoming.version == "1.0"
        async with exchange(
            upstream,
            self._incoming.method,
            head,
            self._body if self._body.expected else None,
            owed=self._body.owed,
            verbatim=not old,
            on_interim=None if old else self._interim,
        ) as (upstream_head, response):
            await self._relay(upstream_head, response)

    def _request_head(self, framing: refusals.Pairs) -> bytes:
        destination = self._admitted.destination
        own_origin = self._admitted.decision.request.own_origin
        try:
            head = destination.forwarder.request_head(
                destination.renamed(self._incoming, own_origin),
                self._client,
                target=destination.target(self._incoming.target),
                framing=framing,
            )
        except forwarding.Looping:
            message = "forwarding loop: the upstream leads back to this proxy"
            raise Refusal(508, message, id="loop", close=True) from None
        if destination.forwarder.adds_request_id:
            head = destination.forwarder.identified(head, self.record.id)
        self.record.forwarded_head = head
        return head

    async def _interim(self, head: ResponseHead) -> None:
        """Pass on 1xx, unless the response was begun by ourselves."""
        interim = forwarding.interim_head(head.status, head.reason, head.fields)
        if interim and not self._writer.status:
            await self._writer.interim(interim)

    async def _relay(self, upstream_head: ResponseHead, response: UpstreamResponse) -> None:
        self.record.upstream_responded(upstream_head.raw)
        response.check()
        violations = self._violations(upstream_head)
        if violations and self._policy.on_violation is OnViolation.BLOCK:
            self._writer.close = self._writer.close or not self._body.complete
            decision = self._admitted.decision
            await self._own(
                own_responses.violation(self._policy, decision, violations, self.record.id)
            )
            return
        closes = self._writer.close = self._closes() or not self._body.complete
        version = self._incoming.version
        framing = client_framing(upstream_head.framing, closes=closes, version=version)
        self._writer.ends_by_close = framing.ends_by_close
        fields = [*self._headers(upstream_head, violations), *framing.headers]
        head = forwarding.response_head(upstream_head.status, upstream_head.reason, fields)
        if is_event_stream(head):
            self._endless()
        await self._writer.start(upstream_head.status, head)
        async for data in response:
            await self._writer.send(data, rechunked=framing.rechunks)
        if framing.rechunks:
            await self._writer.send_last_chunk()
        self._writer.close = self._writer.close or not self._body.complete

    def _headers(self, upstream_head: ResponseHead, violations: list[ExplainedReason]) -> Pairs:
        """The headers as they leave, judged or replaced by the policy."""
        headers = self._admitted.response_headers(
            upstream_head.status, upstream_head.fields, self.record.request_head
        )
        if violations or own_responses.is_refused(self._admitted.decision):
            headers.append((own_responses.DECISION, self.record.id))
        return headers

    def _violations(self, upstream_head: ResponseHead) -> list[ExplainedReason]:
        """Where the upstream's response says something else than the policy; `validate` only."""
        if self._policy.mode is not Mode.VALIDATE:
            return []
        return differences(
            self._policy, self._admitted.decision, upstream_head.status, upstream_head.fields
        )

    async def _tunnel(self) -> None:
        head = self._request_head(tunnel.HANDSHAKE)
        upstream = self._admitted.destination.upstream
        async with exchange(upstream, "GET", head, tunnel=True) as (upstream_head, response):
            if upstream_head.framing is not Framing.TUNNEL:
                await self._relay(upstream_head, response)
                return
            self.record.upstream_responded(upstream_head.raw)
            self._writer.close = True
            self._endless()
            idle = self._admission.config.timeouts.idle
            try:
                await tunnel.run(
                    self._connection,
                    self._writer,
                    upstream_head,
                    response,
                    self.record,
                    idle_timeout=idle,
                    draining=self._draining,
                )
            except tunnel.Idle:
                raise UpstreamFailure("idle-timeout", upstream.address, idle) from None

    # Responses of our own.

    async def _refuse(self, refusal: Refusal) -> None:
        self.record.failed(refusal.id, refusal.detail, refusal.fix)
        if self._writer.status:
            self._writer.abort()
            return
        self._writer.close = self._writer.close or refusal.close
        await self._own(self._judged(refusal))

    def _judged(self, refusal: Refusal) -> own_responses.OwnResponse:
        return own_responses.refusal(self._policy, self._admitted.decision, refusal, self.record.id)

    def _refused_text(self) -> str:
        decision = self._admitted.decision
        asked = "preflight" if decision.kind is Kind.PREFLIGHT else "request"
        return f"the policy refuses this {asked}"

    async def _own(self, response: own_responses.OwnResponse) -> None:
        if self._body.awaits_100:
            self._writer.close = True  # the client may or may not still send its content
        self._writer.close = self._closes()
        await self._writer.start(response.status, response.head(close=self._writer.close))
        if self._incoming.method != "HEAD" and response.content:
            await self._writer.send(response.content)

    def _closes(self) -> bool:
        return self._writer.close or self._draining() or self._incoming.version == "1.0"
