"""VirtualServices of Istio, read: the first HTTP route that fits decides, for each of their hosts.

A route that redirects or answers directly is answered by Envoy, and none to read.
"""

from collections.abc import Callable, Iterator

from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.gateway import Loss
from corsproxy.gateways.conversion.located_yaml import Located, items_at, text_at
from corsproxy.gateways.conversion.read_routes import PASSED, Edge, Rule

_EDGES = {"prefix": Edge.TEXT, "exact": Edge.WHOLE}
_BESIDE = frozenset({"uri", "name", "port", "gateways", "ignoreUriCase"})
"""What a match has and does not ask of a request."""


def rules(root: Located, policy: Callable[[Located], Policy]) -> list[Rule]:
    """The rules of all VirtualServices in the text; `policy` is that of a corsPolicy."""
    found = []
    for node in root.everything():
        if text_at(node, "kind") == "VirtualService":
            names = [(one.text or "").lower() for one in items_at(node, "spec", "hosts")]
            hosts = [None if name == "*" else name for name in names] or [None]
            for route in items_at(node, "spec", "http"):
                made = [*_of(route, policy)]
                found += [rule._replace(host=host) for rule in made for host in hosts]
    return found


def _of(route: Located, policy: Callable[[Located], Policy]) -> Iterator[Rule]:
    if route.get("redirect") is not None or route.get("directResponse") is not None:
        return
    cors = route.get("corsPolicy")
    granted = policy(cors) if cors else PASSED
    for match in items_at(route, "match") or [route]:
        yield _rule(match, granted, route, whole=match is route)


def _rule(match: Located, policy: Policy, route: Located, *, whole: bool) -> Rule:
    uri = match.get("uri") if not whole else None
    kind = next(iter(uri.keys), "") if uri else ""
    path = text_at(uri, kind) or "/"
    asks = [] if whole else [key for key in match.keys if key not in _BESIDE]
    if uri is not None and kind not in _EDGES:
        asks.append(f"uri.{kind}")
    rewrite = route.path("rewrite", "uri") or route.path("rewrite", "uriRegexRewrite")
    strips = rewrite is not None and rewrite.text == "/" and kind == "prefix"
    lost = []
    if rewrite is not None and not strips:
        effect, fix = "the upstream gets the path as it came", "rewrite: {uri: /}"
        lost.append(Loss("strip_path", rewrite.span, effect, fix))
    return Rule(
        match.span,
        policy,
        path=path,
        edge=_EDGES.get(kind, Edge.SEGMENT) if path != "/" else Edge.SEGMENT,
        strip_path=strips,
        asks=" and ".join(asks),
        losses=tuple(lost),
    )
