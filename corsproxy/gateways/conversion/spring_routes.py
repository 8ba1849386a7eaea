"""Spring Cloud Gateway's patterns of paths, read: of its routes' own CORS, and of all.

What a route says in its metadata comes first, for the paths of its predicate, unless the list of
all has the same pattern; in it the first that fits decides. All other paths have no CORS.
"""

from collections.abc import Callable, Iterator, Sequence

from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.located_yaml import Located, items_at, text_at
from corsproxy.gateways.conversion.read_routes import Edge, Rule

Found = tuple[str, Located]
"""A pattern, and its CORS configuration."""

_EVERYTHING = "/**"


def of_routes(gateway: Located) -> Iterator[Found]:
    """Those of the routes; `gateway` is what the globalcors stands in."""
    for route in items_at(gateway, "routes"):
        block = route.path("metadata", "cors")
        if block is not None:
            for pattern in _predicates(route):
                yield pattern, block


def _predicates(route: Located) -> list[str]:
    """The patterns of its Path predicate; all paths without one."""
    for one in items_at(route, "predicates"):
        name, _, text = (one.text or "").partition("=")
        if name.strip() == "Path":
            return [part.strip() for part in text.split(",")]
        if text_at(one, "name") == "Path":
            args = one.get("args")
            values = [args.get(key) for key in args.keys] if args else []
            listed = [item for value in values if value for item in value.items or [value]]
            return [item.text or _EVERYTHING for item in listed]
    return [_EVERYTHING]


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
