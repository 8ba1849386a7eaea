"""What may never end is done aside: the loop goes on, and so does the exit."""

import asyncio
import subprocess
import sys
import threading

import pytest

from corsproxy.cli.worker_thread import aside
from tests.until import turns


async def test_the_result_comes_back() -> None:
    main = threading.get_ident()
    assert await aside(threading.get_ident) != main


async def test_an_exception_comes_back() -> None:
    with pytest.raises(ZeroDivisionError):
        await aside(lambda: 1 / 0)


async def test_the_loop_goes_on_and_who_waits_can_be_cancelled() -> None:
    stuck = threading.Event()
    waiting = asyncio.create_task(aside(stuck.wait))
    await turns()
    assert not waiting.done()
    waiting.cancel()
    await asyncio.wait([waiting])
    assert waiting.cancelled()
    stuck.set()
    await aside(lambda: None)  # the first one's end, which nobody awaits, harms nobody


def test_the_program_ends_though_it_never_returns() -> None:
    program = (
        "import asyncio, threading\n"
        "from corsproxy.cli.worker_thread import aside\n"
        "async def main():\n"
        "    task = asyncio.create_task(aside(threading.Event().wait))\n"
        "    await asyncio.sleep(0.01)  # its thread has begun\n"
        "asyncio.run(main())\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=20)
