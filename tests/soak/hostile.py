"""The hostile clients, in a process of their own; each kind has a name and a moderate rate.

    python -m tests.soak.hostile PORT ADMIN_PORT [KIND...]

They attack loopback only, until SIGTERM; then they print how often each kind came, as JSON.
"""

import asyncio
import collections
import contextlib
import json
import signal
import socket
import struct
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

MAX_READ = 2**16
"""Bytes that an attacker takes of a response before it goes away."""


class Target(NamedTuple):
    """Where the program under test listens."""

    port: int
    admin: int

    @contextlib.asynccontextmanager
    async def connected(self, *, admin: bool = False, reads: bool = True) -> AsyncIterator[Streams]:
        """A connection; one that does not read takes a few kilobytes at most."""
        port = self.admin if admin else self.port
        sock = socket.socket()
        sock.setblocking(False)
        if not reads:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        try:
            await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
        except BaseException:
            sock.close()
            raise
        reader, writer = await asyncio.open_connection(sock=sock, limit=65536 if reads else 1024)
        try:
            yield reader, writer
        finally:
            writer.transport.abort()

    async def send(self, data: bytes, *, admin: bool = False) -> None:
        """Send these bytes and take what comes, for half a second at most."""
        async with self.connected(admin=admin) as (reader, writer):
            writer.write(data)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    await writer.drain()
                    await reader.read(MAX_READ)


class Kind(NamedTuple):
    """One way to be hostile: `attack` again and again, by so many at once, with pauses."""

    attack: Callable[[Target], Awaitable[None]]
    workers: int
    pause: float


KINDS: dict[str, Kind] = {}
Attack = Callable[[Target], Awaitable[None]]


def hostile(*, workers: int, pause: float) -> Callable[[Attack], Attack]:
    """Enter a kind into the table, named as its function is."""

    def enter(attack: Attack) -> Attack:
        KINDS[attack.__name__.replace("_", "-")] = Kind(attack, workers, pause)
        return attack

    return enter


def reset(writer: asyncio.StreamWriter) -> None:
    """End the connection by a reset instead of an orderly close."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def attack(target: Target, names: list[str]) -> dict[str, int]:
    """Every kind at once, until SIGTERM; how often each came."""
    came: collections.Counter[str] = collections.Counter()

    async def worker(name: str, kind: Kind) -> None:
        while True:
            with contextlib.suppress(OSError, EOFError, ValueError):
                await kind.attack(target)
            came[name] += 1
            await asyncio.sleep(kind.pause)  # how often it comes

    tasks = [
        asyncio.create_task(worker(name, KINDS[name]))
        for name in names
        for _ in range(KINDS[name].workers)
    ]
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return dict(came)


def main() -> None:
    port, admin, *names = sys.argv[1:]
    target = Target(int(port), int(admin))
    print(json.dumps(asyncio.run(attack(target, names or list(KINDS)))))


if __name__ == "__main__":
    from tests.soak import hostile as entered  # the table's one home, whoever starts this file
    from tests.soak import hostile_heads, hostile_streams

    assert hostile_heads
    assert hostile_streams
    entered.main()
