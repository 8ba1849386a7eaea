import tracemalloc

from corsproxy.watch.exchange_queue import ExchangeQueue
from corsproxy.watch.memory_size import weight
from corsproxy.watch.recent_exchanges import RecentExchanges
from tests.watch.exchanges import exchange


def test_an_exchange_weighs_at_least_its_heads() -> None:
    for size in (0, 100, 10_000, 64_000):
        one = exchange(target=f"/{'a' * size}")
        heads = (one.request_head, one.forwarded_head, one.response_head, one.upstream_head)
        assert weight(one) > sum(map(len, heads))


def test_what_weighs_too_much_is_not_kept_by_anybody() -> None:
    """The memory that is really taken stays near the bound, whatever the heads are like."""
    most = 4_000_000
    intake, recent = ExchangeQueue(max_bytes=most), RecentExchanges(max_bytes=most)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(200):
        one = exchange(target=f"/{number}{'a' * 64_000}")
        intake.put(one)
        recent(one)
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert taken < 1.25 * most
