"""Istio: the corsPolicy of a VirtualService, which becomes a CorsPolicy of Envoy.

Its validation takes the methods of RFC 9110 and PATCH, names of letters, digits, `-` and `_`, and
durations of a second or more. Refused preflights go to the upstream unless unmatchedPreflights says
IGNORE. What the upstream sends itself is taken out by the route, before the filter writes.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from corsproxy.config.settings import Config
from corsproxy.cors.names import WILDCARD
from corsproxy.cors.origin import OriginPattern, RegexPattern
from corsproxy.cors.policy import MAX_MAX_AGE, Policy
from corsproxy.gateways.conversion import envoy_filter, istio_routes, whole_regex
from corsproxy.gateways.conversion.durations import duration, read_duration
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.forwarding import OWN_HEADERS, methods
from corsproxy.gateways.conversion.gateway import Gateway, Loss, Read, Written
from corsproxy.gateways.conversion.located_yaml import Located, compose, the_one
from corsproxy.gateways.conversion.narrowing import ANY, Cut, narrow
from corsproxy.gateways.conversion.origin_regex import regex
from corsproxy.gateways.conversion.read_routes import assembled
from corsproxy.gateways.conversion.reading import Entry, Reading
from corsproxy.gateways.conversion.sayable import with_known_methods, with_names
from corsproxy.gateways.conversion.yaml_text import as_text

_METHODS = frozenset(
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE"]
)
_NAME = re.compile(r"[-_A-Za-z0-9]+")

_TITLE = "Goes into an element of spec.http of a VirtualService, beside its route"


def write(config: Config, _: str) -> Written:
    """What an HTTP route of a VirtualService needs beside where it leads."""
    export = Export.of(config)
    narrow(export, _said(export.policy), _CUTS)
    policy = export.policy
    cors: dict[str, Any] = {
        "allowOrigins": _origins(policy),
        "allowMethods": methods(policy.allow_methods).split(", "),
    }
    if names := envoy_filter.names(export):
        cors["allowHeaders"] = str(names).split(", ")
    if exposed := export.exposed():
        cors["exposeHeaders"] = str(exposed).split(", ")
    if policy.max_age is not None:
        cors["maxAge"] = duration(policy.max_age)
    if policy.allow_credentials:
        cors["allowCredentials"] = True
    cors["unmatchedPreflights"] = "IGNORE"
    route = {"corsPolicy": cors, "headers": {"response": {"remove": list(OWN_HEADERS)}}}
    return export.written(as_text(route, _TITLE))


def _origins(policy: Policy) -> list[dict[str, str]]:
    if policy.allow_origins.any:
        return [{"exact": WILDCARD}]
    return [_matcher(one) for one in policy.allow_origins.patterns]


def _matcher(one: OriginPattern | RegexPattern) -> dict[str, str]:
    if isinstance(one, OriginPattern) and one.exact:
        return {"exact": str(one)}
    return {"regex": regex(one)}


def _said(policy: Policy) -> Policy:
    """What a corsPolicy can say of `policy`."""
    said = with_names(
        envoy_filter.said(whole_regex.said(policy)), lambda name: bool(_NAME.fullmatch(name))
    )
    return replace(
        with_known_methods(said),
        max_age=None if policy.max_age is None else max(policy.max_age, 1),
        allow_private_network=False,
    )


_NO_NAME = Cut("Istio takes names of letters, digits, `-` and `_` alone", "leave it out")

_CUTS = {
    "allow_origins": Cut(
        "the expression matches 'null', '*' or nothing as well, which it does not mean here",
        "write it so that it begins with https://",
    ),
    "allow_methods": Cut("Istio takes the methods of RFC 9110 and PATCH alone", "leave it out"),
    "allow_headers": _NO_NAME,
    "allow_headers" + ANY: envoy_filter.ECHOED,
    "expose_headers": _NO_NAME,
    "max_age": Cut("1 is written, the least that Istio takes", "max_age: 1"),
    "allow_private_network": Cut("no preflight is granted it", "allow_private_network: false"),
}

_SETTINGS = {
    "allowOrigins": "allow_origins",
    "allowOrigin": "allow_origins",
    "allowMethods": "allow_methods",
    "allowHeaders": "allow_headers",
    "exposeHeaders": "expose_headers",
    "maxAge": "max_age",
    "allowCredentials": "allow_credentials",
    "unmatchedPreflights": "refused_preflight",
}


def read(text: str, source: str) -> Read:
    """The policies of VirtualServices, or of the one corsPolicy in the text."""
    root = compose(text, source)
    found = [block for node in root.everything() if (block := node.get("corsPolicy"))]
    losses: list[Loss] = []
    policy = partial(_policy, losses=losses)
    rules = istio_routes.rules(root, policy) if found else []
    if rules:
        return assembled(rules, losses, apart=True)
    return Read(policy(the_one(found, "values of corsPolicy", root)), tuple(losses))


def _policy(block: Located, losses: list[Loss]) -> Policy:
    reading = Reading(block, {key: block.get(key) for key in block.keys}, _SETTINGS, losses)
    unmatched = reading.known("unmatchedPreflights")
    if unmatched is None or unmatched.text != "IGNORE":
        envoy_filter.lose_forwarded(reading, "unmatchedPreflights", "IGNORE")
    age = read_duration(reading, "maxAge", MAX_MAX_AGE)
    origins = envoy_filter.origins(reading, "allowOrigins", _matchers(reading))
    return envoy_filter.policy(reading, envoy_filter.RESOURCE_KEYS, origins, reading.entries, age)


def _matchers(reading: Reading) -> Iterator[tuple[str, Entry]]:
    """Those of allowOrigins, and the texts of allowOrigin, its forerunner."""
    yield from (("exact", entry) for entry in reading.entries("allowOrigin"))
    value = reading.known("allowOrigins")
    for matcher in (value.items or []) if value else []:
        kind = next((name for name in ("exact", "regex") if matcher.get(name)), "")
        at = matcher.get(kind)
        yield kind, ((at and at.text) or "", at.span if at else matcher.span)


FORMS = {"route": "the corsPolicy of a VirtualService's route, and what the route takes out"}

PROFILE = envoy_filter.PROFILE._replace(
    source="Envoy 1.40 with what Istio, by its source, makes of the corsPolicy",
    keeps=_said,
)

GATEWAY = Gateway("Istio VirtualService", FORMS, write, read, profile=PROFILE)
