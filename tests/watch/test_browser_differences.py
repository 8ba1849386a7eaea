"""Where browsers come to different ends, log and inspector say which; where they agree, nothing."""

import json
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from corsproxy.cors.exchange import Exchange
from corsproxy.cors.policy import Mode
from corsproxy.watch.inspector.details import details
from corsproxy.watch.inspector.rows import Rows
from corsproxy.watch.log.json_lines import JsonLines
from corsproxy.watch.log.terminal import Terminal
from tests.watch.exchanges import PAGE, POLICY, exchange

PASSED = replace(POLICY, mode=Mode.PASSTHROUGH)
ALLOWED = ("Access-Control-Allow-Origin", PAGE)
ASKED = [
    ("Access-Control-Request-Method", "GET"),
    ("Access-Control-Request-Headers", "authorization"),
]


class Case(NamedTuple):
    """An exchange, the sentence on browsers that belongs to it, and the ends that it comes to."""

    exchange: Exchange
    sentence: str
    standard: str
    chromium: str
    firefox: str
    webkit: str

    @property
    def ends(self) -> dict[str, str]:
        return dict(zip(self._fields[2:], self[2:], strict=True))


BLOCKED_IN_SOME = Case(
    exchange(policy=PASSED, upstream=[ALLOWED], status=407),
    "blocked by the standard and in Chromium; readable in Firefox and WebKit",
    *("blocked", "blocked", "readable", "readable"),
)
READABLE_IN_ALL = Case(
    exchange(
        "OPTIONS",
        fields=ASKED,
        policy=PASSED,
        upstream=[("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Headers", "*")],
    ),
    "blocked by the standard; no current browser blocks",
    *("blocked", "readable", "readable", "readable"),
)
AGREED = [
    pytest.param(exchange(policy=PASSED, upstream=[ALLOWED]), id="readable in all"),
    pytest.param(exchange(policy=PASSED), id="blocked in all"),
    pytest.param(exchange(), id="granted by the policy"),
]
SENTENCES = ("by the standard", "current browser")


def shown_by_inspector(made: Exchange) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(json.dumps(details(made, (), made.started)))
    return shown


def test_the_log_tells_in_which_browsers_a_response_is_blocked() -> None:
    line, why, _ = Terminal().lines(BLOCKED_IN_SOME.exchange)
    assert line.endswith("not judged, blocked by the browser (proxy-authentication)")
    assert why.endswith(f"({BLOCKED_IN_SOME.sentence})")
    record = json.loads(JsonLines().line(BLOCKED_IN_SOME.exchange))
    assert record["blocked"]["browsers"] == BLOCKED_IN_SOME.ends
    assert record["blocked"]["text"].endswith(f"({BLOCKED_IN_SOME.sentence})")
    assert "parted" not in record


def test_the_log_tells_what_only_the_standard_blocks_and_calls_it_not_blocked() -> None:
    line, why, fix = Terminal().lines(READABLE_IN_ALL.exchange)
    assert "blocked" not in line
    assert why.endswith(f"({READABLE_IN_ALL.sentence})")
    assert fix.strip() == 'fix: add authorization to allow_headers, beside "*"'
    record = json.loads(JsonLines().line(READABLE_IN_ALL.exchange))
    assert record["parted"]["reason"] == "authorization-not-covered-by-wildcard"
    assert record["parted"]["browsers"] == READABLE_IN_ALL.ends
    assert "blocked" not in record


@pytest.mark.parametrize("made", AGREED)
def test_the_log_is_silent_about_browsers_that_agree(made: Exchange) -> None:
    text = "\n".join(Terminal().lines(made))
    record = json.loads(JsonLines().line(made))
    assert "parted" not in record
    for sentence in SENTENCES:
        assert sentence not in text
        assert sentence not in json.dumps(record)


def test_the_inspector_tells_in_which_browsers_a_response_is_blocked() -> None:
    shown = shown_by_inspector(BLOCKED_IN_SOME.exchange)
    assert shown["outcome"]["browsers"]["omit"] == BLOCKED_IN_SOME.ends
    assert shown["outcome"]["blocked"]["omit"]["holds"] == BLOCKED_IN_SOME.sentence
    assert shown["outcome"]["blocked"]["omit"]["browsers"] == BLOCKED_IN_SOME.ends
    assert json.loads(Rows().json(BLOCKED_IN_SOME.exchange))["blocked"] is True


def test_the_inspector_notices_what_only_the_standard_blocks_and_calls_it_readable() -> None:
    shown = shown_by_inspector(READABLE_IN_ALL.exchange)
    [notice] = [one for one in shown["notices"] if one["holds"]]
    assert notice["id"] == "authorization-not-covered-by-wildcard"
    assert (notice["holds"], notice["browsers"]) == (READABLE_IN_ALL.sentence, READABLE_IN_ALL.ends)
    assert shown["outcome"]["readable"]["omit"] is True
    assert shown["outcome"]["browsers"]["omit"] == READABLE_IN_ALL.ends
    assert json.loads(Rows().json(READABLE_IN_ALL.exchange))["blocked"] is False


@pytest.mark.parametrize("made", AGREED)
def test_the_inspector_is_silent_about_browsers_that_agree(made: Exchange) -> None:
    shown = shown_by_inspector(made)
    for ends in shown["outcome"]["browsers"].values():
        assert len(set(ends.values())) == 1
    for sentence in SENTENCES:
        assert sentence not in json.dumps(shown)
