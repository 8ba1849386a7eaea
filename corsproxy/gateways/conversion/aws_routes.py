"""Routes of an HTTP API whose authorizer gets the preflights, too, and refuses each of them.

API Gateway answers a preflight itself only where no route takes it. `ANY` and `$default` do, and a
preflight carries no credentials for an authorizer to look at.
"""

from collections.abc import Iterator
from typing import NamedTuple

from corsproxy.cors.span import Span
from corsproxy.gateways.conversion.aws_templates import of_type
from corsproxy.gateways.conversion.located_yaml import Located

EFFECT = "its authorizer gets the preflights, too, which carry no credentials, and refuses them"
FIX = "add a route OPTIONS /{proxy+} without an authorizer"

_EVERY = "ANY"
_EVERY_PATH = "/{proxy+}"
_ANY_METHOD = "x-amazon-apigateway-any-method"
_NONE = "NONE"


class Route(NamedTuple):
    """A route, and whether an authorizer stands before it."""

    method: str
    path: str
    guarded: bool
    span: Span


def swallowing(root: Located) -> list[Span]:
    """The places of those routes in a document of any form that has routes."""
    routes = [*_of_cloudformation(root), *_of_sam(root), *_of_serverless(root), *_of_openapi(root)]
    answered = {one.path for one in routes if one.method == "OPTIONS" and not one.guarded}
    return [
        one.span
        for one in routes
        if one.guarded
        and one.method in (_EVERY, "OPTIONS")
        and answered.isdisjoint({one.path, _EVERY_PATH})
    ]


def _text(node: Located | None) -> str:
    return (node and node.text) or ""


def _route(key: str, span: Span, *, guarded: bool) -> Route:
    """Of `GET /users`; all else (`$default`, `*`) is every method of every path."""
    method, _, path = key.partition(" ")
    if not path:
        return Route(_EVERY, _EVERY_PATH, guarded, span)
    return Route(_method(method), path, guarded, span)


def _method(text: str) -> str:
    return _EVERY if text.lower() in ("", "*", "any", _ANY_METHOD) else text.upper()


def _of_cloudformation(root: Located) -> Iterator[Route]:
    for route in of_type(root, {"AWS::ApiGatewayV2::Route"}):
        kind = route.path("Properties", "AuthorizationType")
        guarded = kind is not None and kind.text != _NONE
        key = route.path("Properties", "RouteKey")
        yield _route(_text(key), (key or route).span, guarded=guarded)


def _of_sam(root: Located) -> Iterator[Route]:
    apis = of_type(root, {"AWS::Serverless::HttpApi"})
    places = [api.path("Properties", "Auth", "DefaultAuthorizer") for api in apis]
    by_default = bool(root.path("Globals", "HttpApi", "Auth", "DefaultAuthorizer") or any(places))
    for function in of_type(root, {"AWS::Serverless::Function"}):
        events = function.path("Properties", "Events")
        for name in events.keys if events else ():
            event = events and events.get(name)
            if event and _text(event.get("Type")) == "HttpApi":
                yield _of_event(event, by_default=by_default)


def _of_event(event: Located, *, by_default: bool) -> Route:
    own = event.path("Properties", "Auth", "Authorizer")
    guarded = by_default if own is None else own.text != _NONE
    path, method = (_text(event.path("Properties", key)) for key in ("Path", "Method"))
    return _route(f"{method or _EVERY} {path}" if path else "", event.span, guarded=guarded)


def _of_serverless(root: Located) -> Iterator[Route]:
    functions = root.get("functions")
    for name in functions.keys if functions else ():
        events = root.path("functions", name, "events")
        for event in (events and events.items) or ():
            route = event.get("httpApi")
            if route is not None and route.keys:
                path, method = _text(route.get("path")), _text(route.get("method"))
                key = "" if path == "*" else f"{method} {path}"
                yield _route(key, route.span, guarded=route.get("authorizer") is not None)


def _of_openapi(root: Located) -> Iterator[Route]:
    bodies = [root]
    for kind, key in (
        ("AWS::Serverless::HttpApi", "DefinitionBody"),
        ("AWS::ApiGatewayV2::Api", "Body"),
    ):
        found = [api.path("Properties", key) for api in of_type(root, {kind})]
        bodies += [body for body in found if body]
    for body in bodies:
        paths = body.get("paths")
        for path in paths.keys if paths else ():
            methods = body.path("paths", path)
            for method in methods.keys if methods else ():
                yield from _of_operation(body, path, method)


def _of_operation(body: Located, path: str, method: str) -> Iterator[Route]:
    operation = body.path("paths", path, method)
    if operation is not None:
        security = operation.get("security") or body.get("security")
        guarded = security is not None and bool(security.items)
        key = "" if path == "$default" else f"{method} {path}"
        yield _route(key, operation.span, guarded=guarded)
