"""Envoy: the CorsPolicy of its CORS filter, alone or in a whole bootstrap.

The filter decides by the origin alone, and always sends it back; `*` among methods and names is the
echo of what was asked where it stands alone, and sent as it stands beside others. A matcher that
matches the text `*` opens every origin. Nothing says Vary, and what the upstream sends survives:
the bootstrap adds the one and removes the other, and reads methods that Envoy does not know. Seen
on Envoy 1.40, which the tests start.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from corsproxy.config.settings import Config
from corsproxy.cors import headers as f
from corsproxy.cors.origin import OriginPattern, RegexPattern
from corsproxy.cors.policy import MAX_MAX_AGE, Policy
from corsproxy.gateways.conversion import envoy_filter, envoy_routes, whole_regex
from corsproxy.gateways.conversion.envoy_bootstrap import TYPE, bootstrap, held
from corsproxy.gateways.conversion.envoy_routes import Fields, is_policy
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.forwarding import CARRIED, listen, methods
from corsproxy.gateways.conversion.gateway import Gateway, Loss, Read, Written
from corsproxy.gateways.conversion.located_yaml import Located, compose, the_one
from corsproxy.gateways.conversion.narrowing import ANY, narrow
from corsproxy.gateways.conversion.origin_regex import regex
from corsproxy.gateways.conversion.read_routes import PASSED, assembled
from corsproxy.gateways.conversion.reading import Entry, Reading
from corsproxy.gateways.conversion.sites import exported, sites
from corsproxy.gateways.conversion.yaml_text import as_text


def write(config: Config, form: str) -> Written:
    """The CorsPolicy, or the bootstrap that it stands in."""
    if form == "policy":
        export = Export.of(config)
        title = "Goes into a virtual host or a route"
        return export.written(as_text(held(_cors_policy(export)), title))
    exports = Export.each(config, carried=CARRIED)
    table = sites(exports)
    policies = {id(export): _cors_policy(export) for export in exported(table)}
    found = bootstrap(table, listen(exports[-1]), lambda export: policies[id(export)])
    return exports[-1].written(as_text(found, "envoy -c FILE"))


def _cors_policy(export: Export) -> dict[str, Any]:
    narrow(export, envoy_filter.said(export.policy), {"allow_headers" + ANY: envoy_filter.ECHOED})
    policy = export.policy
    found: dict[str, Any] = {
        "@type": f"{TYPE}.filters.http.cors.v3.CorsPolicy",
        "allow_origin_string_match": _origins(export),
        "allow_methods": methods(policy.allow_methods),
    }
    if names := envoy_filter.names(export):
        found["allow_headers"] = str(names)
    if exposed := export.exposed():
        found["expose_headers"] = str(exposed)
    if policy.max_age is not None:
        found["max_age"] = str(max(policy.max_age, 0))
    if policy.allow_credentials:
        found["allow_credentials"] = True
    if policy.allow_private_network:
        found["allow_private_network_access"] = True
    found["forward_not_matching_preflights"] = False
    return found


def _origins(export: Export) -> list[dict[str, Any]]:
    if export.policy.allow_origins.any:
        return [{"safe_regex": {"regex": ".+"}}]
    return [_matcher(one) for one in whole_regex.kept(export)]


def _matcher(one: OriginPattern | RegexPattern) -> dict[str, Any]:
    if isinstance(one, OriginPattern) and one.exact:
        return {"exact": str(one)}
    return {"safe_regex": {"regex": regex(one)}}


_SETTINGS = {
    "allow_origin_string_match": "allow_origins",
    "allow_private_network_access": "allow_private_network",
    "forward_not_matching_preflights": "refused_preflight",
}


def read(text: str, source: str) -> Read:
    """The policies of the routes of a configuration, or of the one CorsPolicy in the text."""
    root = compose(text, source)
    found = [node for node in root.everything() if is_policy(node)]
    losses: list[Loss] = []

    def policy(block: Located, fields: Fields) -> Policy:
        reading = Reading(block, fields, _SETTINGS, losses)
        return _policy(reading)

    rules = envoy_routes.rules(root, policy) if found else []
    if rules:
        return assembled(rules, losses, apart=True)
    block = the_one(found, "values of the type CorsPolicy", root)
    fields = {key: block.get(key) for key in block.keys}
    return Read(policy(block, fields), tuple(losses))


_KEYS = envoy_filter.Keys(
    "allow_origin_string_match",
    "allow_methods",
    "allow_headers",
    "expose_headers",
    "allow_credentials",
)


def _policy(reading: Reading) -> Policy:
    if _is_off(reading.values.get("filter_enabled")):
        return PASSED
    for key in ("filter_enabled", "shadow_enabled"):
        if reading.values.get(key):
            reading.lose(key, "a policy holds for all requests", "leave it out")
    forwards = "forward_not_matching_preflights"
    if not reading.values.get(forwards) or reading.flag(forwards):
        envoy_filter.lose_forwarded(reading, forwards, "false")
    origins = envoy_filter.origins(reading, _KEYS.origins, _matchers(reading))
    age = reading.seconds("max_age", MAX_MAX_AGE)
    found = envoy_filter.policy(reading, _KEYS, origins, partial(_elements, reading), age)
    private = reading.flag("allow_private_network_access")
    return replace(found, allow_private_network=private)


def _is_off(enabled: Located | None) -> bool:
    """Whether it holds for no request."""
    share = enabled.path("default_value", "numerator") if enabled else None
    return share is not None and share.text == "0"


def _elements(reading: Reading, key: str) -> list[Entry]:
    value = reading.known(key)
    if value is None or not value.text:
        return []
    return [(element, value.span) for element in f.elements(value.text) if element]


def _matchers(reading: Reading) -> Iterator[tuple[str, Entry]]:
    value = reading.known(_KEYS.origins)
    for matcher in (value.items or []) if value else []:
        at = matcher.get("exact") or matcher.path("safe_regex", "regex")
        ignoring = matcher.get("ignore_case")
        if at is None or at.text is None or (ignoring and ignoring.text != "false"):
            yield "", ("", matcher.span)
        else:
            yield "exact" if matcher.get("exact") else "regex", (at.text, at.span)


FORMS = {
    "bootstrap": "a whole configuration, one listener in front of the upstream",
    "policy": "the CorsPolicy alone, for a virtual host or a route",
}

_VARY = {
    name: getattr(envoy_filter.PROFILE, name)._replace(vary=(f.ORIGIN,))
    for name in ("preflight", "stranger_preflight", "request", "stranger", "no_origin")
}
"""What the bootstrap's other filter adds, to every response."""

PROFILE = envoy_filter.PROFILE._replace(
    source="Envoy 1.40 with the bootstrap that is written for it",
    varies_if_open=True,
    keeps=lambda policy: envoy_filter.said(whole_regex.said(policy)),
    **_VARY,
)

GATEWAY = Gateway("Envoy", FORMS, write, read, forwards=True, profile=PROFILE)
