"""OPTIONS of a REST API in OpenAPI, read: what the mock behind each path answers.

So it is exported from a deployed API, whoever enabled CORS. `{proxy+}` takes all that is below, any
other parameter one segment. The name of the stage, which some addresses begin with, is no part.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from corsproxy.cors import headers as f
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.aws_templates import of_type
from corsproxy.gateways.conversion.located_yaml import Located
from corsproxy.gateways.conversion.read_routes import Edge, Rule

INTEGRATION = "x-amazon-apigateway-integration"

_BEGIN = "method.response.header."
_KEYS = {
    f.ALLOW_ORIGIN: "AllowOrigin",
    f.ALLOW_METHODS: "AllowMethods",
    f.ALLOW_HEADERS: "AllowHeaders",
    f.MAX_AGE: "MaxAge",
    f.ALLOW_CREDENTIALS: "AllowCredentials",
}
_BY_HEADER = {f"{_BEGIN}{header}".lower(): key for header, key in _KEYS.items()}
_GREEDY = "+}"


class Path(NamedTuple):
    """A path; `values` is what its OPTIONS sends, by the names of SAM, None where it has none."""

    text: str
    block: Located
    values: Mapping[str, Located | None] | None


def bodies(root: Located) -> list[Located]:
    """The OpenAPI documents in the text."""
    kinds = {"AWS::Serverless::Api": "DefinitionBody", "AWS::ApiGateway::RestApi": "Body"}
    found = [
        api.path("Properties", key) for kind, key in kinds.items() for api in of_type(root, {kind})
    ]
    return [body for body in (root, *found) if body is not None and body.get("paths")]


def paths(body: Located) -> Iterator[Path]:
    """The paths of a document."""
    listed = body.get("paths")
    for text in listed.keys if listed else ():
        block = listed and listed.get(text)
        if block is not None:
            options = block.path("options", INTEGRATION, "responses")
            values = _sent(options) if options else {}
            yield Path(text, block, values if "AllowOrigin" in values else None)


def _sent(responses: Located) -> dict[str, Located | None]:
    found: dict[str, Located | None] = {}
    for status in responses.keys:
        parameters = responses.path(status, "responseParameters")
        for header in parameters.keys if parameters else ():
            key = _BY_HEADER.get(header.lower())
            if key and parameters:
                found[key] = parameters.get(header)
    return found


def rule(path: Path, policy: Policy) -> Rule:
    """What is granted to a path."""
    before, brace, after = path.text.partition("{")
    if not brace:
        return Rule(path.block.span, policy, path=path.text, edge=Edge.WHOLE)
    if after.endswith(_GREEDY):
        edge = Edge.SEGMENT if before == "/" else Edge.TEXT
        return Rule(path.block.span, policy, path=before, edge=edge)
    return Rule(path.block.span, policy, path=before, asks=f"{{{after}")


def precedence(rule: Rule) -> tuple[int, bool]:
    """API Gateway takes the path that says the most."""
    return -len(rule.path), not (rule.edge is Edge.WHOLE or rule.asks)
