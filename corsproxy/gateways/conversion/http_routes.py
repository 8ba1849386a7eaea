"""HTTPRoutes of Kubernetes, read: what their rules match, the more specific first.

An exact path comes before a prefix, a longer prefix before a shorter one (Gateway API,
HTTPRouteRule). A rule that redirects is answered by the gateway, and none to read.
"""

from collections.abc import Callable, Iterator

from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.gateway import Loss
from corsproxy.gateways.conversion.located_yaml import Located, items_at, text_at
from corsproxy.gateways.conversion.read_routes import Edge, Rule

_EDGES = {"Exact": Edge.WHOLE, "PathPrefix": Edge.SEGMENT, "": Edge.SEGMENT}
_BESIDE = ("headers", "queryParams", "method")

PolicyOf = Callable[[Located, Located], Policy]
"""The policy of a rule of an HTTPRoute."""


def rules(root: Located, policy_of: PolicyOf) -> list[Rule]:
    """The rules of all HTTPRoutes in the text, as they are tried."""
    found = [rule for route in http_routes(root) for rule in _of(route, policy_of)]
    return sorted(found, key=_precedence)


def http_routes(root: Located) -> list[Located]:
    """The HTTPRoutes in the text, and not what refers to one."""
    found = [node for node in root.everything() if text_at(node, "kind") == "HTTPRoute"]
    return [node for node in found if items_at(node, "spec", "rules")]


def _of(route: Located, policy_of: PolicyOf) -> Iterator[Rule]:
    names = [(one.text or "").lower() for one in items_at(route, "spec", "hostnames")]
    hosts: list[str | None] = [*names] or [None]
    for rule in items_at(route, "spec", "rules"):
        filters = items_at(rule, "filters")
        if any(text_at(one, "type") == "RequestRedirect" for one in filters):
            continue
        policy = policy_of(route, rule)
        for match in items_at(rule, "matches") or [rule]:
            made = _rule(match, policy, filters)
            yield from (made._replace(host=host) for host in hosts)


def _rule(match: Located, policy: Policy, filters: list[Located]) -> Rule:
    path = text_at(match, "path", "value") or "/"
    kind = text_at(match, "path", "type")
    asks = [key for key in _BESIDE if match.get(key) is not None]
    if kind not in _EDGES:
        asks.append(kind)
    strips, losses = False, []
    for one in filters:
        if text_at(one, "type") != "URLRewrite":
            continue
        if text_at(one, "urlRewrite", "path", "replacePrefixMatch") == "/":
            strips = True
        elif one.path("urlRewrite", "path") is not None:
            effect, fix = "the upstream gets the path as it came", "replacePrefixMatch: /"
            losses.append(Loss("strip_path", one.span, effect, fix))
    return Rule(
        match.span,
        policy,
        path=path,
        edge=_EDGES.get(kind, Edge.SEGMENT),
        strip_path=strips,
        asks=" and ".join(asks),
        losses=tuple(losses),
    )


def _precedence(rule: Rule) -> tuple[bool, bool, int, bool]:
    return rule.host is None, rule.edge is not Edge.WHOLE, -len(rule.path), not rule.asks
