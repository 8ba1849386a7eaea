import json
from typing import Any

import pytest

from corsproxy.watch.log.json_lines import MAX_TEXT_LENGTH, JsonLines, dumped, timestamp
from tests.watch.exchanges import PAGE, exchange, failed, preflight, refused

CANARY = "c4n4ry"
ALWAYS = {
    "time", "event", "id", "kind", "method", "target", "origin", "peer", "route", "status", "ms",
    "upstream_ms", "request_bytes", "response_bytes", "verdict",
}  # fmt: skip
"""The names that programs rely on."""


def read(line: str) -> dict[str, Any]:
    assert "\n" not in line
    assert line.isascii()
    assert line.isprintable()
    told: dict[str, Any] = json.loads(line)
    return told


def test_a_request_has_the_documented_names() -> None:
    told = read(JsonLines().line(exchange("GET", "/a")))
    assert told.keys() == ALWAYS
    assert told["time"] == "2027-01-15T08:00:00.000Z"
    assert (told["event"], told["kind"], told["verdict"]) == ("request", "actual", "granted")
    assert (told["method"], told["target"], told["origin"]) == ("GET", "/a", PAGE)
    assert (told["status"], told["ms"], told["upstream_ms"]) == (200, 12.0, 6.0)


def test_a_request_without_an_origin_has_null() -> None:
    assert read(JsonLines().line(exchange(origin=None)))["origin"] is None


def test_a_refusal_has_its_reasons_each_time() -> None:
    lines = JsonLines()
    for _ in range(2):
        told = read(lines.line(refused()))
        assert told.keys() == ALWAYS | {"reasons"}
        [reason] = told["reasons"]
        assert (reason["check"], reason["reason"]) == ("origin", "origin-not-allowed")
        assert reason["place"] == "config.yaml:3:3"
        assert reason["text"]
        assert reason["fix"]


def test_what_only_the_browser_blocks_has_its_reason() -> None:
    told = read(JsonLines().line(exchange(fields=[("Cookie", "a=b")])))
    assert told["verdict"] == "granted"
    assert told["blocked"]["reason"] == "allow-credentials-not-true"


def test_a_failure_is_named() -> None:
    told = read(JsonLines().line(failed()))
    assert told["failure"] == "refused"
    assert told["detail"].endswith("refused the connection")


def test_other_events() -> None:
    lines = JsonLines()
    assert read(lines.unfollowed(preflight()))["reasons"][0]["reason"] == "actual-request-missing"
    assert read(lines.dropped(3, 0)) == {
        "time": "1970-01-01T00:00:00.000Z", "event": "dropped", "count": 3,
    }  # fmt: skip
    assert read(lines.note("a", 0))["text"] == "a"


@pytest.mark.parametrize("byte", range(256))
def test_every_byte_is_a_character_or_an_escape_and_can_be_read_back(byte: int) -> None:
    told = read(JsonLines().line(exchange(target=f"/{chr(byte)}")))
    assert told["target"] == f"/{chr(byte)}"


def test_a_long_value_is_cut() -> None:
    told = read(JsonLines().line(exchange(target=f"/{'a' * 10_000}")))
    assert len(told["target"]) == MAX_TEXT_LENGTH + 3


def test_no_secret_is_written() -> None:
    made = exchange(target=f"/?token={CANARY}", origin=f"http://u:{CANARY}@h")
    assert CANARY not in JsonLines().line(made)


def test_texts_in_lists_and_mappings_are_masked_too() -> None:
    assert json.loads(dumped({"a": [f"/?key={CANARY}", 1, None]})) == {"a": ["/?key=***", 1, None]}


def test_a_time_has_milliseconds() -> None:
    assert timestamp(0.0426) == "1970-01-01T00:00:00.042Z"
