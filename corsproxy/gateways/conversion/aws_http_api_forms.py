"""The CORS configuration of an HTTP API as each of its tools spells it.

Each writer is given the configuration by the names of the service (`AllowOrigins`, ...), with no
text in it that a format would read as more than text: origins, methods and header names.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from corsproxy.gateways.conversion.aws_templates import cloudformation, sam
from corsproxy.gateways.conversion.yaml_text import as_text

Block = dict[str, Any]

EXTENSION = "x-amazon-apigateway-cors"

SERVERLESS = {
    "AllowOrigins": "allowedOrigins",
    "AllowMethods": "allowedMethods",
    "AllowHeaders": "allowedHeaders",
    "ExposeHeaders": "exposedResponseHeaders",
    "MaxAge": "maxAge",
    "AllowCredentials": "allowCredentials",
}
"""The names of the service, and what serverless.yml calls them."""

MAX_MAX_AGE = 86400
"""The service's limit; browsers keep a preflight's response no longer either."""

SCHEMES = {f"{scheme}://*": f"{scheme}://.*" for scheme in ("https", "http")}
"""The only patterns of origins, and the regexes that say the same."""

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


def _small(key: str) -> str:
    return f"{key[0].lower()}{key[1:]}"


def _as_sam(block: Block) -> str:
    title = "SAM template; its CorsConfiguration goes into that of the API"
    return sam("HttpApi", "AWS::Serverless::HttpApi", {"CorsConfiguration": block}, title)


def _as_cloudformation(block: Block) -> str:
    properties = {"Name": "http-api", "ProtocolType": "HTTP", "CorsConfiguration": block}
    title = "CloudFormation template; its CorsConfiguration goes into the API's"
    return cloudformation("HttpApi", "AWS::ApiGatewayV2::Api", properties, title)


def _as_openapi(block: Block) -> str:
    document = {
        "openapi": "3.0.1",
        "info": {"title": "http-api", "version": "1.0"},
        "paths": {},
        EXTENSION: {_small(key): value for key, value in block.items()},
    }
    return as_text(document, f"OpenAPI; {EXTENSION} goes into the root of the API's")


def _as_json(block: Block) -> str:
    return json.dumps(block, indent=2) + "\n"


def _as_terraform(block: Block) -> str:
    """Values in JSON are HCL, too, where nothing in them begins a template of it."""
    settings = {_CAPITAL.sub("_", key).lower(): json.dumps(value) for key, value in block.items()}
    width = max(map(len, settings))
    lines = [f"    {key:{width}} = {value}\n" for key, value in settings.items()]
    return (
        "# Terraform; its cors_configuration goes into that of the API\n"
        'resource "aws_apigatewayv2_api" "http_api" {\n'
        '  name          = "http-api"\n'
        '  protocol_type = "HTTP"\n\n'
        f"  cors_configuration {{\n{''.join(lines)}  }}\n}}\n"
    )


def _as_cdk(block: Block) -> str:
    values = {_small(key): json.dumps(value) for key, value in block.items()}
    methods = ["ANY" if method == "*" else method for method in block["AllowMethods"]]
    named = ", ".join(f"CorsHttpMethod.{method}" for method in methods)
    values["allowMethods"] = f"[{named}]"
    imports = ""
    if "MaxAge" in block:
        imports = "import { Duration } from 'aws-cdk-lib';\n"
        values["maxAge"] = f"Duration.seconds({block['MaxAge']})"
    lines = [f"    {key}: {value},\n" for key, value in values.items()]
    return (
        "// CDK; its corsPreflight goes into that of the API\n"
        f"{imports}import {{ CorsHttpMethod, HttpApi }} from 'aws-cdk-lib/aws-apigatewayv2';\n\n"
        "new HttpApi(this, 'HttpApi', {\n"
        f"  corsPreflight: {{\n{''.join(lines)}  }},\n}});\n"
    )


def _as_serverless(block: Block) -> str:
    """Names are always listed: where there are none, the framework would add seven of its own."""
    block = block | {"AllowHeaders": block.get("AllowHeaders", [])}
    cors = {SERVERLESS[key]: value for key, value in block.items()}
    document = {"provider": {"name": "aws", "httpApi": {"cors": cors}}}
    return as_text(document, "serverless.yml; its cors goes into provider.httpApi")


def _as_lambda_url(block: Block) -> str:
    cors = {key: value for key, value in block.items() if value != []}
    properties = {"TargetFunctionArn": "function", "AuthType": "AWS_IAM", "Cors": cors}
    title = "CloudFormation template; its Cors goes into that of the function's URL"
    return cloudformation("FunctionUrl", "AWS::Lambda::Url", properties, title)


FORMS = {
    "sam": "SAM template (AWS::Serverless::HttpApi)",
    "cloudformation": "CloudFormation template (AWS::ApiGatewayV2::Api)",
    "openapi": "OpenAPI with x-amazon-apigateway-cors",
    "json": "the CorsConfiguration of create-api, update-api and get-api",
    "terraform": "Terraform (aws_apigatewayv2_api), not read",
    "cdk": "CDK in TypeScript (HttpApi), not read",
    "serverless": "serverless.yml (provider.httpApi)",
    "lambda-url": "CloudFormation template of a function's own URL (AWS::Lambda::Url)",
}

WRITERS: Mapping[str, Callable[[Block], str]] = {
    "sam": _as_sam,
    "cloudformation": _as_cloudformation,
    "openapi": _as_openapi,
    "json": _as_json,
    "terraform": _as_terraform,
    "cdk": _as_cdk,
    "serverless": _as_serverless,
    "lambda-url": _as_lambda_url,
}
