"""Routes that hand preflights to an authorizer are found in each document that has routes."""

import pytest

from corsproxy.gateways.conversion.aws_routes import swallowing
from corsproxy.gateways.conversion.located_yaml import compose


def lines(text: str) -> list[int]:
    return [span.line for span in swallowing(compose(text, "x"))]


def route(key: str, kind: str = "JWT") -> str:
    return f"""
  {key.replace(" ", "").strip("$/{}+").title()}:
    Type: AWS::ApiGatewayV2::Route
    Properties: {{RouteKey: "{key}", AuthorizationType: {kind}}}"""


@pytest.mark.parametrize("key", ["$default", "ANY /users", "OPTIONS /users"])
def test_a_guarded_route_that_takes_options_swallows_preflights(key: str) -> None:
    assert lines(f"Resources:{route(key)}") == [4]


@pytest.mark.parametrize(
    "routes",
    [
        route("GET /users"),
        route("$default", "NONE"),
        route("$default") + route("OPTIONS /{proxy+}", "NONE"),
        route("ANY /users") + route("OPTIONS /users", "NONE"),
    ],
)
def test_where_options_reaches_no_authorizer_nothing_is_swallowed(routes: str) -> None:
    assert lines(f"Resources:{routes}") == []


def test_an_open_options_of_another_path_does_not_help() -> None:
    assert lines(f"Resources:{route('ANY /users')}{route('OPTIONS /other', 'NONE')}") == [4]


SAM = """Globals: {{HttpApi: {{Auth: {{DefaultAuthorizer: A}}}}}}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        E: {{Type: HttpApi{properties}}}
"""


@pytest.mark.parametrize(
    ("properties", "swallowed"),
    [
        ("", [7]),
        (", Properties: {Path: /a, Method: any}", [7]),
        (", Properties: {Path: /a}", [7]),
        (", Properties: {Path: /a, Method: get}", []),
        (", Properties: {Auth: {Authorizer: NONE}}", []),
    ],
)
def test_an_event_of_sam_has_the_authorizer_of_its_api_or_its_own(
    properties: str, swallowed: list[int]
) -> None:
    text = SAM.format(properties=properties)
    assert lines(text) == swallowed
    assert lines(text.replace("DefaultAuthorizer", "Authorizers")) == []


def test_a_default_authorizer_may_stand_at_the_api() -> None:
    text = SAM.format(properties="").partition("\n")[2]
    api = "  A: {Type: 'AWS::Serverless::HttpApi', Properties: {Auth: {DefaultAuthorizer: B}}}\n"
    assert lines(text) == []
    assert lines(text + api) == [6]


@pytest.mark.parametrize(
    ("event", "swallowed"),
    [
        ("{path: '*', authorizer: a}", [1]),
        ("{path: /a, method: '*', authorizer: a}", [1]),
        ("{path: /a, method: get, authorizer: a}", []),
        ("{path: '*'}", []),
        ("'*'", []),
    ],
)
def test_an_event_of_serverless_has_an_authorizer_of_its_own(
    event: str, swallowed: list[int]
) -> None:
    assert lines(f"functions: {{f: {{events: [{{httpApi: {event}}}, {{http: x}}]}}}}") == swallowed


@pytest.mark.parametrize(
    ("paths", "swallowed"),
    [
        ("{/a: {x-amazon-apigateway-any-method: {security: [{a: []}]}}}", [1]),
        ("{$default: {x-amazon-apigateway-any-method: {security: [{a: []}]}}}", [1]),
        ("{/a: {x-amazon-apigateway-any-method: {}, options: {}}}, security: [{a: []}]", [1, 1]),
        ("{/a: {get: {security: [{a: []}]}}}", []),
        ("{/a: {x-amazon-apigateway-any-method: {security: []}}}", []),
    ],
)
def test_an_operation_of_openapi_has_its_security_or_that_of_all(
    paths: str, swallowed: list[int]
) -> None:
    assert lines(f"{{paths: {paths}}}") == swallowed
    template = "Resources: {A: {Type: 'AWS::ApiGatewayV2::Api', Properties: {Body: {paths: "
    assert lines(f"{template}{paths}}}}}}}}}") == swallowed
