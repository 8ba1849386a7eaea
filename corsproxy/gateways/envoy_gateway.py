"""Envoy Gateway: the cors of a SecurityPolicy, which becomes a CorsPolicy of Envoy.

Its schema takes origins of http and https, `*.` before a name, and a duration as text. A wildcard
in an origin becomes `.*`, and a list with `*` is `*` alone. Refused preflights are answered; what
the upstream sends itself survives where the filter has nothing to write.
"""

import re
from dataclasses import replace
from typing import Any

from corsproxy.config.settings import Config
from corsproxy.cors.policy import MAX_MAX_AGE, Policy
from corsproxy.gateways.conversion import envoy_filter, http_routes
from corsproxy.gateways.conversion.durations import duration, read_duration
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.forwarding import methods
from corsproxy.gateways.conversion.gateway import Gateway, Loss, Read, Written
from corsproxy.gateways.conversion.listed_origins import Schema, written
from corsproxy.gateways.conversion.located_yaml import (
    Located,
    compose,
    items_at,
    text_at,
    the_one,
)
from corsproxy.gateways.conversion.narrowing import ANY, Cut, narrow
from corsproxy.gateways.conversion.read_routes import PASSED, assembled
from corsproxy.gateways.conversion.reading import Reading
from corsproxy.gateways.conversion.sayable import with_origins
from corsproxy.gateways.conversion.yaml_text import as_text
from corsproxy.gateways.emulation.profile import UpstreamHeaders

_SCHEMA = Schema(
    re.compile(r"https?://(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*(?::[0-9]{1,5})?"), any_host=".*"
)

_TITLE = """kubectl apply -f FILE, with the name of the HTTPRoute in place of api;
# the upstream must send no CORS headers of its own"""


def write(config: Config, _: str) -> Written:
    """A SecurityPolicy for an HTTPRoute."""
    export = Export.of(config)
    narrow(export, _said(export.policy), _CUTS)
    policy = export.policy
    cors: dict[str, Any] = {
        "allowOrigins": written(policy),
        "allowMethods": methods(policy.allow_methods).split(", "),
    }
    if names := envoy_filter.names(export):
        cors["allowHeaders"] = str(names).split(", ")
    if exposed := export.exposed():
        cors["exposeHeaders"] = str(exposed).split(", ")
    if policy.max_age is not None:
        cors["maxAge"] = duration(max(policy.max_age, 0))
    if policy.allow_credentials:
        cors["allowCredentials"] = True
    return export.written(as_text(_resource(cors), _TITLE))


def _resource(cors: dict[str, Any]) -> dict[str, Any]:
    target = {"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": "api"}
    return {
        "apiVersion": "gateway.envoyproxy.io/v1alpha1",
        "kind": "SecurityPolicy",
        "metadata": {"name": "cors"},
        "spec": {"targetRefs": [target], "cors": cors},
    }


def _said(policy: Policy) -> Policy:
    """What a SecurityPolicy can say of `policy`."""
    said = with_origins(envoy_filter.said(policy), _SCHEMA.takes)
    return replace(said, allow_private_network=False)


_CUTS = {
    "allow_origins": Cut(
        "an origin is http or https and a name, `*.` before it at most", "list each origin"
    ),
    "allow_headers" + ANY: envoy_filter.ECHOED,
    "allow_private_network": Cut("no preflight is granted it", "allow_private_network: false"),
}

_SETTINGS = {
    "allowOrigins": "allow_origins",
    "allowMethods": "allow_methods",
    "allowHeaders": "allow_headers",
    "exposeHeaders": "expose_headers",
    "maxAge": "max_age",
    "allowCredentials": "allow_credentials",
}


def read(text: str, source: str) -> Read:
    """The policies of SecurityPolicies for HTTPRoutes that stand beside them; or of one alone."""
    root = compose(text, source)
    found = [block for node in root.everything() if (block := node.get("cors"))]
    losses: list[Loss] = []
    if found and http_routes.http_routes(root):
        policy = _Targets(root, losses).policy
        return assembled(http_routes.rules(root, policy), losses)
    blocks = found or ([root] if root.get("allowOrigins") else [])
    fix = "put the HTTPRoutes that they are for into the file, or leave the others out of it"
    return Read(_policy(the_one(blocks, "values of cors", root, fix), losses), tuple(losses))


class _Targets:
    """The policies by what they are for: HTTPRoutes and their rules before Gateways."""

    def __init__(self, root: Located, losses: list[Loss]) -> None:
        self._by_name: dict[tuple[str, str, str], Policy] = {}
        for node in root.everything():
            spec = node.get("spec")
            if text_at(node, "kind") == "SecurityPolicy" and spec and (cors := spec.get("cors")):
                policy = _policy(cors, losses)
                for target in items_at(spec, "targetRefs") or [spec.get("targetRef") or spec]:
                    kind, name, section = (
                        text_at(target, key) for key in ("kind", "name", "sectionName")
                    )
                    self._by_name[kind, name, section] = policy

    def policy(self, route: Located, rule: Located) -> Policy:
        """That of the rule, of its HTTPRoute or of a Gateway of that."""
        name = text_at(route, "metadata", "name")
        parents = [text_at(one, "name") for one in items_at(route, "spec", "parentRefs")]
        places = (
            ("HTTPRoute", name, text_at(rule, "name")),
            ("HTTPRoute", name, ""),
            *(("Gateway", parent, "") for parent in parents),
        )
        return next((self._by_name[at] for at in places if at in self._by_name), PASSED)


def _policy(block: Located, losses: list[Loss]) -> Policy:
    reading = Reading(block, {key: block.get(key) for key in block.keys}, _SETTINGS, losses)
    age = _read_age(reading)
    origins = _SCHEMA.read(reading)
    return envoy_filter.policy(reading, envoy_filter.RESOURCE_KEYS, origins, reading.entries, age)


def _read_age(reading: Reading) -> int | None:
    value: Located | None = reading.values.get("maxAge")
    if value and (value.text or "").isdecimal():
        reading.lose("maxAge", "the schema takes a duration", f'maxAge: "{value.text}s"')
        return None
    return read_duration(reading, "maxAge", MAX_MAX_AGE)


FORMS = {"securitypolicy": "a SecurityPolicy for an HTTPRoute"}

PROFILE = envoy_filter.PROFILE._replace(
    source="Envoy 1.40 with what Envoy Gateway, by its source, makes of the SecurityPolicy",
    upstream_headers=UpstreamHeaders.REPLACED,
    keeps=_said,
)

GATEWAY = Gateway("Envoy Gateway", FORMS, write, read, profile=PROFILE)
