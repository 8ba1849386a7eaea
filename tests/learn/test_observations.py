"""What a request used, and what its page could read of the response."""

import dataclasses

import pytest

from corsproxy.config.loading import load_text
from corsproxy.cors.headers import Fields
from corsproxy.learn.observations import Observations, SeenByRoute
from corsproxy.learn.open_settings import OPEN
from tests.watch.exchanges import exchange

ROUTES = b"upstream: http://127.0.0.1:8000\nroutes: [{path: /a}, {path: /a, host: b.test}]\n"


def exposed(status: int, response: Fields, request: Fields = ()) -> list[str]:
    seen = Observations()
    seen(exchange("GET", "/", request, policy=OPEN, status=status, upstream=response))
    return list(seen.exposed)


@pytest.mark.parametrize(
    ("status", "response", "names"),
    [
        pytest.param(201, [("Location", "/1"), ("X-A", "1")], ["location", "x-a"], id="created"),
        pytest.param(302, [("Location", "/1"), ("X-A", "1")], [], id="a redirect, followed"),
        pytest.param(308, [("location", "/1"), ("X-A", "1")], [], id="for good"),
        pytest.param(302, [("X-A", "1")], ["x-a"], id="a redirect that leads nowhere is read"),
        pytest.param(300, [("Location", "/1")], ["location"], id="300 is not followed"),
        pytest.param(404, [("X-A", "1"), ("x-a", "2")], ["x-a"], id="an error, each name once"),
        pytest.param(
            200,
            [("Content-Type", "a/b"), ("Content-Length", "0"), ("Last-Modified", "then")],
            [],
            id="what every page reads",
        ),
        pytest.param(
            200,
            [("Set-Cookie", "a=b"), ("Access-Control-Allow-Origin", "*"), ("Vary", "x")],
            [],
            id="what no page reads",
        ),
        pytest.param(
            401,
            [("WWW-Authenticate", "Bearer"), ("Accept-Ranges", "bytes"), ("Server", "a")],
            ["www-authenticate", "accept-ranges"],
            id="what is meant for browsers, and read by some pages",
        ),
    ],
)
def test_a_page_could_read(status: int, response: Fields, names: list[str]) -> None:
    assert exposed(status, response) == names


def test_a_page_of_mode_no_cors_reads_nothing_and_needs_no_credentials() -> None:
    beacon = [("Sec-Fetch-Mode", "no-cors"), ("Cookie", "a=b")]
    assert exposed(200, [("X-A", "1")], beacon) == []
    seen = Observations()
    seen(exchange("POST", "/", beacon, policy=OPEN))
    assert (list(seen.origins), seen.credentials.needed) == (["http://localhost:5173"], False)


def test_a_bare_options_is_a_request_and_no_preflight() -> None:
    seen = Observations()
    seen(exchange("OPTIONS", "/", policy=OPEN, upstream=[("Allow", "GET")]))
    assert seen.methods["OPTIONS"].places == {"OPTIONS /": 1}
    assert (list(seen.exposed), seen.unasked.times) == (["allow"], 0)


def test_a_request_whose_preflight_the_browser_had_kept_is_counted() -> None:
    seen = Observations()
    seen(exchange("PUT", "/a", policy=OPEN))
    seen(exchange("OPTIONS", "/b", [("Access-Control-Request-Method", "PUT")], policy=OPEN))
    seen(exchange("PUT", "/b", policy=OPEN))
    assert seen.unasked.places == {"PUT /a": 1}


def test_a_response_that_never_came_exposes_nothing() -> None:
    seen = Observations()
    seen(exchange("GET", "/", policy=OPEN, failure="refused", detail="it is down"))
    ours = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n\r\n"
    seen(exchange("GET", "/", policy=OPEN)._replace(response_head=ours, upstream_head=b""))
    assert (len(seen.origins), seen.exposed) == (1, {})


def test_each_route_has_its_own_whatever_its_path_is() -> None:
    config = load_text(ROUTES, "policy.yaml", {}, {}).config
    routes = [dataclasses.replace(r, policy=dataclasses.replace(OPEN)) for r in config.routes]
    seen = SeenByRoute(dataclasses.replace(config, routes=tuple(routes)))
    for times, route in enumerate(routes, 1):
        for _ in range(times):
            seen(exchange("GET", "/a", policy=route.policy))
    assert [one.origins["http://localhost:5173"].times for one in seen.routes] == [1, 2, 3]
