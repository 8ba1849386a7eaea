"""The report of a record: golden for each browser's dialect, and nothing secret or wild in it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cors.exchange import Exchange
from corsproxy.cors.explain import exchange_outcome
from corsproxy.recorded.calls import calls
from corsproxy.recorded.har import record
from corsproxy.recorded.judgement import judged
from corsproxy.recorded.report import Told, report_json, report_text
from corsproxy.watch.har import entry as recorded_entry
from corsproxy.watch.summary import refusals
from tests.recorded.records import API, PAGE, entry, har
from tests.watch import exchanges

CASES = Path(__file__).parents[1] / "cases" / "recorded"
SECRETS = ("secret-1", "secret-2", "secret-9")
"""In the files: a bearer token, a cookie, a token in a URL."""


def reported(data: bytes) -> tuple[str, str]:
    """The report as text, and as JSON."""
    found = record(data)
    to_judge, beside = calls(found.entries)
    told = [Told(judged(call, found.browser)) for call in to_judge]
    as_json = json.dumps(report_json(found, told, beside), indent=2) + "\n"
    return report_text(found, told, beside), as_json


@pytest.mark.parametrize("name", ["chromium", "firefox"])
def test_what_a_browser_saved_is_told(name: str, golden: Callable[[Path, str], None]) -> None:
    """Chromium 156 and Firefox 153 ESR saved the files; hosts are replaced, and some left out."""
    data = (CASES / f"{name}.har").read_bytes()
    text, as_json = reported(data)
    assert all(secret.encode() in data for secret in SECRETS)
    assert not any(secret in text + as_json for secret in SECRETS)
    golden(CASES / f"{name}.out", text)
    golden(CASES / f"{name}.json", as_json)


def test_what_is_told_of_several_calls_is_told_once() -> None:
    text, as_json = reported(har(*[entry()] * 3, entry(url=f"{API}/other")))
    assert text.count(f"GET {API} -> 200, from {PAGE}  (3 times)\n") == 1
    assert text.count("[allow-origin-missing]") == 2
    assert len(json.loads(as_json)["calls"]) == 4


def test_an_empty_record_has_a_report_too() -> None:
    text, as_json = reported(har(creator="Some\x1b[2J Tool"))
    assert text == "saved by Some\\x1b[2J Tool; calls of other origins: 0\n"
    assert json.loads(as_json)["outcome"] == "readable"


def test_where_nobody_knows_the_browser_every_console_is_named() -> None:
    text, _ = reported(har(entry(), creator=""))
    assert (
        "see: Chrome: MissingAllowOriginHeader; Firefox: CORSMissingAllowOrigin; WebKit: " in text
    )
    assert text.endswith("\ncalls of other origins: 1 (1 blocked)\n")


@given(st.text(), st.text(), st.text())
def test_nothing_that_was_recorded_moves_the_cursor_or_ends_a_line(
    method: str, path: str, value: str
) -> None:
    asked = {"Origin": value or PAGE}
    made = entry(method, API + path, asked=asked, headers={"Access-Control-Allow-Origin": value})
    text, _ = reported(har(made, creator=value))
    assert text.isascii()
    assert text.replace("\n", "").isprintable()
    assert len(text.splitlines()) <= 10


REFUSED = {
    "an origin": exchanges.refused(),
    "an origin's preflight": exchanges.preflight(origin=exchanges.STRANGER),
    "a method": exchanges.preflight("DELETE"),
    "a name": exchanges.preflight("PUT", "x-b"),
}


def kept(*made: Exchange) -> tuple[list[dict[str, Any]], str]:
    """The calls in the HAR that corsproxy writes of these exchanges, and the report on them."""
    data = har(*map(recorded_entry, made), creator="corsproxy")
    text, as_json = reported(data)
    found: list[dict[str, Any]] = json.loads(as_json)["calls"]
    return found, text


@pytest.mark.parametrize("name", REFUSED)
def test_what_corsproxy_refused_and_recorded_is_blocked_for_the_same_reason(name: str) -> None:
    one = REFUSED[name]
    [found], text = kept(one)
    predicted = exchange_outcome(one)
    assert predicted is not None
    assert (found["outcome"], found["reasons"][0]["id"]) == ("blocked", predicted.omit.reason)
    ours = [check.reason_id for check in refusals(one)]
    assert [refused["id"] for refused in found["refused_by_corsproxy"]] == ours != []
    assert all(f"[{identity}]" in text for identity in ours)


def test_what_corsproxy_granted_and_recorded_is_readable() -> None:
    [found], _ = kept(exchanges.preflight(), exchanges.exchange("PUT"))
    assert (found["outcome"], found["preflight"], found["status"]) == ("readable", 204, 200)
    assert found["refused_by_corsproxy"] == []
