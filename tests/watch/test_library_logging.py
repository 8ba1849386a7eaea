"""What libraries log, and what nobody catches, is a line of the log and never a write to stderr."""

import asyncio
import gc
import logging
import sys
import threading
import warnings
from collections.abc import Callable

import pytest

from corsproxy.cors.escape import MAX_SHOWN_LENGTH
from corsproxy.watch.library_logging import led_through
from corsproxy.watch.watcher_errors import WatcherErrors
from tests.until import turns

SECRET = "c4n4ry"
URL = f"http://u:{SECRET}@a.test/?token={SECRET}"


def raised() -> tuple[type[BaseException], BaseException, None]:
    error = ValueError(f"no good: {SECRET}")
    return type(error), error, None


class Unraisable:
    def __del__(self) -> None:
        raise ValueError(SECRET)


def in_a_thread() -> None:
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()


def unraisable() -> None:
    Unraisable()
    gc.collect()


async def said(*calls: Callable[[], object]) -> tuple[list[str], WatcherErrors]:
    told: list[str] = []
    faults = WatcherErrors(told.append)
    with led_through(told.append, faults):
        for call in calls:
            call()
        await turns()  # what the loop calls soon has been called
    return told, faults


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        pytest.param(
            lambda: logging.getLogger("aiohttp.server").error("Error handling %s", "request"),
            "aiohttp.server: Error handling request",
            id="a library's error",
        ),
        pytest.param(
            lambda: logging.getLogger("x").error("failed", exc_info=raised()),
            "x: failed (ValueError at an unknown place)",
            id="an exception, without its text",
        ),
        pytest.param(
            lambda: logging.getLogger("x").warning("see %s\n\x1b[2J", URL),
            "x: see http://***@a.test/?token=***",
            id="a secret and control bytes",
        ),
        pytest.param(
            lambda: logging.getLogger("x").error("%d", "one"),
            "x: a record that cannot be read: TypeError at ",
            id="arguments that do not fit",
        ),
        pytest.param(lambda: warnings.warn("old", stacklevel=1), "py.warnings: ", id="a warning"),
        pytest.param(
            lambda: asyncio.get_running_loop().call_soon(lambda: 1 / 0),
            "corsproxy: loop failed and goes on: ZeroDivisionError at ",
            id="a callback of the loop",
        ),
        pytest.param(
            lambda: asyncio.get_running_loop().call_exception_handler({"message": "odd"}),
            "asyncio: odd",
            id="the loop's own complaint",
        ),
        pytest.param(
            in_a_thread, "corsproxy: thread failed and goes on: ZeroDivisionError", id="a thread"
        ),
        pytest.param(
            unraisable, "corsproxy: program failed and goes on: ValueError", id="a destructor"
        ),
    ],
)
@pytest.mark.filterwarnings("always")
async def test_it_is_one_line(
    call: Callable[[], object], expected: str, capfd: pytest.CaptureFixture[str]
) -> None:
    told, _ = await said(call)
    [line] = told
    assert line.startswith(expected)
    assert SECRET not in line
    assert line.isprintable()
    assert len(line) < 4 * MAX_SHOWN_LENGTH
    assert capfd.readouterr().err == ""


async def test_what_comes_again_is_told_at_powers_of_ten_only() -> None:
    logger = logging.getLogger("x")
    told, _ = await said(*[lambda: logger.error("again %s", object())] * 150)
    assert [line.partition(", ")[2] for line in told] == ["", "10 times", "100 times"]


async def test_a_long_message_is_cut() -> None:
    told, _ = await said(lambda: logging.getLogger("x").error("a" * 100_000))
    assert len(told[0]) < MAX_SHOWN_LENGTH + 100


async def test_afterwards_everything_is_as_it_was() -> None:
    root, loop = logging.getLogger(), asyncio.get_running_loop()

    def state() -> list[object]:
        hooks = [sys.unraisablehook, threading.excepthook, warnings.showwarning]
        return [*root.handlers, *hooks, loop.get_exception_handler()]

    before = state()
    await said(lambda: None)
    assert state() == before
