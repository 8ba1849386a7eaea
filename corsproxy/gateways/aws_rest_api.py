"""AWS API Gateway, REST API: the Cors of a SAM template, and what its own errors carry.

A mock answers each OPTIONS with the same constants, whatever asks; one origin is all it can name.
Responses of the backend pass as they are. Values are mapping expressions, in which a text stands in
quotes of its own. Sources: the specification and the translator of SAM, which the tests ask;
nobody here runs API Gateway.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from corsproxy.config.settings import Config
from corsproxy.cors import headers as f
from corsproxy.cors.fetch_standard import SAFELISTED_METHODS
from corsproxy.cors.names import WILDCARD, Names, check_method, check_request_name
from corsproxy.cors.numbers import number
from corsproxy.cors.origin import OPAQUE, OriginPattern, Origins, RegexPattern
from corsproxy.cors.policy import MAX_MAX_AGE, Policy, RefusedRequest
from corsproxy.gateways.conversion import aws_rest_paths
from corsproxy.gateways.conversion.aws_gateway_responses import (
    OPENAPI,
    with_headers,
    without_origin,
)
from corsproxy.gateways.conversion.aws_templates import of_type, places_of, sam
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.gateway import FormatError, Gateway, Loss, Read, Written
from corsproxy.gateways.conversion.located_yaml import Located, compose, the_one
from corsproxy.gateways.conversion.read_routes import PASSED, Rule, assembled
from corsproxy.gateways.conversion.reading import Entry, Reading, is_opaque
from corsproxy.gateways.conversion.sayable import (
    with_names,
    with_origins,
    without_open_credentials,
    without_wildcards,
)
from corsproxy.gateways.conversion.sent_literally import sent_literally
from corsproxy.gateways.emulation.profile import (
    Case,
    Preflights,
    Profile,
    Sends,
    UpstreamHeaders,
    Wildcard,
)

KIND = "AWS::Serverless::Api"
_TITLE = "SAM template; its Cors and GatewayResponses go into those of the API"
_QUOTE = "'"
_QUOTED_TWICE = re.compile(r"'''([^'\"\\]*)'''")
"""As YAML is written by itself; people write `"'text'"`."""

_LITERAL = "beside credentials browsers take `*` literally"
_PASSED = "responses of the backend pass as they are: pages read those with its own CORS headers"


def write(config: Config, _: str) -> Written:
    """The template; without Cors where no origin is left."""
    export = Export.of(config)
    cors = _cors(export)
    properties: dict[str, Any] = {"StageName": "prod"}
    if cors:
        granted = {f.ALLOW_ORIGIN: cors["AllowOrigin"]}
        if cors.get("AllowCredentials"):
            granted[f.ALLOW_CREDENTIALS] = "'true'"
        properties |= {"Cors": cors, "GatewayResponses": with_headers(granted)}
        sent = ", ".join(f"{name}: {value.strip(_QUOTE)}" for name, value in granted.items())
        export.lose("mode", _PASSED, f"let the backend send {sent}")
    text = sam("RestApi", KIND, properties, _TITLE)
    return export.written(_QUOTED_TWICE.sub("\"'\\1'\"", text))


def _cors(export: Export) -> dict[str, Any]:
    policy = export.policy
    if policy.allow_private_network:
        export.lose("allow_private_network", "no preflight is granted it", "false")
    if policy.expose_headers:
        fix = f"let the backend send {f.EXPOSE_HEADERS}: {policy.expose_headers}"
        export.lose("expose_headers", "API Gateway sends no such header", fix)
    credentials = policy.allow_credentials
    if policy.dangerously_reflect_any_origin:
        fix = "list the one origin that may send credentials"
        export.lose("dangerously_reflect_any_origin", "SAM refuses `*` for them", fix)
        export.lose("allow_credentials", "credentials are not allowed", fix)
        credentials = False
    origin = _origin(export)
    names = _names(export, "allow_headers", credentials=credentials)
    sent_literally(export, names, credentials=credentials)
    methods = _names(export, "allow_methods", credentials=credentials)
    if not origin:
        return {}
    found: dict[str, Any] = {"AllowOrigin": _quoted(origin)}
    found["AllowMethods"] = _listed(methods or Names(tuple(sorted(SAFELISTED_METHODS))))
    if names:
        found["AllowHeaders"] = _listed(names)
    if policy.max_age is not None:
        found["MaxAge"] = _quoted(str(max(policy.max_age, 0)))
    if credentials:
        found["AllowCredentials"] = True
    return found


def _origin(export: Export) -> str:
    """The first that is one; "" for none."""
    if export.policy.allow_origins.any:
        return WILDCARD
    found = ""
    for i, one in enumerate(export.policy.allow_origins.patterns):
        if _is_single(one) and not found:
            found = str(one)
            continue
        effect = f"{one}: one constant origin is all that is sent, and pages of this are refused"
        export.lose("allow_origins", effect, "list one origin, or use an HTTP API", i)
    if not found:
        effect = "no preflight is answered then"
        export.lose("allow_origins", effect, "allow an origin")
    return found


def _is_single(one: OriginPattern | RegexPattern) -> bool:
    return isinstance(one, OriginPattern) and one.exact and str(one) != OPAQUE


def _names(export: Export, setting: str, *, credentials: bool) -> Names:
    names: Names = getattr(export.policy, setting)
    if names.any and credentials:
        export.lose(setting, _LITERAL, "name them")
        names = replace(names, any=False)
    kept = tuple(name for name in names.listed if _QUOTE not in name)
    if len(kept) < len(names.listed):
        export.lose(setting, "a quote would end the value: it is left out", "rename it")
    return replace(names, listed=kept)


def _quoted(text: str) -> str:
    return f"{_QUOTE}{text}{_QUOTE}"


def _listed(names: Names) -> str:
    return _quoted(str(names).replace(", ", ","))


_SETTINGS = {
    "AllowOrigin": "allow_origins",
    "AllowMethods": "allow_methods",
    "AllowHeaders": "allow_headers",
    "MaxAge": "max_age",
    "AllowCredentials": "allow_credentials",
    "GatewayResponses": "GatewayResponses",
    "Cors": "mode",
}


def read(text: str, source: str) -> Read:
    """The policies of the APIs of a template of SAM, or of the paths of an exported one."""
    root = compose(text, source)
    apis = [(api, api.path("Properties", "Cors")) for api in of_type(root, {KIND})]
    found = [(api, cors) for api, cors in apis if cors]
    if not found and (shared := root.path("Globals", "Api", "Cors")) is not None:
        found = [(root, shared)]
    losses: list[Loss] = []
    if not found:
        return _read_paths(root, losses)
    rules = [rule for api, cors in found for rule in _of_api(root, api, cors, losses)]
    if len({(rule.host, rule.path) for rule in rules}) < len(rules):
        message = f"{len(found)} APIs with Cors, and not all at a Domain of their own"
        fix = "leave the others out of the file, or give each a Domain with a DomainName"
        raise FormatError(message, found[1][1].span, fix)
    return assembled(rules, losses)


def _of_api(root: Located, api: Located, cors: Located, losses: list[Loss]) -> list[Rule]:
    values = {key: cors.get(key) for key in cors.keys} or {"AllowOrigin": cors}
    reading = Reading(cors, {**values, "Cors": cors}, _SETTINGS, losses)
    if reading.values.get("AllowMethods") is None:
        effect = "SAM fills in the methods of each path, which are not read"
        reading.lose("AllowMethods", effect, "AllowMethods: \"'GET,PUT'\"")
    policy = _policy(reading)
    for kind in without_origin(root, api):
        sent = f'{{Headers: {{{f.ALLOW_ORIGIN}: "{_quoted(_sent(policy))}"}}}}'
        fix = f"GatewayResponses: {{{kind}: {{ResponseParameters: {sent}}}}}"
        reading.lose("GatewayResponses", _NO_ORIGIN.format(kind), fix)
    return [Rule(cors.span, policy, *place) for place in places_of(api)]


_NO_ORIGIN = f"{{}} has no {f.ALLOW_ORIGIN}: pages see a CORS error in its place"


def _read_paths(root: Located, losses: list[Loss]) -> Read:
    bodies = aws_rest_paths.bodies(root)
    found = [path for body in bodies for path in aws_rest_paths.paths(body)]
    if not any(path.values for path in found):
        message = "0 APIs with Cors, and no path whose OPTIONS sends an origin: one is needed"
        raise FormatError(message, root.span, "name the file that has the API")
    the_one(bodies, "OpenAPI documents", root)
    rules = [aws_rest_paths.rule(path, _of_path(bodies[0], path, losses)) for path in found]
    policy = next(rule.policy for rule, path in zip(rules, found, strict=True) if path.values)
    for kind in without_origin(root, bodies[0]):
        sent = f'gatewayresponse.header.{f.ALLOW_ORIGIN}: "{_quoted(_sent(policy))}"'
        fix = f"{OPENAPI}: {{{kind}: {{responseParameters: {{{sent}}}}}}}"
        losses.append(Loss("GatewayResponses", bodies[0].span, _NO_ORIGIN.format(kind), fix))
    return assembled(sorted(rules, key=aws_rest_paths.precedence), losses)


def _of_path(body: Located, path: aws_rest_paths.Path, losses: list[Loss]) -> Policy:
    if path.values is None:
        return PASSED
    values = {**path.values, "Cors": body}
    return _policy(Reading(path.block, values, _SETTINGS, losses))


def _sent(policy: Policy) -> str:
    """The one origin that is sent."""
    return next((str(one) for one in policy.allow_origins.patterns), WILDCARD)


def _policy(reading: Reading) -> Policy:
    for key in reading.values.keys() - _SETTINGS.keys():
        reading.lose(key, "SAM knows no such key", f"one of {', '.join([*_SETTINGS][:5])}")
    reading.lose("Cors", f"{_PASSED}; here the policy's take their place", "mode: add")
    credentials = _read_credentials(reading)
    origins = _read_origin(reading)
    if credentials and origins.any:
        fix = "name the origin that may send credentials"
        reading.lose("AllowCredentials", "SAM refuses credentials beside `*`", fix)
        credentials = False
    return Policy(
        origins,
        _read_names(reading, "AllowMethods", check_method, credentials=credentials),
        _read_names(reading, "AllowHeaders", check_request_name, credentials=credentials),
        allow_credentials=credentials,
        max_age=_read_age(reading),
        refused_request=RefusedRequest.FORWARD,
    )


def _read_credentials(reading: Reading) -> bool:
    """A truth value of YAML, or as a mock sends it."""
    value = reading.values.get("AllowCredentials")
    return value is not None and (value.text == "'true'" or reading.flag("AllowCredentials"))


def _text(reading: Reading, key: str) -> Entry | None:
    """What stands in the inner quotes; nothing, and told, where there are none."""
    value = reading.known(key)
    if value is None:
        return None
    text = value.text or ""
    if len(text) > 1 and text[0] == text[-1] == _QUOTE:
        return text[1:-1], value.span
    effect = f"{text} has no quotes of its own, and is taken for the name of a parameter"
    reading.lose(key, effect, f'{key}: "{_quoted(text)}"')
    return None


def _read_origin(reading: Reading) -> Origins:
    entry = _text(reading, "AllowOrigin")
    if entry is None:
        return Origins()
    if entry[0] == WILDCARD:
        return Origins(any_origin=True)
    one = reading.origin("AllowOrigin", entry)
    if is_opaque(one):
        effect = "a sandboxed page of anybody has it"
        reading.lose("AllowOrigin", effect, "name the origin", entry[1])
        return Origins()
    return Origins([one] if one else [])


def _read_names(
    reading: Reading, key: str, check: Callable[[str], str], *, credentials: bool
) -> Names:
    entry = _text(reading, key)
    parts = entry[0].split(",") if entry else []
    entries = [(part.strip(), entry[1]) for part in parts if entry and part.strip()]
    return reading.names(key, entries, check, wildcard=_LITERAL if credentials else "")


def _read_age(reading: Reading) -> int | None:
    entry = _text(reading, "MaxAge")
    if entry is None:
        return None
    seconds = -1 if entry[0] == "-1" else number(entry[0], MAX_MAX_AGE)
    if seconds is None:
        reading.lose("MaxAge", f"{entry[0]!r} is no number of seconds", "MaxAge: \"'600'\"")
    return seconds


FORMS = {"sam": "SAM template (AWS::Serverless::Api)"}


def _said(policy: Policy) -> Policy:
    """What of `policy` the mock behind OPTIONS says: one origin, and no names with a quote."""
    policy = without_open_credentials(policy)
    first = next((one for one in policy.allow_origins.patterns if _is_single(one)), None)
    if policy.allow_credentials:
        policy = without_wildcards(policy)
    policy = with_names(
        with_origins(policy, lambda one: one is first), lambda name: _QUOTE not in name
    )
    return replace(policy, allow_private_network=False)


PROFILE = Profile(
    "the specification and the translator of SAM",
    observed=False,
    preflights=Preflights.ALL,
    preflight=Case(200, Sends.PREFLIGHT),
    stranger_preflight=Case(200, Sends.PREFLIGHT & ~Sends.ORIGIN),
    no_origin_preflight=Case(200, Sends.PREFLIGHT & ~Sends.ORIGIN),
    request=Case(),
    stranger=Case(),
    no_origin=Case(),
    any_name=Wildcard.LITERAL,
    upstream_headers=UpstreamHeaders.WIN,
    keeps=_said,
)

GATEWAY = Gateway("AWS API Gateway, REST API", FORMS, write, read, profile=PROFILE)
