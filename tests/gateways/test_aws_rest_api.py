"""AWS REST API: one constant origin, values in quotes of their own, and the backend's own share."""

from typing import Any

import pytest
import yaml
from hypothesis import given

from corsproxy.cors.policy import Policy
from corsproxy.gateways.aws_rest_api import GATEWAY, read, write
from corsproxy.gateways.conversion.aws_gateway_responses import ERRORS
from corsproxy.gateways.conversion.gateway import FormatError
from tests.cors.strategies import policies
from tests.gateways.converted import changed_unreported, config, differing, of_policy

PLAIN = """allow_origins: [https://a.test]
allow_methods: [PUT, DELETE]
allow_headers: [authorization, X-A]
allow_credentials: true
max_age: 600"""


def properties(policy: str) -> dict[str, Any]:
    document = yaml.safe_load(write(config(policy), "sam").text)
    return dict(document["Resources"]["RestApi"]["Properties"])


def told(policy: str) -> list[str]:
    losses = [loss.setting for loss in write(config(policy), "sam").losses]
    return [setting for setting in losses if setting != "mode"]


def test_each_text_stands_in_quotes_of_its_own() -> None:
    assert properties(PLAIN)["Cors"] == {
        "AllowOrigin": "'https://a.test'",
        "AllowMethods": "'PUT,DELETE'",
        "AllowHeaders": "'authorization,X-A'",
        "MaxAge": "'600'",
        "AllowCredentials": True,
    }
    assert told(PLAIN) == []


def test_the_errors_of_api_gateway_carry_the_origin_and_that_credentials_are_allowed() -> None:
    headers = {
        "Access-Control-Allow-Origin": "'https://a.test'",
        "Access-Control-Allow-Credentials": "'true'",
    }
    assert properties(PLAIN)["GatewayResponses"] == {
        kind: {"ResponseParameters": {"Headers": headers}} for kind in ERRORS
    }


def test_that_the_backend_has_to_send_headers_is_told_in_both_directions() -> None:
    written = write(config(PLAIN), "sam")
    found = read(written.text, "exported")
    assert [loss.setting for loss in (*written.losses, *found.losses)] == ["mode", "mode"]
    assert written.losses[0].fix == (
        "let the backend send Access-Control-Allow-Origin: https://a.test, "
        "Access-Control-Allow-Credentials: true"
    )
    assert differing(config(PLAIN).policy, found.policy) == set()


@given(policy=policies())
def test_after_export_and_import_a_policy_is_the_same_or_the_difference_was_told(
    policy: Policy,
) -> None:
    try:
        assert changed_unreported(GATEWAY, policy, "sam") == set()
    except FormatError:  # no CORS was left
        losses = write(of_policy(policy), "sam").losses
        assert "allow_origins" in {loss.setting for loss in losses}


@pytest.mark.parametrize(
    ("policy", "setting"),
    [
        ("allow_origins: [https://a.test, https://b.test]", "allow_origins"),
        ("allow_origins: ['https://*.a.test', https://b.test]", "allow_origins"),
        ("allow_origins: ['null', https://b.test]", "allow_origins"),
        ("allow_origins: ['*']\nexpose_headers: [etag]", "expose_headers"),
        ("allow_origins: ['*']\nallow_headers: [\"x-'\"]", "allow_headers"),
        (
            "allow_origins: [https://a.test]\nallow_credentials: true\nallow_methods: ['*']",
            "allow_methods",
        ),
        ("allow_origins: ['*']\nallow_private_network: true", "allow_private_network"),
    ],
)
def test_what_it_cannot_say_is_told(policy: str, setting: str) -> None:
    assert told(policy) == [setting]


def test_without_an_origin_there_is_no_cors_at_all() -> None:
    assert properties("allow_origins: ['null']") == {"StageName": "prod"}
    assert told("allow_origins: ['null']") == ["allow_origins", "allow_origins"]


def test_any_origin_with_credentials_is_every_origin_without() -> None:
    policy = """allow_origins: ["*"]
allow_credentials: true
dangerously_reflect_any_origin: true"""
    assert told(policy) == ["dangerously_reflect_any_origin", "allow_credentials"]
    assert properties(policy)["Cors"]["AllowOrigin"] == "'*'"


def template(cors: str, *, covered: bool = True) -> str:
    errors = ""
    if covered:
        named = "{ResponseParameters: {Headers: {access-control-allow-origin: \"'*'\"}}}"
        errors = f"\n      GatewayResponses: {{DEFAULT_4XX: {named}, DEFAULT_5XX: {named}}}"
    return f"""Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      Cors: {cors}{errors}
"""


def imported(cors: str) -> tuple[Policy, list[str]]:
    found = read(template(cors), "template.yaml")
    return found.policy, [loss.setting for loss in found.losses if loss.setting != "mode"]


METHODS = "AllowMethods: \"'GET'\""


@pytest.mark.parametrize(
    ("cors", "setting"),
    [
        (f"{{AllowOrigin: https://a.test, {METHODS}}}", "allow_origins"),
        (f"{{AllowOrigin: \"'https://a.test,https://b.test'\", {METHODS}}}", "allow_origins"),
        (f"{{AllowOrigin: \"'null'\", {METHODS}}}", "allow_origins"),
        ("{AllowMethods: 'GET,PUT'}", "allow_methods"),
        ("{AllowOrigin: \"'*'\"}", "allow_methods"),
        (f"{{AllowOrigin: \"'*'\", AllowCredentials: true, {METHODS}}}", "allow_credentials"),
        (f"{{AllowHeaders: x-a, {METHODS}}}", "allow_headers"),
        (f"{{MaxAge: 600, {METHODS}}}", "max_age"),
        (f"{{MaxAge: \"'soon'\", {METHODS}}}", "max_age"),
        (f"{{MaxAge: \"''\", {METHODS}}}", "max_age"),
        (f"{{MaxAge: \"'['\", {METHODS}}}", "max_age"),
        (f"{{ExposeHeaders: \"'etag'\", {METHODS}}}", "ExposeHeaders"),
    ],
)
def test_a_trap_of_its_own_is_told(cors: str, setting: str) -> None:
    assert imported(cors)[1] == [setting]


def test_a_value_without_inner_quotes_is_told_with_the_text_that_has_them() -> None:
    (loss,) = [
        loss
        for loss in read(template(f"{{AllowOrigin: '*', {METHODS}}}"), "t.yaml").losses
        if loss.setting == "allow_origins"
    ]
    assert (str(loss.place), loss.fix) == ("t.yaml:5:27", "AllowOrigin: \"'*'\"")


def test_an_origin_alone_is_read_too() -> None:
    policy, losses = imported("\"'https://a.test'\"")
    assert (str(policy.allow_origins), losses) == ("Origins(https://a.test)", ["allow_methods"])


def test_the_cors_of_all_apis_is_read() -> None:
    text = "Globals: {Api: {Cors: \"'*'\"}}\nResources: {A: {Type: 'AWS::Serverless::Api'}}"
    assert read(text, "x").policy.allow_origins.any


def test_errors_that_have_no_origin_are_told_unless_a_resource_gives_them_one() -> None:
    text = template("\"'*'\"", covered=False)
    settings = [loss.setting for loss in read(text, "x").losses]
    assert settings.count("GatewayResponses") == 2
    own = """
  Own:
    Type: AWS::ApiGateway::GatewayResponse
    Properties:
      ResponseType: DEFAULT_4XX
      ResponseParameters: {gatewayresponse.header.Access-Control-Allow-Origin: "'*'"}
"""
    settings = [loss.setting for loss in read(f"{text}{own}", "x").losses]
    assert settings.count("GatewayResponses") == 1


@pytest.mark.parametrize("text", ["{}", "Resources: {A: {Type: 'AWS::Serverless::Api'}}"])
def test_a_template_without_cors_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        read(text, "x")


def test_texts_stand_in_two_kinds_of_quotes_as_people_write_them() -> None:
    assert "AllowOrigin: \"'https://a.test'\"\n" in write(config(PLAIN), "sam").text


def test_the_fix_of_an_error_without_an_origin_has_the_one_that_is_sent() -> None:
    text = template("\"'https://a.test'\"", covered=False)
    fixes = [loss.fix for loss in read(text, "x").losses if loss.setting == "GatewayResponses"]
    assert fixes[0] == (
        "GatewayResponses: {DEFAULT_4XX: {ResponseParameters: {Headers: "
        "{Access-Control-Allow-Origin: \"'https://a.test'\"}}}}"
    )


def two_apis(first: str, second: str) -> str:
    return f"""Resources:
  One: {{Type: 'AWS::Serverless::Api', Properties: {{Cors: "'https://a.test'"{first}}}}}
  Two: {{Type: 'AWS::Serverless::Api', Properties: {{Cors: "'https://b.test'"{second}}}}}
"""


def test_several_apis_are_routes_of_their_domains() -> None:
    first = ", Domain: {DomainName: a.example.com}"
    second = ", Domain: {DomainName: b.example.com, BasePath: [v2]}"
    found = read(two_apis(first, second), "x")
    assert [(route.host, route.path) for route in found.routes] == [
        ("a.example.com", "/"),
        ("b.example.com", "/v2"),
    ]
    assert not found.policy.allow_origins


@pytest.mark.parametrize("domain", ["", ", Domain: {DomainName: !Ref Name}"])
def test_several_apis_that_nothing_tells_apart_are_refused(domain: str) -> None:
    with pytest.raises(FormatError, match="2 APIs with Cors"):
        read(two_apis(domain, domain), "x")
