"""The API behind the proxy under test, in a process of its own: half of it misbehaves.

    python -m tests.soak.upstream

Prints its port. What it does is said by the first segment of the path that names no route.
"""

import asyncio
import contextlib
import random
import re
import socket
import struct
from collections.abc import Awaitable, Callable

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Act = Callable[[bytes, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[object]]
"""Answers the request with this head; False: the connection ends."""

ROUTES = ("add", "validate", "pass", "any")
LARGE = b"x" * 2**18
MAX_FLOOD = 1024
"""Chunks of 64 KiB."""

ACCEPTED = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
PORT = b"5" * 5000


def _response(content: bytes, *lines: bytes, status: bytes = b"200 OK") -> bytes:
    head = b"\r\n".join((b"HTTP/1.1 " + status, b"Content-Length: %d" % len(content), *lines))
    return head + b"\r\n\r\n" + content


async def _content(head: bytes, reader: asyncio.StreamReader) -> int:
    """Read the request's content to its end; its bytes."""
    if re.search(rb"(?i)\r\ntransfer-encoding: *chunked", head):
        size = 0
        while length := int(await reader.readuntil(b"\r\n"), 16):
            size += length
            await reader.readexactly(length + 2)
        await reader.readuntil(b"\r\n")
        return size
    found = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    await reader.readexactly(int(found[1]) if found else 0)
    return int(found[1]) if found else 0


async def _ok(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _content(head, reader)
    writer.write(_response(b"" if head.startswith(b"HEAD ") else b"ok"))


async def _echo(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(_response(b"%d" % await _content(head, reader)))


async def _large(head: bytes, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(_response(LARGE))


async def _events(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    for number in range(5):
        writer.write((b"" if number else head) + b"9\r\ndata: %d\n\n\r\n" % number)
        await writer.drain()
        await asyncio.sleep(0.05)  # the pace of the events
    writer.write(b"0\r\n\r\n")


async def _websocket(_: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    writer.write(ACCEPTED)
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    return False


async def _flood(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _number in range(MAX_FLOOD):
        writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        await writer.drain()
    return False


async def _early(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Refuse before the content is read. Left open, the connection is out of step."""
    writer.write(
        _response(b"who are you?", b"WWW-Authenticate: Bearer", status=b"401 Unauthorized")
    )
    await writer.drain()
    return random.random() < 0.5


async def _reset(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    writer.write(random.choice((b"", b"HTTP/1.1 20", _response(LARGE)[:1000])))
    writer.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )
    return False


async def _broken(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    writer.write(
        random.choice(
            (
                _response(LARGE)[:500],
                random.randbytes(1000),
                b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n",
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                b"HTTP/1.1 200 OK\r\nContent-Length: " + PORT + b"\r\n\r\n",
                b"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n",
            )
        )
    )
    return False


async def _ports(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _content(head, reader)
    line = b"Access-Control-Allow-Origin: http://a.test:" + PORT
    writer.write(_response(b"ok", *[line] * random.randint(1, 2)))


async def _vary(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _content(head, reader)
    names = ("Vary", "Access-Control-Expose-Headers", "Via", "Access-Control-Allow-Methods")
    lines = [b"%b: x%d" % (name.encode(), random.getrandbits(32)) for name in names]
    writer.write(_response(b"ok", *lines, b"Vary: " + b"y" * random.randrange(3000)))


async def _drip(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n")
    for _number in range(20):
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.2)  # slow is what this content is


ACTS: dict[str, Act] = {
    "ok": _ok,
    "echo": _echo,
    "large": _large,
    "events": _events,
    "ws": _websocket,
    "flood": _flood,
    "early": _early,
    "reset": _reset,
    "broken": _broken,
    "ports": _ports,
    "vary": _vary,
    "drip": _drip,
}


def _act(head: bytes) -> Act | None:
    """What to do; None for what is no request: the connection is out of step."""
    found = re.match(rb"[A-Z]+ /([^ ]*) HTTP/1\.[01]\r\n", head)
    if found is None:
        return None
    segments = re.split(r"[/?]", found[1].decode("latin-1"))
    named = [segment for segment in segments if segment not in ROUTES]
    return ACTS.get(named[0] if named else "", _ok)


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection from the proxy."""
    with contextlib.suppress(OSError, ValueError, EOFError, asyncio.LimitOverrunError):
        while head := await reader.readuntil(b"\r\n\r\n"):
            act = _act(head)
            if act is None:
                writer.write(_response(b"out of step", status=b"400 Bad Request"))
                break
            if await act(head, reader, writer) is False:
                break
            await writer.drain()
    writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=2**18, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
