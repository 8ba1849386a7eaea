"""An upstream that does as it is told, over real sockets."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from corsproxy.config.address import UpstreamAddress
from tests.until import turns

Script = Callable[["Peer"], Awaitable[None]]


@dataclass
class Peer:
    """The upstream's end of one connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    number: int
    """Which connection this is, counted from 0."""

    async def head(self) -> bytes:
        """The next request's head; raises IncompleteReadError at the end of the connection."""
        return await self.reader.readuntil(b"\r\n\r\n")

    async def send(self, *pieces: bytes) -> None:
        """Each piece in a segment of its own, read before the next one is sent."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await turns()

    def reset(self) -> None:
        """End the connection by RST; what was sent is on its way."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.close()


@dataclass
class Scripted:
    """Where it listens, and who came."""

    address: UpstreamAddress
    peers: list[Peer] = field(default_factory=list)
    ended: asyncio.Queue[int] = field(default_factory=asyncio.Queue)
    """The numbers of the connections whose script is over."""


@asynccontextmanager
async def scripted(script: Script, **listening: object) -> AsyncIterator[Scripted]:
    """An upstream on 127.0.0.1 (or as `listening` says) that runs `script` for each connection."""
    here = Scripted(UpstreamAddress("http", "127.0.0.1", 1))
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        peer = Peer(reader, writer, len(here.peers))
        here.peers.append(peer)
        try:
            await script(peer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the other end has gone, which is its right
        finally:
            writer.close()
            here.ended.put_nowait(peer.number)
            tasks.discard(task)

    if "path" in listening:
        server: asyncio.Server = await asyncio.start_unix_server(serve, str(listening["path"]))
        here.address = UpstreamAddress("http", "localhost", 80, str(listening["path"]))
    else:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, **listening)  # type: ignore[arg-type]
        port = server.sockets[0].getsockname()[1]
        scheme = "https" if listening.get("ssl") else "http"
        here.address = UpstreamAddress(scheme, "127.0.0.1", port)  # type: ignore[arg-type]
    try:
        yield here
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
