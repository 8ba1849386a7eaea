"""Envoy: a virtual host for each Host; where there are several routes, each has its own policy."""

from typing import Any

from corsproxy.config.address import TcpAddress
from corsproxy.gateways.conversion.envoy_bootstrap import bootstrap
from tests.gateways.converted import table


def written(routes: str) -> tuple[dict[str, Any], list[str]]:
    address = TcpAddress("127.0.0.1", 80)
    found = bootstrap(table(routes), address, lambda export: {"of": export.route.place})
    resources = found["static_resources"]
    (listener,) = resources["listeners"]
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    return manager["route_config"], [cluster["name"] for cluster in resources["clusters"]]


def policy(holder: dict[str, Any]) -> str:
    found: str = holder["typed_per_filter_config"]["envoy.filters.http.cors"]["of"]
    return found


def test_the_policy_of_one_route_is_that_of_its_virtual_host() -> None:
    config, clusters = written("- path: /a")
    (host,) = config["virtual_hosts"]
    assert policy(host) == "/"
    assert [route["match"] for route in host["routes"]] == [{"prefix": "/"}]
    assert clusters == ["upstream"]


def test_policies_of_several_routes_are_not_merged_with_one_of_all() -> None:
    config, _ = written("- {path: /a, cors: {max_age: 5}}")
    (host,) = config["virtual_hosts"]
    assert "typed_per_filter_config" not in host
    unsound, own, alike, rest = host["routes"]
    assert own["match"] == {"path_separated_prefix": "/a"}
    assert (policy(own), policy(rest)) == ("/a", "/")
    assert unsound["direct_response"] == alike["direct_response"] == {"status": 400}


def test_a_prefix_is_taken_away_and_told() -> None:
    config, clusters = written("- {path: /a.b, strip_path: true, upstream: 'http://127.0.0.1:9'}")
    own = config["virtual_hosts"][0]["routes"][1]
    assert own["route"]["regex_rewrite"] == {
        "pattern": {"regex": r"^/a\.b/?"},
        "substitution": "/",
    }
    assert own["route"]["cluster"] == "upstream-1"
    assert own["request_headers_to_add"][0]["header"]["value"] == "/a.b"
    assert clusters == ["upstream", "upstream-1"]


def test_a_host_is_a_domain_whatever_its_port_is() -> None:
    config, _ = written("- {path: /, host: b.test, cors: {max_age: 5}}")
    hosts = [(host["name"], host["domains"], policy(host)) for host in config["virtual_hosts"]]
    assert hosts == [("cors", ["*"], "/"), ("cors-1", ["b.test", "b.test."], "b.test/")]
    assert config["ignore_port_in_host_matching"] is True


def test_what_cannot_be_said_is_refused() -> None:
    config, _ = written("- {path: /a;b, cors: {max_age: 5}}")
    *refused, _ = config["virtual_hosts"][0]["routes"]
    assert [route["direct_response"]["status"] for route in refused] == [400, 400]
