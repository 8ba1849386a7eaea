"""The questions sent: how many, how fast, with which headers, and by which origin."""

import asyncio

import pytest

from corsproxy.cors import headers as f
from corsproxy.cors.headers import Fields
from corsproxy.probe.client import ServerResponse, UnreachableError
from corsproxy.probe.verify.asking import Asker, Pace
from corsproxy.probe.verify.questions import Plan, Subject
from tests.probe.verify.deployed import POLICY, URL, Deployed, policy_of, verified

APP = "https://app.shop.example"
PLAN = Plan(Subject(URL, policy_of()))
FAST = 1e9


class Clock:
    """A time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_requests_keep_to_their_rate_and_nobody_makes_up_for_a_pause() -> None:
    clock = Clock()
    pace = Pace(4, clock=clock, sleep=clock.sleep)

    async def turns() -> list[float]:
        times = []
        for pause in (0, 0, 0, 3, 0):
            clock.now += pause
            await pace.turn()
            times.append(clock.now)
        return times

    assert asyncio.run(turns()) == [100.0, 100.25, 100.5, 103.5, 103.75]


async def test_every_question_is_sent_once() -> None:
    server = Deployed(policy_of())
    findings = await Asker(server, Pace(FAST), 10_000).verify(PLAN)
    assert findings.asked == len(server.asked) == len(PLAN.questions())
    assert (findings.left_out, findings.passed) == (0, True)


async def test_no_more_are_sent_than_told_and_the_rest_is_counted() -> None:
    server = Deployed(policy_of())
    findings = await verified(policy_of(), server, at_most=7)
    assert (findings.asked, len(server.asked)) == (7, 7)
    assert findings.left_out == len(PLAN.questions()) - 7


async def test_own_headers_go_with_each_request_and_with_no_preflight() -> None:
    server, own = Deployed(policy_of()), ("Authorization", "Bearer s3cret")
    await Asker(server, Pace(FAST), 100, page_headers=[own]).verify(PLAN)
    assert {asked.method: own in asked.fields for asked in server.asked} == {
        "GET": True,
        "OPTIONS": False,
    }


async def test_own_headers_replace_those_of_the_browser() -> None:
    server = Deployed(policy_of())
    await Asker(server, Pace(FAST), 3, page_headers=[("accept", "text/csv")]).verify(PLAN)
    found = [f.values(one.fields, "Accept") for one in server.asked if one.method == "GET"]
    assert found == [["text/csv"]] * 2


async def test_progress_is_told_after_each_response() -> None:
    told: list[tuple[int, int]] = []
    asker = Asker(
        Deployed(policy_of()),
        Pace(FAST),
        3,
        progress=lambda done, total: told.append((done, total)),
    )
    await asker.verify(PLAN)
    assert told == [(1, 3), (2, 3), (3, 3)]


async def test_where_the_first_origin_is_lost_the_next_one_asks_for_the_rest() -> None:
    server = Deployed(policy_of(POLICY.replace(f"    - {APP}\n", "")))
    await verified(policy_of(), server)
    asked = [one for one in server.asked if f.joined(one.fields, f.REQUEST_METHOD) == "PATCH"]
    assert [f.joined(one.fields, f.ORIGIN) for one in asked] == ["http://localhost:5173"]


async def test_where_no_origin_is_served_nothing_is_said_of_methods() -> None:
    server = Deployed(policy_of(POLICY.partition("cors:")[0] + "cors: {allow_methods: [PUT]}"))
    await verified(policy_of(), server)
    assert {f.joined(one.fields, f.REQUEST_METHOD) for one in server.asked} == {None, "GET"}


async def test_a_server_that_gives_no_response_ends_it() -> None:
    class Gone:
        async def send(
            self, method: str, url: str, headers: Fields, content: bytes = b""
        ) -> ServerResponse:
            raise UnreachableError(url)

    with pytest.raises(UnreachableError):
        await verified(policy_of(), Gone())
