"""Envoy: its wildcards echo, so they are written only where that grants no name too many."""

from typing import Any

import pytest
import yaml
from hypothesis import given

from corsproxy.config.settings import Config
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.gateway import FormatError
from corsproxy.gateways.envoy import FORMS, GATEWAY, read, write
from tests.cors.strategies import policies
from tests.gateways.converted import (
    changed_unreported,
    config,
    routed,
    routed_settings,
    routes_changed_unreported,
)


def policy(text: str) -> dict[str, Any]:
    document = yaml.safe_load(write(config(text), "policy").text)
    found: dict[str, Any] = document["typed_per_filter_config"]["envoy.filters.http.cors"]
    return found


@pytest.mark.parametrize(
    ("names", "credentials", "written", "told"),
    [
        ('["*"]', "false", "*, accept", 1),
        ('["*", x-a]', "false", "*, x-a", 1),
        ('["*", authorization]', "true", "*", 0),
        ('["*", x-a]', "true", "x-a", 1),
        ("[x-a]", "true", "x-a", 0),
    ],
)
def test_the_wildcard_of_names_echoes_only_where_authorization_is_listed(
    names: str, credentials: str, written: str, told: int
) -> None:
    text = f"""allow_origins: [https://a.test]
allow_headers: {names}
allow_credentials: {credentials}"""
    assert policy(text)["allow_headers"] == written
    assert len(write(config(text), "policy").losses) == told


def test_a_refused_preflight_is_never_forwarded() -> None:
    assert policy("allow_origins: [https://a.test]")["forward_not_matching_preflights"] is False


def test_a_regex_that_would_open_every_origin_is_not_written() -> None:
    assert policy("allow_origins: [{regex: '.*'}]")["allow_origin_string_match"] == []


def test_numbers_are_written_as_text() -> None:
    found = policy("allow_origins: [https://a.test]\nmax_age: -1\nallow_methods: [PUT, DELETE]")
    assert (found["max_age"], found["allow_methods"]) == ("0", "PUT, DELETE")


def test_the_bootstrap_holds_the_same_policy() -> None:
    settings = config("allow_origins: [https://a.test]")
    document = yaml.safe_load(write(settings, "bootstrap").text)
    (listener,) = document["static_resources"]["listeners"]
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    (host,) = manager["route_config"]["virtual_hosts"]
    alone = policy("allow_origins: [https://a.test]")
    assert host["typed_per_filter_config"]["envoy.filters.http.cors"] == alone


@pytest.mark.parametrize("form", FORMS)
@given(policy=policies())
def test_after_export_and_import_a_policy_is_the_same_or_the_difference_was_told(
    form: str, policy: Policy
) -> None:
    assert changed_unreported(GATEWAY, policy, form) == set()


def imported(lines: str) -> tuple[Policy, list[str]]:
    kind = "'@type': type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy"
    text = f"{{{kind}, forward_not_matching_preflights: false, {lines}}}"
    found = read(text, "envoy.yaml")
    return found.policy, [loss.setting for loss in found.losses]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("allow_origin_string_match: [{prefix: 'https://a'}]", "allow_origins"),
        ("allow_origin_string_match: [{suffix: a.test}]", "allow_origins"),
        ("allow_origin_string_match: [{exact: https://a, ignore_case: true}]", "allow_origins"),
        ("allow_origin_string_match: [{exact: https://a.test/}]", "allow_origins"),
        ("allow_origin_string_match: [{safe_regex: {regex: 'null|https://a'}}]", "allow_origins"),
        (
            "allow_origin_string_match: [{safe_regex: {regex: '[^a-z]'}}], allow_credentials: true",
            "allow_credentials",
        ),
        ("allow_headers: '*, x-a', allow_credentials: true", "allow_headers"),
        ("expose_headers: '*', allow_credentials: true", "expose_headers"),
        ("allow_methods: 'put'", "allow_methods"),
        ("shadow_enabled: {default_value: {numerator: 1}}", "shadow_enabled"),
    ],
)
def test_a_trap_of_its_own_is_told(lines: str, told: str) -> None:
    assert imported(lines)[1] == [told]


def test_a_matcher_that_matches_a_star_opens_every_origin() -> None:
    policy, _ = imported("allow_origin_string_match: [{safe_regex: {regex: '[^a-z]'}}]")
    assert policy.allow_origins.any


def test_preflights_that_are_forwarded_are_told() -> None:
    text = "{'@type': x.cors.v3.CorsPolicy, allow_methods: PUT}"
    assert [loss.setting for loss in read(text, "x").losses] == ["refused_preflight"]


@pytest.mark.parametrize(
    "text", ["{}", "[{'@type': x.cors.v3.CorsPolicy}, {'@type': x.cors.v3.CorsPolicy}]"]
)
def test_a_file_without_one_policy_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        read(text, "x")


def test_each_route_has_the_policy_that_it_would_have_alone() -> None:
    own = "{allow_origins: [https://b.test], allow_headers: ['*',authorization], max_age: 5}"
    written = write(routed(f"- {{path: /a, cors: {own}}}"), "bootstrap")
    (listener,) = yaml.safe_load(written.text)["static_resources"]["listeners"]
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    (host,) = manager["route_config"]["virtual_hosts"]
    found = [
        route["typed_per_filter_config"]["envoy.filters.http.cors"]
        for route in host["routes"]
        if "route" in route
    ]
    assert found == [
        policy(own[1:-1].replace(", ", "\n")),
        policy("allow_origins: [https://a.test]"),
    ]
    assert written.losses == ()


def test_a_policy_alone_is_that_of_all_other_paths() -> None:
    written = write(routed("- {path: /a, cors: {max_age: 5}}"), "policy")
    assert [loss.setting for loss in written.losses] == ["routes"]


@given(settings=routed_settings())
def test_after_export_and_import_routes_are_the_same_or_the_difference_was_told(
    settings: Config,
) -> None:
    assert routes_changed_unreported(GATEWAY, settings, "bootstrap") == set()


def test_a_policy_that_is_switched_off_grants_nothing() -> None:
    off = "filter_enabled: {default_value: {numerator: 0, denominator: HUNDRED}}"
    found, losses = imported(f"allow_origin_string_match: [{{exact: '*'}}], {off}")
    assert (found.judges, bool(found.allow_origins), losses) == (False, False, [])
    on, told = imported(f"allow_origin_string_match: [{{exact: '*'}}], {off.replace(': 0', ': 9')}")
    assert on.allow_origins.any
    assert "filter_enabled" in told
