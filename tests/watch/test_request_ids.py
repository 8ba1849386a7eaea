"""Ids of others: found wherever they stand, and nothing else taken for one."""

import json

import pytest

from corsproxy.watch.inspector.rows import row
from corsproxy.watch.log.json_lines import JsonLines
from corsproxy.watch.request_ids import MAX_ID_LENGTH, request_ids
from tests.watch.exchanges import exchange

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    ("fields", "upstream", "ids"),
    [
        pytest.param([("X-Request-Id", "a-1")], [], ("a-1", ""), id="the client's"),
        pytest.param([("x-request-id", "a-1")], [("X-Request-Id", "b")], ("a-1", ""), id="first"),
        pytest.param([], [("X-Request-Id", "b-2")], ("b-2", ""), id="the upstream's"),
        pytest.param([("traceparent", PARENT)], [], ("", TRACE), id="a trace"),
        pytest.param(
            [("traceparent", f"00-{'0' * 32}-{'0' * 16}-00")], [], ("", ""), id="no trace"
        ),
        pytest.param([("traceparent", "nonsense")], [], ("", ""), id="nonsense"),
        pytest.param([("X-Not-X-Request-Id", "a")], [], ("", ""), id="another name"),
        pytest.param([], [], ("", ""), id="none"),
    ],
)
def test_an_id_is_found_where_it_stands(
    fields: list[tuple[str, str]], upstream: list[tuple[str, str]], ids: tuple[str, str]
) -> None:
    assert request_ids(exchange(fields=fields, upstream=upstream)) == ids


def test_log_and_inspector_have_it_and_only_where_there_is_one() -> None:
    one = exchange(fields=[("X-Request-Id", "a-1"), ("traceparent", PARENT)])
    line = json.loads(JsonLines().line(one))
    assert (line["request_id"], line["trace_id"]) == ("a-1", TRACE)
    assert row(one)["ids"] == f"a-1 {TRACE}"
    assert "request_id" not in json.loads(JsonLines().line(exchange()))
    assert row(exchange())["ids"] == ""


def test_what_is_no_id_in_length_or_by_its_look_is_cut_and_masked() -> None:
    long = request_ids(exchange(fields=[("X-Request-Id", "a" * 5000)])).request_id
    assert long == "a" * MAX_ID_LENGTH + "..."
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    assert token not in request_ids(exchange(fields=[("X-Request-Id", token)])).request_id
