from corsproxy.cors.decision import Request, decide
from corsproxy.cors.origin import Origins
from corsproxy.cors.policy import Policy
from corsproxy.cors.tally import Histogram, Tally

POLICY = Policy(Origins(()))


def tally() -> Tally:
    return Tally("/", POLICY, decide(POLICY, Request.of("GET", [], "")), 200, b"")


def test_buckets_are_cumulative() -> None:
    histogram = Histogram((1, 2))
    for value in (0.5, 1, 1.5, 99):
        histogram.observe(value)
    assert histogram.buckets() == [("1", 2), ("2", 3), ("+Inf", 4)]


def test_two_histograms_are_merged_into_one() -> None:
    one, two, all_ = Histogram((1, 2)), Histogram((1, 2)), Histogram((1, 2))
    for value in (0.5, 1.5):
        one.observe(value)
        all_.observe(value)
    for value in (1.5, 7):
        two.observe(value)
        all_.observe(value)
    one.merge(two)
    assert one.buckets() == all_.buckets()
    assert one.sum == all_.sum


def test_what_was_not_there_is_not_observed() -> None:
    counted = tally()
    counted.add(0, 0, 0.0)
    counted.add(5, 0, 0.0)
    assert counted.count == 2
    assert sum(counted.sent.counts) == 1
    assert sum(counted.received.counts) == sum(counted.seconds.counts) == 0


def test_a_tally_begins_anew() -> None:
    counted = tally()
    counted.add(5, 6, 0.7)
    counted.clear()
    assert counted.count == counted.sent.sum == counted.received.sum == counted.seconds.sum == 0
