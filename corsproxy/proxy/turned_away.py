"""A connection that is not served: one request is told why, and no more is read.

There is no room for it (503), or it speaks plain HTTP where TLS is spoken (400).

The head is waited for, though not for long: a page can read the response only with its CORS
headers, and its preflight has to be granted first.
"""

import asyncio
from collections.abc import Callable
from typing import cast

from corsproxy.accept.connection_limit import ConnectionLimit
from corsproxy.proxy.http1.refusals import Refusal

RETRY_AFTER_SECONDS = 1
"""How long the head and the response may take, and when the client should retry."""

_MAX_HEAD = 65536


def no_room(why: str) -> Refusal:
    """The refusal of a request on such a connection."""
    return Refusal(
        503,
        f"{why}: close some, or raise limits.connections",
        fields=(("Retry-After", str(RETRY_AFTER_SECONDS)),),
        close=True,
    )


def plain_http() -> Refusal:
    """The refusal of a request that came unencrypted to an https address."""
    detail = "the plain HTTP request was sent to an HTTPS port"
    fix = "call https:// instead"
    return Refusal(400, detail, id="plain-on-tls-port", close=True, fix=fix)


class TurnedAway(asyncio.Protocol):
    """Such a connection. `response_to` makes the response to what came of a head."""

    def __init__(
        self, response_to: Callable[[bytes, asyncio.Transport], bytes], room: ConnectionLimit
    ) -> None:
        self._response_to = response_to
        self._room = room
        self._transport = cast("asyncio.Transport", None)
        self._received = b""
        self._timer = cast("asyncio.TimerHandle", None)
        self._answered = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._room.refuse(self)
        self._timer = asyncio.get_running_loop().call_later(RETRY_AFTER_SECONDS, self._answer)

    def data_received(self, data: bytes) -> None:
        if self._answered:
            return
        self._received += data
        if b"\r\n\r\n" in self._received or len(self._received) > _MAX_HEAD:
            self._answer()

    def connection_lost(self, _exc: Exception | None) -> None:
        self._room.dismiss(self)
        self._timer.cancel()

    def give_way(self) -> None:
        """End at once."""
        self._transport.abort()

    def _answer(self) -> None:
        self._answered = True
        self._timer.cancel()
        self._transport.write(self._response_to(self._received, self._transport))
        # Closed with its request unread, the connection would be reset and the response lost.
        if self._transport.can_write_eof():  # TLS has no half-closed state
            self._transport.write_eof()
        self._timer = asyncio.get_running_loop().call_later(
            RETRY_AFTER_SECONDS, self._transport.abort
        )
