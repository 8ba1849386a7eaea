import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from corsproxy.cors.exchange import Exchange
from corsproxy.cors.tally import Tally
from corsproxy.limits import RECENT_MAX_EXCHANGES, RECENT_MAX_PER_SECOND
from corsproxy.watch.memory_size import weight
from corsproxy.watch.recent_exchanges import RecentExchanges
from tests.until import turns
from tests.watch.exchanges import exchange, refused


def filled(count: int, most: int = RECENT_MAX_EXCHANGES) -> tuple[RecentExchanges, list[Exchange]]:
    recent = RecentExchanges(most)
    exchanges = [exchange(target=f"/{number}") for number in range(count)]
    for one in exchanges:
        recent(one)
    return recent, exchanges


def test_the_last_ones_are_kept_in_their_order() -> None:
    recent, exchanges = filled(5, most=3)
    assert list(recent) == exchanges[2:]
    assert list(reversed(recent)) == exchanges[:1:-1]
    assert (len(recent), recent.total) == (3, 5)


def test_one_is_found_by_its_id() -> None:
    recent, exchanges = filled(5, most=3)
    assert recent.find(exchanges[3].id) is exchanges[3]
    assert recent.find(exchanges[0].id) is None
    assert recent.find("") is None


def test_large_heads_take_the_place_of_many_small_ones() -> None:
    large = exchange()._replace(request_head=b"a" * 100_000)
    recent = RecentExchanges(max_bytes=10 * weight(large))
    for _ in range(50):
        recent(large)
    assert len(recent) <= 10
    assert recent.total == 50


@pytest.mark.parametrize(
    ("seen", "most", "targets", "missed"),
    [
        pytest.param(5, 9, [], 0, id="nothing new"),
        pytest.param(3, 9, ["/3", "/4"], 0, id="what is new, the oldest first"),
        pytest.param(2, 1, ["/4"], 2, id="the newest, when there is too much"),
        pytest.param(0, 9, ["/2", "/3", "/4"], 2, id="what the ring has lost is counted"),
    ],
)
def test_news_since_a_number(seen: int, most: int, targets: list[str], missed: int) -> None:
    recent, _ = filled(5, most=3)
    news = recent.since(seen, most)
    assert [one.target for one in news.exchanges] == targets
    assert (news.cursor, news.missed) == (5, missed)


def test_in_a_flood_all_that_went_wrong_is_kept_and_some_of_the_rest() -> None:
    recent = RecentExchanges()
    for number in range(2000):
        recent(exchange(target=f"/{number}"))
        if number % 10 == 0:
            recent(refused())
    kept = [one for one in recent if one.status == 403]
    assert len(kept) == 200
    assert recent.total - 200 < RECENT_MAX_PER_SECOND
    assert recent.total + recent.skipped == 2200
    recent(exchange(target="/next", started=1_800_000_001.0))
    assert next(reversed(recent)).target == "/next"


def test_what_was_only_counted_is_told_as_skipped() -> None:
    recent = RecentExchanges()
    one = exchange()
    tally = Tally(one.route, one.policy, one.decision, one.status, b"")
    for _ in range(3):
        tally.add(0, 0, 0.0)
    recent.count(tally)
    assert (recent.total, recent.skipped, len(recent)) == (0, 3, 0)


async def test_whoever_waits_is_woken_by_the_next() -> None:
    recent, _ = filled(2)
    await recent.beyond(1)
    waiting = [asyncio.create_task(recent.beyond(2)) for _ in range(3)]
    await turns()
    assert not any(task.done() for task in waiting)
    recent(exchange())
    await asyncio.gather(*waiting)


async def test_whoever_gives_up_waiting_is_forgotten() -> None:
    recent, _ = filled(1)
    waiting = asyncio.create_task(recent.beyond(1))
    await turns()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    recent(exchange())
    assert not recent._waiting


PROGRAM = """
import resource, sys
from corsproxy.cors.tally import Tally
from corsproxy.watch.recent_exchanges import RecentExchanges
from corsproxy.watch.memory_size import weight
from tests.watch.exchanges import exchange

def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()

FIELDS = [(f"Sec-Ch-{n}", "x" * 30) for n in range(14)] + [("Authorization", "Bearer " + "y" * 200)]
recent = RecentExchanges()
recent(exchange("GET", "/warm", FIELDS))
before = resident()
for number in range(10_000):
    fields = [*FIELDS, ("X-Request", str(number))]
    target = f"/api/items/{number}?page={number}"
    recent(exchange("GET", target, fields, upstream=FIELDS[:8], started=1e9 + number / 100))
print(len(recent), resident() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="Linux tells its memory")
def test_ten_thousand_exchanges_of_a_browser_cost_less_than_60_mb() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    count, cost = map(int, done.stdout.split())
    assert count == 10_000
    assert cost < 60_000_000
