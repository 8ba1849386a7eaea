"""Buckets: each store's rules say no more than the policy, but for what is told."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cors import headers as f
from corsproxy.cors.policy import Policy
from corsproxy.cors.request import Request
from corsproxy.gateways.conversion.bucket_forms import FORMS
from corsproxy.gateways.conversion.bucket_reading import read
from corsproxy.gateways.conversion.gateway import FormatError
from corsproxy.gateways.emulation.gateway_emulation import emulation_of
from corsproxy.gateways.s3 import GATEWAY, write
from tests.cors.strategies import ORIGINS, policies
from tests.gateways.converted import changed_unreported, config, differing, of_policy

PLAIN = """allow_origins: [https://a.test, "http://[::1]:3000"]
allow_methods: [PUT]
allow_headers: [x-a]
expose_headers: [x-a]
max_age: 600"""
S3 = ("json", "xml", "cloudformation")
WITHOUT_CREDENTIALS = ("r2", "gcs")


def rule(policy: str, form: str = "json") -> dict[str, Any]:
    (found,) = json.loads(write(config(policy), form).text)["CORSRules"]
    return dict(found)


def told(policy: str, form: str = "json") -> list[str]:
    return [loss.setting for loss in write(config(policy), form).losses]


def test_a_rule_names_the_methods_that_need_no_listing_elsewhere() -> None:
    assert rule(f"{PLAIN}\nallow_credentials: true") == {
        "AllowedOrigins": ["https://a.test", "http://[::1]:3000"],
        "AllowedMethods": ["GET", "HEAD", "POST", "PUT"],
        "AllowedHeaders": ["x-a"],
        "ExposeHeaders": ["x-a"],
        "MaxAgeSeconds": 600,
    }


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_read_as_the_policy_that_it_was_written_from(form: str) -> None:
    credentials = "true" if form in S3 else "false"
    settings = config(f"{PLAIN}\nallow_credentials: {credentials}")
    written = write(settings, form)
    found = read(written.text, "exported")
    assert differing(settings.policy, found.policy) == set()
    assert (written.losses, found.losses) == ((), ())


@pytest.mark.parametrize("form", FORMS)
@given(policy=policies())
def test_after_export_and_import_a_policy_is_the_same_or_the_difference_was_told(
    form: str, policy: Policy
) -> None:
    try:
        assert changed_unreported(GATEWAY, policy, form) == set()
    except FormatError:  # no rule was left
        losses = write(of_policy(policy), form).losses
        assert "allow_origins" in {loss.setting for loss in losses}


@pytest.mark.parametrize("form", FORMS)
@given(policy=policies(), origin=st.sampled_from(ORIGINS))
def test_no_export_lets_in_an_origin_that_the_policy_does_not(
    form: str, policy: Policy, origin: str
) -> None:
    try:
        back = read(write(of_policy(policy), form).text, "exported").policy
    except FormatError:
        return
    if back.allow_origins.any or back.allow_origins.match(origin):
        assert policy.allow_origins.any or policy.allow_origins.match(origin)


@pytest.mark.parametrize("form", S3)
def test_credentials_that_s3_allows_in_spite_of_the_policy_are_told(form: str) -> None:
    assert told("allow_origins: [https://a.test]", form) == ["allow_credentials"]
    assert told("allow_origins: ['*']", form) == []


@pytest.mark.parametrize("form", WITHOUT_CREDENTIALS)
def test_credentials_that_a_store_never_allows_are_told(form: str) -> None:
    assert told("allow_origins: [https://a.test]", form) == []
    assert told("allow_origins: [https://a.test]\nallow_credentials: true", form) == [
        "allow_credentials"
    ]


def test_any_origin_with_credentials_is_every_origin_without() -> None:
    policy = """allow_origins: ["*"]
allow_credentials: true
dangerously_reflect_any_origin: true"""
    assert told(policy) == ["allow_credentials", "dangerously_reflect_any_origin"]
    assert rule(policy)["AllowedOrigins"] == ["*"]


@pytest.mark.parametrize(
    ("setting", "told_of"),
    [
        ("allow_methods: [PATCH]", "allow_methods"),
        ("allow_methods: ['*']", "allow_methods"),
        ("allow_headers: ['*']", "allow_headers"),
        ("allow_headers: ['x-*']", "allow_headers"),
        ("expose_headers: ['*']", "expose_headers"),
        ("allow_private_network: true", "allow_private_network"),
    ],
)
def test_what_no_rule_can_say_is_told(setting: str, told_of: str) -> None:
    assert told(f"allow_origins: ['*']\n{setting}") == [told_of]


def test_the_wildcard_of_names_is_written_where_authorization_is_listed_as_well() -> None:
    names = "allow_origins: ['*']\nallow_headers: ['*', authorization]"
    assert rule(names)["AllowedHeaders"] == ["*"]
    assert told(names) == []


def test_patterns_are_written_as_globs_that_match_the_same() -> None:
    policy = 'allow_origins: ["https://*.a.test", "http://localhost:*"]\nallow_credentials: true'
    assert rule(policy)["AllowedOrigins"] == [
        *("https://*.a.test", "http://localhost", "http://localhost:*")
    ]
    assert told(policy) == []
    assert set(told(policy, "gcs")) == {"allow_origins", "allow_credentials"}


def test_without_an_origin_there_is_no_rule() -> None:
    written = write(config("allow_origins: ['null']\nallow_credentials: true"), "json")
    assert json.loads(written.text) == {"CORSRules": []}
    assert [loss.setting for loss in written.losses] == ["allow_origins", "allow_origins"]


def test_one_list_for_both_allows_and_exposes_no_name_too_many() -> None:
    policy = """allow_origins: [https://a.test]
allow_headers: [x-a, x-b, content-type]
expose_headers: [X-A, x-c, date]"""
    written = write(config(policy), "gcs")
    (found,) = json.loads(written.text)
    assert found["responseHeader"] == ["X-A", "content-type", "date"]
    assert [loss.setting for loss in written.losses] == ["allow_headers", "expose_headers"]


RULE = """allow_origins: [https://a.test]
allow_methods: [PUT]
allow_headers: [x-a, X-B]
expose_headers: [etag]
max_age: 600"""
GRANTED = "GET, HEAD, POST, PUT"


@pytest.mark.parametrize(
    ("request_", "status", "headers"),
    [
        pytest.param(
            Request("OPTIONS", "https://a.test", "PUT", "x-b"),
            200,
            {
                f.ALLOW_ORIGIN: "https://a.test",
                f.ALLOW_CREDENTIALS: "true",
                f.ALLOW_METHODS: GRANTED,
                f.ALLOW_HEADERS: "x-b",
                f.EXPOSE_HEADERS: "etag",
                f.MAX_AGE: "600",
            },
            id="a preflight has what it asks for, and credentials",
        ),
        pytest.param(Request("OPTIONS", "https://b.test", "PUT"), 403, {}, id="another origin"),
        pytest.param(Request("OPTIONS", "https://a.test", "DELETE"), 403, {}, id="another method"),
        pytest.param(Request("OPTIONS", "https://a.test", "PUT", "x-c"), 403, {}, id="a name"),
        pytest.param(Request("OPTIONS", None, "PUT"), 400, {}, id="no origin"),
        pytest.param(
            Request("PUT", "https://a.test"),
            0,
            {
                f.ALLOW_ORIGIN: "https://a.test",
                f.ALLOW_CREDENTIALS: "true",
                f.ALLOW_METHODS: GRANTED,
                f.EXPOSE_HEADERS: "etag",
                f.MAX_AGE: "600",
            },
            id="a request has the lists, too",
        ),
        pytest.param(Request("PUT", "https://b.test"), 0, {}, id="a stranger passes bare"),
        pytest.param(Request("DELETE", "https://a.test"), 0, {}, id="so does another method"),
    ],
)
def test_emulated_it_does_what_is_recorded_of_amazon_s3(
    request_: Request, status: int, headers: dict[str, str]
) -> None:
    emulation = emulation_of("s3")
    assert emulation is not None
    decision = emulation.with_policy(config(RULE).policy).decide(request_)
    assert (decision.status, dict(decision.headers)) == (status, headers)
    assert bool(decision.vary) is bool(headers)


def test_emulated_a_star_is_sent_as_it_stands_without_credentials() -> None:
    emulation = emulation_of("s3")
    assert emulation is not None
    policy = config("allow_origins: ['*']\nallow_headers: ['*', authorization]").policy
    gateway = emulation.with_policy(policy)
    headers = dict(gateway.decide(Request("OPTIONS", "https://a.test", "PUT", "x-c")).headers)
    assert headers == {}  # PUT is not in the rule
    asked = Request("OPTIONS", "https://a.test", "GET", "authorization,x-c")
    headers = dict(gateway.decide(asked).headers)
    assert (headers[f.ALLOW_ORIGIN], headers[f.ALLOW_HEADERS]) == ("*", "authorization, x-c")
    assert f.ALLOW_CREDENTIALS not in headers
