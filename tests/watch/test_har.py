import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest

from corsproxy.cors.exchange import Exchange
from corsproxy.watch.har import HarWatcher, entry, exported
from corsproxy.watch.har_file import CLOSING, HarFile
from tests.until import soon, until
from tests.watch.exchanges import exchange, failed, preflight, refused

CANARY = "c4n4ry"
SECRET = exchange(
    "GET",
    f"/a?token={CANARY}&page=2",
    [("Authorization", f"Bearer {CANARY}"), ("Cookie", f"a={CANARY}"), ("X-Api-Key", CANARY)],
    upstream=[("Set-Cookie", f"s={CANARY}; Path=/"), ("Location", f"http://u:{CANARY}@h/")],
)


def entries(path: Path) -> list[dict[str, Any]]:
    told = json.loads(path.read_bytes())
    assert told["log"]["version"] == "1.2"
    assert told["log"]["creator"]["name"] == "corsproxy"
    found: list[dict[str, Any]] = told["log"]["entries"]
    return found


def test_an_entry_has_what_har_demands() -> None:
    made = exchange("GET", "/a?b=1&c", [("X-A", "1")], status=404)
    told = entry(made)
    assert told["startedDateTime"] == "2027-01-15T08:00:00.000Z"
    assert told["time"] == pytest.approx(12)
    assert sum(told["timings"].values()) == pytest.approx(told["time"])
    request, response = told["request"], told["response"]
    assert (request["method"], request["url"]) == ("GET", "http://localhost:8080/a?b=1&c")
    assert request["queryString"] == [{"name": "b", "value": "1"}, {"name": "c", "value": ""}]
    assert {"name": "X-A", "value": "1"} in request["headers"]
    assert (request["httpVersion"], request["bodySize"]) == ("HTTP/1.1", 0)
    assert (response["status"], response["statusText"]) == (404, "OK")
    assert response["content"] == {"size": 0, "mimeType": "application/json"}
    assert told["_corsproxy"]["verdict"] == "granted"


def test_a_refusal_says_why() -> None:
    [reason] = entry(refused())["_corsproxy"]["reasons"]
    assert reason["reason"] == "origin-not-allowed"


def test_a_failure_is_the_comment() -> None:
    assert entry(failed())["comment"].endswith("refused the connection")


def test_an_absolute_target_is_the_url_and_an_unreadable_one_is_kept() -> None:
    assert entry(exchange(target="http://a.test/b"))["request"]["url"] == "http://a.test/b"
    assert entry(exchange(target="http://[/?a=1"))["request"]["url"] == "http://[/?a=1"


def test_secrets_are_left_out_unless_asked_for() -> None:
    assert CANARY not in json.dumps(entry(SECRET))
    assert json.dumps(entry(SECRET, secrets=True)).count(CANARY) == 8


def test_the_file_is_whole_from_the_first_moment_and_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    watcher = HarWatcher(HarFile(path))
    watcher.close()
    assert entries(path) == []
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_file_is_whole_after_each_batch(tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    watcher = HarWatcher(HarFile(path))
    for number in range(5):
        watcher(exchange(target=f"/{number}"))
        watcher(preflight())
        watcher.flush()
        until(lambda: len(_read(path)) == 2 * number + 2)  # noqa: B023 - waited for at once
    watcher.close()
    assert len(entries(path)) == 10


def _read(path: Path) -> list[dict[str, Any]]:
    """The entries; none for somebody who looks in the middle of a write."""
    with suppress(json.JSONDecodeError):
        return entries(path)
    return []


async def test_entries_are_written_while_it_runs(tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    watcher = HarWatcher(HarFile(path))
    task = asyncio.create_task(watcher.run())
    watcher(exchange())
    await soon(lambda: _read(path))
    task.cancel()
    watcher.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a disk that is full")
def test_a_full_disk_breaks_nothing_and_is_told_once() -> None:
    told: list[str] = []
    watcher = HarWatcher(HarFile(Path("/dev/full")), tell=told.append)
    for _ in range(3):
        watcher(exchange())
        watcher.flush()
        until(lambda: watcher._outbox.failure and not watcher._outbox._waiting)
    watcher.flush()
    watcher.close()
    assert told == ["/dev/full cannot be written, entries are lost: No space left on device"]


def test_after_a_failed_write_the_file_ends_with_the_last_that_went_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, full = os.pwrite, False

    def write(descriptor: int, data: bytes, offset: int) -> int:
        if full and len(data) > len(CLOSING):
            real(descriptor, data[:-1], offset)  # most of it got through
            raise OSError(28, "No space left on device")
        return real(descriptor, data, offset)

    monkeypatch.setattr(os, "pwrite", write)
    path = tmp_path / "a.har"
    file = HarFile(path)
    whole: list[int] = []
    for number in range(6):
        full = number in (0, 3, 4)
        with pytest.raises(OSError, match="No space") if full else nullcontext():
            file.append(b'{"number": %d}' % number)
        whole += [] if full else [number]
        assert ([one["number"] for one in entries(path)] if path.stat().st_size else []) == whole
    assert whole == [1, 2, 5]


def test_a_file_that_cannot_be_opened_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        HarFile(tmp_path / "none" / "a.har")


def test_killed_it_leaves_a_whole_file(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from corsproxy.watch.har import HarWatcher\n"
        "from corsproxy.watch.har_file import HarFile\n"
        "from tests.watch.exchanges import exchange\n"
        "watcher = HarWatcher(HarFile(Path(sys.argv[1]))); print(flush=True)\n"
        "while True:\n    watcher(exchange()); watcher.flush()\n"
    )
    for number in range(3):
        path = tmp_path / f"{number}.har"
        running = subprocess.Popen(
            [sys.executable, "-c", program, str(path)],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        with running:
            assert running.stdout
            running.stdout.readline()
            until(lambda: path.stat().st_size >= 20_000)  # noqa: B023 - waited for at once
            # A process stands still when its write is done; a kill alone cuts one write in some
            # hundreds at the border of a page, and no program can help that.
            running.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, running.pid, os.WSTOPPED | os.WNOWAIT)
            running.send_signal(signal.SIGKILL)
        assert entries(path)


async def test_what_is_in_memory_can_be_exported_in_pieces() -> None:
    exchanges: list[Exchange] = [exchange(target=f"/{number}") for number in range(250)]
    pieces = [piece async for piece in exported(exchanges)]
    assert len(pieces) == 4
    told = json.loads(b"".join(pieces))
    assert [one["request"]["url"][21:] for one in told["log"]["entries"]] == [
        f"/{number}" for number in range(250)
    ]
    assert json.loads(b"".join([piece async for piece in exported([])]))["log"]["entries"] == []
