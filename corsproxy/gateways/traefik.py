"""Traefik: the headers middleware in a dynamic configuration, with a router and a service.

The middleware answers every preflight itself and decides by the origin alone; its regexes are not
anchored, its Vary is off unless it is asked for, and of the upstream's own headers it removes those
that customResponseHeaders names with an empty value. Seen on Traefik 3.7, which the tests start.
"""

from dataclasses import replace
from typing import Any

from corsproxy.config.settings import Config
from corsproxy.cors.names import WILDCARD
from corsproxy.cors.origin import OriginPattern
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.forwarding import (
    CARRIED,
    OWN_HEADERS,
    covers_authorization,
    listen,
    methods,
)
from corsproxy.gateways.conversion.gateway import Gateway, Written
from corsproxy.gateways.conversion.origin_regex import regex
from corsproxy.gateways.conversion.whole_regex import kept
from corsproxy.gateways.conversion.yaml_text import as_text


def write(config: Config, form: str) -> Written:
    """The dynamic configuration, or its middleware alone."""
    export = Export.of(config, carried=None if form == "middleware" else CARRIED)
    http: dict[str, Any] = {"middlewares": {"cors": {"headers": _headers(export)}}}
    if form == "middleware":
        title = "Goes into the dynamic configuration; first in a router's list of middlewares"
        return export.written(as_text({"http": http}, title))
    address = listen(export)
    http |= {"routers": {"api": _ROUTER}, "services": {"upstream": _service(export)}}
    started = f"traefik --entrypoints.web.address={address.authority}"
    text = as_text({"http": http}, f"{started} --providers.file.filename=FILE")
    return export.written(text)


_ROUTER = {
    "rule": "PathPrefix(`/`)",
    "entryPoints": ["web"],
    "middlewares": ["cors"],
    "service": "upstream",
}


def _headers(export: Export) -> dict[str, Any]:
    policy = export.policy
    found: dict[str, Any] = _origins(export)
    allowed = WILDCARD if policy.allow_methods.any else methods(policy.allow_methods)
    found["accessControlAllowMethods"] = allowed.split(", ")
    if names := _names(export):
        found["accessControlAllowHeaders"] = names
    if exposed := export.exposed():
        found["accessControlExposeHeaders"] = str(exposed).split(", ")
    if policy.max_age is not None:
        found["accessControlMaxAge"] = max(policy.max_age, 0)
    if policy.allow_credentials:
        found["accessControlAllowCredentials"] = True
    if policy.allow_private_network:
        export.lose("allow_private_network", "no preflight is granted it", "false")
    found["addVaryHeader"] = True
    found["customResponseHeaders"] = dict.fromkeys(OWN_HEADERS, "")
    found["customRequestHeaders"] = {"Upgrade": ""}
    return found


def _origins(export: Export) -> dict[str, Any]:
    if export.policy.allow_origins.any:
        return {"accessControlAllowOriginList": [WILDCARD]}
    exact, others = [], []
    for pattern in kept(export):
        if isinstance(pattern, OriginPattern) and pattern.exact:
            exact.append(str(pattern))
        else:
            others.append(f"^{regex(pattern)}$")
    found = {"accessControlAllowOriginList": exact, "accessControlAllowOriginListRegex": others}
    return {key: value for key, value in found.items() if value}


def _names(export: Export) -> list[str]:
    names = export.policy.allow_headers
    if names.any and export.policy.allow_credentials:
        if covers_authorization(names):
            return [WILDCARD]
        effect = "Traefik sends back the names asked for, and authorization would be among them"
        export.lose("allow_headers", effect, "name the headers, or list authorization beside `*`")
        names = replace(names, any=False)
    return str(names).split(", ") if names else []


def _service(export: Export) -> dict[str, Any]:
    upstream = export.route.upstream
    if upstream.path:
        effect = "Traefik forwards to no socket of the file system: every request is answered 503"
        export.lose("upstream", effect, "let the upstream listen on a port")
    servers = [] if upstream.path else [{"url": str(upstream)}]
    settled = export.config.forward.settled_host(upstream)
    if settled not in ("preserve", "upstream"):
        export.lose("forward.host", "the upstream sees its own", "forward: {host: upstream}")
    return {"loadBalancer": {"servers": servers, "passHostHeader": settled == "preserve"}}


FORMS = {
    "file": "a dynamic configuration: router, middleware, and the upstream as service",
    "middleware": "the middleware alone",
}

GATEWAY = Gateway("Traefik", FORMS, write, forwards=True)
