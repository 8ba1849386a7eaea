"""A gateway within the test, a scripted upstream behind it, and raw clients in front of it."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from corsproxy.config.address import TcpAddress
from corsproxy.config.settings import Config, Timeouts
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.origin import OriginPattern, Origins
from corsproxy.cors.policy import Names, Policy
from corsproxy.cors.tally import Counter
from corsproxy.proxy.gateway import Gateway
from tests.proxy.scripted import Peer, Script, Scripted, scripted
from tests.until import turns

ORIGIN = b"Origin: https://a.test"
POLICY = Policy(Origins((OriginPattern.parse("https://a.test"),)), Names(("PUT",)))
PREFLIGHT = (b"Access-Control-Request-Method: PUT", ORIGIN)


def ask(method: bytes = b"GET", target: bytes = b"/", *lines: bytes) -> bytes:
    return b"\r\n".join(
        [method + b" " + target + b" HTTP/1.1", b"Host: localhost", *lines, b"", b""]
    )


async def echo(peer: Peer) -> None:
    """Answer each request with its method and target, and the length of its content."""
    while True:
        head = await peer.head()
        _, _, rest = head.lower().partition(b"content-length: ")
        length = int(rest.split(b"\r\n")[0]) if rest else 0
        await peer.reader.readexactly(length)
        said = b" ".join(head.split(b" ")[:2]) + b" %d" % length
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(said) + said)


@dataclass
class Client:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await turns()

    async def response(self) -> tuple[bytes, bytes]:
        """The next response's head and its content (Content-Length only)."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        _, _, rest = head.lower().partition(b"content-length: ")
        return head, await self.reader.readexactly(int(rest.split(b"\r\n")[0]) if rest else 0)

    async def to_the_end(self) -> bytes:
        """What comes until the connection ends, in whatever way."""
        got = b""
        try:
            while data := await self.reader.read(65536):
                got += data
        except ConnectionResetError:
            pass
        return got

    def reset(self) -> None:
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.close()


@dataclass
class World:
    """The gateway with its fast lane, in front of a scripted upstream."""

    gateway: Gateway
    upstream: Scripted
    exchanges: "asyncio.Queue[Exchange]"

    @asynccontextmanager
    async def client(self, **how: int) -> AsyncIterator[Client]:
        [address] = self.gateway.addresses
        assert isinstance(address, TcpAddress)
        reader, writer = await asyncio.open_connection(address.host, address.port, **how)
        try:
            yield Client(reader, writer)
        finally:
            writer.close()


@asynccontextmanager
async def world(
    script: Script = echo,
    *,
    fast: bool = True,
    policy: Policy = POLICY,
    counters: Sequence[Counter] = (),
    **timeouts: float,
) -> AsyncIterator[World]:
    exchanges: asyncio.Queue[Exchange] = asyncio.Queue()
    async with scripted(script) as upstream:
        config = Config(
            upstream.address,
            policy,
            (TcpAddress("127.0.0.1", 0),),
            timeouts=Timeouts(**timeouts),
            fast_lane=fast,
        )
        gateway = Gateway(config, [exchanges.put_nowait], counters)
        await gateway.start()
        try:
            yield World(gateway, upstream, exchanges)
        finally:
            await gateway.stop()
