"""The ordinary lane: one request from top to bottom. It does everything, and is the reference."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import cast

from aiohttp import web

from corsproxy.cors.decision import Action, Kind
from corsproxy.cors.differences import differences
from corsproxy.cors.explain import findings_text
from corsproxy.cors.fields import joined
from corsproxy.cors.policy import Mode, OnViolation
from corsproxy.cors.reasons import Told
from corsproxy.proxy import errors, forwarding, ordinary, tunnel
from corsproxy.proxy.answer import Answer, exchange
from corsproxy.proxy.errors import Refusal
from corsproxy.proxy.failure import UpstreamFailure
from corsproxy.proxy.forwarding import Client, Incoming
from corsproxy.proxy.ordinary import OrdinaryConnection, Reply, Written
from corsproxy.proxy.record import Record
from corsproxy.proxy.response_head import Framing, ResponseHead
from corsproxy.proxy.serving import Admitted, Serving

Pairs = list[tuple[str, str]]


class Handling:
    """One request in the ordinary lane, and what is known of it on the way."""

    def __init__(
        self,
        request: web.BaseRequest,
        serving: Serving,
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
        self.record = Record(
            record_id, client.address, incoming, ordinary.head_of(incoming), self._admitted
        )
        self._reply = Reply(request, serving.config.timeouts.idle)
        self._awaits_100 = False

    async def serve(self) -> Written:
        """Answer the request, whatever comes."""
        try:
            await self._answer()
        except Refusal as refusal:
            await self._refuse(refusal)
        except UpstreamFailure as failure:
            self.record.failed(failure.id, failure.sentence)
            if self._reply.status:
                self._reply.abort()  # nothing that was cut may look complete
            else:
                await self._own(self._problem(failure.status, failure.sentence))
        except TimeoutError:
            self.record.failed("client-stalled", "the client took nothing of the answer")
            self._reply.abort()
        except ConnectionError:
            self.record.failed("client-gone", "the client left before the answer was complete")
            self._reply.close = True
        except asyncio.CancelledError:
            self.record.failed("client-gone", "the client left before the answer was complete")
            self._reply.abort()
            raise
        finally:
            self.record.status = self._reply.status
            self.record.response_head = self._reply.head
            self.record.response_size = self._reply.size
        return Written(close=self._reply.close)

    async def _answer(self) -> None:
        if self._admitted.refusal is not None:
            raise self._admitted.refusal
        self._check()
        decision, policy = self._admitted.decision, self._policy
        if decision.action is Action.REJECT:
            await self._own(self._problem(decision.status, self._refused_text()))
        elif decision.action is Action.ANSWER:
            await self._own(errors.preflight(policy, decision, self.record.id))
        elif self._incoming.target == "*" or forwarding.hops_left(self._incoming) == 0:
            await self._own(errors.options(policy, decision))
        elif decision.request.websocket and tunnel.wanted(self._incoming):
            await self._tunnel()
        else:
            await self._forward()

    # What HTTP itself does not allow.

    def _check(self) -> None:
        incoming, limits = self._incoming, self._serving.config.limits
        ordinary.check(incoming, limits.header_bytes)
        length = joined(incoming.fields, "Content-Length")
        if length and limits.body_bytes is not None and int(length) > limits.body_bytes:
            raise _too_large(limits.body_bytes)
        expect = joined(incoming.fields, "Expect")
        if expect is not None and incoming.version != "1.0":
            if expect.lower() != "100-continue":
                raise Refusal(417, "the only expectation met here is 100-continue", close=True)
            self._awaits_100 = self._request.can_read_body

    # The way to the upstream.

    async def _forward(self) -> None:
        framing: errors.Pairs = ()
        content = None
        if self._request.can_read_body:
            content = self._content()
            if joined(self._incoming.fields, "Transfer-Encoding") is not None:
                framing, content = [("Transfer-Encoding", "chunked")], _chunked(content)
        head = self._request_head(framing)
        old = self._incoming.version == "1.0"
        upstream = self._admitted.destination.upstream
        async with exchange(
            upstream,
            self._incoming.method,
            head,
            content,
            verbatim=not old,
            on_interim=None if old else self._interim,
        ) as (answered, answer):
            await self._relay(answered, answer)

    def _request_head(self, framing: errors.Pairs) -> bytes:
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

    async def _content(self) -> AsyncIterator[bytes]:
        """The request's content as it comes; the client is told to send it where it waits."""
        stream, limits = self._request.content, self._serving.config.limits
        self._connection.read_from(stream)
        if self._awaits_100 and not stream.total_bytes:
            await self._reply.interim(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._awaits_100 = False
        while True:
            try:
                async with asyncio.timeout(self._serving.config.timeouts.idle):
                    data = await stream.readany()
            except TimeoutError:
                message = "the client sent nothing more of its content"
                raise Refusal(408, message, close=True) from None
            except web.RequestPayloadError:
                message = "the content's framing is broken"
                raise Refusal(400, message, id="malformed-request", close=True) from None
            if not data:
                return
            self.record.request_size += len(data)
            if limits.body_bytes is not None and self.record.request_size > limits.body_bytes:
                raise _too_large(limits.body_bytes)
            yield data

    async def _interim(self, head: ResponseHead) -> None:
        """Pass on 1xx but 100, which is between the upstream and us."""
        if head.status != 100 and not self._reply.status:
            fields = forwarding.response_fields(head.fields)
            await self._reply.interim(forwarding.response_head(head.status, head.reason, fields))

    async def _relay(self, answered: ResponseHead, answer: Answer) -> None:
        self.record.answered(answered.raw)
        violations = self._violations(answered)
        if violations and self._policy.on_violation is OnViolation.BLOCK:
            self._reply.close = self._reply.close or not self._at_end()
            decision = self._admitted.decision
            await self._own(errors.violated(self._policy, decision, violations, self.record.id))
            return
        old = self._incoming.version == "1.0"
        rechunked = answered.framing is Framing.CLOSE and not old
        fields = self._shared(answered, violations)
        if rechunked or (answered.framing is Framing.CHUNKED and not old):
            fields.append(("Transfer-Encoding", "chunked"))
        self._reply.ends_by_close = old and answered.framing in (Framing.CLOSE, Framing.CHUNKED)
        unfinished = self._request.can_read_body and not self._request.content.is_eof()
        if self._closes() or unfinished:
            self._reply.close = True
            fields.append(("Connection", "close"))
        if _is_event_stream(fields):
            self._endless()
        head = forwarding.response_head(answered.status, answered.reason, fields)
        await self._reply.start(answered.status, head)
        async for data in answer:
            await self._reply.send(ordinary.as_chunk(data) if rechunked else data)
        if rechunked:
            await self._reply.send(ordinary.LAST_CHUNK)
        self._reply.close = self._reply.close or not self._at_end()

    def _at_end(self) -> bool:
        """Whether the request was read to its end; what is left would be the next request's."""
        return not self._request.can_read_body or self._request.content.is_eof()

    def _shared(self, answered: ResponseHead, violations: list[Told]) -> Pairs:
        """The fields as they leave, judged or replaced by the policy."""
        shared = self._admitted.shared(answered.status, answered.fields)
        told = violations or errors.refused(self._admitted.decision)
        return [*shared, (errors.DECISION, self.record.id)] if told else shared

    def _violations(self, answered: ResponseHead) -> list[Told]:
        """Where the upstream's answer says something else than the policy; `validate` only."""
        if self._policy.mode is not Mode.VALIDATE:
            return []
        return differences(self._policy, self._admitted.decision, answered.status, answered.fields)

    async def _tunnel(self) -> None:
        head = self._request_head(tunnel.HANDSHAKE)
        upstream = self._admitted.destination.upstream
        async with exchange(upstream, "GET", head, tunnel=True) as (answered, answer):
            if answered.framing is not Framing.TUNNEL:
                await self._relay(answered, answer)
                return
            self.record.answered(answered.raw)
            self._reply.close = True
            self._endless()
            await tunnel.run(self._connection, self._reply, answered, answer, self.record)

    # Answers of our own.

    async def _refuse(self, refusal: Refusal) -> None:
        self.record.failed(refusal.id, refusal.detail)
        if self._reply.status:
            self._reply.abort()
            return
        self._reply.close = self._reply.close or refusal.close
        await self._own(self._problem(refusal.status, refusal.detail, refusal.fields))

    def _problem(self, status: int, detail: str, fields: errors.Pairs = ()) -> errors.Answer:
        policy, decision = self._policy, self._admitted.decision
        refused = errors.refused(decision)
        own = errors.cors_fields(policy, decision, fields)
        reasons = [why for why in findings_text(policy, decision) if not why.passed]
        return errors.problem(
            status,
            detail,
            own,
            fields=fields,
            reasons=reasons if refused else (),
            decision_id=self.record.id if refused else "",
        )

    def _refused_text(self) -> str:
        decision = self._admitted.decision
        asked = "preflight" if decision.kind is Kind.PREFLIGHT else "request"
        return f"the policy refuses this {asked}"

    async def _own(self, answer: errors.Answer) -> None:
        if self._awaits_100:
            self._reply.close = True  # whether the content still comes, nobody can tell
        self._reply.close = self._closes()
        await self._reply.start(answer.status, answer.head(close=self._reply.close))
        if self._incoming.method != "HEAD" and answer.content:
            await self._reply.send(answer.content)

    def _closes(self) -> bool:
        return self._reply.close or self._draining() or self._incoming.version == "1.0"


async def _chunked(content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for data in content:
        yield ordinary.as_chunk(data)
    yield ordinary.LAST_CHUNK


def _too_large(most: int) -> Refusal:
    return Refusal(413, f"the content is larger than {most} bytes", close=True)


def _is_event_stream(fields: Pairs) -> bool:
    kind = joined(fields, "Content-Type") or ""
    return kind.lower().startswith("text/event-stream")
