"""The routes, each with the upstream and the settings of the policy that it inherits."""

import dataclasses
from dataclasses import dataclass, field

from corsproxy.config.address import UpstreamAddress
from corsproxy.config.diagnostics import Advice
from corsproxy.config.inputs import from_tree
from corsproxy.config.schema import ROUTE
from corsproxy.config.settings import Route, UpstreamTls
from corsproxy.config.values import Cors, Values
from corsproxy.config.yaml_text.tree import Listing, Node, Notes, Scalar, Settings
from corsproxy.cors.policy import Policy
from corsproxy.cors.span import Span


@dataclass(slots=True)
class RouteReader:
    """Reads routes one by one; `policy` and `cors` are those of the top, and inherited.

    Where the top's policy is not sound, its mistakes are noted already, and a route that inherits
    all of it has none of its own.
    """

    notes: Notes
    upstream: UpstreamAddress
    policy: Policy | None
    cors: Cors
    tls: UpstreamTls
    _read: list[tuple[Route, dict[str, Span]]] = field(default_factory=list)

    def read(self, node: Node) -> None:
        """Read a list of routes; mistakes are noted."""
        if not isinstance(node, Listing):
            message = "expected a list of routes: lines of `- path: /prefix`"
            self.notes.error("expected-list", node.span, message)
            return
        for item in node.items:
            if isinstance(item, Settings):
                self._route(item)
            else:
                message = "expected a route: lines of `key: value`"
                meant = item.text if isinstance(item, Scalar) else "/api"
                self.notes.error("expected-mapping", item.span, message, Advice(f"path: {meant}"))

    def _route(self, item: Settings) -> None:
        given = from_tree(item, ROUTE, self.notes)
        found = Values.read(given, ROUTE, self.notes)
        if "path" not in given.nodes:
            self.notes.error("no-path", item.span, "a route needs a path", Advice("path: /api"))
        own = any(key.startswith("cors.") for key in given.nodes)
        policy = found.cors(self.cors).policy(self.notes) if own else self.policy
        if policy is None or "path" not in found.values:
            return
        tls = found.group("upstream_tls")
        trust = dataclasses.replace(self.tls, **tls) if tls else None
        own_settings = {"upstream": self.upstream, **found.group("")}
        route = Route(policy=policy, upstream_tls=trust, **own_settings)
        self._read.append((route, found.spans))

    def finished(self, policy: Policy) -> tuple[tuple[Route, ...], dict[str, Span]]:
        """The routes and their places; the catch-all last, added where no route is one."""
        ordered = sorted(self._read, key=lambda entry: _takes_all(entry[0]))
        routes = [route for route, _ in ordered]
        if not routes or not _takes_all(routes[-1]):
            routes.append(Route("/", self.upstream, policy))
        spans = {
            f"routes.{i}.{key}": span
            for i, (_, places) in enumerate(ordered)
            for key, span in places.items()
        }
        return tuple(routes), spans


def _takes_all(route: Route) -> bool:
    return route.path == "/" and route.host is None
