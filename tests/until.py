"""Waiting for what nothing tells of: looked at again and again, and not for ever."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 20.0
_PAUSE = 0.005
_TURNS = 5


def _nothing_came() -> str:
    return "what was waited for never came"


def until(
    there: Callable[[], T | None],
    seconds: float = PATIENCE,
    *,
    otherwise: Callable[[], str] = _nothing_came,
) -> T:
    """Wait until `there()` is true, and give it; fail where it never is, with `otherwise()`."""
    end = time.monotonic() + seconds
    while not (found := there()):
        assert time.monotonic() < end, otherwise()
        time.sleep(_PAUSE)
    return found


async def soon(there: Callable[[], object], seconds: float = PATIENCE) -> None:
    """As `until`, while the loop goes on."""
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end, _nothing_came()
        await asyncio.sleep(_PAUSE)


async def turns() -> None:
    """Let the loop read what was sent to a socket of this process, and do what follows from it.

    What is written to the loopback interface can be read at once, so the next turn reads it.
    """
    for _ in range(_TURNS):
        await asyncio.sleep(0)  # one turn


def listening(port: int) -> int:
    """`port` of the loopback interface, once somebody listens there."""

    def there() -> bool:
        with (
            contextlib.suppress(ConnectionError, TimeoutError),
            socket.create_connection(("127.0.0.1", port), 1) as connection,
        ):
            # Where nobody listens, a port of the range of clients' may be met by itself.
            return bool(connection.getsockname() != connection.getpeername())
        return False

    until(there)
    return port
