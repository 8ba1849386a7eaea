"""Traefik's routers, read: of a dynamic configuration, of labels, and of an IngressRoute.

A router with a higher priority is asked first; where none is given, it is the length of its rule.
What goes to a service of Traefik's own is answered by Traefik, and no router to read.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from corsproxy.config.address import AddressError, UpstreamAddress
from corsproxy.cors.numbers import number
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.gateway import Loss
from corsproxy.gateways.conversion.located_yaml import Located, items_at, text_at
from corsproxy.gateways.conversion.read_routes import HIGHEST_PRIORITY, PASSED, Rule
from corsproxy.gateways.conversion.traefik_rules import matches

_OWN = "@internal"
_CHANGES = frozenset(
    {"addprefix", "replacepath", "replacepathregex", "stripprefix", "stripprefixregex"}
)
"""Middlewares by which the upstream gets another path."""


class Router(NamedTuple):
    """A rule, the middlewares that are asked in this order, and where its requests go."""

    rule: Located
    priority: str
    middlewares: tuple[str, ...]
    upstream: UpstreamAddress | None


def routers(root: Located, dynamic: Iterable[Located]) -> list[Router]:
    """Those of `dynamic`, each what a file has below `http`, and of IngressRoutes."""
    found = [router for part in dynamic for router in _of_file(part)]
    for node in root.everything():
        if text_at(node, "kind") == "IngressRoute":
            found += _of_resource(node)
    return sorted(found, key=_precedence)


def rules(
    found: Sequence[Router],
    middlewares: Mapping[str, Located],
    policy: Callable[[Located], Policy | None],
) -> Iterator[Rule]:
    """What the routers say; `policy` is None for headers without CORS."""
    for router in found:
        used = [*_used(router.middlewares, middlewares)]
        policies = [policy(headers) for one in used if (headers := member(one, "headers"))]
        granted = next((one for one in policies if one is not None), PASSED)
        for match in matches(router.rule.text or ""):
            strips, losses = _rewritten(used, match.path.rstrip("/"))
            yield Rule(
                router.rule.span,
                granted,
                *match[:3],
                upstream=router.upstream,
                strip_path=strips,
                asks=" and ".join(match.asks),
                losses=losses,
            )


def member(node: Located | None, *keys: str) -> Located | None:
    """What stands below several keys, in any case."""
    for wanted in keys:
        names = [key for key in node.keys if key.lower() == wanted] if node else []
        node = node.get(names[-1]) if node and names else None
    return node


def members(node: Located | None, key: str) -> dict[str, Located]:
    """What a mapping below `key` has, by names without their provider."""
    found = member(node, key)
    values = {name: found.get(name) for name in found.keys} if found else {}
    return {_name(name): value for name, value in values.items() if value is not None}


def _name(text: str) -> str:
    return text.partition("@")[0].lower()


def _precedence(router: Router) -> tuple[int, int]:
    length = len(router.rule.text or "")
    given = number(router.priority, HIGHEST_PRIORITY) or 0
    return -(given or length), router.rule.span.line


def _of_file(dynamic: Located) -> Iterator[Router]:
    services = members(dynamic, "services")
    for router in members(dynamic, "routers").values():
        service = text_of(router, "service")
        rule = member(router, "rule")
        if rule is not None and not service.endswith(_OWN):
            yield Router(
                rule,
                text_of(router, "priority"),
                tuple(_listed(member(router, "middlewares"))),
                _address(services.get(_name(service))),
            )


def _of_resource(resource: Located) -> Iterator[Router]:
    for route in items_at(resource, "spec", "routes"):
        rule = route.get("match")
        kinds = {text_at(one, "kind") for one in items_at(route, "services")}
        if rule is not None and "TraefikService" not in kinds:
            names = [_name(text_at(one, "name")) for one in items_at(route, "middlewares")]
            yield Router(rule, text_at(route, "priority"), tuple(names), None)


def text_of(node: Located, key: str) -> str:
    """The text below a key in any case."""
    found = member(node, key)
    return (found and found.text) or ""


def _listed(names: Located | None) -> list[str]:
    """The names of a list, or of a text with commas."""
    if names is None:
        return []
    texts = [one.text or "" for one in names.items or []] or (names.text or "").split(",")
    return [_name(text.strip()) for text in texts]


def _used(names: Sequence[str], middlewares: Mapping[str, Located]) -> Iterator[Located]:
    """The middlewares of these names, those of chains in their places."""
    waiting = [*names]
    seen = 0
    while waiting and seen <= len(middlewares):
        found = middlewares.get(waiting.pop(0))
        chain = member(found, "chain")
        if chain is not None:
            seen += 1
            of_file = _listed(member(chain, "middlewares"))
            of_resource = [_name(text_at(one, "name")) for one in items_at(chain, "middlewares")]
            waiting[:0] = [one for one in (*of_file, *of_resource) if one]
        elif found is not None:
            yield found


def _rewritten(used: Sequence[Located], prefix: str) -> tuple[bool, tuple[Loss, ...]]:
    """Whether the prefix is taken away; what else becomes of a path is lost."""
    strips, losses = False, []
    for middleware in used:
        for key in middleware.keys:
            if key.lower() == "stripprefix" and prefix in _prefixes(middleware):
                strips = True
            elif key.lower() in _CHANGES:
                effect, fix = (
                    "the upstream gets the path as it came",
                    "stripPrefix of the rule's own",
                )
                losses.append(Loss("strip_path", middleware.span, effect, fix))
    return strips, tuple(losses)


def _prefixes(middleware: Located) -> list[str]:
    return [one.rstrip("/") for one in _listed(member(middleware, "stripprefix", "prefixes"))]


def _address(service: Located | None) -> UpstreamAddress | None:
    """The only server of a service."""
    servers = member(service, "loadbalancer", "servers")
    urls = [text_of(one, "url") for one in (servers.items if servers else None) or []]
    try:
        return UpstreamAddress.parse(urls[0]) if len(urls) == 1 else None
    except AddressError:
        return None
