"""CloudFront: a response headers policy says what it can of a policy, and the rest is told."""

from typing import Any

import pytest
import yaml
from hypothesis import given

from corsproxy.cors.names import Names
from corsproxy.cors.policy import Policy
from corsproxy.gateways.cloudfront import GATEWAY, read, write
from corsproxy.gateways.conversion.gateway import FormatError
from tests.cors.strategies import policies
from tests.gateways.converted import changed_unreported, config, differing, of_policy

PLAIN = """allow_origins: [https://a.test, "https://*.b.test"]
allow_methods: [PUT]
allow_headers: [authorization]
expose_headers: [etag]
allow_credentials: true
max_age: 600"""


def cors(policy: str) -> dict[str, Any]:
    document = yaml.safe_load(write(config(policy), "cloudformation").text)
    properties = document["Resources"]["CorsPolicy"]["Properties"]
    return dict(properties["ResponseHeadersPolicyConfig"].get("CorsConfig", {}))


def told(policy: str) -> list[str]:
    losses = [loss.setting for loss in write(config(policy), "cloudformation").losses]
    return [setting for setting in losses if setting != "refused_preflight"]


def test_a_policy_of_origins_and_subdomains_is_written() -> None:
    assert cors(PLAIN) == {
        "AccessControlAllowCredentials": True,
        "AccessControlAllowHeaders": {"Items": ["authorization"]},
        "AccessControlAllowMethods": {"Items": ["PUT"]},
        "AccessControlAllowOrigins": {"Items": ["https://a.test", "https://*.b.test"]},
        "AccessControlExposeHeaders": {"Items": ["etag"]},
        "AccessControlMaxAgeSec": 600,
        "OriginOverride": True,
    }
    assert told(PLAIN) == []


def test_that_preflights_are_not_answered_is_told_in_both_directions() -> None:
    written = write(config(PLAIN), "cloudformation")
    found = read(written.text, "exported")
    assert [loss.setting for loss in (*written.losses, *found.losses)] == ["refused_preflight"] * 2
    assert differing(config(PLAIN).policy, found.policy) == set()


@given(policy=policies())
def test_after_export_and_import_a_policy_is_the_same_or_the_difference_was_told(
    policy: Policy,
) -> None:
    try:
        assert changed_unreported(GATEWAY, policy, "cloudformation") == set()
    except FormatError:  # no CORS was left
        losses = write(of_policy(policy), "cloudformation").losses
        assert "allow_origins" in {loss.setting for loss in losses}


def test_a_list_of_names_is_never_empty_nor_grants_one() -> None:
    found = cors("allow_origins: ['*']")["AccessControlAllowHeaders"]
    assert found == {"Items": ["accept"]}
    assert imported(f"AccessControlAllowHeaders: {found}")[0].allow_headers == Names()


@pytest.mark.parametrize(
    ("policy", "setting"),
    [
        ("allow_origins: ['*']\nallow_methods: [PURGE]", "allow_methods"),
        ("allow_origins: ['*']\nallow_methods: ['*']", "allow_methods"),
        ("allow_origins: [https://a.test, 'http://b.test:*']", "allow_origins"),
        ("allow_origins: [https://a.test, {regex: 'https://b.*'}]", "allow_origins"),
        ("allow_origins: [https://a.test, 'null']", "allow_origins"),
        (
            "allow_origins: [https://a.test]\nallow_credentials: true\nallow_headers: ['*']",
            "allow_headers",
        ),
        (
            "allow_origins: [https://a.test]\nallow_credentials: true\nexpose_headers: ['*']",
            "expose_headers",
        ),
        ("allow_origins: ['*']\nallow_private_network: true", "allow_private_network"),
    ],
)
def test_what_it_cannot_say_is_told(policy: str, setting: str) -> None:
    assert told(policy) == [setting]


def test_every_method_is_all_that_it_knows() -> None:
    assert cors("allow_origins: ['*']\nallow_methods: ['*']")["AccessControlAllowMethods"] == {
        "Items": ["ALL"]
    }


def test_any_origin_with_credentials_is_every_origin_without() -> None:
    policy = """allow_origins: ["*"]
allow_credentials: true
dangerously_reflect_any_origin: true"""
    assert told(policy) == ["dangerously_reflect_any_origin", "allow_credentials"]
    assert cors(policy)["AccessControlAllowCredentials"] is False


def test_without_an_origin_there_is_no_cors() -> None:
    assert cors("allow_origins: ['null']") == {}


def imported(lines: str) -> tuple[Policy, list[str]]:
    found = read(f"CorsConfig: {{OriginOverride: true, {lines}}}", "policy.json")
    told = [loss.setting for loss in found.losses if loss.setting != "refused_preflight"]
    return found.policy, told


@pytest.mark.parametrize(
    ("lines", "setting"),
    [
        ("AccessControlAllowOrigins: {Items: [a.test]}", "allow_origins"),
        ("AccessControlAllowOrigins: {Items: [https://a.test/]}", "allow_origins"),
        ("AccessControlAllowOrigins: {Items: ['null']}", "allow_origins"),
        (
            "AccessControlAllowOrigins: {Items: ['*']}, AccessControlAllowCredentials: true",
            "allow_credentials",
        ),
        ("AccessControlAllowHeaders: {Items: ['x-*']}", "allow_headers"),
        (
            "AccessControlAllowHeaders: {Items: ['*']}, AccessControlAllowCredentials: true",
            "allow_headers",
        ),
        ("AccessControlAllowMethods: {Items: ['*']}", "allow_methods"),
        ("AllowOrigins: {Items: ['*']}", "AllowOrigins"),
        ("AccessControlMaxAgeSec: soon", "max_age"),
    ],
)
def test_a_trap_of_its_own_is_told(lines: str, setting: str) -> None:
    assert imported(lines)[1] == [setting]


def test_the_origins_headers_that_go_first_are_told() -> None:
    text = "AccessControlAllowOrigins: {Items: ['*']}\nOriginOverride: false"
    assert {loss.setting for loss in read(text, "x").losses} == {"refused_preflight", "mode"}


def test_what_the_command_line_says_of_a_policy_is_read_and_all_is_seven_methods() -> None:
    text = """{"ResponseHeadersPolicy": {"Id": "x", "ResponseHeadersPolicyConfig": {"CorsConfig":
{"AccessControlAllowOrigins": {"Quantity": 1, "Items": ["https://*.a.test"]},
"AccessControlAllowMethods": {"Quantity": 1, "Items": ["ALL"]}}}}}"""
    policy = read(text, "x").policy
    assert policy.allow_origins.match("https://b.a.test")
    assert len(policy.allow_methods.listed) == 7


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "Resources: {A: {Type: 'AWS::CloudFront::ResponseHeadersPolicy'}}",
        "CorsConfig: null",
    ],
)
def test_a_file_without_one_policy_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        read(text, "x")
