"""The program under test, in a process of its own, and what is done to it from its own machine."""

import asyncio
import collections
import os
import re
import signal
import sys
from pathlib import Path

from tests.soak.responses import GUEST, PAGE

RELOADS_A_SECOND = 2
STUCK_SECONDS = 15.0
"""How long the log's reader stands still, and how long it reads."""

SIGNS = (b"Traceback", b"never retrieved", b"Unclosed", b"ResourceWarning", b"Task was destroyed")
"""What a program that is well never prints."""

_MANY = ", ".join(f"https://app-{number}.test" for number in range(300))
_ROUTES = """
routes:
  - {path: /add, cors: {mode: add}}
  - {path: /validate, cors: {mode: validate}}
  - {path: /pass, cors: {mode: passthrough}}
  - {path: /any, cors: {allow_origins: "*", allow_headers: "*"}}
"""
POLICIES = (
    f"cors: {{allow_origins: [{PAGE}, {_MANY}], allow_methods: [PUT], max_age: 1}}" + _ROUTES,
    f"cors: {{allow_origins: [{PAGE}, {GUEST}, {_MANY}], allow_methods: [PUT, PATCH], max_age: 2}}"
    + _ROUTES,
)
NO_POLICY = "cors: {allow_origins: [no origin], allow_methods: [TRACE]}" + _ROUTES
"""At this one the old policy keeps serving."""


class Program:
    """A running proxy: a policy file that changes, its log, its memory, its descriptors."""

    def __init__(self, folder: Path, upstream: int) -> None:
        self.file, self.upstream = folder / "policy.yaml", upstream
        self.signs: collections.Counter[str] = collections.Counter()
        self.told = b""
        """The first lines around such a sign."""
        self._top = (
            f"upstream: http://127.0.0.1:{upstream}\nlisten: 127.0.0.1:0\nadmin: 127.0.0.1:0\n"
        )
        self.file.write_text(self._top + POLICIES[0])
        self._reads = asyncio.Event()
        self._reads.set()

    async def start(self) -> tuple[int, int]:
        """The ports that it listens on: for clients, and its admin's."""
        command = (sys.executable, "-m", "corsproxy", "run", "-c", str(self.file))
        pipe, same = asyncio.subprocess.PIPE, asyncio.subprocess.STDOUT
        self.process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=same)
        assert self.process.stdout is not None
        self._log = self.process.stdout
        ports: dict[bytes, int] = {}
        while len(ports) < 2:
            line = await self._log.readline()
            assert line, "the program did not start"
            if found := re.search(rb"(listening on|inspector)  ?http://\S+?:(\d+)", line):
                ports[found[1]] = int(found[2])
        self._reading = asyncio.create_task(self._read())
        return ports[b"listening on"], ports[b"inspector"]

    async def _read(self) -> None:
        """Read the log, which nobody keeps; look for signs in it."""
        while data := await self._log.read(2**16):
            for sign in SIGNS:
                if (count := data.count(sign)) and not self.told:
                    self.told = data[max(0, data.index(sign) - 500) :][:4000]
                self.signs[f"the program printed {sign.decode()}"] += count
            await self._reads.wait()

    async def stick(self) -> None:
        """Let the log's reader stand still and read, in turns, for as long as nobody cancels."""
        try:
            while True:
                self._reads.clear()
                await asyncio.sleep(STUCK_SECONDS)  # nothing is read for so long
                self._reads.set()
                await asyncio.sleep(STUCK_SECONDS)  # and everything again
        finally:
            self._reads.set()

    async def reload(self) -> None:
        """Two policies and a broken one take turns, for as long as nobody cancels this."""
        texts = [*POLICIES, NO_POLICY]
        number = 0
        while True:
            await asyncio.sleep(1 / RELOADS_A_SECOND)  # how often it comes
            number += 1
            fresh = self.file.with_suffix(".new")
            fresh.write_text(self._top + texts[number % len(texts)])
            fresh.replace(self.file)
            self.process.send_signal(signal.SIGHUP)

    def memory(self) -> int:
        """Resident bytes; 0 when it is gone."""
        try:
            pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        except (OSError, IndexError):
            return 0
        return pages * os.sysconf("SC_PAGE_SIZE")

    def descriptors(self) -> int:
        """Open files; 0 when it is gone."""
        try:
            return sum(1 for _ in Path(f"/proc/{self.process.pid}/fd").iterdir())
        except OSError:
            return 0

    async def stop(self, patience: float) -> int | None:
        """Tell it to stop; its exit code, None when it had to be killed."""
        if self.process.returncode is None:
            self.process.terminate()
        try:
            async with asyncio.timeout(patience):
                code: int | None = await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
            code = None
        await self._reading
        return code
