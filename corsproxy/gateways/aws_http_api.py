"""AWS API Gateway, HTTP API: one CORS configuration for all of an API, as its tools spell it.

A function's own URL has the same configuration with narrower limits. Sources: the developer guide
("Configure CORS for HTTP APIs in API Gateway"), the service's model for limits, the translator of
SAM for what it refuses, the source of serverless for what it adds. Nobody here has run API Gateway
itself: what is not documented (`*` beside credentials in other lists than the origins') counts as
not granted.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from corsproxy.config.settings import Config
from corsproxy.cors.fetch_standard import SAFELISTED_METHODS
from corsproxy.cors.names import (
    WILDCARD,
    check_exposed_name,
    check_method,
    check_request_name,
)
from corsproxy.cors.origin import OPAQUE, OriginPattern, Origins, RegexPattern
from corsproxy.cors.policy import Policy, RefusedRequest
from corsproxy.gateways.conversion.aws_http_api_blocks import Found, found_in
from corsproxy.gateways.conversion.aws_http_api_forms import (
    FORMS,
    MAX_MAX_AGE,
    SCHEMES,
    WRITERS,
)
from corsproxy.gateways.conversion.aws_routes import EFFECT, FIX, swallowing
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.gateway import FormatError, Gateway, Loss, Read, Written
from corsproxy.gateways.conversion.located_yaml import compose
from corsproxy.gateways.conversion.read_routes import Rule, assembled
from corsproxy.gateways.conversion.reading import Entry, Reading, is_opaque
from corsproxy.gateways.conversion.sent_literally import sent_literally
from corsproxy.gateways.emulation.aws_http_api_profiles import (
    HTTP_API,
    SAM_LOCAL,
    SERVERLESS_OFFLINE,
)

_LITERAL = "beside credentials browsers take `*` literally, and what is sent is not documented"


class _Limits(NamedTuple):
    """What a form takes less of than the service itself."""

    methods: frozenset[str] | None = None
    entries: int | None = None
    """The most in each list."""
    characters: int | None = None
    """The most in an origin."""
    schemes: bool = True
    """Whether SCHEMES are patterns to it."""
    min_max_age: int = -1


_COMMON = frozenset({"DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"})
_LIMITS = {
    "cdk": _Limits(methods=_COMMON | {"OPTIONS"}, min_max_age=0),
    "lambda-url": _Limits(_COMMON, 100, 253, schemes=False, min_max_age=0),
}


def write(config: Config, form: str) -> Written:
    """The CORS configuration in one of FORMS."""
    export = Export.of(config)
    return export.written(WRITERS[form](_block(export, _LIMITS.get(form, _Limits()))))


def _block(export: Export, limits: _Limits) -> dict[str, Any]:
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
    block: dict[str, Any] = {"AllowOrigins": _origins(export, limits)}
    names, exposed = (
        export.names(setting, _LITERAL if credentials else "")
        for setting in ("allow_headers", "expose_headers")
    )
    sent_literally(export, names, credentials=credentials)
    lists = {
        "AllowMethods": _methods(export, limits, credentials=credentials),
        "AllowHeaders": _first(export, "allow_headers", list(names.entries), limits),
        "ExposeHeaders": _first(export, "expose_headers", list(exposed.entries), limits),
    }
    block |= {key: entries for key, entries in lists.items() if entries}
    if policy.max_age is not None:
        block["MaxAge"] = min(max(policy.max_age, limits.min_max_age), MAX_MAX_AGE)
    if policy.max_age is not None and policy.max_age > MAX_MAX_AGE:
        export.lose("max_age", f"{MAX_MAX_AGE} s is the most", f"max_age: {MAX_MAX_AGE}")
    if credentials:
        block["AllowCredentials"] = True
    return block


def _origins(export: Export, limits: _Limits) -> list[str]:
    policy = export.policy
    if policy.allow_origins.any:
        return [WILDCARD]
    schemes = limits.schemes and not policy.allow_credentials
    by_regex = {str(RegexPattern(regex)): text for text, regex in SCHEMES.items() if schemes}
    found = []
    for i, pattern in enumerate(policy.allow_origins.patterns):
        text = str(pattern)
        if text in by_regex:
            found.append(by_regex[text])
        elif not (isinstance(pattern, OriginPattern) and pattern.exact) or text == OPAQUE:
            effect = f"{pattern} is no list of single origins: pages of them are refused"
            fix = "list each origin; the one pattern there is, https://*, would let everybody in"
            export.lose("allow_origins", effect, fix, i)
        elif limits.characters is not None and len(text) > limits.characters:
            effect = f"it has more than {limits.characters} characters: its pages are refused"
            export.lose("allow_origins", effect, "serve the page from a shorter host", i)
        else:
            found.append(text)
    found = _first(export, "allow_origins", found, limits)
    if not found:
        effect = "API Gateway has no CORS then: the upstream's own CORS headers are passed on"
        export.lose("allow_origins", effect, "allow at least one origin")
    return found


def _methods(export: Export, limits: _Limits, *, credentials: bool) -> list[str]:
    """Never none: a browser that uploads would take its own method as allowed.

    Fetch, "CORS-preflight fetch", step 7.4.
    """
    names = export.names("allow_methods", _LITERAL if credentials else "")
    known = limits.methods
    if names.any and known is not None:
        return [WILDCARD]
    unknown = [method for method in names.listed if known is not None and method not in known]
    if known is not None and unknown:
        effect = f"{', '.join(unknown)}: methods are {', '.join(sorted(known))} here, and no others"
        export.lose("allow_methods", effect, "leave the others out, or take another form")
    entries = [entry for entry in list(names.entries) if entry not in unknown]
    return entries or sorted(SAFELISTED_METHODS)


def _first(export: Export, setting: str, entries: list[str], limits: _Limits) -> list[str]:
    """As many entries as there may be."""
    if limits.entries is not None and len(entries) > limits.entries:
        effect = f"{limits.entries} entries are the most: those after them are left out"
        export.lose(setting, effect, "list no more")
    return entries[: limits.entries]


_SETTINGS = {
    "AllowOrigins": "allow_origins",
    "AllowMethods": "allow_methods",
    "AllowHeaders": "allow_headers",
    "ExposeHeaders": "expose_headers",
    "MaxAge": "max_age",
    "AllowCredentials": "allow_credentials",
}


def read(text: str, source: str) -> Read:
    """The policies of `text`: what get-api(s) say, a template, OpenAPI, or serverless.yml.

    Several APIs are told apart by their hosts. Refused requests are forwarded by it, as API
    Gateway does.
    """
    root = compose(text, source)
    found = found_in(root)
    if not found:
        message = "no CORS configuration in it: API Gateway then passes on the upstream's headers"
        raise FormatError(message, root.span, "mode: passthrough is such a policy")
    losses: list[Loss] = []
    rules = [rule for one in found for rule in _rules(one, losses)]
    if len({(rule.host, rule.path) for rule in rules}) < len(rules):
        message = f"{len(found)} CORS configurations, and not all at a host of their own"
        fix = "leave the others out of the file, or give each a Domain with a DomainName"
        raise FormatError(message, found[1].block.span, fix)
    swallowed = [Loss("routes", place, EFFECT, FIX) for place in swallowing(root)]
    return assembled(rules, (*losses, *swallowed))


def _rules(found: Found, losses: list[Loss]) -> list[Rule]:
    """The policy at each of its places; what it loses is added to `losses`."""
    policy, told, *_ = _policy(found)
    losses += told
    return [Rule(found.block.span, policy, *place) for place in found.places]


def _policy(found: Found) -> Read:
    """The policy that grants as much, and not more."""
    reading = Reading(found.block, found.values, _SETTINGS)
    _refuse_unknown(reading)
    credentials = reading.flag("AllowCredentials")
    origins, patterned = _read_origins(reading, schemes=found.schemes)
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
        refused_request=RefusedRequest.FORWARD,
    )
    return Read(policy, tuple(reading.losses))


_CHECKS: Mapping[str, Callable[[str], str]] = {
    "AllowMethods": check_method,
    "AllowHeaders": check_request_name,
    "ExposeHeaders": check_exposed_name,
}


def _refuse_unknown(reading: Reading) -> None:
    for key in reading.values.keys() - _SETTINGS.keys():
        reading.lose(key, "API Gateway knows no such key", f"one of {', '.join(_SETTINGS)}")
    if not reading.values:
        message = "expected a CORS configuration: lines of `AllowOrigins: [...]`"
        raise FormatError(message, reading.whole.span, "CorsConfiguration: {AllowOrigins: []}")


def _read_origins(reading: Reading, *, schemes: bool) -> tuple[Origins, bool]:
    """The origins, and whether one entry is a pattern."""
    entries = reading.entries("AllowOrigins")
    if any(text == WILDCARD for text, _ in entries):
        return Origins(any_origin=True), False
    found = [
        one
        for entry in entries
        if (one := _read_origin(reading, entry, schemes=schemes)) is not None
    ]
    return Origins(found), any(isinstance(one, RegexPattern) for one in found)


def _read_origin(
    reading: Reading, entry: Entry, *, schemes: bool
) -> OriginPattern | RegexPattern | None:
    text, span = entry
    if schemes and text in SCHEMES:
        return RegexPattern(SCHEMES[text], span)
    if text in SCHEMES:
        effect = f"a function's URL is not told to take {text} for a pattern"
        reading.lose("AllowOrigins", effect, "list each origin", span)
        return None
    pattern = reading.origin("AllowOrigins", entry)
    if is_opaque(pattern):
        reading.lose("AllowOrigins", "API Gateway takes no such origin", "leave it out", span)
        return None
    return pattern


GATEWAY = Gateway("AWS API Gateway, HTTP API", FORMS, write, read, profile=HTTP_API)

OTHERS = {
    "sam-local": Gateway("SAM CLI, sam local start-api", profile=SAM_LOCAL),
    "serverless-offline": Gateway("serverless-offline", profile=SERVERLESS_OFFLINE),
}
"""What stands in for it on a developer's machine."""
