"""Run by the judges' Python, a JSON list of templates as input: what AWS' own tools make of each.

For each a list: the CORS extension that the SAM translator makes of it, and what get-api says of
an API that was created with that in moto.
"""

import json
import sys
from typing import Any

import boto3
from moto import mock_aws
from samtranslator.translator.transform import transform

KEYS = ("AllowOrigins", "AllowMethods", "AllowHeaders", "ExposeHeaders", "MaxAge")


class NoPolicies:
    def load(self) -> dict[str, str]:
        return {}


def translated(template: dict[str, Any]) -> dict[str, Any]:
    made = transform(template, {}, NoPolicies())
    (api,) = [
        resource
        for resource in made["Resources"].values()
        if resource["Type"] == "AWS::ApiGatewayV2::Api"
    ]
    extension: dict[str, Any] = api["Properties"]["Body"]["x-amazon-apigateway-cors"]
    return extension


def created(extension: dict[str, Any]) -> dict[str, Any]:
    block = {f"{key[0].upper()}{key[1:]}": value for key, value in extension.items()}
    client = boto3.client("apigatewayv2", "eu-west-1")
    made = client.create_api(Name="api", ProtocolType="HTTP", CorsConfiguration=block)
    found: dict[str, Any] = client.get_api(ApiId=made["ApiId"])
    return json.loads(json.dumps(found, default=str))


with mock_aws():
    extensions = [translated(template) for template in json.load(sys.stdin)]
    json.dump([[extension, created(extension)] for extension in extensions], sys.stdout)
