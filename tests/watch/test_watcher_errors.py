"""No watcher ends the program: exceptions are told once, counted, and cost what they met."""

import asyncio
import io
import itertools
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corsproxy.config.settings import Log, LogFormat, LogLevel
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.style import Style
from corsproxy.learn.observations import Observations
from corsproxy.watch import watcher_errors as module
from corsproxy.watch.har import HarWatcher, entry
from corsproxy.watch.har_file import HarFile
from corsproxy.watch.inspector.rows import row
from corsproxy.watch.log.json_lines import JsonLines
from corsproxy.watch.log.terminal import Terminal
from corsproxy.watch.log.watcher import LogWatcher, severity
from corsproxy.watch.metrics.watcher import MetricsWatcher
from corsproxy.watch.recent_exchanges import RecentExchanges
from corsproxy.watch.watcher_errors import MAX_REPORTED, WatcherErrors, described
from corsproxy.watch.watchers import Watchers
from tests.until import turns
from tests.watch.exchanges import exchange
from tests.watch.hostile import exchanges
from tests.watch.world import CONFIG

SECRET = "c4n4ry"


def fail(_: object = None) -> None:
    raise ValueError(f"the value {SECRET} is no good")


def test_a_watcher_that_raises_harms_neither_the_caller_nor_the_others() -> None:
    seen: list[Exchange] = []
    faults = WatcherErrors()
    call = faults.shielded(bad=fail, good=seen.append, worse=fail)
    for _ in range(3):
        call(exchange())
    assert len(seen) == 3
    assert faults.counts == {("bad",): 3, ("worse",): 3}


def test_an_exception_is_told_once_by_type_and_place_and_never_by_its_text() -> None:
    told: list[str] = []
    faults = WatcherErrors(told.append)
    for _ in range(5):
        with faults.caught("log"):
            fail()
    assert len(told) == 1
    assert "log failed and goes on: ValueError at " in told[0]
    assert "test_watcher_errors.py:" in told[0]
    assert SECRET not in told[0]


def test_what_is_told_of_many_places_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    faults = WatcherErrors(told.append)
    numbers = itertools.count()
    monkeypatch.setattr(module, "described", lambda _: f"line {next(numbers)}")
    for _ in range(10 * MAX_REPORTED):
        faults.note("log", ValueError())
    assert len(told) == MAX_REPORTED
    assert faults.counts["log",] == 10 * MAX_REPORTED


def test_the_place_is_the_innermost_line_of_ours() -> None:
    with pytest.raises(AttributeError) as raised:
        LogWatcher.__call__(None, exchange())  # type: ignore[arg-type]
    assert described(raised.value).startswith("AttributeError at corsproxy/watch/log/watcher.py:")
    assert described(OSError(28, "No space left on device")) == (
        "OSError (No space left on device) at an unknown place"
    )


async def test_a_task_that_raises_begins_anew_and_one_that_returns_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "RESTART_PAUSE", 0.001)
    runs = 0

    async def run() -> None:
        nonlocal runs
        runs += 1
        if runs < 4:
            fail()

    faults = WatcherErrors()
    async with asyncio.timeout(5):
        await faults.supervised("log", run)
    assert (runs, faults.counts) == (4, {("log",): 3})


async def test_a_supervised_task_can_be_cancelled() -> None:
    async def run() -> None:
        await asyncio.Event().wait()

    task = asyncio.create_task(WatcherErrors().supervised("log", run))
    await turns()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def test_one_exchange_that_no_words_can_be_made_of_costs_no_other_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raising(one: Exchange, **_: bool) -> bytes:
        if one.target == "/bad":
            fail()
        return entry_bytes(one)

    def entry_bytes(one: Exchange) -> bytes:
        return json.dumps({"target": one.target}).encode()

    monkeypatch.setattr("corsproxy.watch.har._encoded", raising)
    monkeypatch.setattr(
        "corsproxy.watch.log.watcher.severity", lambda one: raising(one) and severity(one)
    )
    stream, har = io.StringIO(), tmp_path / "a.har"
    watchers = Watchers(replace(CONFIG, har=har, log=Log(LogFormat.JSON)), stream)
    for target in ("/1", "/bad", "/2", "/bad", "/3"):
        for watcher in watchers.called:
            watcher(exchange(target=target))
    watchers.close()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["target"] for line in lines if line["event"] == "request"] == ["/1", "/2", "/3"]
    assert len([line for line in lines if "failed and goes on" in line.get("text", "")]) == 2
    entries = json.loads(har.read_text())["log"]["entries"]
    assert [one["target"] for one in entries] == ["/1", "/2", "/3"]
    assert watchers.faults.counts == {("log",): 2, ("har",): 2}
    text = watchers.metrics.text().decode()
    assert 'corsproxy_watcher_errors_total{watcher="har"} 2.0' in text


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(exchanges())
def test_no_exchange_makes_a_watcher_raise(one: Exchange) -> None:
    severity(one)
    JsonLines().line(one)
    JsonLines().unfollowed(one)
    list(Terminal(lambda: Style(colour=True), patient=True).lines(one))
    list(Terminal().unfollowed(one))
    json.dumps(entry(one))
    json.dumps(row(one))
    for watcher in (MetricsWatcher(), RecentExchanges(), Observations()):
        watcher(one)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(exchanges(), max_size=5), st.sampled_from(LogFormat))
def test_no_exchange_makes_a_log_or_a_recording_fail(
    tmp_path_factory: pytest.TempPathFactory, given_: list[Exchange], form: LogFormat
) -> None:
    path = tmp_path_factory.mktemp("har") / "a.har"
    stream, now = io.StringIO(), itertools.count(1_800_000_000.0, 10.0)
    log = LogWatcher(stream, form, LogLevel.DEBUG, clock=lambda: next(now))
    har = HarWatcher(HarFile(path), faults=log.faults)
    for one in given_:
        log(one)
        har(one)
    har.close()
    log.close()
    assert not log.faults.counts
    assert len(json.loads(path.read_text())["log"]["entries"]) == len(given_)
    assert stream.getvalue().isascii()
