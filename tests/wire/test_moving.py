"""Addresses and upstreams that change at a reload: told, and without a request that fails."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.program import Program
from tests.until import PATIENCE, until
from tests.upstreams import Upstream
from tests.wire.messages import Wire
from tests.wire.moving import Connect, Response, ask, named, program

ORIGIN = b"https://app.test"
RELOADED = "the settings were reloaded"
RELOADS, SECONDS, KEPT, SHORT, MOVING = 300, 60, 40, 12, 12


class Moving:
    """A program with a policy of which two versions differ in all that can."""

    def __init__(self, folder: Path, upstreams: dict[str, Upstream]) -> None:
        self.path = folder / "policy.yaml"
        self.socket = folder / "s"
        self._upstreams = upstreams

    def text(self, name: str) -> str:
        """Version a listens on a local socket, too, and allows credentials; version b does not."""
        more = f", 'unix:{self.socket}'" if name == "a" else ""
        return (
            f"upstream: {self._upstreams[name].url}\n"
            f"listen: [127.0.0.1:0{more}]\n"
            f"cors: {{allow_origins: [{ORIGIN.decode()}], expose_headers: [x-{name}], "
            f"allow_credentials: {'true' if name == 'a' else 'false'}}}\n"
            "log: {level: error}\n"
        )

    def become(self, name: str, served: Program) -> None:
        """Have it serve by that version, and wait until it says so."""
        said = served.output.count(RELOADED)
        new = self.path.with_suffix(".new")
        new.write_text(self.text(name))
        new.replace(self.path)
        served.signal("SIGHUP")
        until(lambda: served.output.count(RELOADED) > said)


@pytest.fixture
def moving(tmp_path: Path) -> Iterator[Moving]:
    upstreams = {"a": named("a"), "b": named("b")}
    yield Moving(tmp_path, upstreams)
    for upstream in upstreams.values():
        upstream.close()


def test_addresses_come_and_go_and_are_told(moving: Moving) -> None:
    with program(moving.path, moving.text("b")) as served:
        moving.become("a", served)
        served.wait_for(rf"  listening on http://127.0.0.1:{served.port}, unix:{moving.socket}")
        served.wait_for(r"listen: \+ unix:")
        assert moving.socket.exists()
        moving.become("b", served)
        assert not moving.socket.exists()
        with Wire.to(served.port) as client:
            client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert client.response().content == b"b"


def test_an_address_that_is_taken_makes_the_reload_fail_with_what_helps(moving: Moving) -> None:
    with program(moving.path, moving.text("b")) as served, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        moving.path.write_text(moving.text("a").replace("127.0.0.1:0,", f"127.0.0.1:{port},"))
        served.wait_for(f"corsproxy: cannot listen on 127.0.0.1:{port}: it is in use")
        served.wait_for("  fix: stop what listens there, or choose another by --listen")
        served.wait_for("the old settings stay in use")
        assert not moving.socket.exists()
        with Wire.to(served.port) as client:
            client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert client.response().content == b"b"


class Load:
    """Clients that ask until they are told to stop; what they saw, and what failed."""

    def __init__(self) -> None:
        self.stopped = False
        self.seen: set[Response] = set()
        self.failed: list[str] = []
        self.responses = self.connections = 0

    async def client(self, connect: Connect, requests: int, *, may_be_gone: bool = False) -> None:
        """Connect again and again, for so many requests each; an address may have gone."""
        while not self.stopped:
            try:
                reader, writer = await connect()
            except OSError as error:
                if not may_be_gone:
                    self.failed.append(repr(error))
                await asyncio.sleep(0.01)
                continue
            self.connections += 1
            await self._ask(reader, writer, requests)
            writer.close()

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, requests: int
    ) -> None:
        for _ in range(requests):
            try:
                response = await ask(reader, writer, ORIGIN)
            except (OSError, asyncio.IncompleteReadError) as error:
                self.failed.append(repr(error))
                return
            self.responses += 1
            self.seen.add(response._replace(last=False))
            if response.last or self.stopped:
                return


@pytest.mark.long
@pytest.mark.timeout(180)
async def test_300_reloads_under_64_connections_fail_no_request_and_mix_no_policies(
    moving: Moving,
) -> None:
    with program(moving.path, moving.text("b")) as served:
        port, load = served.port, Load()
        by_tcp = lambda: asyncio.open_connection("127.0.0.1", port)  # noqa: E731
        by_path = lambda: asyncio.open_unix_connection(moving.socket)  # noqa: E731
        clients = [load.client(by_tcp, 10**9) for _ in range(KEPT)]
        clients += [load.client(by_tcp, 1) for _ in range(SHORT)]
        clients += [load.client(by_path, 10**9, may_be_gone=True) for _ in range(MOVING)]
        tasks = [asyncio.create_task(client) for client in clients]
        begun = asyncio.get_running_loop().time()
        for number in range(RELOADS):
            await asyncio.to_thread(moving.become, "a" if number % 2 == 0 else "b", served)
        took = asyncio.get_running_loop().time() - begun
        load.stopped = True
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait(tasks)
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks)
    print(f"{took:.1f} s, {load.responses} responses on {load.connections} connections")
    assert load.failed == []
    assert load.seen == {
        Response(b"200", b"x-a", credentials=True, content=b"a", last=False),
        Response(b"200", b"x-b", credentials=False, content=b"b", last=False),
    }
    assert took < SECONDS
