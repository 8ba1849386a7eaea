"""Kong's routes, read: of services or beside them, with the plugin that is nearest.

A plugin of a route comes before that of its service, and that before one of all. A route with a
host is asked first, then the longest path; the prefix is taken away unless strip_path says no.
"""

from collections.abc import Callable, Iterator

from corsproxy.config.address import AddressError, UpstreamAddress
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.located_yaml import Located, items_at, text_at
from corsproxy.gateways.conversion.read_routes import PASSED, Edge, Rule

_BESIDE = ("methods", "headers", "snis", "sources", "destinations", "expression")


def plugins(node: Located) -> list[Located]:
    """The cors plugins in the list of `node` that are switched on."""
    found = [one for one in items_at(node, "plugins") if text_at(one, "name") == "cors"]
    return [one for one in found if text_at(one, "enabled") != "false"]


def rules(root: Located, policy: Callable[[Located], Policy]) -> list[Rule]:
    """The rules of a declarative configuration, as they are tried."""
    found = [*_Reader(root, policy).rules()]
    return sorted(found, key=lambda rule: (rule.host is None, -len(rule.path), not rule.asks))


class _Reader:
    """Reads rules; `policy` is that of a plugin."""

    def __init__(self, root: Located, policy: Callable[[Located], Policy]) -> None:
        self._root = root
        self._policy = policy
        self._shared = plugins(root)

    def rules(self) -> Iterator[Rule]:
        services = items_at(self._root, "services")
        for service in services:
            for route in items_at(service, "routes"):
                yield from self._of(route, service)
        by_name = {text_at(service, "name"): service for service in services}
        for route in items_at(self._root, "routes"):
            name = text_at(route, "service", "name") or text_at(route, "service")
            yield from self._of(route, by_name.get(name))

    def _of(self, route: Located, service: Located | None) -> Iterator[Rule]:
        policy = self._nearest(route, service)
        asks = " and ".join(key for key in _BESIDE if route.get(key) is not None)
        names = [(one.text or "").lower() for one in items_at(route, "hosts")]
        hosts: list[str | None] = [*names] or [None]
        for path in [one.text or "/" for one in items_at(route, "paths")] or ["/"]:
            for host in hosts:
                yield Rule(
                    route.span,
                    policy,
                    host,
                    path,
                    Edge.SEGMENT if path == "/" else Edge.TEXT,
                    upstream=_upstream(service),
                    strip_path=path != "/" and text_at(route, "strip_path") != "false",
                    asks=asks,
                )

    def _nearest(self, route: Located, service: Located | None) -> Policy:
        found = [*plugins(route), *self._naming("route", route)]
        if service is not None:
            found += [*plugins(service), *self._naming("service", service)]
        found += [one for one in self._shared if not {"route", "service"} & {*one.keys}]
        return self._policy(found[0]) if found else PASSED

    def _naming(self, kind: str, node: Located) -> list[Located]:
        """The plugins beside all that name this route or service."""
        name = text_at(node, "name")
        names = [(text_at(one, kind, "name") or text_at(one, kind), one) for one in self._shared]
        return [one for named, one in names if name and named == name]


def _upstream(service: Located | None) -> UpstreamAddress | None:
    """Where a service is, by its url or its parts; None below a path of its own."""
    if service is None or text_at(service, "path") not in ("", "/"):
        return None
    protocol, host = text_at(service, "protocol") or "http", text_at(service, "host")
    port = text_at(service, "port") or "80"
    url = text_at(service, "url").removesuffix("/") or f"{protocol}://{host}:{port}"
    try:
        return UpstreamAddress.parse(url)
    except AddressError:
        return None
