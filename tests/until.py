"""Waiting for what nothing tells of: looked at again and again, and not for ever."""

import asyncio
import time
from collections.abc import Callable

PATIENCE = 20.0
_PAUSE = 0.005
_TURNS = 5


def until(there: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until `there()` is true; fail where it never is."""
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end, "what was waited for never came"
        time.sleep(_PAUSE)


async def soon(there: Callable[[], object], seconds: float = PATIENCE) -> None:
    """As `until`, while the loop goes on."""
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end, "what was waited for never came"
        await asyncio.sleep(_PAUSE)


async def turns() -> None:
    """Let the loop read what was sent to a socket of this process, and do what follows from it.

    What is written to the loopback interface can be read at once, so the next turn reads it.
    """
    for _ in range(_TURNS):
        await asyncio.sleep(0)
