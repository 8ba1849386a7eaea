"""Traefik's routers, read: in each spelling the same routes."""

import pytest

from corsproxy.gateways.conversion.gateway import FormatError, Read
from corsproxy.gateways.traefik import read

Route = tuple[str | None, str, list[str]]

MIDDLEWARES = """  middlewares:
    open: {headers: {accessControlAllowOriginList: ['*']}}
    narrow: {headers: {accessControlAllowOriginList: [https://a.test]}}
    secure: {headers: {frameDeny: true}}
    short: {stripPrefix: {prefixes: [/a]}}
    other: {replacePath: {path: /b}}
    both: {chain: {middlewares: [secure, narrow@file, short]}}
    endless: {chain: {middlewares: [endless]}}
"""
REST = "{rule: PathPrefix(`/`), service: api, middlewares: [open]}"
A = "(Path(`/a`) || PathPrefix(`/a/`))"


def found(*routers: str, services: str = "") -> Read:
    listed = "".join(f"    r{i}: {router}\n" for i, router in enumerate(routers))
    return read(f"http:\n{MIDDLEWARES}  routers:\n{listed}{services}", "dynamic.yaml")


def routes(one: Read) -> list[Route]:
    return [
        (route.host, route.path, [*map(str, route.policy.allow_origins.patterns)])
        for route in one.routes
    ]


def test_the_router_with_the_longer_rule_is_asked_first() -> None:
    read = found(REST, f"{{rule: '{A}', service: api, middlewares: [secure, narrow]}}")
    assert routes(read) == [(None, "/a", ["https://a.test"])]
    assert (read.policy.allow_origins.any, read.losses) == (True, ())


def test_a_priority_is_stronger_than_the_length() -> None:
    read = found(
        "{rule: PathPrefix(`/`), service: api, middlewares: [open], priority: 1000}",
        f"{{rule: '{A}', service: api, middlewares: [narrow]}}",
    )
    assert (routes(read), read.policy.allow_origins.any) == ([], True)


def test_a_router_without_cors_is_passed_through() -> None:
    (route,) = found(REST, f"{{rule: '{A}', service: api}}").routes
    assert route.policy.mode.value == "passthrough"


def test_a_chain_stands_for_its_middlewares() -> None:
    (route,) = found(REST, f"{{rule: '{A}', service: api, middlewares: [both, endless]}}").routes
    assert (str(*route.policy.allow_origins.patterns), route.strip_path) == ("https://a.test", True)


def test_another_path_for_the_upstream_is_told() -> None:
    read = found(REST, f"{{rule: '{A}', service: api, middlewares: [narrow, other]}}")
    assert [loss.setting for loss in read.losses] == ["strip_path"]


def test_what_goes_to_a_service_of_its_own_is_no_route() -> None:
    assert found(REST, f"{{rule: '{A}', service: api@internal}}").routes == ()


@pytest.mark.parametrize(
    ("servers", "upstream"),
    [
        ("{url: 'http://api.test:81'}", "http://api.test:81"),
        ("{url: 'http://a'}, {url: 'http://b'}", "None"),
        ("{url: 'http://a/below'}", "None"),
    ],
)
def test_the_only_server_of_a_service_is_the_upstream(servers: str, upstream: str) -> None:
    services = f"  services: {{api: {{loadBalancer: {{servers: [{servers}]}}}}}}\n"
    assert str(found(REST, services=services).upstream) == upstream


def test_what_no_route_can_is_told_with_its_place() -> None:
    router = "{rule: Method(`PUT`) && PathPrefix(`/a`), service: api, middlewares: [narrow]}"
    (loss,) = found(REST, router).losses
    assert loss.effect.startswith("method(PUT): asked of a request")
    assert loss.place.line == 12


RESOURCES = """kind: Middleware
metadata: {name: narrow}
spec: {headers: {accessControlAllowOriginList: [https://a.test]}}
---
kind: Middleware
metadata: {name: open}
spec: {headers: {accessControlAllowOriginList: ['*']}}
---
kind: IngressRoute
spec:
  routes:
  - {match: PathPrefix(`/`), middlewares: [{name: open}], services: [{name: api}]}
  - match: (Path(`/a`) || PathPrefix(`/a/`))
    middlewares: [{name: narrow}]
    services: [{name: api}]
  - {match: Path(`/board`), services: [{name: api@internal, kind: TraefikService}]}
"""


def test_the_resources_of_kubernetes_are_read() -> None:
    assert routes(read(RESOURCES, "x.yaml")) == [(None, "/a", ["https://a.test"])]


LABELS = """services:
  one:
    labels:
      traefik.http.routers.one.rule: Host(`one.test`)
      traefik.http.routers.one.middlewares: secure@file, narrow
      traefik.http.middlewares.narrow.headers.accessControlAllowOriginList: https://a.test
  two:
    labels:
    - traefik.http.routers.two.rule=Host(`two.test`)
    - traefik.http.routers.two.middlewares=open@docker
    - traefik.http.middlewares.open.headers.accesscontrolalloworiginlist=*
"""


def test_labels_of_several_services_are_read() -> None:
    assert routes(read(LABELS, "compose.yaml")) == [
        ("one.test", "/", ["https://a.test"]),
        ("two.test", "/", []),
    ]


def test_middlewares_that_no_router_uses_are_one_or_refused() -> None:
    with pytest.raises(FormatError):
        found("{rule: PathPrefix(`/`), service: api}")
