from corsproxy.watch.memory_size import weight
from corsproxy.watch.preflight_correlation import (
    FOLLOW_UP_TIMEOUT,
    MAX_AWAITED,
    MAX_AWAITED_BYTES,
    PreflightCorrelation,
    follows,
)
from tests.watch.exchanges import PAGE, STRANGER, exchange, preflight


def test_a_preflight_that_nothing_follows_is_told_once() -> None:
    correlation = PreflightCorrelation()
    asked = preflight("PUT", target="/a")
    correlation.note(asked, now=10)
    assert correlation.waiting
    assert correlation.overdue(14.9) == []
    assert correlation.overdue(15) == [asked]
    assert correlation.overdue(30) == []
    assert not correlation.waiting


def test_the_actual_request_settles_it() -> None:
    correlation = PreflightCorrelation()
    correlation.note(preflight("PUT", target="/a"), now=10)
    correlation.note(exchange("PUT", "/a"), now=11)
    assert correlation.overdue(30) == []


def test_another_method_target_or_origin_does_not_settle_it() -> None:
    correlation = PreflightCorrelation()
    asked = preflight("PUT", target="/a")
    correlation.note(asked, now=10)
    others = [exchange("GET", "/a"), exchange("PUT", "/b"), exchange("PUT", "/a", origin=STRANGER)]
    for other in others:
        correlation.note(other, now=11)
        assert not follows(asked, other)
    assert correlation.overdue(30) == [asked]


def test_a_refused_preflight_awaits_nothing() -> None:
    correlation = PreflightCorrelation()
    correlation.note(preflight("PATCH"), now=10)
    assert not correlation.waiting


def test_a_preflight_that_is_asked_again_is_awaited_anew() -> None:
    correlation = PreflightCorrelation()
    correlation.note(preflight("PUT"), now=10)
    again = preflight("PUT")
    correlation.note(again, now=14)
    assert correlation.overdue(16) == []
    assert correlation.overdue(19) == [again]


def test_one_that_is_asked_again_holds_up_none_that_was_asked_between() -> None:
    correlation = PreflightCorrelation()
    correlation.note(preflight("PUT", target="/a"), now=10)
    between, again = preflight("PUT", target="/b"), preflight("PUT", target="/a")
    correlation.note(between, now=11)
    correlation.note(again, now=14)
    assert correlation.overdue(16) == [between]
    assert correlation.overdue(19) == [again]


def test_they_are_told_in_the_order_in_which_they_were_granted() -> None:
    correlation = PreflightCorrelation()
    asked = [preflight("PUT", target=f"/{number}") for number in (2, 0, 1)]
    for now, one in enumerate(asked):
        correlation.note(one, now=now)
    assert correlation.overdue(6) == asked[:2]
    assert correlation.overdue(7) == asked[2:]


def test_only_so_many_are_awaited() -> None:
    correlation = PreflightCorrelation()
    for number in range(MAX_AWAITED + 5):
        correlation.note(preflight("PUT", target=f"/{number}"), now=10)
    overdue = correlation.overdue(20)
    assert len(overdue) == MAX_AWAITED
    assert overdue[0].target == "/5"


def test_what_is_forgotten_is_not_overdue() -> None:
    correlation = PreflightCorrelation()
    correlation.note(preflight("PUT"), now=10)
    correlation.forget()
    assert not correlation.waiting
    assert correlation.overdue(30) == []


def test_a_preflight_does_not_follow_a_preflight() -> None:
    asked = preflight("OPTIONS", origin=PAGE)
    assert not follows(asked, preflight("PUT"))


def test_what_is_awaited_is_bounded_in_bytes() -> None:
    correlation = PreflightCorrelation()
    large = preflight()._replace(request_head=b"a" * 64_000)
    for number in range(1000):
        correlation.note(large._replace(target=f"/{number}"), 0.0)
    awaited = correlation.overdue(FOLLOW_UP_TIMEOUT)
    assert MAX_AWAITED_BYTES / 2 < sum(map(weight, awaited)) <= MAX_AWAITED_BYTES
    assert awaited[-1].target == "/999"
