"""CloudFront: the CorsConfig of a response headers policy, which adds headers and answers nothing.

It compares the origin alone, and adds to what comes from the cache and from the origin. A preflight
reaches the origin, which has to answer it with 2xx. Sources: the developer guide ("Understand
response headers policies") and the schema of CloudFormation; nobody here runs CloudFront.
"""

from collections.abc import Mapping
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
from corsproxy.cors.policy import MAX_MAX_AGE, Policy, RefusedRequest
from corsproxy.gateways.conversion.aws_templates import cloudformation, of_type
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.gateway import Gateway, Loss, Read, Written
from corsproxy.gateways.conversion.located_yaml import Located, compose, the_one
from corsproxy.gateways.conversion.reading import Entry, Reading, is_opaque
from corsproxy.gateways.conversion.sayable import (
    NO_NAME,
    USABLE_METHODS,
    with_origins,
    without_open_credentials,
)
from corsproxy.gateways.conversion.sent_literally import sent_literally
from corsproxy.gateways.emulation.profile import Case, Profile, Sends, UpstreamHeaders, Wildcard

METHODS = frozenset(USABLE_METHODS)
ALL = "ALL"
"""The text by which METHODS are meant, and nothing else."""

KIND = "AWS::CloudFront::ResponseHeadersPolicy"
_TITLE = "CloudFormation template; the policy's Id goes into the cache behaviours"
_LITERAL = "CloudFront refuses `*` beside credentials, and browsers take it literally there"
_FORWARDED = "preflights reach the origin behind CloudFront, which may answer them with an error"
_ANSWER = "let the origin answer OPTIONS with 204"


def write(config: Config, _: str) -> Written:
    """The template of a response headers policy; without CORS where no origin is left."""
    export = Export.of(config)
    cors = _cors_config(export)
    properties: dict[str, Any] = {"Name": "cors"}
    if cors["AccessControlAllowOrigins"]["Items"]:
        properties["CorsConfig"] = cors
        export.lose("refused_preflight", _FORWARDED, _ANSWER)
    else:
        effect = "no CORS is added then: the origin's own headers are passed on"
        export.lose("allow_origins", effect, "allow at least one origin")
    whole = {"ResponseHeadersPolicyConfig": properties}
    return export.written(cloudformation("CorsPolicy", KIND, whole, _TITLE))


def _cors_config(export: Export) -> dict[str, Any]:
    policy = export.policy
    if policy.allow_private_network:
        export.lose("allow_private_network", "no preflight is granted it", "false")
    credentials = policy.allow_credentials
    if policy.dangerously_reflect_any_origin:
        fix = "list the origins that may send credentials"
        export.lose("dangerously_reflect_any_origin", "`*` is sent as it stands", fix)
        export.lose("allow_credentials", "credentials are not allowed", fix)
        credentials = False
    names = export.names("allow_headers", _LITERAL if credentials else "")
    sent_literally(export, names, credentials=credentials)
    found: dict[str, Any] = {
        "AccessControlAllowCredentials": credentials,
        "AccessControlAllowHeaders": {"Items": list(names.entries) or [NO_NAME]},
        "AccessControlAllowMethods": {"Items": _methods(export)},
        "AccessControlAllowOrigins": {"Items": _origins(export)},
        "OriginOverride": True,
    }
    if exposed := export.names("expose_headers", _LITERAL if credentials else ""):
        found["AccessControlExposeHeaders"] = {"Items": list(exposed.entries)}
    if policy.max_age is not None:
        found["AccessControlMaxAgeSec"] = max(policy.max_age, 0)
    return found


def _origins(export: Export) -> list[str]:
    if export.policy.allow_origins.any:
        return [WILDCARD]
    found = []
    for i, pattern in enumerate(export.policy.allow_origins.patterns):
        if _is_said(pattern):
            found.append(str(pattern))
        else:
            effect = f"{pattern} cannot be said: pages of it are refused"
            export.lose("allow_origins", effect, "list each origin", i)
    return found


def _is_said(pattern: OriginPattern | RegexPattern) -> bool:
    exact = isinstance(pattern, OriginPattern) and pattern.port != "*"
    return exact and str(pattern) != OPAQUE


def _methods(export: Export) -> list[str]:
    names = export.policy.allow_methods
    unknown = [method for method in names.listed if method not in METHODS]
    if names.any or unknown:
        effect = f"methods are {', '.join(sorted(METHODS))} here, and no others"
        export.lose("allow_methods", effect, "leave the others out")
    if names.any:
        return [ALL]
    return [one for one in names.listed if one in METHODS] or sorted(SAFELISTED_METHODS)


_SETTINGS = {
    "AccessControlAllowOrigins": "allow_origins",
    "AccessControlAllowMethods": "allow_methods",
    "AccessControlAllowHeaders": "allow_headers",
    "AccessControlExposeHeaders": "expose_headers",
    "AccessControlMaxAgeSec": "max_age",
    "AccessControlAllowCredentials": "allow_credentials",
    "OriginOverride": "mode",
}
_LISTS = {key for key, setting in _SETTINGS.items() if setting not in ("max_age", "mode")}


def read(text: str, source: str) -> Read:
    """The policy of the one CorsConfig in a template, or of what the AWS CLI says of a policy."""
    root = compose(text, source)
    found = [block for block in _blocks(root) if block]
    block = the_one(found, "response headers policies with a CorsConfig", root)
    reading = Reading(block, _values(block), _SETTINGS)
    return Read(_policy(reading), tuple(reading.losses))


def _blocks(root: Located) -> list[Located | None]:
    place = ("ResponseHeadersPolicyConfig", "CorsConfig")
    if root.get("Resources"):
        return [one.path("Properties", *place) for one in of_type(root, {KIND})]
    own = root.path("ResponseHeadersPolicy", *place) or root.path(*place) or root.get("CorsConfig")
    return [own or (root if root.get("AccessControlAllowOrigins") else None)]


def _values(block: Located) -> Mapping[str, Located | None]:
    """Each list stands in `Items`."""
    values = {key: block.get(key) for key in block.keys}
    items = {key: value.get("Items") for key, value in values.items() if value and value.keys}
    return values | {key: one for key, one in items.items() if key in _LISTS}


def _policy(reading: Reading) -> Policy:
    for key in reading.values.keys() - _SETTINGS.keys():
        reading.lose(key, "CloudFront knows no such key", f"one of {', '.join(_SETTINGS)}")
    reading.losses.append(
        Loss("refused_preflight", reading.whole.span, _FORWARDED, f"{_ANSWER} there")
    )
    credentials = reading.flag("AccessControlAllowCredentials")
    origins = _read_origins(reading)
    if credentials and origins.any:
        effect = "browsers refuse credentials beside `*`"
        fix = "list the origins that may send credentials"
        reading.lose("AccessControlAllowCredentials", effect, fix)
        credentials = False
    if reading.values.get("OriginOverride") and not reading.flag("OriginOverride"):
        effect = "CORS headers of the origin go before these; here these take their place"
        reading.lose("OriginOverride", effect, "OriginOverride: true")
    why = _LITERAL if credentials else ""
    names_key, exposed_key = "AccessControlAllowHeaders", "AccessControlExposeHeaders"
    names = [entry for entry in reading.entries(names_key) if not _is_glob(reading, entry)]
    if [text for text, _ in names] == [NO_NAME]:
        names = []
    return Policy(
        origins,
        _read_methods(reading),
        reading.names(names_key, names, check_request_name, wildcard=why),
        reading.names(exposed_key, reading.entries(exposed_key), check_exposed_name, wildcard=why),
        allow_credentials=credentials,
        max_age=reading.seconds("AccessControlMaxAgeSec", MAX_MAX_AGE),
        refused_request=RefusedRequest.FORWARD,
    )


def _is_glob(reading: Reading, entry: Entry) -> bool:
    text, span = entry
    if WILDCARD not in text or text == WILDCARD:
        return False
    effect = f"{text}: a policy has no such pattern"
    reading.lose("AccessControlAllowHeaders", effect, "name the headers", span)
    return True


def _read_methods(reading: Reading) -> Names:
    key = "AccessControlAllowMethods"
    entries = reading.entries(key)
    if any(text == ALL for text, _ in entries):
        return Names(tuple(sorted(METHODS)))
    return reading.names(key, entries, check_method, wildcard=f"it is no method: write {ALL}")


def _read_origins(reading: Reading) -> Origins:
    key = "AccessControlAllowOrigins"
    entries = reading.entries(key)
    if any(text == WILDCARD for text, _ in entries):
        return Origins(any_origin=True)
    found = [_read_origin(reading, key, entry) for entry in entries]
    return Origins(one for one in found if one is not None)


def _read_origin(reading: Reading, key: str, entry: Entry) -> OriginPattern | None:
    text, span = entry
    subdomains = "://*." in text
    plain = reading.origin(key, (text.replace("://*.", "://", 1), span))
    if plain is not None and not is_opaque(plain):
        return replace(plain, subdomains=subdomains)
    if plain is not None:
        reading.lose(key, "CloudFront takes no such origin", "leave it out", span)
    return None


FORMS = {"cloudformation": "CloudFormation template (AWS::CloudFront::ResponseHeadersPolicy)"}


def _said(policy: Policy) -> Policy:
    """What of `policy` a response headers policy says."""
    policy = with_origins(without_open_credentials(policy), _is_said)
    if policy.allow_credentials:
        names = (
            replace(policy.allow_headers, any=False),
            replace(policy.expose_headers, any=False),
        )
        policy = replace(policy, allow_headers=names[0], expose_headers=names[1])
    methods = policy.allow_methods
    listed = tuple(sorted(METHODS)) if methods.any else methods.listed
    known = Names(tuple(method for method in listed if method in METHODS))
    return replace(policy, allow_methods=known, allow_private_network=False)


PROFILE = Profile(
    'the developer guide of CloudFront ("Understand response headers policies")',
    observed=False,
    preflight=Case(0, Sends.PREFLIGHT | Sends.EXPOSED),
    stranger_preflight=Case(),
    request=Case(0, Sends.REQUEST),
    stranger=Case(),
    no_origin=Case(),
    any_name=Wildcard.LITERAL,
    upstream_headers=UpstreamHeaders.REPLACED,
    on_errors=False,
    keeps=_said,
)

GATEWAY = Gateway("Amazon CloudFront", FORMS, write, read, profile=PROFILE)
