"""Run by the judges' Python, a JSON list of SAM templates as input.

A function with a route is added to each, since the answer to OPTIONS belongs to a path. For each
template what the translator of SAM makes of it: the headers of that answer and of the two kinds of
error, as mapping expressions.
"""

import json
import sys
from typing import Any

from samtranslator.translator.transform import transform


class NoPolicies:
    def load(self) -> dict[str, str]:
        return {}


def translated(template: dict[str, Any]) -> dict[str, Any]:
    (name,) = template["Resources"]
    route = {"Path": "/a", "Method": "get", "RestApiId": {"Ref": name}}
    template["Resources"]["Function"] = {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "Runtime": "python3.12",
            "Handler": "a.b",
            "InlineCode": "",
            "Events": {"Get": {"Type": "Api", "Properties": route}},
        },
    }
    made = transform(template, {}, NoPolicies())
    (api,) = [
        resource
        for resource in made["Resources"].values()
        if resource["Type"] == "AWS::ApiGateway::RestApi"
    ]
    body = api["Properties"]["Body"]
    options = body["paths"]["/a"]["options"]["x-amazon-apigateway-integration"]
    (answer,) = options["responses"].values()
    errors = body["x-amazon-apigateway-gateway-responses"]
    return {
        "preflight": answer["responseParameters"],
        "errors": {kind: one["responseParameters"] for kind, one in errors.items()},
    }


json.dump([translated(template) for template in json.load(sys.stdin)], sys.stdout)
