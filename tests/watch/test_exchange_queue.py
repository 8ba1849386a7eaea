import asyncio

import pytest

from corsproxy.watch.exchange_queue import ExchangeQueue
from corsproxy.watch.memory_size import weight
from tests.until import turns
from tests.watch.exchanges import exchange


async def test_exchanges_are_taken_in_the_order_in_which_they_came() -> None:
    intake = ExchangeQueue()
    first, second = exchange(), exchange()
    intake.put(first)
    intake.put(second)
    assert intake.take(1).exchanges == [first]
    assert intake.take().exchanges == [second]
    assert intake.take() == ([], 0)


async def test_the_oldest_are_dropped_and_counted() -> None:
    intake = ExchangeQueue(max_exchanges=3)
    exchanges = [exchange() for _ in range(5)]
    for one in exchanges:
        intake.put(one)
    assert intake.take() == (exchanges[2:], 2)
    assert intake.take() == ([], 0)


async def test_whoever_waits_is_woken() -> None:
    intake = ExchangeQueue()
    waiting = asyncio.create_task(intake.wait())
    await turns()
    intake.put(exchange())
    await waiting
    intake.take()
    await intake.wait(timeout=0.001)
    assert intake.take().exchanges == []


async def test_whoever_waits_can_be_woken_by_a_nudge() -> None:
    intake = ExchangeQueue()
    waiting = asyncio.create_task(intake.wait())
    await turns()
    intake.nudge()
    async with asyncio.timeout(1):
        await waiting
    assert intake.take().exchanges == []
    with pytest.raises(TimeoutError):  # a nudge is good for once
        async with asyncio.timeout(0.01):
            await intake.wait()


async def test_what_was_left_is_not_waited_for() -> None:
    intake = ExchangeQueue()
    for _ in range(3):
        intake.put(exchange())
    intake.take(2)
    await intake.wait()
    assert len(intake.take().exchanges) == 1


async def test_whoever_is_cancelled_in_the_moment_of_an_arrival_ends() -> None:
    intake = ExchangeQueue()
    waiting = asyncio.create_task(intake.wait(timeout=10))
    await turns()  # it begins, and waits
    intake.put(exchange())
    waiting.cancel()
    await asyncio.wait([waiting])
    assert waiting.cancelled()


async def test_what_waits_is_bounded_in_bytes_too() -> None:
    large = exchange()._replace(response_head=b"a" * 100_000)
    intake = ExchangeQueue(max_bytes=3 * weight(large))
    for _ in range(10):
        intake.put(large)
    assert (len(intake), intake.take().dropped) == (3, 7)


async def test_one_that_is_larger_than_the_bound_is_taken_alone() -> None:
    large = exchange()._replace(response_head=b"a" * 100_000)
    intake = ExchangeQueue(max_bytes=1000)
    intake.put(large)
    intake.put(large)
    assert intake.take() == ([large], 1)


async def test_a_batch_is_bounded_in_bytes_and_what_is_left_comes_next() -> None:
    large = exchange()._replace(response_head=b"a" * 100_000)
    intake = ExchangeQueue()
    for _ in range(10):
        intake.put(large)
    assert [len(intake.take(100, 250_000).exchanges) for _ in range(5)] == [3, 3, 3, 1, 0]
