"""Spring Cloud Gateway's patterns of paths, read: of its routes' own CORS, and of all.

What routes say in their metadata comes first, each for the first pattern of its predicate alone;
then the list of all, but for the same patterns. The first that fits decides. All other paths have
no CORS. Source: the code of Spring Cloud Gateway (CorsGatewayFilterApplicationListener).
"""

from collections.abc import Callable, Iterator, Sequence

from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.gateway import Loss
from corsproxy.gateways.conversion.located_yaml import Located, items_at, text_at
from corsproxy.gateways.conversion.read_routes import Edge, Rule

Found = tuple[str, Located]
"""A pattern, and its CORS configuration."""

_EVERYTHING = "/**"


def of_routes(gateway: Located, losses: list[Loss]) -> dict[str, Located]:
    """Those of the routes; `gateway` is what the globalcors stands in."""
    found: dict[str, Located] = {}
    for route in items_at(gateway, "routes"):
        block = route.path("metadata", "cors")
        if block is not None:
            first, *others = _predicates(route) or [_EVERYTHING]
            found[first] = block
            if others:
                effect = f"{', '.join(others)} has none of it: Spring takes the first pattern alone"
                losses.append(Loss("routes", block.span, effect, "a route for each pattern"))
    return found


def _predicates(route: Located) -> list[str]:
    """The patterns of its first Path predicate."""
    for one in items_at(route, "predicates"):
        name, _, text = (one.text or "").partition("=")
        if name.strip() == "Path":
            return [part.strip() for part in text.split(",")]
        if text_at(one, "name") == "Path":
            args = one.get("args")
            values = [args.get(key) for key in args.keys] if args else []
            listed = [item for value in values if value for item in value.items or [value]]
            return [item.text or "" for item in listed]
    return []


def rules(found: Sequence[Found], policy: Callable[[Located], Policy]) -> Iterator[Rule]:
    """What the configurations say, as they are tried."""
    for pattern, block in found:
        made = Rule(block.span, policy(block))
        text = pattern.removeprefix("[").removesuffix("]")
        path = text.removesuffix(_EVERYTHING)
        if path != text:
            yield made._replace(path=path or "/")
        else:
            yield made._replace(path=text, edge=Edge.WHOLE)
