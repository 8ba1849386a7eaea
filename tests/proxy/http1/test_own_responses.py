"""Responses of our own: heads as the standard wants them, problems that say what they are."""

import json
from email.utils import parsedate_to_datetime

import pytest

from corsproxy.proxy.http1 import own_responses, refusals


def test_a_response_has_a_date_and_a_length() -> None:
    head = own_responses.problem(404, "no").head(close=True).decode()
    lines = dict(line.split(": ", 1) for line in head.split("\r\n")[1:-2])
    assert parsedate_to_datetime(lines["Date"])
    assert lines["Content-Length"] == str(len(own_responses.problem(404, "no").content))
    assert lines["Connection"] == "close"
    assert head.startswith("HTTP/1.1 404 Not Found\r\n")


def test_a_response_without_content_has_no_length() -> None:
    head = own_responses.OwnResponse(204, ()).head(close=False)
    assert b"Content-Length" not in head
    assert b"Connection" not in head


def test_a_problem_says_what_it_is() -> None:
    response = own_responses.problem(421, "no such host", decision_id="a-1")
    assert json.loads(response.content) == {
        "type": "about:blank",
        "title": "Misdirected Request",
        "status": 421,
        "detail": "no such host",
        "decision": "a-1",
    }
    assert (own_responses.DECISION, "a-1") in response.fields
    assert ("X-Content-Type-Options", "nosniff") in response.fields


def test_only_what_is_found_in_the_log_has_an_id_there() -> None:
    response = own_responses.problem(404, "no")
    assert own_responses.DECISION not in dict(response.fields)
    assert "decision" not in json.loads(response.content)


@pytest.mark.parametrize("text", ["ä\x00\x1b[31m", "</script>", "\u2028"])
def test_nothing_in_a_problem_is_anything_but_ascii(text: str) -> None:
    content = own_responses.problem(400, text).content
    assert content.isascii()
    assert b"\x00" not in content
    assert json.loads(content)["detail"] == text


@pytest.mark.parametrize(
    "status", [400, 403, 404, 405, 408, 413, 414, 417, 421, 431, 501, 502, 503, 504, 508]
)
def test_every_status_has_its_phrase(status: int) -> None:
    assert refusals.phrase(status)


def test_a_refusal_has_an_id() -> None:
    assert refusals.Refusal(404, "x").id == "not-found"
    assert refusals.Refusal(400, "x", id="bad-host").id == "bad-host"
