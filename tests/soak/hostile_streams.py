"""Hostile streams: slow, never read, broken off, flooded."""

import asyncio
import random

from tests.soak.hostile import Target, hostile, reset
from tests.soak.responses import HANDSHAKE, PAGE, STRANGER, read_head, request

HOLD = 15.0
"""Seconds for which a connection is held."""


async def _drip(writer: asyncio.StreamWriter, data: bytes) -> None:
    """A byte every half second."""
    for byte in data[: int(HOLD * 2)]:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.5)  # slow is what this is


@hostile(workers=30, pause=0.5)
async def slow_heads(target: Target) -> None:
    """A head that never ends (slowloris)."""
    async with target.connected() as (_, writer):
        await _drip(writer, request("GET", "/ok", {"Origin": PAGE}))


@hostile(workers=15, pause=0.5)
async def slow_content(target: Target) -> None:
    """An upload that never ends; it holds a connection to the upstream, too."""
    async with target.connected() as (_, writer):
        writer.write(request("POST", "/echo", {"Origin": PAGE, "Content-Length": "100000"}))
        await _drip(writer, b"x" * 1000)


@hostile(workers=6, pause=0.5)
async def never_reads(target: Target) -> None:
    """Ask for a flood and take nothing of it; then ask for more, as only one lane takes it."""
    async with target.connected(reads=False) as (_, writer):
        writer.write(request("GET", "/flood", {"Origin": PAGE}) * 2)
        await asyncio.sleep(1)  # by then every buffer on the way is full
        writer.write(random.choice((b"GET / HTTP/1.0\r\n\r\n", request("PURGE", "/flood"))))
        await asyncio.sleep(HOLD)  # and takes nothing


@hostile(workers=2, pause=0.2)
async def resets_in_uploads(target: Target) -> None:
    """An upload that is reset in the middle, in one framing or the other."""
    async with target.connected() as (_, writer):
        framing = random.choice(
            ({"Content-Length": "1000000"}, {"Transfer-Encoding": "chunked"}),
        )
        writer.write(request("POST", "/echo", {"Origin": PAGE, **framing}))
        writer.write(b"10000\r\n" + b"x" * random.randrange(65536))
        await asyncio.sleep(0.02)  # the upload is under way
        reset(writer)


@hostile(workers=2, pause=0.2)
async def early_responses(target: Target) -> None:
    """An upload that the upstream refuses before it has read it."""
    content = b"x" * random.choice((1000, 70_000, 3_000_000))
    await target.send(request("POST", "/early", {"Origin": PAGE}, content))


@hostile(workers=3, pause=0.3)
async def websocket_floods(target: Target) -> None:
    """A WebSocket flooded, half-closed, reset, or opened by a stranger with cookies."""
    reads = random.random() < 0.5
    async with target.connected(reads=reads) as (reader, writer):
        stranger = {"Origin": STRANGER, "Cookie": "sid=1"}
        fields = random.choice(({"Origin": PAGE}, {"Origin": PAGE}, stranger))
        writer.write(request("GET", "/any/ws" if fields is stranger else "/ws", fields | HANDSHAKE))
        status, _ = await read_head(reader)
        if status != 101:
            return
        writer.write(b"\x82\x7e\xff\xff" + b"x" * 65_535 * random.randrange(1, 40))
        end = random.choice((reset, lambda writer: writer.write_eof()))
        await asyncio.sleep(random.uniform(0, 2))  # the flood is under way, or over
        end(writer)
        await asyncio.sleep(random.uniform(0, 1))  # half-closed for a while


@hostile(workers=8, pause=0.5)
async def stuck_event_streams(target: Target) -> None:
    """A reader of the inspector's events that reads nothing."""
    async with target.connected(admin=True, reads=False) as (_, writer):
        writer.write(request("GET", "/events"))
        await asyncio.sleep(HOLD)  # and takes nothing
