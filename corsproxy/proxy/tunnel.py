"""Tunnels: after a WebSocket handshake, bytes both ways, untouched.

Messages, fragments, compression, pings and close codes are the endpoints' own affair. Only
WebSocket opens a tunnel; any other Upgrade is connection-specific and goes no further.
CORS in the browser does not cover WebSocket: the policy's origins apply to the handshake instead.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable

from corsproxy.cors import fields as f
from corsproxy.proxy.answer import Answer
from corsproxy.proxy.forwarding import Incoming, response_fields, response_head
from corsproxy.proxy.frames import Frames, going_away
from corsproxy.proxy.ordinary import OrdinaryConnection
from corsproxy.proxy.record import Record
from corsproxy.proxy.reply import Reply
from corsproxy.proxy.response_head import ResponseHead

MOST_WAITING = 131072
"""Bytes from the client that may wait for the upstream before the client is paused."""

CLOSING_SECONDS = 10.0
"""How long the client may take to close after the upstream has."""

HANDSHAKE = (("Connection", "Upgrade"), ("Upgrade", "websocket"))
"""The fields of this hop, on both handshakes."""


def wanted(incoming: Incoming) -> bool:
    """Whether the request is a WebSocket handshake (RFC 6455, 4.1)."""
    options = f.elements((f.joined(incoming.fields, "Connection") or "").lower())
    return incoming.method == "GET" and incoming.version == "1.1" and "upgrade" in options


async def run(
    connection: OrdinaryConnection,
    reply: Reply,
    head: ResponseHead,
    upstream: Answer,
    record: Record,
    *,
    draining: Callable[[], bool],
) -> None:
    """Pass the upstream's 101 on, then bytes until both sides have ended, or one has failed.

    Ended because the proxy is told to stop, it says so to both sides.
    """
    fields = [*response_fields(head.fields), *HANDSHAKE]
    await reply.start(head.status, response_head(head.status, head.reason, fields))
    sent = _FromClient(connection)
    connection.open_tunnel(sent)
    up, down = Frames(), Frames()
    upward = asyncio.create_task(_upward(sent, upstream, record, up))
    try:
        async for data in upstream:
            down.feed(data)
            await reply.send(data)
        connection.half_close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_SECONDS):
                await upward
    except asyncio.CancelledError:
        if draining():
            await _say_that_we_go(connection, upstream, down, up)
        raise
    finally:
        upward.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await upward


async def _say_that_we_go(
    connection: OrdinaryConnection, upstream: Answer, down: Frames, up: Frames
) -> None:
    """Close the WebSocket on both sides, where no frame is under way."""
    if down.may_close and connection.transport is not None:
        connection.transport.write(going_away(masked=False))
    if up.may_close:
        upstream.write(going_away(masked=True))
    await asyncio.sleep(0)  # both leave before the connections are cut


async def _upward(sent: "_FromClient", upstream: Answer, record: Record, frames: Frames) -> None:
    while data := await sent.read():
        record.request_size += len(data)
        frames.feed(data)
        upstream.write(data)
        await upstream.drain()
    upstream.half_close()


class _FromClient:
    """What the client sends, until the upstream takes it; aiohttp feeds it."""

    def __init__(self, connection: OrdinaryConnection) -> None:
        self._connection = connection
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._ended = False
        self._news = asyncio.Event()

    async def read(self) -> bytes:
        """All that has come; empty at the end."""
        while not self._waiting and not self._ended:
            self._news.clear()
            await self._news.wait()
        data = b"".join(self._waiting)
        self._waiting.clear()
        if self._size > MOST_WAITING:
            self._connection.resume_reading()
        self._size = 0
        return data

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """Part of TunnelEnd."""
        self._waiting.append(data)
        before, self._size = self._size, self._size + len(data)
        if before <= MOST_WAITING < self._size:
            self._connection.pause_reading()
        self._news.set()
        return False, b""

    def feed_eof(self) -> None:
        """Part of TunnelEnd."""
        self._ended = True
        self._news.set()
