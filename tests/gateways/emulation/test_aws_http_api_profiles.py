"""Emulated services of AWS, and what stands in for them: each does what is known of it.

What of a policy each of them has is what is read of its export.
"""

from dataclasses import replace

import pytest
from hypothesis import given

from corsproxy.cors import headers as f
from corsproxy.cors.decision import Action
from corsproxy.cors.policy import Policy
from corsproxy.cors.request import Request
from corsproxy.gateways.conversion.gateway import FormatError
from corsproxy.gateways.conversion.registry import gateway
from corsproxy.gateways.emulation.gateway_emulation import EmulatedGateway, emulation_of
from tests.cors.strategies import policies
from tests.gateways.converted import config, differing, of_policy

MANNERS = {"mode", "on_violation", "refused_preflight", "refused_request", "emulate"}
POLICY = """allow_origins: [https://a.test]
allow_methods: [PUT]
allow_headers: [x-a]
expose_headers: [etag]
allow_credentials: true
max_age: 100000"""
OPEN = "allow_origins: ['*']\nallow_methods: ['*']"
GET, PUT = Request("GET", "https://a.test"), Request("OPTIONS", "https://a.test", "PUT")


def emulated(name: str, policy: str = POLICY) -> EmulatedGateway:
    emulation = emulation_of(name)
    assert emulation is not None
    return emulation.with_policy(config(policy).policy)


def answered(name: str, request: Request, policy: str = POLICY) -> tuple[int, dict[str, str]]:
    """The status, 0 where the request is forwarded, and the headers of CORS."""
    decision = emulated(name, policy).decide(request)
    assert (decision.status == 0) is (decision.action is Action.FORWARD)
    return decision.status, dict(decision.headers)


@pytest.mark.parametrize("name", ["aws-http-api", "aws-rest-api", "cloudfront", "s3"])
@given(policy=policies())
def test_what_it_has_of_a_policy_is_what_is_read_of_its_export(name: str, policy: Policy) -> None:
    one = gateway(name)
    assert one.profile is not None
    assert one.write is not None
    assert one.read is not None
    form = next(iter(one.forms))
    try:
        read = one.read(one.write(of_policy(policy), form).text, "exported").policy
    except FormatError:  # an export without any CORS in it
        return
    kept = one.profile.keeps(policy if policy.judges else Policy())
    lost = MANNERS | ({"expose_headers"} if name == "aws-rest-api" else set())
    assert differing(read, replace(kept, emulate=None)) <= lost


def test_an_http_api_answers_true_preflights_alone_and_sends_no_vary() -> None:
    status, headers = answered("aws-http-api", PUT)
    assert (status, headers[f.ALLOW_METHODS], headers[f.MAX_AGE]) == (204, "PUT", "86400")
    assert emulated("aws-http-api").decide(PUT).vary == ()
    assert answered("aws-http-api", Request("OPTIONS", "https://a.test"))[0] == 0
    assert answered("aws-http-api", Request("OPTIONS", "https://b.test", "PUT")) == (204, {})


def test_an_http_api_has_no_credentials_beside_every_origin() -> None:
    reflected = f"{OPEN}\nallow_credentials: true\ndangerously_reflect_any_origin: true"
    assert answered("aws-http-api", GET, reflected) == (0, {f.ALLOW_ORIGIN: "*"})


def test_a_rest_api_answers_every_options_and_leaves_all_else_to_the_backend() -> None:
    for request in (PUT, Request("OPTIONS"), Request("OPTIONS", "https://b.test", "PUT")):
        status, headers = answered("aws-rest-api", request)
        assert (status, headers[f.ALLOW_HEADERS]) == (200, "x-a")
    assert answered("aws-rest-api", GET) == (0, {})
    own = [(f.ALLOW_ORIGIN, "*")]
    gateway = emulated("aws-rest-api")
    assert gateway.response_headers(gateway.decide(GET), own) == own


def test_cloudfront_forwards_preflights_and_replaces_what_the_origin_says() -> None:
    assert answered("cloudfront", PUT)[0] == 0
    gateway = emulated("cloudfront")
    headers = gateway.response_headers(gateway.decide(PUT), [(f.ALLOW_ORIGIN, "*"), ("a", "b")])
    assert (f.ALLOW_ORIGIN, "https://a.test") in headers
    assert (f.ALLOW_ORIGIN, "*") not in headers


def test_sam_answers_every_options_and_sends_its_lists_with_every_response() -> None:
    status, headers = answered("sam-local", PUT)
    assert (status, headers[f.ALLOW_METHODS]) == (200, "PUT, OPTIONS")
    assert answered("sam-local", Request("OPTIONS"))[0] == 200
    _, headers = answered("sam-local", GET)
    assert f.ALLOW_METHODS in headers
    assert f.EXPOSE_HEADERS not in headers
    assert answered("sam-local", PUT, OPEN)[1][f.ALLOW_METHODS].count(",") == 6


def test_serverless_offline_sends_any_origin_back_but_in_preflights() -> None:
    stranger = Request("GET", "https://evil.test")
    assert answered("serverless-offline", stranger)[1][f.ALLOW_ORIGIN] == "https://evil.test"
    assert answered("serverless-offline", Request("OPTIONS", "https://evil.test")) == (204, {})
    assert answered("serverless-offline", Request("OPTIONS"))[0] == 404
    assert answered("serverless-offline", GET, OPEN)[1][f.ALLOW_ORIGIN] == "https://a.test"


def test_a_scheme_is_a_pattern_to_the_service_and_to_no_stand_in() -> None:
    policy = "allow_origins: [{regex: 'https://.*'}]"
    assert answered("aws-http-api", GET, policy)[1] == {f.ALLOW_ORIGIN: "https://a.test"}
    assert answered("sam-local", GET, policy) == (0, {})
