"""Azure Storage: what its rules can say is said, what they cannot is told; the rules are read."""

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cors.policy import Policy
from corsproxy.gateways.azure_blob import FORMS, GATEWAY, write
from corsproxy.gateways.conversion.azure_rules import read
from tests.cors.strategies import ORIGINS, policies
from tests.gateways.converted import changed_unreported, config, differing, of_policy

PLAIN = """allow_origins: [https://a.test, "http://[::1]:3000", "https://*.b.test"]
allow_methods: [PUT]
allow_headers: [authorization, x-ms-blob-type]
expose_headers: [etag]
allow_credentials: true
max_age: 600"""


def rules(policy: str) -> list[dict[str, Any]]:
    template = json.loads(write(config(policy), "arm").text)
    found: list[dict[str, Any]] = template["resources"][0]["properties"]["cors"]["corsRules"]
    return found


def told(policy: str) -> list[str]:
    return [loss.setting for loss in write(config(policy), "arm").losses]


def test_the_xml_has_the_elements_that_set_blob_service_properties_takes() -> None:
    written = write(config(PLAIN), "xml")
    found = ET.fromstring(written.text).findall("Cors/CorsRule")
    assert [{one.tag: one.text for one in rule} for rule in found] == [
        {
            "AllowedOrigins": origins,
            "AllowedMethods": "GET,HEAD,POST,PUT",
            "AllowedHeaders": "authorization,x-ms-blob-type",
            "ExposedHeaders": "etag",
            "MaxAgeInSeconds": "600",
        }
        for origins in ("https://a.test,http://[::1]:3000", "https://*.b.test")
    ]
    assert written.losses == ()


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_read_as_the_policy_that_it_was_written_from(form: str) -> None:
    policy = config(PLAIN).policy
    found = read(write(config(PLAIN), form).text, "exported")
    assert (differing(policy, found.policy), found.losses) == (set(), ())


@pytest.mark.parametrize("form", FORMS)
@given(policy=policies())
def test_after_export_and_import_a_policy_is_the_same_or_the_difference_was_told(
    form: str, policy: Policy
) -> None:
    assert changed_unreported(GATEWAY, policy, form) == set()


@given(policy=policies(), origin=st.sampled_from(ORIGINS))
def test_no_export_lets_in_an_origin_that_the_policy_does_not(policy: Policy, origin: str) -> None:
    back = read(write(of_policy(policy), "xml").text, "exported").policy
    if back.allow_origins.any or back.allow_origins.match(origin):
        assert policy.allow_origins.any or policy.allow_origins.match(origin)


def test_what_is_not_said_is_written_as_browsers_have_it_by_themselves() -> None:
    (rule,) = rules("allow_origins: [https://a.test]\nallow_credentials: true")
    assert rule["maxAgeInSeconds"] == 5
    assert rule["allowedMethods"] == ["GET", "HEAD", "POST"]


def test_a_service_takes_five_rules_and_a_pattern_needs_one() -> None:
    patterns = ", ".join(f'"https://*.{name}.test"' for name in "abcdefg")
    policy = f"allow_origins: [{patterns}, https://x.test]\nallow_credentials: true"
    assert [rule["allowedOrigins"] for rule in rules(policy)] == [
        ["https://x.test"],
        *([f"https://*.{name}.test"] for name in "abcd"),
    ]
    losses = write(config(policy), "arm").losses
    assert [str(loss.place) for loss in losses] == [
        f"policy.yaml:4:{19 + 20 * i}" for i in (4, 5, 6)
    ]


def test_a_rule_takes_64_origins_and_64_names() -> None:
    origins = ", ".join(f"https://a{i}.test" for i in range(65))
    names = ", ".join(f"x-{i}" for i in range(65))
    policy = f"allow_origins: [{origins}]\nallow_headers: [{names}]\nallow_credentials: true"
    assert [len(rule["allowedOrigins"]) for rule in rules(policy)] == [64, 1]
    assert len(rules(policy)[0]["allowedHeaders"]) == 64
    assert told(policy) == ["allow_headers"]


@pytest.mark.parametrize(
    ("policy", "settings"),
    [
        ("allow_origins: [https://a.test]", ["allow_credentials"]),
        ('allow_origins: ["https://a.test:*"]', ["allow_origins"]),
        ("allow_origins: [{regex: 'https://a.*'}]", ["allow_origins"]),
        ('allow_origins: ["*"]', []),
        ('allow_origins: ["*"]\nallow_methods: ["*"]', ["allow_methods"]),
        ('allow_origins: ["*"]\nallow_methods: [PURGE]', ["allow_methods"]),
        ('allow_origins: ["*"]\nallow_headers: ["*"]', ["allow_headers"]),
        ('allow_origins: ["*"]\nallow_headers: ["*", authorization]', []),
        ('allow_origins: ["*"]\nallow_headers: ["x-*"]', ["allow_headers"]),
        ('allow_origins: ["*"]\nexpose_headers: ["*"]', []),
        ('allow_origins: ["*"]\nallow_private_network: true', ["allow_private_network"]),
        (
            'allow_origins: ["*"]\nallow_credentials: true\ndangerously_reflect_any_origin: true',
            ["allow_credentials", "dangerously_reflect_any_origin"],
        ),
    ],
)
def test_what_no_rule_can_say_is_told(policy: str, settings: list[str]) -> None:
    assert sorted({*told(policy)}) == settings
