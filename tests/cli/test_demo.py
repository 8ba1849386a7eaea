"""The real program: `corsproxy demo`."""

import asyncio
import re
import signal
import sys

DEMO = (sys.executable, "-m", "corsproxy", "demo")


async def test_check_plays_every_scene_and_exits_0() -> None:
    process = await asyncio.create_subprocess_exec(
        *DEMO, "--check", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    lines = out.decode().splitlines()
    assert process.returncode == 0
    assert lines[-1] == "12 scenes, none of them other than it should be"
    assert all(line.startswith("ok  ") for line in lines[:-1])
    assert err == b""


async def test_the_urls_are_printed_and_an_interrupt_ends_it() -> None:
    process = await asyncio.create_subprocess_exec(*DEMO, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    said = (await process.stdout.readuntil(b"Ctrl-C ends it.\n")).decode()
    assert re.findall(r"^(\w+) +http://localhost:\d+", said, re.MULTILINE) == [
        "page",
        "backend",
        "proxy",
        "inspector",
    ]
    process.send_signal(signal.SIGINT)
    assert await process.wait() == 0
