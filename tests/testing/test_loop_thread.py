"""A loop on a thread of its own: it runs what it is given, and touches nobody else's."""

import asyncio
import threading

import pytest

from corsproxy.testing.loop_thread import LoopThread


async def _name() -> str:
    return threading.current_thread().name


async def _fail() -> None:
    raise ZeroDivisionError


def test_what_a_coroutine_returns_or_raises_is_handed_over() -> None:
    with LoopThread() as thread:
        assert thread.run(_name()) == "corsproxy-gateway"
        with pytest.raises(ZeroDivisionError):
            thread.run(_fail())


async def test_it_runs_beside_a_loop_which_stays_the_current_one() -> None:
    own = asyncio.get_running_loop()
    with LoopThread() as thread:
        assert thread.run(_name()) == "corsproxy-gateway"
        assert asyncio.get_running_loop() is own


def test_nothing_of_it_is_left_when_its_block_ends() -> None:
    ended = threading.Event()

    async def wait_for_ever() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.set()

    async def begin() -> asyncio.Task[None]:
        task = asyncio.ensure_future(wait_for_ever())
        await asyncio.sleep(0)
        return task

    with LoopThread() as thread:
        task = thread.run(begin())
    assert ended.is_set()
    assert task.cancelled()
    assert "corsproxy-gateway" not in [thread.name for thread in threading.enumerate()]
