"""A connection beyond limits.connections: one request is answered that this is so, and no more.

The head is waited for, though not for long: a page can read the answer only with its CORS fields,
and its preflight has to be granted first.
"""

import asyncio
from collections.abc import Callable
from typing import cast

from corsproxy.proxy import errors, recognise
from corsproxy.proxy.plan import Plan, Plans

SECONDS = 1
"""How long the head may take, the answer may take, and the client should wait before it retries."""

_MESSAGE = "the proxy has as many connections as limits.connections allows"
_MOST_HEAD = 65536


class Overloaded(asyncio.Protocol):
    """Such a connection, among `all_open`. `plans_for` gives the plans for its client."""

    def __init__(
        self, plans_for: Callable[[asyncio.Transport], Plans], all_open: set[asyncio.Transport]
    ) -> None:
        self._plans_for = plans_for
        self._all_open = all_open
        self._transport = cast("asyncio.Transport", None)
        self._received = b""
        self._timer = cast("asyncio.TimerHandle", None)
        self._answered = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Part of asyncio.Protocol."""
        self._transport = cast("asyncio.Transport", transport)
        self._all_open.add(self._transport)
        self._timer = asyncio.get_running_loop().call_later(SECONDS, self._answer)

    def data_received(self, data: bytes) -> None:
        """Part of asyncio.Protocol."""
        if self._answered:
            return
        self._received += data
        if b"\r\n\r\n" in self._received or len(self._received) > _MOST_HEAD:
            self._answer()

    def connection_lost(self, _exc: Exception | None) -> None:
        """Part of asyncio.Protocol."""
        self._all_open.discard(self._transport)
        self._timer.cancel()

    def _answer(self) -> None:
        self._answered = True
        self._timer.cancel()
        plan = self._plan()
        if plan is not None and plan.answered_here:
            self._transport.write(plan.preflight(closes=True))
        else:
            cors = errors.cors_fields(plan.policy, plan.decision, ()) if plan is not None else ()
            retry = (("Retry-After", str(SECONDS)),)
            answer = errors.problem(503, _MESSAGE, cors, fields=retry)
            content = b"" if self._received.startswith(b"HEAD ") else answer.content
            self._transport.write(answer.head(close=True) + content)
        # Closed with its request unread, the connection would be reset and the answer lost.
        self._transport.write_eof()
        self._timer = asyncio.get_running_loop().call_later(SECONDS, self._transport.abort)

    def _plan(self) -> Plan | None:
        """What the rules say of the request; None where it is unusual, or none at all."""
        found = recognise.REQUEST_HEAD.match(self._received)
        if found is None:
            return None
        method, target = found.groups()
        pieces = recognise.split(found[0])
        return self._plans_for(self._transport).find(method, target, tuple(pieces[2::3]))
