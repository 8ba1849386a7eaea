"""Envoy: the CorsPolicy of its CORS filter, alone or in a whole bootstrap.

The filter decides by the origin alone, and always sends it back; `*` among methods and names is the
echo of what was asked where it stands alone, and sent as it stands beside others. A matcher that
matches the text `*` opens every origin. Nothing says Vary, and what the upstream sends survives:
the bootstrap adds the one and removes the other, and reads methods that Envoy does not know. Seen
on Envoy 1.40, which the tests start.
"""

import ipaddress
from dataclasses import replace
from typing import Any

from corsproxy.config.address import UpstreamAddress
from corsproxy.config.settings import Config
from corsproxy.cors import headers as f
from corsproxy.cors.names import WILDCARD
from corsproxy.cors.origin import OriginPattern, RegexPattern
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.forwarding import (
    CARRIED,
    OWN_HEADERS,
    covers_authorization,
    host,
    listen,
    methods,
)
from corsproxy.gateways.conversion.gateway import Gateway, Written
from corsproxy.gateways.conversion.origin_regex import regex
from corsproxy.gateways.conversion.whole_regex import kept
from corsproxy.gateways.conversion.yaml_text import as_text

AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"

_TYPE = "type.googleapis.com/envoy.extensions"
_CORS = "envoy.filters.http.cors"
_ANY_LITERALLY = f"{WILDCARD}, accept"
"""Beside a name that needs no listing the wildcard is sent as it stands."""


def write(config: Config, form: str) -> Written:
    """The CorsPolicy, or the bootstrap that it stands in."""
    export = Export.of(config, carried=None if form == "policy" else CARRIED)
    policy = _cors_policy(export)
    if form == "policy":
        return export.written(as_text(_held(policy), "Goes into a virtual host or a route"))
    return export.written(as_text(_bootstrap(export, policy), "envoy -c FILE"))


def _cors_policy(export: Export) -> dict[str, Any]:
    policy = export.policy
    found: dict[str, Any] = {
        "@type": f"{_TYPE}.filters.http.cors.v3.CorsPolicy",
        "allow_origin_string_match": _origins(export),
        "allow_methods": WILDCARD if policy.allow_methods.any else methods(policy.allow_methods),
    }
    if names := _names(export):
        found["allow_headers"] = names
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
    return [_matcher(pattern) for pattern in kept(export)]


def _matcher(pattern: OriginPattern | RegexPattern) -> dict[str, Any]:
    if isinstance(pattern, OriginPattern) and pattern.exact:
        return {"exact": str(pattern)}
    return {"safe_regex": {"regex": regex(pattern)}}


def _names(export: Export) -> str:
    """The value of allow_headers; the echo only where it grants no name too many."""
    names = export.policy.allow_headers
    if not names.any:
        return str(names)
    if not export.policy.allow_credentials:
        return str(names) if names.listed else _ANY_LITERALLY
    if covers_authorization(names):
        return WILDCARD
    effect = "Envoy sends back the names asked for, and authorization would be among them"
    export.lose("allow_headers", effect, "name the headers, or list authorization beside `*`")
    return str(replace(names, any=False))


def _bootstrap(export: Export, policy: dict[str, Any]) -> dict[str, Any]:
    address = listen(export)
    manager = {
        "@type": f"{_TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "cors",
        "route_config": {"virtual_hosts": [_virtual_host(export, policy)]},
        "http_protocol_options": {"allow_custom_methods": True},
        "http_filters": _filters(),
    }
    manager_filter = {
        "name": "envoy.filters.network.http_connection_manager",
        "typed_config": manager,
    }
    listener = {
        "name": "cors",
        "address": _socket(address.host, address.port),
        "filter_chains": [{"filters": [manager_filter]}],
    }
    cluster = _cluster(export.route.upstream)
    return {"static_resources": {"listeners": [listener], "clusters": [cluster]}}


def _virtual_host(export: Export, policy: dict[str, Any]) -> dict[str, Any]:
    route: dict[str, Any] = {"cluster": "upstream"}
    if name := host(export):
        route["host_rewrite_literal"] = name
    return {
        "name": "cors",
        "domains": ["*"],
        **_held(policy),
        "routes": [{"match": {"prefix": "/"}, "route": route}],
    }


def _held(policy: dict[str, Any]) -> dict[str, Any]:
    """What a virtual host needs: the policy, and that the upstream's own headers go first."""
    return {
        "response_headers_to_remove": list(OWN_HEADERS),
        "typed_per_filter_config": {_CORS: policy},
    }


def _filters() -> list[dict[str, Any]]:
    """The first is the last on the way back, and adds to the answers of the second, too."""
    vary = {"key": f.VARY, "value": f.ORIGIN}
    mutation = {"append": {"header": vary, "append_action": "APPEND_IF_EXISTS_OR_ADD"}}
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("header_mutation.v3.HeaderMutation", {"mutations": {"response_mutations": [mutation]}}),
        ("cors.v3.Cors", {}),
        ("router.v3.Router", {}),
    ]
    return [
        {
            "name": f"envoy.filters.http.{kind.partition('.')[0]}",
            "typed_config": {"@type": f"{_TYPE}.filters.http.{kind}", **settings},
        }
        for kind, settings in kinds
    ]


def _cluster(upstream: UpstreamAddress) -> dict[str, Any]:
    where = _socket(upstream.host, upstream.port)
    if upstream.path:
        where = {"pipe": {"path": upstream.path}}
    endpoint = {"endpoint": {"address": where}}
    cluster: dict[str, Any] = {
        "name": "upstream",
        "type": "STATIC" if upstream.path or _is_address(upstream.host) else "STRICT_DNS",
        "load_assignment": {
            "cluster_name": "upstream",
            "endpoints": [{"lb_endpoints": [endpoint]}],
        },
    }
    if upstream.scheme == "https":
        cluster["transport_socket"] = _tls(upstream.host)
    return cluster


def _tls(name: str) -> dict[str, Any]:
    """The upstream's certificate is verified: Envoy believes any unless it is told."""
    names = [{"san_type": "DNS", "matcher": {"exact": name}}]
    trust = {"trusted_ca": {"filename": AUTHORITIES}, "match_typed_subject_alt_names": names}
    context = {
        "@type": f"{_TYPE}.transport_sockets.tls.v3.UpstreamTlsContext",
        "sni": name,
        "common_tls_context": {"validation_context": trust},
    }
    return {"name": "envoy.transport_sockets.tls", "typed_config": context}


def _socket(name: str, port: int) -> dict[str, Any]:
    return {"socket_address": {"address": name, "port_value": port}}


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


FORMS = {
    "bootstrap": "a whole configuration, one listener in front of the upstream",
    "policy": "the CorsPolicy alone, for a virtual host or a route",
}

GATEWAY = Gateway("Envoy", FORMS, write, forwards=True)
