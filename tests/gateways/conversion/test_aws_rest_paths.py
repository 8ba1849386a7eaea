"""A REST API in OpenAPI: what OPTIONS of each path sends is the policy of the path."""

import json
from typing import Any

import pytest

from corsproxy.gateways.aws_rest_api import read
from corsproxy.gateways.conversion.gateway import FormatError, Read

ERRORS = {
    "x-amazon-apigateway-gateway-responses": {
        kind: {"responseParameters": {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}}
        for kind in ("DEFAULT_4XX", "DEFAULT_5XX")
    }
}


def path(**headers: str) -> dict[str, Any]:
    """Of names with `_` in place of `-`, without what all begin with."""
    parameters = {
        f"method.response.header.Access-Control-{name.replace('_', '-')}": f"'{value}'"
        for name, value in headers.items()
    }
    integration = {"type": "mock", "responses": {"default": {"responseParameters": parameters}}}
    return {"get": {}, "options": {"x-amazon-apigateway-integration": integration}}


def body(paths: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"openapi": "3.0.1", "paths": paths, **ERRORS, **more}


def found(paths: dict[str, Any]) -> Read:
    return read(json.dumps(body(paths)), "api.json")


def told(one: Read) -> list[str]:
    return [loss.effect for loss in one.losses if loss.setting != "mode"]


A, B = (path(Allow_Origin=f"https://{name}.test", Allow_Methods="PUT") for name in "ab")


def test_the_same_for_all_paths_is_the_policy_and_what_passes_is_told_once() -> None:
    one = found({"/a": A, "/a/{id}": A})
    assert str(*one.policy.allow_origins.patterns) == "https://a.test"
    assert one.policy.allow_methods.listed == ("PUT",)
    assert (one.routes, [loss.setting for loss in one.losses]) == ((), ["mode"])


def test_each_path_has_what_its_options_sends() -> None:
    one = found({"/{proxy+}": A, "/b": B, "/b/{proxy+}": B, "/c/{proxy+}": {"get": {}}})
    assert [(route.path, route.policy.mode.value) for route in one.routes] == [
        ("/b", "enforce"),
        ("/c", "passthrough"),
    ]
    assert told(one) == ["/c itself is not meant; here it is"]


def test_a_parameter_is_one_segment_which_no_route_can_ask() -> None:
    one = found({"/b/{id}": B, "/{proxy+}": A})
    assert told(one) == ["{id}: asked of a request, which no route can: it is left out"]
    assert one.routes == ()


def test_credentials_and_an_age_stand_in_quotes_too() -> None:
    one = found({"/": path(Allow_Origin="https://a.test", Allow_Credentials="true", Max_Age="5")})
    assert (one.policy.allow_credentials, one.policy.max_age) == (True, 5)


def test_the_body_of_an_api_in_a_template_is_read() -> None:
    api = {"Type": "AWS::Serverless::Api", "Properties": {"DefinitionBody": body({"/": A})}}
    one = read(json.dumps({"Resources": {"Api": api}}), "template.json")
    assert str(*one.policy.allow_origins.patterns) == "https://a.test"


def test_errors_without_an_origin_are_told_with_what_open_api_calls_them() -> None:
    one = read(json.dumps({"paths": {"/": A}}), "api.json")
    fixes = [loss.fix for loss in one.losses if loss.setting == "GatewayResponses"]
    assert fixes == [
        f"x-amazon-apigateway-gateway-responses: {{{kind}: {{responseParameters: "
        "{gatewayresponse.header.Access-Control-Allow-Origin: \"'https://a.test'\"}}}"
        for kind in ("DEFAULT_4XX", "DEFAULT_5XX")
    ]


@pytest.mark.parametrize("paths", [{"/a": {"get": {}}}, {"/a": path(Allow_Methods="PUT")}])
def test_without_an_origin_there_is_no_cors(paths: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        found(paths)
