"""Envoy Gateway: what is written is what its schema takes; what that refuses is told on import."""

import re
from typing import Any

import pytest
import yaml
from hypothesis import given

from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.gateway import FormatError
from corsproxy.gateways.envoy_gateway import GATEWAY, read, write
from tests.cors.strategies import policies
from tests.gateways.converted import changed_unreported, config, of_policy

ORIGIN = re.compile(r"(\*|https?:\/\/(\*|(\*\.)?(([\w-]+\.?)+)?[\w-]+)(:\d{1,5})?)")
"""The resource's own."""


def cors(text: str) -> dict[str, Any]:
    document = yaml.safe_load(write(config(text), "securitypolicy").text)
    assert document["kind"] == "SecurityPolicy"
    return dict(document["spec"]["cors"])


def test_origins_and_subdomains_are_written_as_they_are() -> None:
    found = cors("allow_origins: [https://a.test, 'https://*.b_b.test']\nmax_age: 100000")
    assert found["allowOrigins"] == ["https://a.test", "https://*.b_b.test"]
    assert found["maxAge"] == "27h46m40s"


LOST = {
    "a regex": ("allow_origins: [{regex: 'https://.*'}]", "allow_origins"),
    "the opaque origin": ('allow_origins: ["null"]', "allow_origins"),
    "any port": ("allow_origins: ['http://localhost:*']", "allow_origins"),
    "IPv6": ("allow_origins: ['http://[::1]:3000']", "allow_origins"),
    "another scheme": ("allow_origins: ['chrome-extension://abcdefgh']", "allow_origins"),
    "the private network": ("allow_private_network: true", "allow_private_network"),
}


@pytest.mark.parametrize(("line", "setting"), LOST.values(), ids=LOST.keys())
def test_what_the_schema_does_not_take_is_told_with_its_line(line: str, setting: str) -> None:
    losses = write(config(line), "securitypolicy").losses
    assert [loss.setting for loss in losses] == [setting]
    assert losses[0].place.line == 4


def test_names_that_would_be_echoed_beside_credentials_are_told() -> None:
    text = "allow_origins: [https://a.test]\nallow_credentials: true\nallow_headers: ['*', x-a]"
    assert cors(text)["allowHeaders"] == ["x-a"]
    losses = write(config(text), "securitypolicy").losses
    assert [loss.setting for loss in losses] == ["allow_headers"]


@given(policy=policies())
def test_each_origin_that_is_written_is_one_of_the_schema(policy: Policy) -> None:
    document = yaml.safe_load(write(of_policy(policy), "securitypolicy").text)
    origins = document["spec"]["cors"]["allowOrigins"]
    assert origins
    assert [origin for origin in origins if not ORIGIN.fullmatch(origin)] == []


@given(policy=policies())
def test_after_export_and_import_a_policy_is_the_same_or_the_difference_was_told(
    policy: Policy,
) -> None:
    assert changed_unreported(GATEWAY, policy, "securitypolicy") == set()


def imported(lines: str) -> tuple[Policy, list[str]]:
    found = read(f"spec: {{cors: {{{lines}}}}}", "policy.yaml")
    return found.policy, [loss.setting for loss in found.losses]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("allowOrigins: [https://a.test/]", "allow_origins"),
        ("allowOrigins: ['null']", "allow_origins"),
        ("allowOrigins: ['http://localhost:*']", "allow_origins"),
        ("allowOrigins: ['*', 'https://a.test'], allowCredentials: true", "allow_credentials"),
        ("allowHeaders: ['*', x-a], allowCredentials: true", "allow_headers"),
        ("exposeHeaders: ['*'], allowCredentials: true", "expose_headers"),
        ("allowMethods: [put]", "allow_methods"),
        ("maxAge: 600", "max_age"),
        ("maxAge: 10d", "max_age"),
    ],
)
def test_a_trap_of_its_own_is_told(lines: str, told: str) -> None:
    assert imported(lines)[1] == [told]


def test_any_host_has_any_port_unless_one_stands_there() -> None:
    policy, told = imported("allowOrigins: ['https://*', 'http://*:8080']")
    assert told == []
    matched = {
        origin: policy.allow_origins.match(origin) is not None
        for origin in ("https://a.b", "https://a.b:8443", "http://a.b", "http://a.b:8080")
    }
    assert [*matched.values()] == [True, True, False, True]


def test_a_whole_resource_its_spec_or_its_cors_is_read() -> None:
    block = "{allowOrigins: [https://a.test]}"
    for text in (f"{{spec: {{cors: {block}}}}}", f"{{cors: {block}}}", block):
        assert read(text, "x").policy.allow_origins.match("https://a.test")


@pytest.mark.parametrize("text", ["{}", "[{cors: {maxAge: 1s}}, {cors: {maxAge: 1s}}]"])
def test_a_file_without_one_policy_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        read(text, "x")
