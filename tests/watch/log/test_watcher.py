import asyncio
import io
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

import pytest

from corsproxy.config.settings import LogFormat, LogLevel
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.tally import Tally
from corsproxy.watch.log.watcher import LogWatcher, severity
from tests.until import turns
from tests.watch.exchanges import exchange, failed, preflight, refused


@contextmanager
def running(watcher: LogWatcher) -> Iterator[None]:
    task = asyncio.get_running_loop().create_task(watcher.run())
    try:
        yield
    finally:
        task.cancel()


def written(level: LogLevel, *exchanges: Exchange, form: LogFormat = LogFormat.PRETTY) -> str:
    stream = io.StringIO()
    watcher = LogWatcher(stream, form, level)
    for one in exchanges:
        watcher(one)
    watcher.close()
    return stream.getvalue()


ALL = (exchange(), refused(), failed())


@pytest.mark.parametrize(
    ("level", "statuses"),
    [
        pytest.param(LogLevel.DEBUG, ["200", "403", "502"], id="debug: everything"),
        pytest.param(LogLevel.INFO, ["200", "403", "502"], id="info: every request"),
        pytest.param(LogLevel.WARNING, ["403", "502"], id="warning: what went wrong"),
        pytest.param(LogLevel.ERROR, ["502"], id="error: no upstream"),
    ],
)
def test_a_level_is_the_least_that_is_worth_a_line(level: LogLevel, statuses: list[str]) -> None:
    lines = written(level, *ALL, form=LogFormat.JSON).splitlines()
    assert [str(json.loads(line)["status"]) for line in lines] == statuses
    pretty = written(level, *ALL)
    assert [status for status in ("200", "403", "502") if f" {status} " in pretty] == statuses


def test_each_exchange_has_its_severity() -> None:
    assert [severity(one) for one in ALL] == [LogLevel.INFO, LogLevel.WARNING, LogLevel.ERROR]


async def test_a_line_is_written_soon_after_its_exchange() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream, os.fdopen(reading) as lines:
        watcher = LogWatcher(stream)
        with running(watcher):
            watcher(exchange("GET", "/first"))
            assert "/first" in await asyncio.to_thread(lines.readline)
            watcher(exchange("GET", "/second"))
            assert "/second" in await asyncio.to_thread(lines.readline)
        watcher.close()


async def test_a_reader_that_is_stuck_neither_blocks_nor_fills_memory() -> None:
    reading, writing = os.pipe()
    stream = os.fdopen(writing, "w")
    watcher = LogWatcher(stream, LogFormat.JSON)
    long = exchange(target=f"/{'a' * 2000}")
    with running(watcher):
        slowest = 0.0
        for _ in range(20):
            for _ in range(500):
                watcher(long)
            before = time.perf_counter()
            watcher.flush()
            await turns()
            slowest = max(slowest, time.perf_counter() - before)
    before = time.perf_counter()
    watcher.close()
    assert time.perf_counter() - before < 3
    assert slowest < 2
    with suppress(OSError):
        os.close(reading)  # the thread gets EPIPE, for each piece that waits, and ends
    assert watcher._outbox.close(10)  # else it would write to whatever has this descriptor next
    stream.close()


def test_what_came_faster_than_it_was_read_is_counted() -> None:
    stream = io.StringIO()
    watcher = LogWatcher(stream)
    for _ in range(10_007):
        watcher(exchange(started=time.time()))
    watcher.close()
    assert "7 lines were dropped" in stream.getvalue()


def test_a_reader_that_is_gone_costs_nothing_but_lines() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        watcher = LogWatcher(stream)
        for _ in range(3):
            watcher(exchange())
            watcher.flush()
        watcher.close()
        assert isinstance(watcher._outbox.failure, BrokenPipeError)
        assert watcher._outbox.dropped == 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a disk that is full")
def test_a_full_disk_costs_nothing_but_lines() -> None:
    with Path("/dev/full").open("w") as stream:
        watcher = LogWatcher(stream)
        watcher(exchange())
        watcher.close()
        assert isinstance(watcher._outbox.failure, OSError)
        assert watcher._outbox.dropped == 1


def test_a_preflight_that_nothing_followed_is_told() -> None:
    now = 1_800_000_000.0
    stream = io.StringIO()
    busy = True
    watcher = LogWatcher(stream, busy=lambda: busy, clock=lambda: now)
    watcher(preflight("PUT"))
    watcher.flush()
    now += 6
    watcher.flush()
    busy = False
    watcher.flush()
    watcher.close()
    assert stream.getvalue().count("no actual request followed") == 1


def tally_of(one: Exchange, count: int) -> Tally:
    tally = Tally(one.route, one.policy, one.decision, one.status, one.upstream_head)
    for _ in range(count):
        tally.add(0, 0, 0.0)
    return tally


async def test_a_tally_is_told_as_a_number_without_anything_else_happening() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream, os.fdopen(reading) as lines:
        watcher = LogWatcher(stream)
        with running(watcher):
            await turns()  # it waits for something to tell
            watcher.count(tally_of(exchange(), 1234))
            line = await asyncio.to_thread(lines.readline)
        watcher.close()
    assert line.endswith(" 1234 more requests: 1234 granted\n")


@pytest.mark.parametrize("level", [LogLevel.WARNING, LogLevel.ERROR])
def test_a_tally_is_not_told_where_what_went_well_is_not(level: LogLevel) -> None:
    stream = io.StringIO()
    watcher = LogWatcher(stream, level=level)
    watcher.count(tally_of(exchange(), 1234))
    watcher.close()
    assert stream.getvalue() == ""


def test_where_some_were_only_counted_no_preflight_is_said_to_be_alone() -> None:
    stream, now = io.StringIO(), [1000.0]
    watcher = LogWatcher(stream, clock=lambda: now[0])
    watcher(preflight())
    watcher.flush()
    watcher.count(tally_of(exchange("PUT"), 1))
    now[0] += 60
    watcher.close()
    assert "then nothing" not in stream.getvalue()


def test_what_came_before_a_change_of_the_format_is_written_as_it_was_to_be() -> None:
    stream = io.StringIO()
    watcher = LogWatcher(stream, clock=lambda: 1000.5)
    watcher(failed())
    watcher.count(tally_of(exchange(), 1234))
    watcher.use(LogFormat.JSON, LogLevel.ERROR)
    for one in ALL:
        watcher(one)
    watcher.close()
    *before, last = stream.getvalue().splitlines()
    assert any(" 502 " in line for line in before)
    assert any(line.endswith(" 1234 more requests: 1234 granted") for line in before)
    assert json.loads(last)["status"] == 502


def test_a_note_is_one_line_in_either_format() -> None:
    for form in LogFormat:
        stream = io.StringIO()
        watcher = LogWatcher(stream, form)
        watcher.tell("the disk is\nfull")
        watcher.close()
        assert stream.getvalue().count("\n") == 1
        assert "the disk is\\nfull" in stream.getvalue()


def test_a_terminal_that_does_not_block_is_waited_for() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    stream: TextIO
    with os.fdopen(writing, "w") as stream, os.fdopen(reading, "rb", buffering=0) as lines:
        watcher = LogWatcher(stream, LogFormat.JSON)
        for number in range(200):
            watcher(exchange(target=f"/{number}{'a' * 1500}"))
        watcher.flush()
        found = b""
        while b'"/199a' not in found:
            found += lines.read(65536)
        watcher.close()
    assert found.count(b"\n") == 200
