"""The Gateway API of Kubernetes: the CORS filter in a rule of an HTTPRoute (GEP-1767).

The resource's schema says what origins and methods look like; a wildcard stands alone. With
credentials it is the echo of what was asked; without, each implementation may send it as it stands
or echo, so among names it is written only where both are sure to be the same. Preflights never
reach the upstream, whose own CORS headers the standard does not speak of.
"""

import re
from dataclasses import replace
from functools import partial
from typing import Any

from corsproxy.config.settings import Config
from corsproxy.cors.fetch_standard import NON_WILDCARD_NAMES
from corsproxy.cors.names import (
    WILDCARD,
    Names,
    check_exposed_name,
    check_method,
    check_request_name,
)
from corsproxy.cors.origin import Origins
from corsproxy.cors.policy import MAX_MAX_AGE, Policy, RefusedRequest
from corsproxy.gateways.conversion import http_routes
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.forwarding import covers_authorization, methods
from corsproxy.gateways.conversion.gateway import Gateway, Loss, Read, Written
from corsproxy.gateways.conversion.listed_origins import Schema, written
from corsproxy.gateways.conversion.located_yaml import (
    Located,
    compose,
    items_at,
    text_at,
    the_one,
)
from corsproxy.gateways.conversion.narrowing import ANY, Cut, first, narrow
from corsproxy.gateways.conversion.read_routes import PASSED, assembled
from corsproxy.gateways.conversion.reading import Reading
from corsproxy.gateways.conversion.sayable import (
    METHODS,
    with_known_methods,
    with_lone_wildcard,
)
from corsproxy.gateways.conversion.yaml_text import as_text
from corsproxy.gateways.emulation.profile import Profile, UpstreamHeaders, Wildcard

_SCHEMA = Schema(
    re.compile(r"https?://(?:\*\.)?(?:[a-z0-9-]+\.)*[a-z0-9-]+(?::[0-9]{1,5})?"), any_host="[^:]+"
)
_LONGEST_NAME = 256
_MOST = 64
"""Entries of a list."""

_TITLE = """Goes into a rule of an HTTPRoute, whose matches let OPTIONS pass;
# the upstream must send no CORS headers of its own"""


def write(config: Config, _: str) -> Written:
    """What a rule needs beside its matches and its backends."""
    export = Export.of(config)
    narrow(export, _said(export.policy), _CUTS)
    policy = export.policy
    allowed = methods(policy.allow_methods).split(", ")
    cors: dict[str, Any] = {"allowOrigins": written(policy), "allowMethods": allowed}
    if names := policy.allow_headers:
        cors["allowHeaders"] = [WILDCARD] if names.any else list(names.listed)
    if exposed := export.exposed():
        cors["exposeHeaders"] = [WILDCARD] if exposed.any else list(exposed.listed)
    if policy.allow_credentials:
        cors["allowCredentials"] = True
    if policy.max_age is not None:
        cors["maxAge"] = policy.max_age
    return export.written(as_text({"filters": [{"type": "CORS", "cors": cors}]}, _TITLE))


def _said(policy: Policy) -> Policy:
    """What the schema lets a filter say of `policy`."""
    patterns = [one for one in policy.allow_origins.patterns if _SCHEMA.takes(one)]
    kept = list(dict.fromkeys(patterns))[:_MOST]
    names = policy.allow_headers
    if names.any and policy.allow_credentials and covers_authorization(names):
        names = Names(tuple(NON_WILDCARD_NAMES), any=True)
    else:
        names = first(_short(replace(names, any=False)), _MOST)
    policy = with_known_methods(with_lone_wildcard(policy))
    return replace(
        policy,
        allow_origins=Origins(kept, any_origin=policy.allow_origins.any),
        allow_methods=first(policy.allow_methods, len(METHODS)),
        allow_headers=names,
        expose_headers=first(_short(policy.expose_headers), _MOST),
        max_age=None if policy.max_age is None else max(policy.max_age, 1),
        allow_private_network=False,
    )


def _short(names: Names) -> Names:
    kept = (name for name in names.listed if len(name) <= _LONGEST_NAME)
    return replace(names, listed=tuple(kept))


_TOO_LONG = Cut(
    "no name is longer than 256 characters, and there are 64 at most", "list fewer names"
)

_CUTS = {
    "allow_origins": Cut(
        "an origin is http or https, a name, `*.` before it at most; and there are 64 at most",
        "list each origin",
    ),
    "allow_methods": Cut("the schema has the methods of RFC 9110 and PATCH alone", "leave it out"),
    "allow_headers": _TOO_LONG,
    "allow_headers" + ANY: Cut(
        "it is the echo of what is asked beside credentials, and may be so without, and"
        " authorization would be among it",
        "name the headers",
    ),
    "expose_headers": _TOO_LONG,
    "max_age": Cut("1 is written, the least that the schema has", "max_age: 1"),
    "allow_private_network": Cut("no preflight is granted it", "allow_private_network: false"),
}

_SETTINGS = {
    "allowOrigins": "allow_origins",
    "allowMethods": "allow_methods",
    "allowHeaders": "allow_headers",
    "exposeHeaders": "expose_headers",
    "allowCredentials": "allow_credentials",
    "maxAge": "max_age",
}


def read(text: str, source: str) -> Read:
    """The policies of HTTPRoutes, or of the one CORS filter of a rule or a list of filters."""
    root = compose(text, source)
    found = [cors for node in root.everything() if (cors := _cors(node))]
    losses: list[Loss] = []
    rules = http_routes.rules(root, partial(_policy_of_rule, losses=losses)) if found else []
    if rules:
        return assembled(rules, losses)
    policy = _read_policy(the_one(found, "filters of the type CORS", root), losses)
    for node in root.everything():
        if any(map(_cors, items_at(node, "filters"))):
            _lose_matches(losses, node)
    return Read(policy, tuple(losses))


def _cors(one: Located) -> Located | None:
    """What a CORS filter says; None of any other."""
    return one.get("cors") if text_at(one, "type") == "CORS" else None


def _policy_of_rule(_: Located, rule: Located, losses: list[Loss]) -> Policy:
    cors = next((cors for one in items_at(rule, "filters") if (cors := _cors(one))), None)
    if cors is None:
        return PASSED
    policy = _read_policy(cors, losses)
    _lose_matches(losses, rule)
    return policy


def _read_policy(cors: Located, losses: list[Loss]) -> Policy:
    return _policy(Reading(cors, {key: cors.get(key) for key in cors.keys}, _SETTINGS, losses))


def _lose_matches(losses: list[Loss], rule: Located) -> None:
    """A rule that matches methods sees no preflight: the trap of which nothing else tells."""
    matches = items_at(rule, "matches")
    allowed = {text_at(match, "method") for match in matches}
    if matches and not {"OPTIONS", ""} & allowed:
        effect = "the rule never sees a preflight, an OPTIONS request; here it is answered"
        fix = "add a match with method: OPTIONS, or leave the method out"
        losses.append(Loss("matches", matches[0].span, effect, fix))


def _policy(reading: Reading) -> Policy:
    credentials = reading.flag("allowCredentials")
    origins = _SCHEMA.read(reading)
    names = reading.names("allowHeaders", reading.entries("allowHeaders"), check_request_name)
    if names.any and credentials:
        names = Names(tuple(NON_WILDCARD_NAMES), any=True)
    if origins.any and credentials:
        effect = "every implementation then lets every page act as the user"
        reading.lose("allowCredentials", effect, "list the origins that may send credentials")
    exposed = reading.entries("exposeHeaders")
    never = "it is not sent beside credentials" if credentials else ""
    return Policy(
        origins,
        reading.names("allowMethods", reading.entries("allowMethods"), check_method),
        names,
        reading.names("exposeHeaders", exposed, check_exposed_name, wildcard=never),
        allow_credentials=credentials and not origins.any,
        max_age=reading.seconds("maxAge", MAX_MAX_AGE),
        refused_request=RefusedRequest.FORWARD,
    )


FORMS = {"rule": "the filters of a rule of an HTTPRoute"}

PROFILE = Profile(
    "the Gateway API's HTTPRoute reference; implementations differ",
    observed=False,
    any_method=Wildcard.LITERAL,
    any_name=Wildcard.LITERAL,
    any_name_with_credentials=Wildcard.ECHO,
    upstream_headers=UpstreamHeaders.REPLACED,
    default_max_age=5,
    keeps=_said,
)

GATEWAY = Gateway("Kubernetes Gateway API", FORMS, write, read, profile=PROFILE)
