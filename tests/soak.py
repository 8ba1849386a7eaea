"""Load and reloads together, for a bounded time: nothing is lost, nothing is mixed, nothing grows.

    python -m tests.soak [SECONDS]

Clients on kept connections ask, upload, send preflights and break off, while two policies take
turns five times a second. Each answer must be the whole of one of them. Linux only: memory and
file descriptors are read from /proc. All traffic stays on loopback.
"""

import asyncio
import collections
import os
import random
import re
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

CLIENTS = 32
RELOADS_A_SECOND = 5
MOST_GROWTH = 8 * 2**20
"""Bytes of resident memory that the second half of the run may add to the first."""

PAGE, GUEST = "http://localhost:5173", "http://localhost:3000"
SCENES = {"get": 40, "guest": 20, "preflight": 20, "upload": 18, "leave": 2}
"""What clients do, and how often in a hundred."""

LARGE = b"x" * 2**20
POLICIES = [
    f"cors: {{allow_origins: [{PAGE}], allow_methods: [PUT], max_age: 1}}",
    f"cors: {{allow_origins: [{PAGE}, {GUEST}], allow_methods: [PUT, PATCH], max_age: 2}}",
]


class Answer(NamedTuple):
    """A response, read to its end."""

    status: int
    fields: dict[str, str]
    content: bytes


class Report(NamedTuple):
    """What came of a run; `wrong` has a sentence for each answer that must not be."""

    answers: int
    broken_off: int
    reloads: int
    wrong: collections.Counter[str]
    growth: int
    left_open: int

    def mistakes(self) -> Iterator[str]:
        """Each bar that was missed, as a sentence."""
        yield from (f"{count} times: {what}" for what, count in self.wrong.items())
        if self.growth > MOST_GROWTH:
            yield f"memory grew by {self.growth / 2**20:.1f} MiB in the second half"
        if self.left_open > 5:
            yield f"{self.left_open} file descriptors more than before are open"
        if not self.answers or not self.reloads:
            yield "nothing was asked"


async def upstream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An API without CORS: it answers whatever comes, `/large` with a mebibyte."""
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
            await reader.readexactly(int(length[1]) if length else 0)
            content = LARGE if b"/large" in head.partition(b"\r\n")[0] else b"ok"
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(content), content)
            )
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


class Client:
    """One client: a kept connection, renewed from time to time."""

    def __init__(self, port: int, seed: int) -> None:
        self.port = port
        self.random = random.Random(seed)
        self.answers = self.broken_off = 0
        self.wrong: collections.Counter[str] = collections.Counter()

    async def run(self, until: float) -> None:
        """Ask until the loop's clock says `until`."""
        clock = asyncio.get_running_loop().time
        while clock() < until:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                for _ in range(50):
                    if clock() >= until or not await self._once(reader, writer):
                        break
            except (OSError, asyncio.IncompleteReadError) as error:
                self.wrong[f"the connection broke: {type(error).__name__}"] += 1
            finally:
                writer.close()

    async def _once(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; False when the connection is not to be used again."""
        (scene,) = self.random.choices(list(SCENES), list(SCENES.values()))
        writer.write(request(scene, self.port, self.random.randbytes(self.random.randrange(65536))))
        if scene == "leave":
            await reader.readexactly(1000)
            self.broken_off += 1
            return False
        answer = await read(reader)
        self.answers += 1
        if not sound(scene, answer):
            self.wrong[f"{scene} was answered {answer.status} {answer.fields}"] += 1
        return answer.fields.get("connection") != "close"


def request(scene: str, port: int, content: bytes) -> bytes:
    """What a client of this scene sends; `content` is that of an upload."""
    method, path, fields = "GET", "/", {"Origin": GUEST if scene == "guest" else PAGE}
    match scene:
        case "preflight":
            method, fields["Access-Control-Request-Method"] = "OPTIONS", "PUT"
        case "upload":
            method, fields["Content-Length"] = "PUT", str(len(content))
        case "leave":
            path = "/large"
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    return "\r\n".join([*lines, "\r\n"]).encode() + (content if scene == "upload" else b"")


async def read(reader: asyncio.StreamReader) -> Answer:
    """A response of known length."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    content = await reader.readexactly(int(fields.get("content-length", 0)))
    return Answer(int(first.split()[1]), fields, content)


def sound(scene: str, answer: Answer) -> bool:
    """Whether the answer is the whole of what one of the two policies says."""
    said = answer.fields.get("access-control-allow-origin")
    if scene == "guest":
        return (answer.status, said) in ((403, None), (200, GUEST))
    if scene == "preflight":
        lists = answer.fields.get("access-control-allow-methods")
        age = answer.fields.get("access-control-max-age")
        return said == PAGE and (lists, age) in (("PUT", "1"), ("PUT, PATCH", "2"))
    return (answer.status, said, answer.content) == (200, PAGE, b"ok")


class Program:
    """The proxy under test, in a process of its own."""

    def __init__(self, folder: Path, upstream_port: int) -> None:
        self.file = folder / "policy.yaml"
        self.upstream = (
            f"upstream: http://127.0.0.1:{upstream_port}\nlisten: 127.0.0.1:0\nadmin: off\n"
        )
        self.reloads = 0
        self.file.write_text(self.upstream + POLICIES[0])

    async def start(self) -> int:
        """The port that it listens on."""
        command = (sys.executable, "-m", "corsproxy", "run", "-c", str(self.file))
        pipe = asyncio.subprocess.PIPE
        self.process = await asyncio.create_subprocess_exec(*command, stderr=pipe)
        assert self.process.stderr is not None
        told = await self.process.stderr.readline()
        self.reading = asyncio.create_task(self.process.stderr.read())
        port = re.search(rb"listening on http://\S+?:(\d+)", told)
        assert port, told
        return int(port[1])

    async def reload(self) -> None:
        """The other policy takes over, for as long as nobody cancels this."""
        while True:
            await asyncio.sleep(1 / RELOADS_A_SECOND)
            self.reloads += 1
            fresh = self.file.with_suffix(".new")
            fresh.write_text(self.upstream + POLICIES[self.reloads % 2])
            fresh.replace(self.file)
            self.process.send_signal(signal.SIGHUP)

    def memory(self) -> int:
        """Resident bytes."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def open_files(self) -> int:
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))


async def soak(seconds: float) -> Report:
    """Start everything, let it run for `seconds`, and say what came of it."""
    server = await asyncio.start_server(upstream, "127.0.0.1", 0)
    with tempfile.TemporaryDirectory() as folder:
        program = Program(Path(folder), server.sockets[0].getsockname()[1])
        clients = [Client(await program.start(), 0)]
        clients += [Client(clients[0].port, seed) for seed in range(1, CLIENTS)]
        before = program.open_files()
        reloading = asyncio.create_task(program.reload())
        now = asyncio.get_running_loop().time()
        halfway = asyncio.create_task(_later(seconds / 2, program.memory))
        await asyncio.gather(*(client.run(now + seconds) for client in clients))
        growth = program.memory() - await halfway
        reloading.cancel()
        left_open = await _settled(program, before)
        program.process.terminate()
        code = await program.process.wait()
        told = (await program.reading).decode()
    server.close()
    wrong = sum((client.wrong for client in clients), collections.Counter[str]())
    for sign in ("Traceback", "never retrieved", "Unclosed", "ResourceWarning"):
        wrong[f"the program printed {sign}"] += told.count(sign)
    wrong[f"the program ended with {code}"] += code != 0
    answers, gone = (sum(getattr(c, name) for c in clients) for name in ("answers", "broken_off"))
    return Report(answers, gone, program.reloads, +wrong, growth, left_open)


async def _later(seconds: float, measure: Callable[[], int]) -> int:
    await asyncio.sleep(seconds)
    return measure()


async def _settled(program: Program, before: int) -> int:
    """Descriptors beyond those of the start, once the clients' are closed."""
    for _ in range(100):
        if program.open_files() <= before:
            break
        await asyncio.sleep(0.1)
    return program.open_files() - before


def main() -> None:
    report = asyncio.run(soak(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0))
    print(report)
    sys.exit("\n".join(report.mistakes()) or None)


if __name__ == "__main__":
    main()
