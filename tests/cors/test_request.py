"""What CORS reads of a request, and what a request is to CORS."""

import pytest

from corsproxy.cors.request import Kind, Request, kind_of

PREFLIGHT = [("Origin", "https://a.test"), ("Access-Control-Request-Method", "PUT")]
HANDSHAKE = [("Origin", "https://a.test"), ("Connection", "Upgrade"), ("Upgrade", "websocket")]
FORM = [("Origin", "https://a.test"), ("Sec-Fetch-Mode", "navigate")]


def test_all_lines_of_a_field_are_one_value() -> None:
    request = Request.of(
        "OPTIONS",
        [
            ("ORIGIN", "https://a.test"),
            ("access-control-request-headers", "x-a"),
            ("Access-Control-Request-Method", "PUT"),
            ("Access-Control-Request-Headers", "x-b"),
            ("Access-Control-Request-Private-Network", "true"),
            ("Origin", "https://a.test"),
        ],
        "http://localhost:8080",
    )
    assert request == Request(
        "OPTIONS",
        "https://a.test, https://a.test",
        "PUT",
        "x-a, x-b",
        "true",
        "http://localhost:8080",
    )


def test_a_request_without_fields_is_its_method() -> None:
    assert Request.of("GET", []) == Request("GET")


def test_an_empty_origin_or_requested_method_is_none_and_an_empty_list_is_a_list() -> None:
    empty = [("Origin", ""), ("Access-Control-Request-Method", "")]
    request = Request.of("OPTIONS", [*empty, ("Access-Control-Request-Headers", "")])
    assert (request.origin, request.requested_method, request.requested_names) == (None, None, "")


@pytest.mark.parametrize(
    ("upgrade", "websocket"),
    [("websocket", True), ("WebSocket", True), ("h2c, websocket", True), ("websocket2", False)],
)
def test_an_upgrade_to_websocket_is_found_among_others(upgrade: str, websocket: bool) -> None:
    assert Request.of("GET", [("Upgrade", upgrade)]).websocket is websocket


@pytest.mark.parametrize(
    ("method", "fields", "kind"),
    [
        pytest.param("GET", [], Kind.NOT_CORS, id="no Origin"),
        pytest.param("GET", [("Origin", "")], Kind.NOT_CORS, id="empty Origin"),
        pytest.param("OPTIONS", PREFLIGHT[1:], Kind.NOT_CORS, id="preflight without Origin"),
        pytest.param("GET", PREFLIGHT[:1], Kind.ACTUAL, id="GET"),
        pytest.param("OPTIONS", PREFLIGHT, Kind.PREFLIGHT, id="preflight"),
        pytest.param("OPTIONS", PREFLIGHT[:1], Kind.ACTUAL, id="bare OPTIONS"),
        pytest.param(
            "OPTIONS",
            [*PREFLIGHT[:1], ("Access-Control-Request-Method", "")],
            Kind.ACTUAL,
            id="OPTIONS that requests an empty method",
        ),
        pytest.param("GET", PREFLIGHT, Kind.ACTUAL, id="GET with a requested method"),
        pytest.param("options", PREFLIGHT, Kind.ACTUAL, id="options in small letters"),
        pytest.param("GET", HANDSHAKE, Kind.WEBSOCKET, id="WebSocket"),
        pytest.param("GET", HANDSHAKE[1:], Kind.NOT_CORS, id="WebSocket not from a browser"),
        pytest.param("POST", FORM, Kind.NAVIGATION, id="form"),
        pytest.param("POST", [*FORM, ("Sec-Fetch-Mode", "cors")], Kind.ACTUAL, id="two modes"),
        pytest.param(
            "POST", [("Origin", "http://localhost:8080")], Kind.SAME_ORIGIN, id="our own origin"
        ),
        pytest.param("POST", [("Origin", "null")], Kind.ACTUAL, id="opaque"),
    ],
)
def test_kind_of(method: str, fields: list[tuple[str, str]], kind: Kind) -> None:
    assert kind_of(Request.of(method, fields, "http://localhost:8080")) is kind
