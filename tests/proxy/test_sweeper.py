"""What looks after all connections of a kind, by one timer."""

import asyncio
import logging

import pytest

from corsproxy.proxy.sweeper import Sweeper
from tests.until import soon


async def test_each_is_looked_at_until_there_are_none() -> None:
    things = {1, 2, 3}
    seen: list[int] = []
    over = asyncio.Event()

    def look(thing: int) -> None:
        seen.append(thing)
        if len(seen) == 6:
            things.clear()
            asyncio.get_running_loop().call_later(0.03, over.set)

    sweeper = Sweeper(0.001, things, look)
    sweeper.start()
    sweeper.start()
    await asyncio.wait_for(over.wait(), 5)
    assert seen == [1, 2, 3, 1, 2, 3]


async def test_a_fault_in_one_or_before_all_is_told_and_keeps_none_from_its_turn(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen: list[int] = []
    over = asyncio.Event()

    def look(thing: int) -> None:
        if thing == 1:
            raise ValueError
        seen.append(thing)
        if len(seen) == 4:
            over.set()

    def first() -> None:
        raise ValueError

    sweeper = Sweeper(0.001, [1, 2, 3], look, first)
    with caplog.at_level(logging.ERROR):
        sweeper.start()
        await asyncio.wait_for(over.wait(), 5)
    assert seen == [2, 3, 2, 3]
    assert {record.getMessage().splitlines()[0] for record in caplog.records} == {
        "a connection could not be looked after"
    }
    sweeper._things = []
    await soon(lambda: sweeper._timer is None)
