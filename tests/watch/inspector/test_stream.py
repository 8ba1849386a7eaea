import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from corsproxy.cors.exchange import Exchange
from corsproxy.limits import RECENT_MAX_PER_SECOND
from corsproxy.watch.inspector import rows as rows_module
from corsproxy.watch.inspector import stream as module
from corsproxy.watch.inspector.rows import row
from corsproxy.watch.inspector.stream import MAX_BATCH_BYTES, ROWS_AT_ONCE, Stream
from corsproxy.watch.recent_exchanges import RecentExchanges
from tests.watch.exchanges import exchange


def event(text: bytes) -> tuple[str, str, dict[str, Any]]:
    """Name, id and data of an event."""
    lines = dict(line.split(": ", 1) for line in text.decode().splitlines() if line)
    return lines["event"], lines["id"], json.loads(lines["data"])


async def rows(events: AsyncIterator[bytes]) -> tuple[list[str], int, str]:
    name, identity, data = event(await anext(events))
    assert name == "rows"
    return [row["target"] for row in data["rows"]], data["missed"], identity


def filled(count: int) -> RecentExchanges:
    recent = RecentExchanges()
    for number in range(count):
        recent(exchange(target=f"/{number}"))
    return recent


async def test_the_token_comes_first_then_what_is_here_then_what_comes() -> None:
    recent = filled(2)
    events = Stream(recent, "t0ken").events("")
    name, _, hello = event(await anext(events))
    assert (name, hello) == ("hello", {"token": "t0ken"})
    assert (await rows(events))[:2] == (["/0", "/1"], 0)
    recent(exchange(target="/2"))
    assert (await rows(events))[:2] == (["/2"], 0)


async def test_much_comes_in_batches_and_none_is_missed() -> None:
    events = Stream(filled(2 * ROWS_AT_ONCE + 1), "").events("")
    await anext(events)
    sizes = [len((await rows(events))[0]) for _ in range(3)]
    assert sizes == [ROWS_AT_ONCE, ROWS_AT_ONCE, 1]


async def test_a_batch_of_large_heads_is_smaller() -> None:
    recent = RecentExchanges()
    for _ in range(10):
        recent(exchange()._replace(request_head=b"a" * (MAX_BATCH_BYTES // 4)))
    events = Stream(recent, "").events("")
    await anext(events)
    assert [len((await rows(events))[0]) for _ in range(5)] == [2] * 5


async def test_a_row_is_made_once_for_all_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    recent = filled(3)
    made = []

    def noted(one: Exchange) -> dict[str, Any]:
        made.append(one.id)
        return row(one)

    monkeypatch.setattr(rows_module, "row", noted)
    stream = Stream(recent, "")
    for _ in range(3):
        events = stream.events("")
        await anext(events)
        assert (await rows(events))[0] == ["/0", "/1", "/2"]
    assert made == [one.id for one in recent]


async def test_who_comes_back_goes_on_where_it_was() -> None:
    recent = filled(3)
    stream = Stream(recent, "")
    events = stream.events("")
    await anext(events)
    *_, identity = await rows(events)
    recent(exchange(target="/3"))
    again = stream.events(identity)
    await anext(again)
    assert (await rows(again))[0] == ["/3"]


async def test_the_numbers_of_another_run_mean_nothing() -> None:
    for identity in ("0000.2", "2", "x", "0000.x"):
        events = Stream(filled(3), "").events(identity)
        await anext(events)
        assert len((await rows(events))[0]) == 3


async def test_who_reads_too_slowly_is_told_how_many_it_missed() -> None:
    recent = filled(1)
    events = Stream(recent, "").events("")
    await anext(events)
    await rows(events)
    for number in range(ROWS_AT_ONCE + 5):
        recent(exchange(target=f"/{number}"))
    targets, missed, _ = await rows(events)
    assert (len(targets), missed) == (ROWS_AT_ONCE, 5)
    assert targets[-1] == f"/{ROWS_AT_ONCE + 4}"


async def test_silence_is_broken_now_and_then(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "HEARTBEAT", 0.001)
    events = Stream(RecentExchanges(), "").events("")
    await anext(events)
    assert await anext(events) == b": still here\n\n"


async def test_what_a_flood_left_out_is_counted() -> None:
    recent = filled(1)
    events = Stream(recent, "").events("")
    await anext(events)
    await rows(events)
    for _ in range(RECENT_MAX_PER_SECOND + 10):
        recent(exchange())
    targets, missed, _ = await rows(events)
    assert len(targets) + missed == RECENT_MAX_PER_SECOND + 10


async def test_what_was_left_out_before_or_between_is_counted_once() -> None:
    recent = RecentExchanges()
    for _ in range(RECENT_MAX_PER_SECOND + 10):
        recent(exchange())
    stream = Stream(recent, "")
    events = stream.events("")
    await anext(events)
    counted = [await rows(events) for _ in range(RECENT_MAX_PER_SECOND // ROWS_AT_ONCE)]
    assert [missed for _, missed, _ in counted] == [10, 0, 0, 0, 0]
    for _ in range(3):
        recent(exchange())
    recent(exchange(target="/after", started=1.9e9))
    again = stream.events(counted[-1][2])
    await anext(again)
    assert (await rows(again))[:2] == (["/after"], 3)
