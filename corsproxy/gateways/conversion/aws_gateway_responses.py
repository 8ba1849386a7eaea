"""What errors of a REST API carry: without an origin a page sees a CORS error in their place."""

from collections.abc import Iterator, Mapping
from typing import Any

from corsproxy.cors import headers as f
from corsproxy.gateways.conversion.aws_templates import of_type
from corsproxy.gateways.conversion.located_yaml import Located

ERRORS = ("DEFAULT_4XX", "DEFAULT_5XX")
"""The responses that API Gateway makes itself: 401, 403, 429, 504 and others."""

OPENAPI = "x-amazon-apigateway-gateway-responses"
"""What OpenAPI calls them."""

_ORIGIN = f.ALLOW_ORIGIN.lower()


def with_headers(headers: Mapping[str, str]) -> dict[str, Any]:
    """The GatewayResponses of SAM by which each of ERRORS has `headers`."""
    return {kind: {"ResponseParameters": {"Headers": dict(headers)}} for kind in ERRORS}


def without_origin(root: Located, api: Located) -> list[str]:
    """Those of ERRORS that carry no origin: neither `api` nor a resource gives them one."""
    own = api.path("Properties", "GatewayResponses")
    shared = root.path("Globals", "Api", "GatewayResponses")
    covered = {*_of_sam(own or shared), *_of_resources(root), *_of_openapi(api)}
    return [kind for kind in ERRORS if kind not in covered]


def _of_sam(responses: Located | None) -> Iterator[str]:
    for kind in responses.keys if responses else ():
        headers = responses and responses.path(kind, "ResponseParameters", "Headers")
        if headers and _ORIGIN in (name.lower() for name in headers.keys):
            yield kind


def _of_resources(root: Located) -> Iterator[str]:
    for resource in of_type(root, {"AWS::ApiGateway::GatewayResponse"}):
        kind = resource.path("Properties", "ResponseType")
        parameters = resource.path("Properties", "ResponseParameters")
        names = [name.lower() for name in parameters.keys] if parameters else []
        if kind and kind.text and f"gatewayresponse.header.{_ORIGIN}" in names:
            yield kind.text


def _of_openapi(body: Located) -> Iterator[str]:
    responses = body.get(OPENAPI)
    for kind in responses.keys if responses else ():
        parameters = responses and responses.path(kind, "responseParameters")
        names = [name.lower() for name in parameters.keys] if parameters else []
        if f"gatewayresponse.header.{_ORIGIN}" in names:
            yield kind
