"""VirtualServices read: hosts, the first route that fits, and what is asked beside a path."""

import pytest

from corsproxy.gateways.conversion.gateway import Read
from corsproxy.gateways.istio import read

CORS = "corsPolicy: {allowOrigins: [{exact: %s}], unmatchedPreflights: IGNORE}"
A, B = "https://a.test", "https://b.test"


def service(hosts: str, *routes: str) -> str:
    listed = "".join(f"  - {{{route}}}\n" for route in routes)
    return f"kind: VirtualService\nspec:\n  hosts: [{hosts}]\n  http:\n{listed}"


def found(*services: str) -> Read:
    return read("---\n".join(services), "virtual-service.yaml")


def routes(one: Read) -> list[tuple[str | None, str, str]]:
    return [
        (route.host, route.path, ",".join(map(str, route.policy.allow_origins.patterns)))
        for route in one.routes
    ]


def test_the_first_route_that_fits_decides() -> None:
    listed = f"match: [{{uri: {{prefix: /b/}}}}, {{uri: {{prefix: /c/}}}}], {CORS % B}"
    one = found(service("'*'", listed, CORS % A))
    assert routes(one) == [(None, "/b", B), (None, "/c", B)]
    assert str(*one.policy.allow_origins.patterns) == A


def test_a_route_without_cors_is_passed_through() -> None:
    one = found(service("'*'", "match: [{uri: {prefix: /b}}]", CORS % A))
    assert one.routes[0].policy.mode.value == "passthrough"


def test_several_services_are_for_their_hosts() -> None:
    one = found(service("a.test", CORS % A), service("b.test, c.test", CORS % B))
    assert routes(one) == [("a.test", "/", A), ("b.test", "/", B), ("c.test", "/", B)]


def test_one_policy_for_one_host_is_that_of_all_paths() -> None:
    one = found(service("a.test", f"match: [{{uri: {{exact: /b}}}}], {CORS % A}"))
    assert (one.routes, one.losses) == ((), ())


@pytest.mark.parametrize(
    ("match", "told"),
    [
        ("uri: {exact: /b}", "/b alone is meant"),
        ("uri: {prefix: /b}", "/bx is meant, too"),
        ("uri: {regex: '/b.*'}", "uri.regex: asked of a request"),
        ("uri: {prefix: /b/}, headers: {x: {exact: y}}", "headers: asked of a request"),
        ("method: {exact: PUT}", "method: asked of a request"),
    ],
)
def test_what_no_route_can_is_told(match: str, told: str) -> None:
    (loss, *_) = found(service("'*'", f"match: [{{{match}}}], {CORS % B}", CORS % A)).losses
    assert loss.effect.startswith(told)
    assert loss.place.line == 5


@pytest.mark.parametrize(("rewrite", "strips", "told"), [("/", True, False), ("/x", False, True)])
def test_a_prefix_that_is_taken_away_is_read(rewrite: str, strips: bool, told: bool) -> None:
    first = f"match: [{{uri: {{prefix: /b/}}}}], rewrite: {{uri: {rewrite}}}, {CORS % B}"
    one = found(service("'*'", first, CORS % A))
    assert [route.strip_path for route in one.routes] == [strips]
    assert ("strip_path" in {loss.setting for loss in one.losses}) is told


@pytest.mark.parametrize("answer", ["redirect: {uri: /}", "directResponse: {status: 200}"])
def test_what_is_answered_at_once_is_no_route(answer: str) -> None:
    one = found(service("'*'", f"match: [{{uri: {{prefix: /b}}}}], {answer}", CORS % A))
    assert (one.routes, one.losses) == ((), ())
