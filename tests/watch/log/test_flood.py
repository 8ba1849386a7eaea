from corsproxy.watch.log.flood import Flood


def listed(flood: Flood, second: int, requests: int) -> int:
    return sum(flood.listed(second + i / 1000, "granted") for i in range(requests))


def test_fifty_requests_a_second_are_all_listed() -> None:
    flood = Flood()
    assert [listed(flood, second, 50) for second in range(3)] == [50, 50, 50]
    assert flood.summary(3) is None


def test_what_is_beyond_is_counted_and_told_once_its_second_is_over() -> None:
    flood = Flood()
    assert listed(flood, 7, 80) == 50
    assert flood.counting
    assert flood.summary(7.9) is None
    assert flood.summary(8.0) == {"granted": 30}
    assert flood.summary(8.1) is None
    assert not flood.counting


def test_a_flood_goes_on_until_a_second_has_fewer() -> None:
    flood = Flood()
    listed(flood, 1, 80)
    flood.summary(2)
    assert listed(flood, 2, 80) == 0
    assert flood.summary(3) == {"granted": 80}
    assert listed(flood, 3, 10) == 0
    assert flood.summary(4) == {"granted": 10}
    assert listed(flood, 4, 10) == 10


def test_a_silent_second_ends_a_flood() -> None:
    flood = Flood()
    listed(flood, 1, 80)
    flood.summary(2)
    assert listed(flood, 9, 10) == 10


def test_many_can_be_counted_at_once() -> None:
    flood = Flood()
    flood.count(3.5, {"granted": 700, "unjudged": 20})
    assert not flood.listed(3.6, "granted")
    assert flood.summary(4) == {"granted": 701, "unjudged": 20}
    assert listed(flood, 4, 10) == 0
