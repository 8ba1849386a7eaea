"""Azure API Management: the cors policy says what is documented, and its traps are told."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cors.policy import Policy
from corsproxy.cors.request import Request
from corsproxy.gateways.azure_apim import FORMS, GATEWAY, PROFILE, write
from corsproxy.gateways.conversion.apim_policy import read
from corsproxy.gateways.emulation import engine
from tests.cors.strategies import ORIGINS, policies
from tests.gateways.converted import changed_unreported, config, differing, of_policy

PLAIN = """allow_origins: [https://a.test, "http://[::1]:3000"]
allow_methods: [PUT]
allow_headers: [authorization]
expose_headers: [etag]
allow_credentials: true
max_age: 600"""

CORS = """<cors allow-credentials="true" terminate-unmatched-request="false">
    <allowed-origins>
        <origin>https://a.test</origin>
        <origin>http://[::1]:3000</origin>
    </allowed-origins>
    <allowed-methods preflight-result-max-age="600">
        <method>GET</method>
        <method>HEAD</method>
        <method>POST</method>
        <method>PUT</method>
    </allowed-methods>
    <allowed-headers>
        <header>authorization</header>
    </allowed-headers>
    <expose-headers>
        <header>etag</header>
    </expose-headers>
</cors>
"""


def told(policy: str) -> list[str]:
    return sorted({loss.setting for loss in write(config(policy), "policy").losses})


def test_the_policy_is_written_in_the_order_that_is_asked_for() -> None:
    written = write(config(PLAIN), "policy")
    assert (written.text, written.losses) == (CORS, ())


def test_in_a_document_it_is_the_first_of_the_inbound_section() -> None:
    root = ET.fromstring(write(config(PLAIN), "document").text)
    assert [section.tag for section in root] == ["inbound", "backend", "outbound", "on-error"]
    assert [one.tag for one in root[0]] == ["cors", "base"]


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
    back = read(write(of_policy(policy), "policy").text, "exported").policy
    if back.allow_origins.any or back.allow_origins.match(origin):
        assert policy.allow_origins.any or policy.allow_origins.match(origin)


@pytest.mark.parametrize(
    ("policy", "settings"),
    [
        ('allow_origins: ["https://*.a.test", https://a.test]', ["allow_origins"]),
        ('allow_origins: ["null", https://a.test]', ["allow_origins"]),
        ("allow_origins: [chrome-extension://abc, https://a.test]", ["allow_origins"]),
        ("{}", ["allow_origins"]),
        ('allow_origins: ["*"]\nallow_methods: ["*"]', []),
        ('allow_origins: ["*"]\nallow_headers: ["*"]', ["allow_headers"]),
        ('allow_origins: ["*"]\nallow_headers: ["*", authorization]', []),
        (
            (
                "allow_origins: [https://a.test]\nallow_credentials: true\n"
                'allow_methods: ["*"]\nallow_headers: ["*", authorization]\nexpose_headers: ["*"]'
            ),
            ["allow_headers", "allow_methods", "expose_headers"],
        ),
        ('allow_origins: ["*"]\nallow_private_network: true', ["allow_private_network"]),
        (
            'allow_origins: ["*"]\nallow_credentials: true\ndangerously_reflect_any_origin: true',
            ["allow_credentials", "dangerously_reflect_any_origin"],
        ),
    ],
)
def test_what_is_not_documented_is_left_out_and_told(policy: str, settings: list[str]) -> None:
    assert told(policy if policy != "{}" else "max_age: 5") == settings


def emulated(policy: str, request: Request) -> tuple[int, dict[str, str]]:
    made = engine.exported(config(policy).policy, PROFILE)
    decision = engine.decide(made, PROFILE, request)
    return decision.status, dict(engine.own_headers(PROFILE, decision))


@pytest.mark.parametrize(
    ("request_", "status", "headers"),
    [
        (
            Request("OPTIONS", "https://a.test", "PUT", "authorization"),
            200,
            {
                "Access-Control-Allow-Origin": "https://a.test",
                "Access-Control-Allow-Credentials": "true",
                "Access-Control-Allow-Methods": "PUT",
                "Access-Control-Allow-Headers": "authorization",
                "Access-Control-Max-Age": "600",
            },
        ),
        (Request("OPTIONS", "https://b.test", "PUT"), 200, {}),
        (Request("GET", "https://b.test"), 0, {}),
        (
            Request("GET", "https://a.test"),
            0,
            {
                "Access-Control-Allow-Origin": "https://a.test",
                "Access-Control-Allow-Credentials": "true",
                "Access-Control-Expose-Headers": "etag",
            },
        ),
        (Request("GET"), 0, {}),
    ],
    ids=["a preflight", "a stranger's", "a stranger", "a page", "no page"],
)
def test_the_emulation_does_as_the_documentation_says(
    request_: Request, status: int, headers: dict[str, str]
) -> None:
    assert emulated(PLAIN, request_) == (status, headers)


def test_what_is_not_written_is_not_emulated() -> None:
    policy = """allow_origins: ["https://*.a.test", https://a.test]
allow_methods: ["*", PUT]
allow_headers: ["*", x-a]
allow_credentials: true"""
    request = Request("OPTIONS", "https://a.test", "PATCH", "x-b")
    headers = emulated(policy, request)[1]
    assert headers["Access-Control-Allow-Methods"] == "PUT"
    assert headers["Access-Control-Allow-Headers"] == "x-a"
    assert emulated(policy, Request("GET", "https://b.a.test")) == (0, {})
