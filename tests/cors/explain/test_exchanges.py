"""What is told of a finished request: who answered, what a browser makes of it, what it loses."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from corsproxy.cors.exchange import Exchange
from corsproxy.cors.explain import (
    exchange_differences,
    exchange_json,
    exchange_notices,
    exchange_outcome,
)
from corsproxy.cors.explain.exchange_text import exchange_text
from corsproxy.cors.policy import Mode, Names
from tests.watch.exchanges import PAGE, POLICY, exchange

CASES = Path(__file__).parents[2] / "cases" / "explain"
ASKED = [("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "x-a")]
PATCH = [("Access-Control-Request-Method", "PATCH")]


def notices(one: Exchange) -> list[str]:
    return [told.id for told in exchange_notices(one)]


def readable(one: Exchange) -> tuple[bool, bool] | None:
    found = exchange_outcome(one)
    return found and (found.omit.readable, found.include.readable)


@pytest.mark.parametrize(
    ("one", "outcome"),
    [
        pytest.param(exchange(), (True, False), id="no credentials allowed"),
        pytest.param(
            exchange(policy=replace(POLICY, allow_credentials=True)), (True, True), id="allowed"
        ),
        pytest.param(exchange("OPTIONS", fields=ASKED), (True, False), id="preflight"),
        pytest.param(exchange("OPTIONS", fields=PATCH), (False, False), id="refused preflight"),
        pytest.param(exchange(origin="http://evil.test"), (False, False), id="refused"),
        pytest.param(exchange(origin=None), None, id="no CORS request"),
        pytest.param(exchange()._replace(status=0), None, id="no response"),
    ],
)
def test_the_outcome_is_told_for_both_credentials_modes(
    one: Exchange, outcome: tuple[bool, bool] | None
) -> None:
    assert readable(one) == outcome


@pytest.mark.parametrize(
    ("one", "seen"),
    [
        pytest.param(exchange(fields=[("Cookie", "a=b")]), True, id="a cookie came"),
        pytest.param(
            exchange(fields=[("Sec-Fetch-Storage-Access", "none")]), True, id="a cookie might have"
        ),
        pytest.param(exchange(), None, id="a mere request shows nothing"),
        pytest.param(
            exchange(fields=[("Authorization", "x")]), None, id="authorization proves none"
        ),
        pytest.param(exchange("OPTIONS", fields=ASKED), None, id="no preflight shows it"),
    ],
)
def test_credentials_are_seen_where_they_can_be(one: Exchange, seen: bool | None) -> None:
    found = exchange_outcome(one)
    assert found is not None
    assert found.credentials_seen is seen


@pytest.mark.parametrize(
    ("one", "ids"),
    [
        pytest.param(exchange(), [], id="nothing to tell"),
        pytest.param(
            exchange(upstream=[("ETag", "1"), ("X-B", "1")]),
            ["headers-not-exposed"],
            id="a hidden field",
        ),
        pytest.param(
            exchange(fields=[("Cookie", "a=b")], upstream=[("X-B", "1")]),
            [],
            id="blocked with credentials, so that nothing is read",
        ),
        pytest.param(
            exchange(upstream=[("Access-Control-Allow-Origin", PAGE)]),
            [],
            id="the upstream says the same",
        ),
        pytest.param(
            exchange(
                policy=replace(POLICY, mode=Mode.VALIDATE),
                upstream=[("Access-Control-Allow-Origin", PAGE)],
            ),
            ["vary-missing"],
            id="validate replaces nothing",
        ),
        pytest.param(
            exchange("patch", policy=replace(POLICY, allow_methods=Names(any=True)), status=405),
            ["method-in-small-letters", "upstream-error"],
            id="a method that the upstream does not know in small letters",
        ),
        pytest.param(exchange(status=404), ["upstream-error"], id="an error without fields"),
        pytest.param(
            exchange(fields=[("Upgrade", "websocket")], status=404),
            [],
            id="an error to a WebSocket, which knows no CORS",
        ),
        pytest.param(
            exchange(status=404, upstream=[("Access-Control-Allow-Origin", PAGE)]),
            [],
            id="an error with fields",
        ),
        pytest.param(
            exchange(failure="refused", origin=None),
            ["upstream-failed", "no-origin"],
            id="no response",
        ),
        pytest.param(
            exchange()._replace(failure="reset", status=0), ["response-cut-short"], id="broken off"
        ),
        pytest.param(exchange("OPTIONS", fields=ASKED), [], id="a preflight"),
    ],
)
def test_notices(one: Exchange, ids: list[str]) -> None:
    assert notices(one) == ids


HANDSHAKE = [("Upgrade", "websocket")]


def seen_with(headers: bytes, status: int = 403) -> Exchange:
    """A handshake that the upstream saw with these headers, and answered so."""
    head = b"GET / HTTP/1.1\r\n" + headers + b"\r\n"
    return exchange(fields=HANDSHAKE, status=status)._replace(forwarded_head=head)


@pytest.mark.parametrize(
    ("one", "told"),
    [
        pytest.param(exchange(fields=HANDSHAKE, status=403), True, id="the page's"),
        pytest.param(exchange(fields=HANDSHAKE, status=101), False, id="it was opened"),
        pytest.param(exchange(fields=HANDSHAKE, status=404), False, id="nothing is there"),
        pytest.param(exchange("POST", status=403), True, id="the page's, in a POST"),
        pytest.param(exchange("POST", status=400), False, id="a POST that is wrong itself"),
        pytest.param(exchange(status=403), False, id="a GET, which forges nothing"),
        pytest.param(
            seen_with(b"Host: API.test\r\nOrigin: http://api.test\r\n"), False, id="its own"
        ),
        pytest.param(seen_with(b"Host: api.test\r\n"), False, id="none"),
    ],
)
def test_an_origin_for_which_the_upstream_may_have_refused_is_told(
    one: Exchange, told: bool
) -> None:
    assert ("origin-foreign" in notices(one)) is told


VALIDATED = replace(POLICY, mode=Mode.VALIDATE)


@pytest.mark.parametrize(
    ("one", "ids"),
    [
        pytest.param(exchange(policy=VALIDATED), ["allow-origin-missing"], id="another response"),
        pytest.param(
            exchange(
                policy=VALIDATED,
                upstream=[("Access-Control-Allow-Origin", PAGE), ("Vary", "Origin")],
            ),
            [],
            id="the same response",
        ),
        pytest.param(exchange(policy=VALIDATED, failure="refused"), [], id="no response"),
        pytest.param(exchange(), [], id="a policy that is enforced"),
    ],
)
def test_differences_are_told_in_validate_alone(one: Exchange, ids: list[str]) -> None:
    assert [told.id for told in exchange_differences(one)] == ids


@pytest.mark.parametrize("status", [100, 500, 999])
def test_a_difference_quotes_the_status_of_the_upstream(status: int) -> None:
    granting = [("Access-Control-Allow-Origin", PAGE), ("Vary", "Origin")]
    one = exchange("OPTIONS", fields=ASKED, policy=VALIDATED, status=status, upstream=granting)
    (found,) = exchange_differences(one)
    assert found.id == "preflight-status-not-ok"
    assert f"has status {status}," in found.text


EXCHANGES = {
    "validated": exchange(policy=VALIDATED),
    "granted-preflight": exchange("OPTIONS", fields=ASKED),
    "refused-preflight": exchange("OPTIONS", fields=PATCH, origin="http://localhost:3000"),
    "actual": exchange(upstream=[("X-B", "1")]),
    "no-cors": exchange(origin=None),
}


@pytest.mark.parametrize("name", EXCHANGES)
def test_an_exchange_as_json_and_in_words(name: str, golden: Callable[[Path, str], None]) -> None:
    told = exchange_json(EXCHANGES[name]._replace(id="t3st-1"))
    golden(CASES / f"exchange-{name}.json", json.dumps(told, indent=2) + "\n")
    golden(CASES / f"exchange-{name}.out", exchange_text(told | {"target": "/items"}))
