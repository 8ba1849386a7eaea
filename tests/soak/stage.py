"""A soak from start to end: the program, its upstream, good and hostile clients, and the clock."""

import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.soak.good import Good
from tests.soak.program import Program
from tests.soak.responses import PAGE, read, request
from tests.soak.verdict import MAX_STOP_SECONDS, Measured
from tests.until import soon

ON_THE_MACHINE = ("reloads", "stuck-log")
"""Kinds that are no clients: policies change, and nobody reads the log."""

LOOKS_EACH = 0.5
MAX_SETTLING = 20.0
QUIET_PART = 6
"""The good clients are alone for this part of the time, at most for so many seconds."""
MAX_QUIET = 60.0


class Asked(NamedTuple):
    """A soak as it is asked for: how long, and attacked by which kinds."""

    seconds: float
    kinds: Sequence[str]
    seed: int = 0


class Soaked(NamedTuple):
    """What was measured, how often each kind came, and the first lines of what went wrong."""

    measured: Measured
    came: dict[str, int]
    told: str


class Helper:
    """A process beside the program's: the upstream, or the hostile clients."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        self.process, self.output = process, process.stdout
        self._told = False

    def end(self) -> None:
        """Tell it to end, once: a second time might reap it before its own watcher does."""
        if not self._told:
            self._told = True
            with contextlib.suppress(ProcessLookupError):
                self.process.terminate()


async def soak(asked: Asked) -> Soaked:
    """Start everything, let it run for so long, say what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        async with _helper("tests.soak.upstream") as upstream:
            program = Program(Path(folder), int(await upstream.output.readline()))
            port, admin = await program.start()
            try:
                return await _run(program, (port, admin), upstream, asked)
            finally:
                if program.process.returncode is None:
                    program.process.kill()


async def _run(
    program: Program,
    ports: tuple[int, int],
    upstream: Helper,
    asked: Asked,
) -> Soaked:
    good, open_before = Good(ports[0], program.upstream, asked.seed), program.descriptors()
    memory: list[tuple[float, float]] = []
    descriptors: list[tuple[float, float]] = []
    asking = asyncio.create_task(good.run())
    looking = asyncio.create_task(_look(program, memory, descriptors))
    began = time.monotonic()
    quiet = min(asked.seconds / QUIET_PART, MAX_QUIET)
    await asyncio.sleep(quiet)  # ordinary clients alone, to compare with
    attacked = time.monotonic()
    came = await _attacked(program, ports, asked.seconds - quiet, asked.kinds)
    ended = time.monotonic()
    await _cancelled(asking, looking)
    alive = await _answers(ports[0], request("GET", "/ok", {"Origin": PAGE}))
    alive = alive and await _answers(ports[1], request("GET", "/healthz"))
    upstream.end()
    left_open = await _settled(program, open_before)
    stopping = time.monotonic()
    code = await program.stop(2 * MAX_STOP_SECONDS)
    measured = Measured(
        *(began, attacked, ended, good.times, good.control, memory, descriptors),
        wrong=+(good.wrong + program.signs),
        left_open=left_open,
        alive=alive,
        exit_code=code,
        stop_seconds=time.monotonic() - stopping,
    )
    return Soaked(measured, came, program.told.decode("utf-8", "replace"))


async def _attacked(
    program: Program, ports: tuple[int, int], seconds: float, kinds: Sequence[str]
) -> dict[str, int]:
    """Let the kinds do their worst for so long; how often each came."""
    jobs = {"reloads": program.reload, "stuck-log": program.stick}
    tasks = [asyncio.create_task(jobs[kind]()) for kind in kinds if kind in jobs]
    clients = [kind for kind in kinds if kind not in jobs]
    if not clients:
        await asyncio.sleep(seconds)  # as long as was asked for
        await _cancelled(*tasks)
        return {}
    numbers = [str(port) for port in ports]
    async with _helper("tests.soak.hostile", *numbers, *clients) as attackers:
        await asyncio.sleep(seconds)  # as long as was asked for
        attackers.end()
        came = json.loads(await attackers.output.read())
    await _cancelled(*tasks)
    assert isinstance(came, dict)
    return came


async def _look(
    program: Program, memory: list[tuple[float, float]], descriptors: list[tuple[float, float]]
) -> None:
    while True:
        now = time.monotonic()
        memory.append((now, program.memory()))
        descriptors.append((now, program.descriptors()))
        await asyncio.sleep(LOOKS_EACH)  # how often it is measured


async def _cancelled(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _answers(port: int, asked: bytes) -> bool:
    """Whether there is a 200, in good time."""
    try:
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(asked)
            status = (await read(reader)).status
            writer.close()
    except (OSError, EOFError, ValueError, TimeoutError):
        return False
    return status == 200


async def _settled(program: Program, before: int) -> int:
    """Descriptors beyond those of the start, once clients and upstream are gone."""
    with contextlib.suppress(AssertionError):  # what is left is a finding, and told as one
        await soon(lambda: program.descriptors() <= before, MAX_SETTLING)
    return program.descriptors() - before


@contextlib.asynccontextmanager
async def _helper(module: str, *arguments: str) -> AsyncIterator[Helper]:
    """A module of this package in a process of its own, ended with the block."""
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", module, *arguments)
    helper = Helper(await asyncio.create_subprocess_exec(*command, stdout=pipe))
    try:
        yield helper
    finally:
        helper.end()
        await helper.process.wait()
