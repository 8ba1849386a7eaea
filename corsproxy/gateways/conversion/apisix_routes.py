"""APISIX' routes, read: their paths and hosts, and the cors plugin that is nearest.

A plugin of a route comes before that of its plugin config, of its service, and of a global rule. A
uri is a whole path, or with `*` at its end what begins with it; the longest is tried first, and
before it what has a higher priority.
"""

from collections.abc import Callable, Iterator

from corsproxy.config.address import AddressError, UpstreamAddress
from corsproxy.cors.numbers import number
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.gateway import Loss
from corsproxy.gateways.conversion.located_yaml import Located, items_at, text_at
from corsproxy.gateways.conversion.read_routes import HIGHEST_PRIORITY, PASSED, Edge, Rule

_BESIDE = ("methods", "vars", "remote_addr", "remote_addrs", "filter_func")
_KINDS = {"plugin_config_id": "plugin_configs", "service_id": "services"}


def rules(root: Located, policy: Callable[[Located], Policy]) -> list[Rule]:
    """The rules of all routes in the text, as they are tried."""
    reader = _Reader(root, policy)
    routes = [node for node in root.everything() if _texts(node, "uri")]
    found = [(_priority(route), rule) for route in routes for rule in reader.of(route)]
    return [rule for _, rule in sorted(found, key=_precedence)]


def _priority(route: Located) -> int:
    text = text_at(route, "priority")
    return number(text, HIGHEST_PRIORITY) or 0


def _precedence(found: tuple[int, Rule]) -> tuple[int, bool, bool, int, bool]:
    priority, rule = found
    whole = rule.edge is Edge.WHOLE
    return -priority, rule.host is None, not whole, -len(rule.path), not rule.asks


def _texts(node: Located, key: str) -> list[str]:
    """What stands under a key, or in the list that is called as several of it."""
    listed = [one.text or "" for one in items_at(node, f"{key}s")]
    return [text for text in (text_at(node, key), *listed) if text]


class _Reader:
    """Reads rules; `policy` is that of a cors plugin."""

    def __init__(self, root: Located, policy: Callable[[Located], Policy]) -> None:
        self._root = root
        self._policy = policy
        self._shared = [
            cors
            for rule in items_at(root, "global_rules")
            if (cors := rule.path("plugins", "cors")) is not None
        ]

    def of(self, route: Located) -> Iterator[Rule]:
        policy = self._nearest(route)
        asks = " and ".join(key for key in _BESIDE if route.get(key) is not None)
        hosts: list[str | None] = [host.lower() for host in _texts(route, "host")] or [None]
        losses = _rewritten(route)
        for uri in _texts(route, "uri"):
            path = uri.removesuffix("*")
            edge = Edge.SEGMENT if path == "/" != uri else Edge.WHOLE if path == uri else Edge.TEXT
            for host in hosts:
                yield Rule(
                    route.span,
                    policy,
                    host,
                    path,
                    edge,
                    upstream=self._upstream(route),
                    asks=asks,
                    losses=losses,
                )

    def _nearest(self, route: Located) -> Policy:
        named = [self._named(kind, text_at(route, key)) for key, kind in _KINDS.items()]
        found = [one.path("plugins", "cors") for one in (route, *named) if one is not None]
        first = next(filter(None, (*found, *self._shared)), None)
        return self._policy(first) if first else PASSED

    def _named(self, kind: str, name: str) -> Located | None:
        found = [one for one in items_at(self._root, kind) if text_at(one, "id") == name]
        return found[0] if name and found else None

    def _upstream(self, route: Located) -> UpstreamAddress | None:
        service = self._named("services", text_at(route, "service_id"))
        for one in filter(None, (route, service)):
            found = one.get("upstream") or self._named("upstreams", text_at(one, "upstream_id"))
            if found is not None:
                return _address(found)
        return None


def _rewritten(route: Located) -> tuple[Loss, ...]:
    rewrite = route.path("plugins", "proxy-rewrite")
    if rewrite is None or not {"uri", "regex_uri"} & {*rewrite.keys}:
        return ()
    effect, fix = "the upstream gets the path as it came", "add strip_path to the route by hand"
    return (Loss("strip_path", rewrite.span, effect, fix),)


def _address(upstream: Located) -> UpstreamAddress | None:
    """The only node of an upstream."""
    nodes = upstream.get("nodes")
    listed = items_at(upstream, "nodes")
    places = [f"{text_at(one, 'host')}:{text_at(one, 'port')}" for one in listed]
    places = places or (nodes.keys if nodes else [])
    scheme = text_at(upstream, "scheme") or "http"
    try:
        return UpstreamAddress.parse(f"{scheme}://{places[0]}") if len(places) == 1 else None
    except AddressError:
        return None
