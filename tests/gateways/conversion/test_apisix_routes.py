"""APISIX' routes, read: the nearest plugin, whole paths and prefixes, nodes of upstreams."""

import pytest

from corsproxy.gateways.apisix import read
from corsproxy.gateways.conversion.gateway import Read

MORE = "allow_methods: PUT, allow_headers: x-a"


def cors(origin: str) -> str:
    return f"plugins: {{cors: {{allow_origins: https://{origin}.test, {MORE}}}}}"


def found(text: str) -> Read:
    return read(text, "apisix.yaml")


def origins(one: Read) -> dict[str, str]:
    """By path, the name of the only origin."""
    return {
        route.path: ",".join(map(str, route.policy.allow_origins.patterns)) for route in one.routes
    }


NEAREST = f"""routes:
- {{id: 1, uri: /own/*, {cors("a")}, service_id: s}}
- {{id: 2, uri: /config/*, plugin_config_id: c, service_id: s}}
- {{id: 3, uri: /service/*, service_id: s}}
- {{id: 4, uri: /*, upstream_id: u}}
services: [{{id: s, {cors("c")}, upstream: {{nodes: {{"s.test:81": 1}}}}}}]
plugin_configs: [{{id: c, {cors("b")}}}]
global_rules: [{{id: g, {cors("d")}}}]
upstreams: [{{id: u, scheme: https, nodes: [{{host: u.test, port: 443, weight: 1}}]}}]
"""


def test_the_nearest_plugin_decides() -> None:
    read = found(NEAREST)
    assert origins(read) == {
        "/own": "https://a.test",
        "/config": "https://b.test",
        "/service": "https://c.test",
    }
    assert str(*read.policy.allow_origins.patterns) == "https://d.test"
    assert {str(route.upstream) for route in read.routes} == {"http://s.test:81"}
    assert str(read.upstream) == "https://u.test"


def test_without_a_plugin_a_route_is_passed_through() -> None:
    (route,) = found(f"routes: [{{uri: /b/*}}, {{uri: /*, {cors('a')}}}]").routes
    assert route.policy.mode.value == "passthrough"


def test_a_higher_priority_comes_before_a_longer_path() -> None:
    rest = f"{{uri: /*, {cors('a')}, priority: 1}}"
    assert found(f"routes: [{{uri: /b/*, {cors('b')}}}, {rest}]").routes == ()


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("uri: /b", "/b alone is meant"),
        ("uris: ['/b*']", "/bx is meant, too"),
        ("uri: /b/*", "/b itself is not meant"),
        ("uri: /b/*, methods: [PUT]", "methods: asked of a request"),
        ("uri: /b/*, hosts: ['*.b.test']", "'*.b.test' is no single host"),
    ],
)
def test_what_no_route_can_is_told(lines: str, told: str) -> None:
    (loss,) = found(f"routes:\n- {{{lines}, {cors('b')}}}\n- {{uri: /*, {cors('a')}}}\n").losses
    assert loss.effect.startswith(told)
    assert loss.place.line == 2


def test_another_path_for_the_upstream_is_told() -> None:
    both = cors("b").replace("{cors", "{proxy-rewrite: {uri: /x}, cors")
    read = found(f"routes: [{{uri: /b/*, {both}}}, {{uri: /*, {cors('a')}}}]")
    assert "strip_path" in {loss.setting for loss in read.losses}


@pytest.mark.parametrize("nodes", ["{'a.test:80': 1, 'b.test:80': 1}", "{'a.test:x': 1}", "{}"])
def test_what_is_no_single_node_is_no_upstream(nodes: str) -> None:
    read = found(f"routes: [{{uri: /*, {cors('a')}, upstream: {{nodes: {nodes}}}}}]")
    assert (read.upstream, read.routes) == (None, ())
