import json
from dataclasses import replace

import pytest

from corsproxy.cors.exchange import Exchange
from corsproxy.cors.policy import Mode
from corsproxy.watch.inspector.rows import (
    MAX_NAMES,
    MAX_TARGET_LENGTH,
    Rows,
    blocked,
    header_names,
    row,
)
from tests.watch.exchanges import PAGE, POLICY, exchange, failed, preflight, refused

PASSING = replace(POLICY, mode=Mode.PASSTHROUGH)


def test_a_row_has_what_the_list_shows() -> None:
    made = exchange("GET", "/a")
    assert row(made) == {
        "id": made.id,
        "ids": "",
        "time": made.started,
        "kind": "actual",
        "method": "GET",
        "target": "/a",
        "status": 200,
        "ms": 12.0,
        "request_bytes": 0,
        "response_bytes": made.response_size,
        "names": header_names(made),
        "origin": PAGE,
        "verdict": "granted",
        "words": "granted",
        "reason": "",
        "failure": "",
        "failed": False,
        "upstream": False,
        "open": False,
        "loses_cookie": False,
        "blocked": False,
    }


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        pytest.param(exchange(), False, id="granted"),
        pytest.param(refused(), True, id="refused"),
        pytest.param(preflight("PATCH"), True, id="a refused preflight that has an ok status"),
        pytest.param(failed(), False, id="an error of ours that the page can read"),
        pytest.param(exchange(origin=None), False, id="no CORS request"),
        pytest.param(exchange(policy=PASSING), True, id="an upstream without CORS"),
        pytest.param(
            exchange(policy=PASSING, upstream=[("Access-Control-Allow-Origin", "*")]),
            False,
            id="a wildcard, and credentials are not to be seen",
        ),
        pytest.param(
            exchange(
                fields=[("Cookie", "a=b")],
                policy=PASSING,
                upstream=[("Access-Control-Allow-Origin", "*")],
            ),
            True,
            id="a wildcard, and a cookie was sent",
        ),
        pytest.param(
            exchange()._replace(status=0, response_head=b""), False, id="no response left"
        ),
    ],
)
def test_blocked_is_what_the_page_does_not_get(made: Exchange, expected: bool) -> None:
    assert blocked(made) is expected


def test_a_client_that_left_has_not_failed() -> None:
    assert row(failed())["failed"]
    assert not row(exchange()._replace(failure="client-gone"))["failed"]


def test_a_row_is_short_and_has_no_secret() -> None:
    told = row(exchange(target=f"/?token=c4n4ry&{'a' * 10_000}"))
    assert len(told["target"]) <= MAX_TARGET_LENGTH
    assert "c4n4ry" not in told["target"]


def test_the_rows_that_are_kept_are_bounded_in_bytes() -> None:
    one, two = exchange(target="/one"), exchange(target="/two")
    rows = Rows(max_bytes=len(Rows().json(one)))
    assert json.loads(rows.json(one)) == row(one)
    first = rows.json(one)
    assert rows.json(one) is first
    rows.json(two)
    assert rows.json(one) is not first


def test_a_row_is_found_by_the_name_of_any_header_and_by_no_value() -> None:
    made = exchange(
        fields=[("X-Asked", "secret"), ("x-asked", "again")], upstream=[("X-Said", "b")]
    )
    names = header_names(made)
    assert {"x-asked", "x-said", "origin", "access-control-allow-origin"} <= set(names)
    assert len(set(names)) == len(names)
    assert "secret" not in names


def test_names_beyond_the_limit_are_left_out() -> None:
    many = [(f"X-{number}", "") for number in range(2 * MAX_NAMES)]
    assert len(header_names(exchange(fields=many))) == MAX_NAMES
