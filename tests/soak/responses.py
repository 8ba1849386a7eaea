"""Requests and responses as the soak's clients write and read them: bytes over asyncio streams."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import NamedTuple

PAGE, GUEST, STRANGER = "http://localhost:5173", "http://localhost:3000", "http://evil.test"
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


class Response(NamedTuple):
    """A response, read to its end."""

    status: int
    fields: dict[str, str]
    content: bytes


def request(
    method: str, target: str, fields: Mapping[str, str] | None = None, content: bytes = b""
) -> bytes:
    """A request; `fields` may bring a Host or a Content-Length of their own."""
    lines = {"Host": "localhost", **(fields or {})}
    if content:
        lines.setdefault("Content-Length", str(len(content)))
    head = f"{method} {target} HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in lines.items())
    return head.encode("latin-1") + b"\r\n" + content


async def read_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Status and fields, the names in lower case."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    return int(first.split()[1]), fields


async def read(reader: asyncio.StreamReader) -> Response:
    """A whole response, by its length or in chunks."""
    status, fields = await read_head(reader)
    if fields.get("transfer-encoding") == "chunked":
        return Response(status, fields, b"".join([chunk async for chunk in _chunks(reader)]))
    return Response(status, fields, await reader.readexactly(int(fields.get("content-length", 0))))


async def read_chunk(reader: asyncio.StreamReader) -> bytes:
    """One chunk; empty at the end."""
    size = int(await reader.readuntil(b"\r\n"), 16)
    return (await reader.readexactly(size + 2))[:-2]


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while chunk := await read_chunk(reader):
        yield chunk
