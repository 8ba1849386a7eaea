"""Errors of a REST API that carry no origin are found, wherever one is given to them."""

import pytest

from corsproxy.gateways.conversion.aws_gateway_responses import (
    ERRORS,
    with_headers,
    without_origin,
)
from corsproxy.gateways.conversion.located_yaml import compose

NAMED = "{ResponseParameters: {Headers: {access-control-allow-origin: \"'*'\"}}}"
OTHER = "{ResponseParameters: {Headers: {x-a: \"'*'\"}}}"


def missing(text: str) -> list[str]:
    root = compose(text, "x")
    api = root.path("Resources", "Api")
    assert api is not None
    return without_origin(root, api)


def test_each_kind_of_error_has_the_headers() -> None:
    found = with_headers({"a": "b"})
    assert found == {kind: {"ResponseParameters": {"Headers": {"a": "b"}}} for kind in ERRORS}


@pytest.mark.parametrize(
    ("responses", "without"),
    [
        (f"{{DEFAULT_4XX: {NAMED}, DEFAULT_5XX: {NAMED}}}", []),
        (f"{{DEFAULT_4XX: {NAMED}}}", ["DEFAULT_5XX"]),
        (f"{{DEFAULT_4XX: {OTHER}, UNAUTHORIZED: {NAMED}}}", [*ERRORS]),
        ("{}", [*ERRORS]),
    ],
)
def test_an_error_without_an_origin_is_found_at_the_api_and_for_all_apis(
    responses: str, without: list[str]
) -> None:
    api = f"Resources: {{Api: {{Properties: {{GatewayResponses: {responses}}}}}}}"
    shared = f"Globals: {{Api: {{GatewayResponses: {responses}}}}}\nResources: {{Api: {{Type: x}}}}"
    assert missing(api) == missing(shared) == without


def test_a_resource_of_its_own_gives_an_error_its_origin() -> None:
    resource = """
  Own:
    Type: AWS::ApiGateway::GatewayResponse
    Properties:
      ResponseType: DEFAULT_4XX
      ResponseParameters: {gatewayresponse.header.Access-Control-Allow-Origin: "'*'"}
"""
    assert missing(f"Resources:\n  Api: {{Type: x}}{resource}") == ["DEFAULT_5XX"]
    other = resource.replace("Allow-Origin", "Allow-Headers")
    assert missing(f"Resources:\n  Api: {{Type: x}}{other}") == [*ERRORS]
