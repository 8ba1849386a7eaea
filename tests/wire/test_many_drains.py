"""Drained fifty times under load: what an upstream was asked, a client has got."""

import asyncio
import itertools
from pathlib import Path

import pytest

from tests.program import Program
from tests.until import PATIENCE, soon
from tests.wire.moving import Connect, ask, named, program

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
CYCLES, KEPT, SHORT = 50, 24, 8
ORIGIN = b"https://app.test"


class Load:
    """Clients that ask until nobody listens; each request has a number."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._numbers = itertools.count()
        self.answered: set[bytes] = set()
        self.cut: list[str] = []
        """Where a response had begun."""
        self.closed = 0
        """How often a connection ended before a response: these requests went nowhere."""

    async def client(self, requests: int) -> None:
        while True:
            try:
                reader, writer = await self._connect()
            except OSError:
                return
            for _ in range(requests):
                if not await self._ask(reader, writer):
                    break
            writer.close()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        target = b"/%d" % next(self._numbers)
        try:
            response = await ask(reader, writer, ORIGIN, target)
        except asyncio.IncompleteReadError as error:
            if error.partial:
                self.cut.append(repr(error.partial))
            self.closed += 1
            return False
        except OSError:
            self.closed += 1
            return False
        assert response.status == b"200"
        self.answered.add(target)
        return not response.last


async def drained(served: Program, load: Load, responses: int) -> None:
    """Stop the program under `load` when so many responses have come."""
    clients = [load.client(10**9) for _ in range(KEPT)] + [load.client(1) for _ in range(SHORT)]
    tasks = [asyncio.create_task(client) for client in clients]
    async with asyncio.timeout(PATIENCE):
        await soon(lambda: len(load.answered) >= responses)
        served.signal("SIGTERM")
        await asyncio.gather(*tasks)
    assert await asyncio.to_thread(served.process.wait, PATIENCE) == 0


@pytest.mark.parametrize("fast", [True, False], ids=["fast", "ordinary"])
async def test_50_drains_under_load_lose_nothing_that_an_upstream_was_asked(
    tmp_path: Path, *, fast: bool
) -> None:
    upstream = named("hello")
    answered = closed = 0
    text = (
        f"upstream: {upstream.url}\nlisten: 127.0.0.1:0\nfast_lane: {str(fast).lower()}\n"
        f"cors: {{allow_origins: [{ORIGIN.decode()}]}}\nlog: {{level: error}}\n"
    )
    for cycle in range(CYCLES):
        upstream.seen = []
        with program(tmp_path / "policy.yaml", text) as served:
            port = served.port
            load = Load(lambda: asyncio.open_connection("127.0.0.1", port))  # noqa: B023
            await drained(served, load, responses=50 + 7 * cycle)
        assert {message.target for message in upstream.seen} <= load.answered
        assert load.cut == []
        answered, closed = answered + len(load.answered), closed + load.closed
    upstream.close()
    print(f"{answered} answered, {closed} closed before they were read")
