"""HTTPRoutes read: as routes, the more specific first; the same for the CORS of either gateway."""

import pytest

from corsproxy.gateways import envoy_gateway, gateway_api
from corsproxy.gateways.conversion.gateway import Read

CORS = "{type: CORS, cors: {allowOrigins: [%s]}}"


def rule(matches: str, origin: str = "", more: str = "") -> str:
    filters = ", ".join(filter(None, (CORS % origin if origin else "", more)))
    return f"{{matches: [{matches}], filters: [{filters}]}}"


def path(text: str, kind: str = "PathPrefix", more: str = "") -> str:
    return f"{{path: {{type: {kind}, value: {text}}}{more}}}"


def read(*rules: str, hosts: str = "") -> Read:
    spec = f"{{hostnames: [{hosts}], rules: [{', '.join(rules)}]}}"
    text = f"kind: HTTPRoute\nmetadata: {{name: api}}\nspec: {spec}\n"
    return gateway_api.read(text, "route.yaml")


def routes(one: Read) -> list[tuple[str | None, str, str]]:
    return [
        (route.host, route.path, ",".join(map(str, route.policy.allow_origins.patterns)))
        for route in one.routes
    ]


A, B = "https://a.test", "https://b.test"


def test_the_longer_prefix_comes_first_wherever_it_stands() -> None:
    found = read(rule(path("/"), A), rule(path("/b"), B), rule(path("/b/c")))
    assert routes(found) == [(None, "/b", B), (None, "/b/c", "")]
    assert (str(*found.policy.allow_origins.patterns), found.losses) == (A, ())


def test_a_route_is_for_each_of_its_hosts() -> None:
    found = read(rule(path("/b"), B), rule(path("/"), A), hosts="a.test, b.test")
    assert routes(found) == [
        *(("a.test", "/", A), ("a.test", "/b", B)),
        *(("b.test", "/", A), ("b.test", "/b", B)),
    ]


def test_what_is_the_same_for_every_match_is_the_policy() -> None:
    found = read(rule(f"{path('/a')}, {path('/b', 'Exact')}", A), hosts="'*.a.test'")
    assert (found.routes, found.losses) == ((), ())
    assert str(*found.policy.allow_origins.patterns) == A


@pytest.mark.parametrize(
    ("match", "told"),
    [
        (path("/b", "Exact"), "/b alone is meant"),
        (path("/b", "RegularExpression"), "RegularExpression: asked of a request"),
        (path("/b", more=", headers: [{name: x, value: y}]"), "headers: asked of a request"),
        (path("/b", more=", method: OPTIONS"), "method: asked of a request"),
    ],
)
def test_what_no_route_can_is_told(match: str, told: str) -> None:
    (loss,) = read(rule(match, B), rule(path("/"), A)).losses
    assert loss.effect.startswith(told)


@pytest.mark.parametrize(
    ("rewrite", "strips", "told"),
    [("replacePrefixMatch: /", True, []), ("replacePrefixMatch: /x", False, ["strip_path"])],
)
def test_a_prefix_that_is_taken_away_is_read(rewrite: str, strips: bool, told: list[str]) -> None:
    more = f"{{type: URLRewrite, urlRewrite: {{path: {{{rewrite}}}}}}}"
    found = read(rule(path("/b"), B, more), rule(path("/"), A))
    assert [route.strip_path for route in found.routes] == [strips]
    assert [loss.setting for loss in found.losses] == told


def test_a_redirect_is_no_route() -> None:
    found = read(rule(path("/b"), "", "{type: RequestRedirect}"), rule(path("/"), A))
    assert (found.routes, found.losses) == ((), ())


TARGETS = """kind: HTTPRoute
metadata: {name: api}
spec:
  parentRefs: [{name: door}]
  rules:
  - {name: files, matches: [{path: {value: /files}}]}
  - {matches: [{path: {value: /api}}]}
---
kind: HTTPRoute
metadata: {name: rest}
spec: {parentRefs: [{name: door}], rules: [{}]}
---
kind: SecurityPolicy
spec: {targetRefs: [{kind: %s, name: api, sectionName: '%s'}], cors: {allowOrigins: [%s]}}
---
kind: SecurityPolicy
spec: {targetRef: {kind: Gateway, name: door}, cors: {allowOrigins: ['https://b.test']}}
"""


@pytest.mark.parametrize(("section", "paths"), [("", ["/api", "/files"]), ("files", ["/files"])])
def test_a_security_policy_is_for_the_routes_that_it_names(section: str, paths: list[str]) -> None:
    found = envoy_gateway.read(TARGETS % ("HTTPRoute", section, A), "x.yaml")
    assert sorted(routes(found)) == [(None, path, A) for path in paths]
    assert str(*found.policy.allow_origins.patterns) == B
