"""Reports of whole scenes, kept as golden files: what a user reads, in each format."""

import json
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from corsproxy.cors.browser.attempt import Attempt
from corsproxy.probe import report
from corsproxy.probe.client import ProbeClient
from corsproxy.probe.judge import Account, Call, judge
from tests.browser.scripted import Asked, Reply, Scripted

CASES = Path(__file__).parents[1] / "cases" / "probe"
PAGE = "http://localhost:5173"
CANARY = "s3cret-canary"
GRANTED = [
    ("Access-Control-Allow-Origin", PAGE),
    ("Access-Control-Allow-Credentials", "true"),
    ("Vary", "Origin"),
]
REPLIES = {
    "GET /granted": Reply(200, [*GRANTED, ("X-Total-Count", "42")]),
    "GET /nothing": Reply(200, []),
    "OPTIONS /refused": Reply(405, [("Allow", "GET")]),
    "OPTIONS /put": Reply(204, [*GRANTED, ("Access-Control-Allow-Methods", "PUT")]),
    "PUT /put": Reply(
        200, [*GRANTED, ("Set-Cookie", f"session={CANARY}; SameSite=None"), ("X-Key", CANARY)]
    ),
    "GET /escapes": Reply(200, [("X-Evil", "\x1b[2J\x9b31m"), ("X-More", "<b>&")]),
    "GET /corsproxy": Reply(403, [("X-Corsproxy-Decision", "ab12-7")]),
    "GET /moved": Reply(302, [*GRANTED, ("Location", f"/granted?token={CANARY}")]),
    f"GET /granted?token={CANARY}": Reply(200, GRANTED),
}
SCENES = [
    pytest.param("granted", Attempt(PAGE), "/granted", id="readable, one field hidden"),
    pytest.param("nothing", Attempt(PAGE), "/nothing", id="a server without CORS"),
    pytest.param(
        "refused",
        Attempt(PAGE, "PUT", [("X-A", CANARY), ("Authorization", f"Bearer {CANARY}")]),
        "/refused",
        id="a preflight at which everything is wrong",
    ),
    pytest.param(
        "put", Attempt(PAGE, "PUT", (), True), "/put", id="cookies of the response masked"
    ),
    pytest.param("escapes", Attempt(PAGE), "/escapes", id="bytes that would move a cursor"),
    pytest.param("corsproxy", Attempt(PAGE), "/corsproxy", id="a refusal of corsproxy itself"),
    pytest.param("moved", Attempt(PAGE), f"/moved?key={CANARY}", id="a redirect"),
]


@pytest.fixture
async def server() -> AsyncIterator[int]:
    def response(asked: Asked) -> Reply:
        return REPLIES[f"{asked.method} {asked.path.replace('/moved?key=' + CANARY, '/moved')}"]

    server = Scripted(response)
    yield await server.listen()
    server.close()


async def account_of(attempt: Attempt, port: int, path: str) -> Account:
    return await judge(
        ProbeClient(), Call(attempt, f"http://127.0.0.1:{port}{path}", f"a={CANARY}")
    )


def told(text: str, port: int) -> str:
    """`text` without what differs from run to run."""
    return text.replace(str(port), "PORT")


@pytest.mark.parametrize(("name", "attempt", "path"), SCENES)
async def test_reports(
    server: int, golden: Callable[[Path, str], None], name: str, attempt: Attempt, path: str
) -> None:
    account = await account_of(attempt, server, path)
    as_junit = report.report_junit(account, expected="readable")
    golden(CASES / f"{name}.txt", told(report.report_text(account), server))
    golden(CASES / f"{name}.json", told(report.report_json(account), server))
    golden(CASES / f"{name}.xml", told(as_junit, server))
    as_github = report.report_github(account, expected="readable")
    golden(CASES / f"{name}.github", told(as_github, server))


@pytest.mark.parametrize(("name", "attempt", "path"), SCENES)
async def test_no_report_has_a_secret_or_a_byte_for_the_terminal(
    server: int, name: str, attempt: Attempt, path: str
) -> None:
    account = await account_of(attempt, server, path)
    reports = [
        report.report_text(account),
        report.report_json(account),
        report.report_junit(account, expected="readable"),
        report.report_junit(account, expected="blocked"),
        report.report_github(account, expected="readable"),
        report.report_github(account, expected="blocked"),
    ]
    for text in reports:
        assert CANARY not in text
        assert re.fullmatch(r"[\n\x20-\x7e]*", text)


async def test_github_is_told_of_an_error_where_the_outcome_is_not_the_expected_one(
    server: int,
) -> None:
    told_of = {"granted": "blocked", "nothing": "readable"}
    for name, wrong in told_of.items():
        account = await account_of(Attempt(PAGE), server, f"/{name}")
        right = {"blocked": "readable", "readable": "blocked"}[wrong]
        assert "::error " in report.report_github(account, expected=wrong)
        assert "::error " not in report.report_github(account, expected=right)


async def test_junit_fails_where_the_outcome_is_not_the_expected_one(server: int) -> None:
    account = await account_of(Attempt(PAGE), server, "/escapes")
    for expected, failures in (("readable", "1"), ("blocked", "0")):
        suite = ET.fromstring(report.report_junit(account, expected=expected))
        assert suite.get("failures") == failures
        assert len(suite.findall("testcase/failure")) == int(failures)


async def test_json_has_the_keys_that_scripts_rely_on(server: int) -> None:
    account = await account_of(Attempt(PAGE, "PUT"), server, "/refused")
    told = json.loads(report.report_json(account))
    assert told["outcome"] == "blocked"
    assert told["preflight"]["status"] == 405
    assert told["preflight"]["headers"] == [["Allow", "GET"], ["Content-Length", "0"]]
    assert told["response"] is None
    assert set(told["reasons"][0]) == {
        *("id", "text", "fix", "chrome", "firefox", "webkit", "step", "holds", "browsers")
    }
