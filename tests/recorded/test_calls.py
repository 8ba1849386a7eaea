"""Which entries are calls that CORS decides, whose they are, and which preflight is whose."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.recorded.calls import Beside, Call, Calls, calls
from corsproxy.recorded.har import record
from tests.recorded.records import API, PAGE, entry, har, preflight, unsent


def sorted_(*entries: dict[str, Any]) -> Calls:
    return calls(record(har(*entries)).entries)


FETCHED = {"Origin": PAGE, "Sec-Fetch-Mode": "cors"}


@pytest.mark.parametrize(
    ("made", "beside"),
    [
        pytest.param(entry(), None, id="with an Origin"),
        pytest.param(entry(asked=FETCHED), None, id="in mode cors"),
        pytest.param(entry(asked={"Sec-Fetch-Mode": "cors"}), None, id="by the page alone"),
        pytest.param(unsent(), None, id="never sent"),
        pytest.param(entry(asked={"Origin": "null"}), None, id="from an opaque origin"),
        pytest.param(
            entry(url=f"{PAGE}/x", asked={"Origin": "null"}), None, id="back home after redirects"
        ),
        pytest.param(entry(url=f"{PAGE}/x"), Beside.SAME_ORIGIN, id="to the page's own origin"),
        pytest.param(
            entry(url="https://APP.test:443/x"), Beside.SAME_ORIGIN, id="its origin as it is typed"
        ),
        pytest.param(
            entry(asked={"Sec-Fetch-Site": "same-origin"}), Beside.SAME_ORIGIN, id="by its own word"
        ),
        pytest.param(
            entry(asked={"Sec-Fetch-Mode": "navigate"}), Beside.NAVIGATION, id="a navigation"
        ),
        pytest.param(
            entry("POST", asked={"Origin": PAGE, "Upgrade-Insecure-Requests": "1"}),
            Beside.NAVIGATION,
            id="a form",
        ),
        pytest.param(entry(_resourceType="document", asked={}), Beside.NAVIGATION, id="a document"),
        pytest.param(entry(asked={"Sec-Fetch-Mode": "no-cors"}), Beside.OTHER, id="no-cors"),
        pytest.param(
            entry("POST", asked={"Origin": PAGE, "Sec-Fetch-Mode": "no-cors"}),
            Beside.OTHER,
            id="no-cors with an Origin, as of a beacon",
        ),
        pytest.param(entry(asked={}), Beside.OTHER, id="sent without an Origin"),
        pytest.param(
            entry(status=0, asked={}, _resourceType="image"), Beside.OTHER, id="an unsent image"
        ),
        pytest.param(entry(url="data:,x"), Beside.OTHER, id="a data: URL"),
        pytest.param(entry(url="wss://api.test/"), Beside.OTHER, id="a WebSocket"),
        pytest.param(
            entry(asked={"Origin": PAGE, "Upgrade": "websocket"}), Beside.OTHER, id="an upgrade"
        ),
        pytest.param(entry(url="http://[/"), Beside.OTHER, id="what is no URL"),
    ],
)
def test_each_entry_has_its_kind(made: dict[str, Any], beside: Beside | None) -> None:
    found = sorted_(made)
    assert dict(found.beside) == ({} if beside is None else {beside: 1})
    assert len(found.judged) == (beside is None)


def test_what_a_service_worker_answered_is_not_judged() -> None:
    made = entry()
    made["response"]["_fetchedViaServiceWorker"] = True
    assert dict(sorted_(made).beside) == {Beside.OTHER: 1}


@pytest.mark.parametrize(
    ("asked", "page", "origin"),
    [
        pytest.param({"Origin": "https://b.test"}, PAGE, "https://b.test", id="its own word first"),
        pytest.param({"Referer": "https://b.test/x"}, PAGE, "https://b.test", id="then Referer"),
        pytest.param({}, f"{PAGE}/index.html", PAGE, id="then the page"),
        pytest.param({}, "file:///home/me/x.html", "null", id="of a file"),
    ],
)
def test_the_origin_is_the_best_that_is_known(
    asked: dict[str, str], page: str, origin: str
) -> None:
    made = entry(status=0, asked=asked, pageref="p")
    text = (
        har(made).replace(b'"page_1"', b'"p"').replace(f"{PAGE}/index.html".encode(), page.encode())
    )
    [call] = calls(record(text).entries).judged
    assert call.origin == origin


def test_without_any_page_nothing_is_judged() -> None:
    made = entry(status=0, asked={}, pageref="no such page")
    assert dict(sorted_(made).beside) == {Beside.OTHER: 1}


def test_what_the_wire_says_comes_before_what_is_known_otherwise() -> None:
    opaque = preflight()
    opaque["request"]["headers"][0]["value"] = "null"
    [call] = sorted_(opaque, unsent()).judged
    assert call.origin == "null"


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param([preflight(), unsent()], id="Chromium lists it before the request"),
        pytest.param([unsent(), preflight()], id="or after it, as Firefox does"),
        pytest.param([preflight(), entry(), unsent()], id="or with others between"),
    ],
)
def test_a_preflight_belongs_to_its_request(entries: list[dict[str, Any]]) -> None:
    [call] = [one for one in sorted_(*entries).judged if one.method == "PUT"]
    assert call.preflight is not None
    assert call.actual is not None


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(preflight("DELETE"), id="another method"),
        pytest.param(preflight(url="https://api.test/y"), id="another URL"),
    ],
)
def test_a_preflight_for_something_else_is_a_call_by_itself(other: dict[str, Any]) -> None:
    found = sorted_(other, unsent()).judged
    assert [(one.actual is None, one.preflight is None) for one in found] == [
        (True, False),
        (False, True),
    ]
    assert found[0].method == (other["request"]["headers"][1]["value"])


def test_of_several_alike_the_nearest_is_taken_and_none_twice() -> None:
    first, second = unsent(), unsent()
    found = sorted_(first, entry(), entry(), preflight(), second, preflight()).judged
    paired = [one.preflight is not None for one in found if one.method == "PUT"]
    assert paired == [False, True, True]  # the second preflight has no request left


@given(st.lists(st.sampled_from([preflight(), unsent(), entry(), entry(url=f"{PAGE}/")])))
def test_no_entry_is_lost_or_told_twice(entries: list[dict[str, Any]]) -> None:
    found = sorted_(*entries)

    def size(call: Call) -> int:
        return (call.actual is not None) + (call.preflight is not None)

    assert sum(map(size, found.judged)) + sum(found.beside.values()) == len(entries)


def test_sorting_costs_linear_time() -> None:
    many = [preflight(url=f"{API}/{n % 3}") for n in range(2000)]
    many += [unsent(url=f"{API}/{n % 3}") for n in range(2000)]
    assert len(sorted_(*many).judged) == 2000
