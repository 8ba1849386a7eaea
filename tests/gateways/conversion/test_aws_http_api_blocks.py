"""Where a CORS configuration of API Gateway stands, and what serverless adds to its own."""

import pytest

from corsproxy.gateways.conversion.aws_http_api_blocks import found_in
from corsproxy.gateways.conversion.located_yaml import compose


def template(kind: str, properties: str) -> str:
    return f"Resources: {{A: {{Type: '{kind}', Properties: {{{properties}}}}}}}"


def values(text: str) -> list[dict[str, object]]:
    """Of each configuration its lists and texts."""
    return [
        {
            key: [item.text for item in value.items] if value.items is not None else value.text
            for key, value in found.values.items()
            if value is not None
        }
        for found in found_in(compose(text, "x"))
    ]


@pytest.mark.parametrize(
    "text",
    [
        "{CorsConfiguration: {MaxAge: 1}}",
        "{Items: [{ApiId: a}, {CorsConfiguration: {MaxAge: 1}}]}",
        "{MaxAge: 1}",
        "{x-amazon-apigateway-cors: {maxAge: 1}}",
        template("AWS::Serverless::HttpApi", "CorsConfiguration: {MaxAge: 1}"),
        template("AWS::ApiGatewayV2::Api", "Body: {x-amazon-apigateway-cors: {maxAge: 1}}"),
        "Globals: {HttpApi: {CorsConfiguration: {MaxAge: 1}}}\nResources: {A: {Type: x}}",
        template("AWS::Lambda::Url", "Cors: {MaxAge: 1}"),
        template("AWS::Serverless::Function", "FunctionUrlConfig: {Cors: {MaxAge: 1}}"),
        "{FunctionUrl: https://a.test, Cors: {MaxAge: 1}}",
        "{FunctionUrlConfigs: [{Cors: {MaxAge: 1}}]}",
    ],
)
def test_a_configuration_is_found_in_each_document(text: str) -> None:
    assert values(text) == [{"MaxAge": "1"}]


@pytest.mark.parametrize("text", ["{}", "provider: {name: aws}", "Resources: {A: {Type: x}}"])
def test_none_is_found_where_there_is_none(text: str) -> None:
    assert found_in(compose(text, "x")) == []


def test_true_in_serverless_is_every_origin_seven_names_and_the_methods_of_all_routes() -> None:
    text = """
provider: {httpApi: {cors: true}}
functions:
  one: {events: [{httpApi: GET /one}, {httpApi: {method: put, path: /one}}, {schedule: daily}]}
  two: {handler: two}
"""
    (found,) = values(text)
    assert found["AllowOrigins"] == ["*"]
    assert found["AllowMethods"] == ["GET", "OPTIONS", "PUT"]
    assert isinstance(found["AllowHeaders"], list)
    assert len(found["AllowHeaders"]) == 7


@pytest.mark.parametrize("route", ["'*'", "'* /a'", "{method: any, path: /a}", "{path: '*'}"])
def test_a_route_of_every_method_gives_all_that_serverless_knows(route: str) -> None:
    text = f"""
provider: {{httpApi: {{cors: {{maxAge: 5}}}}}}
functions: {{one: {{events: [{{httpApi: {route}}}]}}}}
"""
    (found,) = values(text)
    methods = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    assert (found["AllowMethods"], found["MaxAge"]) == (methods, "5")


def test_what_serverless_is_told_is_not_filled_in() -> None:
    text = """
provider: {httpApi: {cors: {allowedOrigins: [https://a.test], allowedHeaders: [],
  allowedMethods: [PUT], exposedResponseHeaders: [etag], allowCredentials: true}}}
"""
    assert values(text) == [
        {
            "AllowOrigins": ["https://a.test"],
            "AllowHeaders": [],
            "AllowMethods": ["PUT"],
            "ExposeHeaders": ["etag"],
            "AllowCredentials": "true",
        }
    ]


def test_cors_false_in_serverless_is_none() -> None:
    assert values("provider: {httpApi: {cors: false}}") == []
