"""AWS API Gateway, HTTP API: one CORS configuration for all of an API, as JSON and as templates.

Sources: the developer guide ("Configure CORS for HTTP APIs in API Gateway"), the service's model
for limits, the translator of SAM for what it refuses. Nobody here has run API Gateway itself: what
is not documented (`*` beside credentials in other lists than the origins') counts as not granted.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from corsproxy.config.settings import Config
from corsproxy.cors.fetch_standard import SAFELISTED_METHODS
from corsproxy.cors.names import (
    WILDCARD,
    Names,
    check_exposed_name,
    check_method,
    check_request_name,
)
from corsproxy.cors.origin import OPAQUE, OriginPattern, Origins, RegexPattern
from corsproxy.cors.policy import Policy, RefusedRequest
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.gateway import FormatError, Gateway, Read, Written
from corsproxy.gateways.conversion.located_yaml import Located, compose
from corsproxy.gateways.conversion.reading import Entry, Reading, is_opaque
from corsproxy.gateways.conversion.yaml_text import as_text

MAX_MAX_AGE = 86400
"""The service's limit; browsers keep a preflight's response no longer either."""

SCHEMES = {f"{scheme}://*": f"{scheme}://.*" for scheme in ("https", "http")}
"""The only patterns, and the regexes that say the same."""

_LITERAL = "beside credentials browsers take `*` literally, and what is sent is not documented"
_TITLE = "AWS API Gateway, HTTP API"


def write(config: Config, form: str) -> Written:
    """The CORS configuration in one of FORMS."""
    export = Export.of(config)
    block = _block(export)
    return export.written(_WRITERS[form](block))


def _block(export: Export) -> dict[str, Any]:
    """The configuration by its names in JSON; what the policy does not say is left out."""
    policy = export.policy
    if policy.allow_private_network:
        export.lose("allow_private_network", "no preflight is granted it", "false")
    credentials = policy.allow_credentials
    if policy.dangerously_reflect_any_origin:
        fix = "list the origins that may send credentials"
        export.lose("dangerously_reflect_any_origin", "API Gateway refuses `*` for them", fix)
        export.lose("allow_credentials", "credentials are not allowed", fix)
        credentials = False
    block: dict[str, Any] = {"AllowOrigins": _origins(export)}
    lists = {
        "AllowMethods": _without_wildcard(export, "allow_methods", credentials=credentials),
        "AllowHeaders": _without_wildcard(export, "allow_headers", credentials=credentials),
        "ExposeHeaders": export.exposed(),
    }
    block |= {key: _entries(names) for key, names in lists.items() if names}
    # Without Allow-Methods a browser that uploads takes its own method as allowed
    # (Fetch, "CORS-preflight fetch", step 7.4).
    block.setdefault("AllowMethods", sorted(SAFELISTED_METHODS))
    if policy.max_age is not None:
        block["MaxAge"] = min(policy.max_age, MAX_MAX_AGE)
    if policy.max_age is not None and policy.max_age > MAX_MAX_AGE:
        export.lose("max_age", f"{MAX_MAX_AGE} s is the most", f"max_age: {MAX_MAX_AGE}")
    if credentials:
        block["AllowCredentials"] = True
    return block


def _origins(export: Export) -> list[str]:
    policy = export.policy
    if policy.allow_origins.any:
        return [WILDCARD]
    by_regex = {str(RegexPattern(regex)): text for text, regex in SCHEMES.items()}
    found = []
    for i, pattern in enumerate(policy.allow_origins.patterns):
        if isinstance(pattern, OriginPattern) and pattern.exact and str(pattern) != OPAQUE:
            found.append(str(pattern))
        elif not policy.allow_credentials and str(pattern) in by_regex:
            found.append(by_regex[str(pattern)])
        else:
            effect = f"{pattern} is no list of single origins: pages of them are refused"
            fix = "list each origin; the one pattern there is, https://*, would let everybody in"
            export.lose("allow_origins", effect, fix, i)
    if not found:
        effect = "API Gateway has no CORS then: the upstream's own CORS headers are passed on"
        export.lose("allow_origins", effect, "allow at least one origin")
    return found


def _without_wildcard(export: Export, setting: str, *, credentials: bool) -> Names:
    names: Names = getattr(export.policy, setting)
    if not names.any or not credentials:
        return names
    export.lose(setting, _LITERAL, "name them")
    return replace(names, any=False)


def _entries(names: Names) -> list[str]:
    return [*([WILDCARD] if names.any else []), *names.listed]


def _as_sam(block: dict[str, Any]) -> str:
    resource = {"Type": "AWS::Serverless::HttpApi", "Properties": {"CorsConfiguration": block}}
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {"HttpApi": resource},
    }
    return as_text(template, "SAM template; its CorsConfiguration goes into that of the API")


def _as_cloudformation(block: dict[str, Any]) -> str:
    properties = {"Name": "http-api", "ProtocolType": "HTTP", "CorsConfiguration": block}
    resource = {"Type": "AWS::ApiGatewayV2::Api", "Properties": properties}
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"HttpApi": resource}}
    return as_text(template, "CloudFormation template; its CorsConfiguration goes into the API's")


def _as_openapi(block: dict[str, Any]) -> str:
    wire = {f"{key[0].lower()}{key[1:]}": value for key, value in block.items()}
    document = {
        "openapi": "3.0.1",
        "info": {"title": "http-api", "version": "1.0"},
        "paths": {},
        EXTENSION: wire,
    }
    return as_text(document, f"OpenAPI; {EXTENSION} goes into the root of the API's")


def _as_json(block: dict[str, Any]) -> str:
    return json.dumps(block, indent=2) + "\n"


EXTENSION = "x-amazon-apigateway-cors"

FORMS = {
    "sam": "SAM template (AWS::Serverless::HttpApi)",
    "cloudformation": "CloudFormation template (AWS::ApiGatewayV2::Api)",
    "openapi": "OpenAPI with x-amazon-apigateway-cors",
    "json": "the CorsConfiguration of create-api, update-api and get-api",
}

_WRITERS: Mapping[str, Callable[[dict[str, Any]], str]] = {
    "sam": _as_sam,
    "cloudformation": _as_cloudformation,
    "openapi": _as_openapi,
    "json": _as_json,
}


def read(text: str, source: str) -> Read:
    """The policy of `text`: what get-api says, a template of SAM or CloudFormation, or OpenAPI.

    Refused requests are forwarded by it, as API Gateway does.
    """
    root = compose(text, source)
    found = _blocks(root)
    if not found:
        message = "no CORS configuration in it: API Gateway then passes on the upstream's headers"
        raise FormatError(message, root.span, "mode: passthrough is such a policy")
    if len(found) > 1:
        message = f"{len(found)} CORS configurations, the first in line {found[0].span.line}"
        raise FormatError(message, found[1].span, "leave the others out of the file")
    return _policy(found[0])


def _blocks(root: Located) -> list[Located]:
    """Every CORS configuration in a document of any of the forms."""
    if root.get("Resources"):
        own = [block for api in _apis(root) if (block := _block_of(api)) is not None]
        shared = root.path("Globals", "HttpApi", "CorsConfiguration")
        return own or ([shared] if shared else [])
    listed = root.get("Items")  # of get-apis
    documents = (listed.items if listed else None) or [root]
    found = [document.get("CorsConfiguration") or document.get(EXTENSION) for document in documents]
    if not any(found) and {_capital(key) for key in root.keys} & _KEYS:
        return [root]
    return [block for block in found if block is not None]


def _apis(root: Located) -> list[Located]:
    resources = root.get("Resources")
    names = resources.keys if resources else []
    found = [root.path("Resources", name) for name in names]
    return [one for one in found if one and (kind := one.get("Type")) and kind.text in _TYPES]


def _block_of(api: Located) -> Located | None:
    body = api.path("Properties", "DefinitionBody", EXTENSION)
    return api.path("Properties", "CorsConfiguration") or body or api.path(*_BODY)


_TYPES = ("AWS::Serverless::HttpApi", "AWS::ApiGatewayV2::Api")
_BODY = ("Properties", "Body", EXTENSION)
_SETTINGS = {
    "AllowOrigins": "allow_origins",
    "AllowMethods": "allow_methods",
    "AllowHeaders": "allow_headers",
    "ExposeHeaders": "expose_headers",
    "MaxAge": "max_age",
    "AllowCredentials": "allow_credentials",
}
_KEYS = _SETTINGS.keys()


def _capital(key: str) -> str:
    return f"{key[:1].upper()}{key[1:]}"


def _policy(block: Located) -> Read:
    """The policy that grants as much, and not more."""
    forward = RefusedRequest.FORWARD
    if block.flag:  # SAM: `CorsConfiguration: true`
        return Read(Policy(Origins(any_origin=True), refused_request=forward))
    reading = Reading(block, {_capital(key): block.get(key) for key in block.keys}, _SETTINGS)
    _refuse_unknown(reading)
    credentials = reading.flag("AllowCredentials")
    origins, patterned = _read_origins(reading)
    if credentials and (origins.any or patterned):
        effect = "what is sent for `https://*` with credentials is not documented"
        if origins.any:
            effect = "API Gateway refuses credentials beside `*`, and so do browsers"
        reading.lose("AllowCredentials", effect, "list the origins that may send credentials")
        credentials = False
    why = _LITERAL if credentials else ""
    methods, names, exposed = (
        reading.names(key, reading.entries(key), check, wildcard=why)
        for key, check in _CHECKS.items()
    )
    policy = Policy(
        *(origins, methods, names, exposed),
        allow_credentials=credentials,
        max_age=reading.seconds("MaxAge", MAX_MAX_AGE),
        refused_request=forward,
    )
    return Read(policy, tuple(reading.losses))


_CHECKS: Mapping[str, Callable[[str], str]] = {
    "AllowMethods": check_method,
    "AllowHeaders": check_request_name,
    "ExposeHeaders": check_exposed_name,
}


def _refuse_unknown(reading: Reading) -> None:
    for key in reading.values.keys() - _KEYS:
        reading.lose(key, "API Gateway knows no such key", f"one of {', '.join(_KEYS)}")
    if not reading.whole.keys:
        message = "expected a CORS configuration: lines of `AllowOrigins: [...]`"
        raise FormatError(message, reading.whole.span, "CorsConfiguration: {AllowOrigins: []}")


def _read_origins(reading: Reading) -> tuple[Origins, bool]:
    """The origins, and whether one entry is a pattern."""
    entries = reading.entries("AllowOrigins")
    if any(text == WILDCARD for text, _ in entries):
        return Origins(any_origin=True), False
    found = [one for entry in entries if (one := _read_origin(reading, entry)) is not None]
    return Origins(found), any(isinstance(one, RegexPattern) for one in found)


def _read_origin(reading: Reading, entry: Entry) -> OriginPattern | RegexPattern | None:
    text, span = entry
    if text in SCHEMES:
        return RegexPattern(SCHEMES[text], span)
    pattern = reading.origin("AllowOrigins", entry)
    if is_opaque(pattern):
        reading.lose("AllowOrigins", "API Gateway takes no such origin", "leave it out", span)
        return None
    return pattern


GATEWAY = Gateway(_TITLE, FORMS, write, read)
