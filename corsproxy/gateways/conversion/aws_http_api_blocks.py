"""Where the CORS configuration of an HTTP API or of a function's URL stands in each document."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from corsproxy.gateways.conversion.aws_http_api_forms import EXTENSION, SERVERLESS
from corsproxy.gateways.conversion.aws_templates import EVERYWHERE, Place, of_type, places_of
from corsproxy.gateways.conversion.located_yaml import Located, compose, text_at

_APIS = frozenset({"AWS::Serverless::HttpApi", "AWS::ApiGatewayV2::Api"})
_URLS = {
    "AWS::Lambda::Url": ("Properties", "Cors"),
    "AWS::Serverless::Function": ("Properties", "FunctionUrlConfig", "Cors"),
}
_PLACES = (("CorsConfiguration",), ("DefinitionBody", EXTENSION), ("Body", EXTENSION))
_KEYS = SERVERLESS.keys()


class Found(NamedTuple):
    """A configuration: `values` by the names of the service, each where it stands.

    `schemes` is whether `https://*` is a pattern to it, `places` are those that it holds for.
    """

    block: Located
    values: Mapping[str, Located | None]
    schemes: bool = True
    places: Sequence[Place] = (EVERYWHERE,)


def found_in(root: Located) -> list[Found]:
    """Every CORS configuration in a document of any of the forms that are read."""
    if root.get("Resources"):
        return [*_of_apis(root), *_of_urls(root)]
    if root.get("provider"):
        return [*_of_serverless(root)]
    listed = root.get("Items") or root.get("FunctionUrlConfigs")  # of get-apis, and of URLs
    found = [one for document in (listed and listed.items) or [root] for one in _of_json(document)]
    if not found and {_capital(key) for key in root.keys} & _KEYS:
        return [_of_block(root)]
    return found


def _of_json(document: Located) -> Iterator[Found]:
    found: Found | None = None
    if (block := document.get("CorsConfiguration") or document.get(EXTENSION)) is not None:
        found = _of_block(block)
    elif (block := document.get("Cors")) is not None:
        found = _of_block(block, schemes=False)
    if found is not None:
        url = text_at(document, "ApiEndpoint") or text_at(document, "FunctionUrl")
        host = url.partition("://")[2].partition("/")[0].lower() or None
        yield found._replace(places=[(host, "/")])


def _of_apis(root: Located) -> list[Found]:
    found = []
    for api in of_type(root, _APIS):
        block = next((one for place in _PLACES if (one := api.path("Properties", *place))), None)
        if block is not None:
            found.append(_of_block(block)._replace(places=places_of(api)))
    shared = root.path("Globals", "HttpApi", "CorsConfiguration")
    return found or [_of_block(block) for block in (shared,) if block]


def _of_urls(root: Located) -> Iterator[Found]:
    for kind, place in _URLS.items():
        for resource in of_type(root, {kind}):
            if (block := resource.path(*place)) is not None:
                yield _of_block(block, schemes=False)


def _of_block(block: Located, *, schemes: bool = True) -> Found:
    values = {_capital(key): block.get(key) for key in block.keys}
    if block.flag:  # SAM: `CorsConfiguration: true`
        values = {"AllowOrigins": compose('["*"]', block.span.source)}
    return Found(block, values, schemes)


def _capital(key: str) -> str:
    return f"{key[:1].upper()}{key[1:]}"


_DEFAULT_NAMES = """[Content-Type, X-Amz-Date, Authorization, X-Api-Key, X-Amz-Security-Token,
X-Amz-User-Agent, X-Amzn-Trace-Id]"""
_ALL_METHODS = ("GET", "POST", "PUT", "PATCH", "OPTIONS", "HEAD", "DELETE")


def _of_serverless(root: Located) -> Iterator[Found]:
    """What serverless makes of it: seven names and the methods of all routes are its own."""
    cors = root.path("provider", "httpApi", "cors")
    if cors is None or not (cors.flag or cors.keys):
        return
    own = {theirs: name for name, theirs in SERVERLESS.items()}
    values = {own.get(key, key): cors.get(key) for key in cors.keys}
    defaults = {
        "AllowOrigins": '["*"]',
        "AllowHeaders": _DEFAULT_NAMES,
        "AllowMethods": f"[{', '.join(sorted(_routed_methods(root)))}]",
    }
    for name, text in defaults.items():
        if values.get(name) is None:
            values[name] = compose(text, cors.span.source)
    yield Found(cors, values)


def _routed_methods(root: Located) -> set[str]:
    found = {"OPTIONS"}
    functions = root.get("functions")
    for name in functions.keys if functions else ():
        events = root.path("functions", name, "events")
        for event in (events and events.items) or ():
            if (route := event.get("httpApi")) is not None:
                found.update(_methods(route))
    return found


def _methods(route: Located) -> tuple[str, ...]:
    """Of `GET /users`, of `{method: GET, path: /users}`, and of `*`."""
    stated = route.get("method") if route.keys else route
    method = ((stated and stated.text) or "*").split(" ")[0].upper()
    return _ALL_METHODS if method in ("*", "ANY") else (method,)
