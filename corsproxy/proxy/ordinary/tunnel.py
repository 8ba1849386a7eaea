"""Tunnels: after a WebSocket handshake, bytes both ways, untouched.

Messages, fragments, compression, pings and close codes are the endpoints' own affair. Only
WebSocket opens a tunnel; any other Upgrade is connection-specific and goes no further.
CORS in the browser does not cover WebSocket: the policy's origins apply to the handshake instead.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Sequence

from corsproxy.cors import headers as f
from corsproxy.limits import MAX_WAITING_BYTES
from corsproxy.proxy.http1.forwarding import response_fields, response_head
from corsproxy.proxy.http1.incoming_request import Incoming
from corsproxy.proxy.http1.response_head import ResponseHead
from corsproxy.proxy.http1.websocket_frames import Frames, going_away
from corsproxy.proxy.ordinary.connection import OrdinaryConnection
from corsproxy.proxy.ordinary.request_body import RequestBody
from corsproxy.proxy.ordinary.response_writer import ResponseWriter
from corsproxy.proxy.record import Record
from corsproxy.proxy.upstream.response_stream import UpstreamResponse

CLOSING_SECONDS = 10.0
"""How long the client may take to close after the upstream has."""

HANDSHAKE = (("Connection", "Upgrade"), ("Upgrade", "websocket"))
"""The headers of this hop, on both handshakes."""


class Idle(Exception):
    """Neither side sent anything for too long."""


def wanted(incoming: Incoming, body: RequestBody) -> bool:
    """Whether the request is a WebSocket handshake (RFC 6455, 4.1).

    With content it is not: what would be announced to the upstream, and not follow, is read there
    as the next request. Such a request is forwarded as any other, without Upgrade.
    """
    if body.expected:
        return False
    options = f.elements((f.joined(incoming.fields, "Connection") or "").lower())
    return incoming.method == "GET" and incoming.version == "1.1" and "upgrade" in options


async def run(
    connection: OrdinaryConnection,
    writer: ResponseWriter,
    head: ResponseHead,
    upstream: UpstreamResponse,
    record: Record,
    *,
    idle_timeout: float,
    draining: Callable[[], bool],
) -> None:
    """Pass the upstream's 101 on, then bytes until both sides have ended, or one has failed.

    Ended because the proxy is stopped, or because neither side sent anything for
    `idle_timeout` seconds (then it raises Idle), it says so to both sides.
    """
    fields = [*response_fields(head.fields), *HANDSHAKE]
    await writer.start(head.status, response_head(head.status, head.reason, fields))
    sent = _FromClient(connection)
    connection.open_tunnel(sent)
    up, down = Frames(), Frames()
    upward = asyncio.create_task(_upward(sent, upstream, record, up))
    downward = asyncio.create_task(_downward(upstream, writer, down))
    try:
        await _until_over(downward, (up, down), idle_timeout)
        if not connection.half_close():
            return  # over TLS the client sees the upstream's end by the connection's
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_SECONDS):
                await upward
    except (asyncio.CancelledError, Idle) as end:
        if isinstance(end, Idle) or draining():
            await _say_that_we_go(connection, upstream, down, up)
        raise
    finally:
        for task in (upward, downward):
            task.cancel()
        await asyncio.gather(upward, downward, return_exceptions=True)


async def _until_over(
    downward: asyncio.Task[None], directions: Sequence[Frames], idle_timeout: float
) -> None:
    """Wait for `downward`; raise what it raises, or Idle.

    Activity is looked up when the time is over: no timer is moved for any piece of data.
    """
    left = idle_timeout
    while left > 0:
        done, _ = await asyncio.wait({downward}, timeout=left)
        if done:
            return downward.result()
        left = max(direction.active for direction in directions) + idle_timeout - time.monotonic()
    raise Idle


async def _downward(upstream: UpstreamResponse, writer: ResponseWriter, frames: Frames) -> None:
    async for data in upstream:
        frames.feed(data)
        await writer.send(data)


async def _say_that_we_go(
    connection: OrdinaryConnection, upstream: UpstreamResponse, down: Frames, up: Frames
) -> None:
    """Close the WebSocket on both sides, where no frame is under way."""
    if down.may_close and connection.transport is not None:
        connection.transport.write(going_away(masked=False))
    if up.may_close:
        upstream.write(going_away(masked=True))
    await asyncio.sleep(0)  # both leave before the connections are cut


async def _upward(
    sent: "_FromClient", upstream: UpstreamResponse, record: Record, frames: Frames
) -> None:
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
        if self._size > MAX_WAITING_BYTES:
            self._connection.resume_reading()
        self._size = 0
        return data

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        self._waiting.append(data)
        self._size += len(data)
        if self._size > MAX_WAITING_BYTES:
            self._connection.pause_reading()
        self._news.set()
        return False, b""

    def feed_eof(self) -> None:
        self._ended = True
        self._news.set()
