"""The ordinary lane: one request from top to bottom. It does everything, and is the reference."""

import asyncio
from collections.abc import Callable
from typing import cast

from aiohttp import web

from corsproxy.cors.decision import Action, Kind
from corsproxy.cors.differences import differences
from corsproxy.cors.policy import Mode, OnViolation
from corsproxy.cors.reasons import Told
from corsproxy.proxy.admission import Admission, Admitted
from corsproxy.proxy.http1 import forwarding, own_responses, refusals
from corsproxy.proxy.http1.incoming import Client, Incoming, head_of
from corsproxy.proxy.http1.refusals import Refusal
from corsproxy.proxy.http1.response_head import Framing, ResponseHead, endless
from corsproxy.proxy.ordinary import tunnel
from corsproxy.proxy.ordinary.connection import OrdinaryConnection, Written
from corsproxy.proxy.ordinary.request_body import Upload
from corsproxy.proxy.ordinary.response_writer import Reply
from corsproxy.proxy.record import Record
from corsproxy.proxy.upstream.failure import UpstreamFailure
from corsproxy.proxy.upstream.response_stream import UpstreamResponse, exchange

Pairs = list[tuple[str, str]]


class Handling:
    """One request in the ordinary lane, and what is known of it on the way."""

    def __init__(
        self,
        request: web.BaseRequest,
        serving: Admission,
        incoming: Incoming,
        client: Client,
        record_id: str,
        *,
        draining: Callable[[], bool],
        endless: Callable[[], None],
    ) -> None:
        self._request = request
        self._connection = cast("OrdinaryConnection", request.protocol)
        self._serving = serving
        self._incoming = incoming
        self._client = client
        self._draining = draining
        self._endless = endless
        self._admitted: Admitted = serving.admit(incoming, client)
        self._policy = self._admitted.destination.route.policy
        self.record = Record(record_id, client.address, incoming, head_of(incoming), self._admitted)
        self._reply = Reply(request, serving.config.timeouts.idle)
        self._upload = Upload(request, self._connection, self._reply, serving.config)

    async def serve(self) -> Written:
        """Answer the request, whatever comes."""
        try:
            await self._answer_or_say_why_not()
        except TimeoutError:
            self.record.failed("client-stalled", "the client took nothing of the response")
            self._reply.abort()
        except ConnectionError:
            self.record.failed("client-gone", "the client left before the response was complete")
            self._reply.close = True
        except asyncio.CancelledError:
            if self._draining():
                self.record.failed("stopped", "the proxy was told to stop")
            self.record.failed("client-gone", "the client left before the response was complete")
            self._reply.abort()
            raise
        finally:
            self.record.status = self._reply.status
            self.record.response_head = self._reply.head
            self.record.request_size += self._upload.size
            self.record.response_size = self._reply.size
        return Written(close=self._reply.close)

    async def _answer_or_say_why_not(self) -> None:
        try:
            await self._answer()
        except Refusal as refusal:
            await self._refuse(refusal)
        except UpstreamFailure as failure:
            self.record.failed(failure.id, failure.sentence)
            if self._reply.status or failure.leaves_reconnecting(self.record.request_head):
                self._reply.abort()  # nothing that was cut may look complete
            else:
                await self._own(self._problem(failure.status, failure.sentence, failure.id))

    async def _answer(self) -> None:
        if self._admitted.refusal is not None:
            raise self._admitted.refusal
        self._upload.check(self._incoming)
        decision, policy = self._admitted.decision, self._policy
        if decision.action is Action.REJECT:
            await self._own(self._problem(decision.status, self._refused_text()))
        elif decision.action is Action.ANSWER:
            await self._own(own_responses.preflight(policy, decision, self.record.id))
        elif self._incoming.target == "*" or forwarding.hops_left(self._incoming) == 0:
            await self._own(own_responses.options(policy, decision))
        elif decision.request.websocket and tunnel.wanted(self._incoming, self._upload):
            await self._tunnel()
        else:
            await self._forward()

    # The way to the upstream.

    async def _forward(self) -> None:
        framing = [("Transfer-Encoding", "chunked")] if self._upload.chunked else []
        head = self._request_head(framing)
        old = self._incoming.version == "1.0"
        upstream = self._admitted.destination.upstream
        async with exchange(
            upstream,
            self._incoming.method,
            head,
            self._upload if self._upload.expected else None,
            owed=self._upload.owed,
            verbatim=not old,
            on_interim=None if old else self._interim,
        ) as (answered, response):
            await self._relay(answered, response)

    def _request_head(self, framing: refusals.Pairs) -> bytes:
        destination = self._admitted.destination
        try:
            head = destination.forwarder.request_head(
                self._incoming,
                self._client,
                target=destination.target(self._incoming.target),
                framing=framing,
            )
        except forwarding.Looping:
            message = "the upstream leads back to this proxy: the request came round in a circle"
            raise Refusal(508, message, id="loop", close=True) from None
        self.record.forwarded_head = head
        return head

    async def _interim(self, head: ResponseHead) -> None:
        """Pass on 1xx but 100, which is between the upstream and us."""
        if head.status != 100 and not self._reply.status:
            fields = forwarding.response_fields(head.fields)
            await self._reply.interim(forwarding.response_head(head.status, head.reason, fields))

    async def _relay(self, answered: ResponseHead, response: UpstreamResponse) -> None:
        self.record.answered(answered.raw)
        response.check()
        violations = self._violations(answered)
        if violations and self._policy.on_violation is OnViolation.BLOCK:
            self._reply.close = self._reply.close or not self._upload.complete
            decision = self._admitted.decision
            await self._own(
                own_responses.violated(self._policy, decision, violations, self.record.id)
            )
            return
        old = self._incoming.version == "1.0"
        rechunked = answered.framing is Framing.CLOSE and not old
        fields = self._shared(answered, violations)
        if rechunked or (answered.framing is Framing.CHUNKED and not old):
            fields.append(("Transfer-Encoding", "chunked"))
        self._reply.ends_by_close = old and answered.framing in (Framing.CLOSE, Framing.CHUNKED)
        if self._closes() or not self._upload.complete:
            self._reply.close = True
            fields.append(("Connection", "close"))
        head = forwarding.response_head(answered.status, answered.reason, fields)
        if endless(head):
            self._endless()
        await self._reply.start(answered.status, head)
        async for data in response:
            await self._reply.send(data, rechunked=rechunked)
        if rechunked:
            await self._reply.send_last_chunk()
        self._reply.close = self._reply.close or not self._upload.complete

    def _shared(self, answered: ResponseHead, violations: list[Told]) -> Pairs:
        """The headers as they leave, judged or replaced by the policy."""
        shared = self._admitted.shared(answered.status, answered.fields)
        told = violations or own_responses.refused(self._admitted.decision)
        return [*shared, (own_responses.DECISION, self.record.id)] if told else shared

    def _violations(self, answered: ResponseHead) -> list[Told]:
        """Where the upstream's response says something else than the policy; `validate` only."""
        if self._policy.mode is not Mode.VALIDATE:
            return []
        return differences(self._policy, self._admitted.decision, answered.status, answered.fields)

    async def _tunnel(self) -> None:
        head = self._request_head(tunnel.HANDSHAKE)
        upstream = self._admitted.destination.upstream
        async with exchange(upstream, "GET", head, tunnel=True) as (answered, response):
            if answered.framing is not Framing.TUNNEL:
                await self._relay(answered, response)
                return
            self.record.answered(answered.raw)
            self._reply.close = True
            self._endless()
            idle = self._serving.config.timeouts.idle
            try:
                await tunnel.run(
                    self._connection,
                    self._reply,
                    answered,
                    response,
                    self.record,
                    idle_timeout=idle,
                    draining=self._draining,
                )
            except tunnel.Idle:
                raise UpstreamFailure("idle-timeout", upstream.address, idle) from None

    # Responses of our own.

    async def _refuse(self, refusal: Refusal) -> None:
        self.record.failed(refusal.id, refusal.detail)
        if self._reply.status:
            self._reply.abort()
            return
        self._reply.close = self._reply.close or refusal.close
        await self._own(self._judged(refusal))

    def _problem(self, status: int, detail: str, id_: str = "") -> own_responses.OwnResponse:
        return self._judged(Refusal(status, detail, id=id_))

    def _judged(self, refusal: Refusal) -> own_responses.OwnResponse:
        return own_responses.judged(self._policy, self._admitted.decision, refusal, self.record.id)

    def _refused_text(self) -> str:
        decision = self._admitted.decision
        asked = "preflight" if decision.kind is Kind.PREFLIGHT else "request"
        return f"the policy refuses this {asked}"

    async def _own(self, response: own_responses.OwnResponse) -> None:
        if self._upload.awaits_100:
            self._reply.close = True  # whether the content still comes, nobody can tell
        self._reply.close = self._closes()
        await self._reply.start(response.status, response.head(close=self._reply.close))
        if self._incoming.method != "HEAD" and response.content:
            await self._reply.send(response.content)

    def _closes(self) -> bool:
        return self._reply.close or self._draining() or self._incoming.version == "1.0"
