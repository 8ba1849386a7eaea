"""A server that answers as it is told, byte for byte, and remembers what it was asked."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from corsproxy.cors import headers as f


class Asked(NamedTuple):
    """A request that arrived."""

    port: int
    method: str
    path: str
    fields: list[tuple[str, str]]

    @property
    def preflight(self) -> bool:
        return self.method == "OPTIONS" and f.joined(self.fields, f.REQUEST_METHOD) is not None


class Reply(NamedTuple):
    """Its response."""

    status: int
    fields: list[tuple[str, str]]
    content: bytes = b""


class Scripted:
    """One script on any number of ports; each port is an origin."""

    def __init__(self, script: Callable[[Asked], Reply]) -> None:
        self.script = script
        self.asked: list[Asked] = []
        self._servers: list[asyncio.Server] = []

    async def listen(self) -> int:
        """Open one more port, and say which."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._servers.append(server)
        port: int = server.sockets[0].getsockname()[1]
        return port

    def close(self) -> None:
        for server in self._servers:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port: int = writer.get_extra_info("sockname")[1]
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                asked = _read(port, head)
                await reader.readexactly(int(f.joined(asked.fields, "Content-Length") or 0))
                self.asked.append(asked)
                writer.write(_written(self.script(asked), asked.method))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def _read(port: int, head: bytes) -> Asked:
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    method, path, _ = first.split(" ")
    pairs = (line.partition(":") for line in lines)
    return Asked(port, method, path, [(name, value.strip()) for name, _, value in pairs])


def _written(reply: Reply, method: str) -> bytes:
    bodiless = method == "HEAD" or reply.status in (204, 304)
    lines = [f"HTTP/1.1 {reply.status} Scripted", *(f"{name}: {v}" for name, v in reply.fields)]
    if reply.status not in (204, 304):
        lines.append(f"Content-Length: {len(reply.content)}")
    head = "\r\n".join(lines) + "\r\n\r\n"
    return head.encode("latin-1") + (b"" if bodiless else reply.content)
