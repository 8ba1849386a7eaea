"""Envoy: a bootstrap, with a virtual host for each Host and in it the routes, as they are tried.

A CorsPolicy of a route is merged with that of its virtual host, field by field: where there are
several, each stands in its route. A direct response has no CORS. A domain with a dot at its end is
another one to Envoy.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

from corsproxy.config.address import TcpAddress, UpstreamAddress
from corsproxy.cors import headers as f
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.forwarding import AUTHORITIES, OWN_HEADERS, host, is_address
from corsproxy.gateways.conversion.origin_regex import literal
from corsproxy.gateways.conversion.sites import UNSOUND, Site, exported, named

TYPE = "type.googleapis.com/envoy.extensions"
_CORS = "envoy.filters.http.cors"

CorsPolicy = dict[str, Any]


def bootstrap(
    table: Sequence[Site], address: TcpAddress, cors: Callable[[Export], CorsPolicy]
) -> dict[str, Any]:
    """The whole configuration, with the policy that `cors` makes of each route."""
    clusters = _names(table)
    hosts = [_virtual_host(site, cors, clusters) for site in table]
    for i, virtual_host in enumerate(hosts[1:], 1):
        virtual_host["name"] += f"-{i}"
    routes: dict[str, Any] = {"virtual_hosts": hosts}
    if len(hosts) > 1:
        routes["ignore_port_in_host_matching"] = True
    manager = {
        "@type": f"{TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "cors",
        "route_config": routes,
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
    found = [_cluster(upstream, name) for upstream, name in clusters.items()]
    return {"static_resources": {"listeners": [listener], "clusters": found}}


def held(policy: CorsPolicy) -> dict[str, Any]:
    """What a virtual host needs: the policy, and that the upstream's own headers go first."""
    return {
        "response_headers_to_remove": list(OWN_HEADERS),
        **_with(policy),
    }


def _with(policy: CorsPolicy) -> dict[str, Any]:
    return {"typed_per_filter_config": {_CORS: deepcopy(policy)}}


def _names(table: Sequence[Site]) -> dict[UpstreamAddress, str]:
    upstreams = [export.route.upstream for export in exported(table)]
    return dict(zip(upstreams, named("upstream", upstreams), strict=True))


def _virtual_host(
    site: Site, cors: Callable[[Export], CorsPolicy], clusters: dict[UpstreamAddress, str]
) -> dict[str, Any]:
    domains = [site.host, f"{site.host}."] if site.host else ["*"]
    rest: dict[str, Any] = {"match": {"prefix": "/"}, "route": _forwarded(site.rest, clusters)}
    if not site.ways:
        return {"name": "cors", "domains": domains, **held(cors(site.rest)), "routes": [rest]}
    routes = [_refused(UNSOUND)]
    for way in site.ways:
        if way.export is not None:
            match = {"path_separated_prefix": way.prefix}
            routes.append({"match": match, **_route(way.export, cors, clusters)})
        routes.append(_refused(way.alike))
    return {
        "name": "cors",
        "domains": domains,
        "response_headers_to_remove": list(OWN_HEADERS),
        "routes": [*routes, {**rest, **_with(cors(site.rest))}],
    }


def _route(
    export: Export, cors: Callable[[Export], CorsPolicy], clusters: dict[UpstreamAddress, str]
) -> dict[str, Any]:
    route: dict[str, Any] = {"route": _forwarded(export, clusters)}
    if prefix := export.route.stripped_prefix:
        named = {"key": "X-Forwarded-Prefix", "value": prefix}
        action = "OVERWRITE_IF_EXISTS_OR_ADD"
        route["request_headers_to_add"] = [{"header": named, "append_action": action}]
    return {**route, **_with(cors(export))}


def _forwarded(export: Export, clusters: dict[UpstreamAddress, str]) -> dict[str, Any]:
    found: dict[str, Any] = {"cluster": clusters[export.route.upstream]}
    if prefix := export.route.stripped_prefix:
        pattern = {"regex": f"^{literal(prefix)}/?"}
        found["regex_rewrite"] = {"pattern": pattern, "substitution": "/"}
    if name := host(export):
        found["host_rewrite_literal"] = name
    return found


def _refused(expression: str) -> dict[str, Any]:
    regex = f"(?i){expression}.*"
    return {"match": {"safe_regex": {"regex": regex}}, "direct_response": {"status": 400}}


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
            "typed_config": {"@type": f"{TYPE}.filters.http.{kind}", **settings},
        }
        for kind, settings in kinds
    ]


def _cluster(upstream: UpstreamAddress, name: str) -> dict[str, Any]:
    where = _socket(upstream.host, upstream.port)
    if upstream.path:
        where = {"pipe": {"path": upstream.path}}
    endpoint = {"endpoint": {"address": where}}
    cluster: dict[str, Any] = {
        "name": name,
        "type": "STATIC" if upstream.path or is_address(upstream.host) else "STRICT_DNS",
        "load_assignment": {
            "cluster_name": name,
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
        "@type": f"{TYPE}.transport_sockets.tls.v3.UpstreamTlsContext",
        "sni": name,
        "common_tls_context": {"validation_context": trust},
    }
    return {"name": "envoy.transport_sockets.tls", "typed_config": context}


def _socket(name: str, port: int) -> dict[str, Any]:
    return {"socket_address": {"address": name, "port_value": port}}
