"""Aside: what may take long or never end, such as a file on a disk that does not answer.

Done in a thread that nobody waits for at exit; those of asyncio's own executor are waited for.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar, cast

T = TypeVar("T")


async def aside(call: Callable[[], T]) -> T:
    """The result of `call`, or its exception; the loop goes on meanwhile.

    Who is cancelled does not wait for it; `call` itself cannot be ended.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def settle(value: T | None, error: Exception | None) -> None:
        if result.done():  # nobody waits any more
            return
        if error is not None:
            result.set_exception(error)
        else:
            result.set_result(cast("T", value))

    def work() -> None:
        value, failure = None, None
        try:
            value = call()
        except Exception as error:  # noqa: BLE001 - it is raised again, where it is awaited
            failure = error
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(settle, value, failure)

    threading.Thread(target=work, name="corsproxy-aside", daemon=True).start()
    return await result
