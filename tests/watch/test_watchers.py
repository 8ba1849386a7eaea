import asyncio
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corsproxy.config.settings import Log, LogFormat, LogLevel
from corsproxy.watch.watchers import Watchers
from tests.until import turns
from tests.watch.exchanges import exchange
from tests.watch.log.test_watcher import tally_of
from tests.watch.world import CONFIG


async def test_everything_watches(tmp_path: Path) -> None:
    stream, har = io.StringIO(), tmp_path / "a.har"
    watchers = Watchers(replace(CONFIG, har=har), stream)
    task = asyncio.create_task(watchers.run())
    for watcher in watchers.called:
        watcher(exchange("GET", "/seen"))
    await turns()
    task.cancel()
    watchers.close()
    assert "/seen" in stream.getvalue()
    assert len(json.loads(har.read_text())["log"]["entries"]) == 1
    assert b'route="/"' in watchers.metrics.text()
    assert [one.target for one in watchers.recent] == ["/seen"]


def test_without_an_admin_address_nothing_is_remembered() -> None:
    watchers = Watchers(replace(CONFIG, admin=None), io.StringIO())
    for watcher in watchers.called:
        watcher(exchange())
    watchers.close()
    assert (len(watchers.recent), watchers.metrics.routes) == (0, {})


def test_a_har_file_that_cannot_be_opened_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        Watchers(replace(CONFIG, har=tmp_path / "none" / "a.har"), io.StringIO())


@pytest.mark.parametrize(
    ("changed", "counting"),
    [
        pytest.param({}, ["log", "metrics", "recent"], id="a terminal"),
        pytest.param({"admin": None}, ["log"], id="nobody to look"),
        pytest.param({"log": Log(LogFormat.JSON)}, [], id="a line for each"),
        pytest.param(
            {"log": Log(LogFormat.JSON, LogLevel.WARNING)},
            ["log", "metrics", "recent"],
            id="a line for what went wrong",
        ),
        pytest.param({"log": Log(level=LogLevel.DEBUG)}, [], id="everything is wanted"),
    ],
)
def test_in_a_flood_some_count_and_some_want_every_exchange(
    changed: dict[str, Any], counting: list[str]
) -> None:
    stream = io.StringIO()
    watchers = Watchers(replace(CONFIG, **changed), stream)
    for count in watchers.counting:
        count(tally_of(exchange(), 1234))
    told = {
        "metrics": bool(watchers.metrics.routes),
        "recent": watchers.recent.skipped == 1234,
    }
    assert [name for name, counted in told.items() if counted] == counting[1:]
    assert bool(watchers.counting) == bool(counting)
    watchers.close()


def test_a_har_file_wants_every_exchange(tmp_path: Path) -> None:
    watchers = Watchers(replace(CONFIG, har=tmp_path / "a.har"), io.StringIO())
    assert watchers.counting == ()
    watchers.close()
