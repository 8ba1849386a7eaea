"""Changes of the policy file: seen however they are made, once they are made."""

import asyncio
import itertools
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from corsproxy.cli import file_watch
from corsproxy.cli.file_watch import Changes


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_watch, "INTERVAL", 0.005)
    monkeypatch.setattr(file_watch, "SETTLING", 0.02)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text("old")
    return path


def in_place(path: Path) -> None:
    path.write_text("new text")


def by_renaming(path: Path) -> None:
    new = path.with_name("new")
    new.write_text("new")
    new.replace(path)


def by_link(path: Path) -> None:
    target, link = path.with_name("target"), path.with_name("link")
    target.write_text("old")
    link.symlink_to(target)
    link.replace(path)


def by_removing_first(path: Path) -> None:
    path.unlink()
    path.write_text("newer")


def remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("change", [in_place, by_renaming, by_link, by_removing_first])
async def test_a_change_is_seen(path: Path, change: Callable[[Path], None]) -> None:
    seen = Changes(path)
    change(path)
    async with asyncio.timeout(5):
        await seen.next()


async def test_nothing_is_seen_where_nothing_changed(path: Path) -> None:
    waiting = asyncio.create_task(Changes(path).next())
    done, _ = await asyncio.wait([waiting], timeout=0.1)
    assert not done
    waiting.cancel()


async def test_a_change_is_seen_once(path: Path) -> None:
    seen = Changes(path)
    in_place(path)
    await seen.next()
    waiting = asyncio.create_task(seen.next())
    done, _ = await asyncio.wait([waiting], timeout=0.1)
    assert not done
    waiting.cancel()


async def test_a_file_that_is_gone_is_waited_for(path: Path) -> None:
    seen = Changes(path)
    remove(path)
    waiting = asyncio.create_task(seen.next())
    done, _ = await asyncio.wait([waiting], timeout=0.1)
    assert not done
    in_place(path)
    async with asyncio.timeout(5):
        await waiting


async def test_a_file_that_stays_away_has_changed_once(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_watch, "GONE", 0.05)
    seen = Changes(path)
    remove(path)
    async with asyncio.timeout(5):
        await seen.next()
    waiting = asyncio.create_task(seen.next())
    done, _ = await asyncio.wait([waiting], timeout=0.2)
    assert not done
    in_place(path)
    async with asyncio.timeout(5):
        await waiting


async def test_a_disk_that_does_not_answer_does_not_stop_the_loop(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = threading.Event()
    seen = Changes(path)
    monkeypatch.setattr(seen, "_look", stuck.wait)
    waiting = asyncio.create_task(seen.next())
    done, _ = await asyncio.wait([waiting], timeout=0.05)
    assert not done
    waiting.cancel()
    stuck.set()


async def test_who_is_still_writing_is_left_to_finish(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Changes(path)
    looks = iter([(1, 0, 0, 0), (2, 0, 0, 0), (3, 0, 0, 0), (4, 0, 0, 0), (4, 0, 0, 0)])
    monkeypatch.setattr(seen, "_look", looks.__next__)
    await seen.next()
    assert list(looks) == []


async def test_who_asks_for_a_look_says_that_the_file_is_whole(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Changes(path)
    looks = ((number, 0, 0, 0) for number in itertools.count())
    monkeypatch.setattr(seen, "_look", looks.__next__)  # it never settles
    seen.look_now()
    async with asyncio.timeout(5):
        await seen.next()


@pytest.mark.parametrize("there", [True, False])
async def test_a_look_can_be_asked_for(path: Path, there: bool) -> None:
    seen = Changes(path if there else None)
    seen.look_now()
    async with asyncio.timeout(5):
        await seen.next()
