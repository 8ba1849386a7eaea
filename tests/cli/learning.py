"""`corsproxy learn` as a process: at work, interrupted, and what it said."""

import asyncio
import contextlib
import re
import signal
import sys
from collections.abc import AsyncIterator


class Learning:
    """The program at work; `end` interrupts it and gives its exit code and what it said since."""

    def __init__(self, process: asyncio.subprocess.Process, url: str, said: str) -> None:
        self.process = process
        self.url = url
        self.said = said

    async def end(self) -> tuple[int | None, str, str]:
        self.process.send_signal(signal.SIGINT)
        out, err = await self.process.communicate()
        return self.process.returncode, out.decode(), err.decode()


@contextlib.asynccontextmanager
async def learning(*arguments: str) -> AsyncIterator[Learning]:
    process = await started("--listen", "127.0.0.1:0", *arguments)
    assert process.stderr is not None
    try:
        said = await process.stderr.readuntil(b"Ctrl-C writes the policy.\n")
        listening = re.search(rb"listening on (http://\S+)", said)
        assert listening, said
        yield Learning(process, listening[1].decode(), said.decode())
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def started(*arguments: str, command: str = "learn") -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "corsproxy", command, *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
