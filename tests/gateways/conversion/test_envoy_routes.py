"""Envoy's virtual hosts, read: domains, the first route that fits, and clusters."""

import pytest

from corsproxy.gateways.conversion.gateway import FormatError, Read
from corsproxy.gateways.envoy import read

CORS = "envoy.filters.http.cors: {'@type': x.filters.http.cors.v3.CorsPolicy, %s}"
NEVER = "forward_not_matching_preflights: false"
CLUSTER = """clusters:
- name: one
  load_assignment: {endpoints: [{lb_endpoints: [{endpoint: {address: %s}}]}]}
"""
SOCKET = "{socket_address: {address: api.test, port_value: 8443}}"


def cors(origin: str, more: str = NEVER) -> str:
    said = f"allow_origin_string_match: [{{exact: {origin}}}], {more}"
    return f"typed_per_filter_config: {{{CORS % said}}}"


def host(domains: str, *routes: str, own: str = "name: x") -> str:
    return f"- {{domains: [{domains}], {own}, routes: [{', '.join(routes)}]}}\n"


def found(*hosts: str, clusters: str = "") -> Read:
    return read(f"virtual_hosts:\n{''.join(hosts)}{clusters}", "envoy.yaml")


def allowed(one: Read) -> list[tuple[str | None, str, str]]:
    """Host, path and origins of each route."""
    return [
        (route.host, route.path, ",".join(map(str, route.policy.allow_origins.patterns)))
        for route in one.routes
    ]


REST = "{match: {prefix: /}, route: {cluster: one}}"


def test_each_route_has_its_policy_and_one_without_is_passed_through() -> None:
    one = f"{{match: {{path_separated_prefix: /a}}, route: {{}}, {cors('https://a.test')}}}"
    read = found(host("'*'", one, REST))
    assert allowed(read) == [(None, "/a", "https://a.test")]
    assert read.policy.mode.value == "passthrough"
    assert read.losses == ()


def test_a_virtual_host_is_for_its_domains_without_port_and_dot() -> None:
    a, b = (
        host(f"{one}.test, '{one}.test:*', {one}.test.", REST, own=cors(f"https://{one}"))
        for one in "ab"
    )
    assert allowed(found(a, b)) == [("a.test", "/", "https://a"), ("b.test", "/", "https://b")]


def test_the_fields_of_a_route_come_before_those_of_its_virtual_host() -> None:
    own = "{match: {path_separated_prefix: /a}, route: {}, typed_per_filter_config: {%s}}"
    route = own % (CORS % "max_age: '5'")
    (one,) = found(host("'*'", route, REST, own=cors("https://a.test"))).routes
    assert (one.policy.max_age, bool(one.policy.allow_origins)) == (5, True)


@pytest.mark.parametrize(
    ("match", "told"),
    [
        ("{prefix: /a, headers: [{name: x}]}", "headers: "),
        ("{prefix: /a, query_parameters: [{name: x}]}", "query_parameters: "),
        ("{safe_regex: {regex: '/a/[0-9]+'}}", "'/a/[0-9]+' is no prefix"),
        ("{path: /a}", "/a alone is meant"),
        ("{prefix: /a}", "/ax is meant, too"),
    ],
)
def test_what_no_route_can_is_told_in_its_place(match: str, told: str) -> None:
    route = f"{{match: {match}, route: {{}}, {cors('https://a.test')}}}"
    (loss,) = found(host("'*'", route, REST)).losses
    assert loss.effect.startswith(told)
    assert (loss.setting, loss.place.line) == ("routes", 2)


@pytest.mark.parametrize("answer", ["redirect: {}", "direct_response: {status: 200}"])
def test_what_envoy_answers_itself_is_no_route(answer: str) -> None:
    route = f"{{match: {{prefix: /a}}, {answer}}}"
    read = found(host("'*'", route, REST, own=cors("https://a.test")))
    assert (read.routes, read.losses) == ((), ())


@pytest.mark.parametrize(
    ("address", "more", "upstream"),
    [
        (SOCKET, "", "http://api.test:8443"),
        (SOCKET, "  transport_socket: {}\n", "https://api.test:8443"),
        ("{pipe: {path: /tmp/api}}", "", "unix:/tmp/api"),
        ("{socket_address: {address: '::1', port_value: 80}}", "", "http://[::1]"),
        ("{socket_address: {address: a, port_value: 0}}", "", "None"),
        ("{envoy_internal_address: {}}", "", "None"),
    ],
)
def test_the_cluster_with_one_endpoint_is_the_upstream(
    address: str, more: str, upstream: str
) -> None:
    whole = host("'*'", REST, own=cors("https://a.test"))
    assert str(found(whole, clusters=CLUSTER % address + more).upstream) == upstream


def test_where_there_are_several_endpoints_nothing_is_known() -> None:
    two = f"{SOCKET}}}}}, {{endpoint: {{address: {SOCKET}"
    whole = host("'*'", REST, own=cors("https://a.test"))
    assert found(whole, clusters=CLUSTER % two).upstream is None


@pytest.mark.parametrize(
    ("rewrite", "strips", "told"),
    [
        ("prefix_rewrite: /", True, []),
        ("regex_rewrite: {pattern: {regex: '^/a/?'}, substitution: /}", True, []),
        ("prefix_rewrite: /b", False, ["strip_path"]),
        ("path_rewrite_policy: {name: x}", False, ["strip_path"]),
    ],
)
def test_a_prefix_that_is_taken_away_is_read_and_no_other_rewriting(
    rewrite: str, strips: bool, told: list[str]
) -> None:
    route = "{match: {path_separated_prefix: /a}, route: {%s}, %s}"
    read = found(host("'*'", route % (rewrite, cors("https://a.test")), REST))
    assert [one.strip_path for one in read.routes] == [strips]
    assert [loss.setting for loss in read.losses] == told


def test_two_route_configurations_are_refused() -> None:
    one = f"{{virtual_hosts: [{{{cors('https://a.test')}}}]}}"
    with pytest.raises(FormatError):
        read(f"[{one}, {one}]", "envoy.yaml")
