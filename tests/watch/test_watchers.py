import asyncio
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from corsproxy.watch.watchers import Watchers
from tests.watch.exchanges import exchange
from tests.watch.world import CONFIG


async def test_everything_watches(tmp_path: Path) -> None:
    stream, har = io.StringIO(), tmp_path / "a.har"
    watchers = Watchers(replace(CONFIG, har=har), stream)
    task = asyncio.create_task(watchers.run())
    for watcher in watchers.called:
        watcher(exchange("GET", "/seen"))
    await asyncio.sleep(0)
    task.cancel()
    watchers.close()
    assert "/seen" in stream.getvalue()
    assert len(json.loads(har.read_text())["log"]["entries"]) == 1
    assert b'route="/"' in watchers.metrics.text()
    assert [one.target for one in watchers.recent] == ["/seen"]


def test_without_an_admin_address_nothing_is_remembered() -> None:
    watchers = Watchers(replace(CONFIG, admin=None), io.StringIO())
    assert watchers.called == (watchers.log,)
    watchers.close()


def test_a_har_file_that_cannot_be_opened_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        Watchers(replace(CONFIG, har=tmp_path / "none" / "a.har"), io.StringIO())
