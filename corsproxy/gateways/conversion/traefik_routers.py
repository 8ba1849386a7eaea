"""Traefik: routers with rules, tried by their priorities; middlewares and services that they share.

Traefik resolves dot segments and doubled slashes itself, and decodes what needs no encoding, before
it looks for a router; the upstream gets the path so. What is refused goes to a service of Traefik's
own, which answers 418.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.sites import UNSOUND, Site, exported, named

_NOBODY = "noop@internal"
_NO_UTF8 = r"\x{FFFD}"
"""What Go's regexes see of bytes that are no UTF-8, such as an overlong slash, once decoded."""

Made = Callable[[Export], dict[str, Any]]


class _Names(NamedTuple):
    """What a route's router names; `strip` is "" where it takes no prefix away."""

    cors: str
    strip: str
    service: str


def routed(table: Sequence[Site], headers: Made, service: Made) -> dict[str, Any]:
    """What stands below `http`, with the middleware and the service that are made of each route."""
    exports = exported(table)
    made, services = [*map(headers, exports)], [*map(service, exports)]
    prefixes = [export.route.stripped_prefix for export in exports]
    strips = dict(zip(filter(None, prefixes), named("strip", filter(None, prefixes)), strict=True))
    columns = (named("cors", made), (strips.get(one, "") for one in prefixes))
    rows = [_Names(*row) for row in zip(*columns, named("upstream", services), strict=True)]
    middlewares = {row.cors: {"headers": one} for row, one in zip(rows, made, strict=True)}
    middlewares |= {name: {"stripPrefix": {"prefixes": [one]}} for one, name in strips.items()}
    names = {id(export): row for export, row in zip(exports, rows, strict=True)}
    return {
        "middlewares": middlewares,
        "routers": _routers(table, names),
        "services": {row.service: one for row, one in zip(rows, services, strict=True)},
    }


def _routers(table: Sequence[Site], names: dict[int, _Names]) -> dict[str, Any]:
    everywhere, *others = table
    rules = [rule for site in (*others, everywhere) for rule in _rules(site)]
    found: dict[str, dict[str, Any]] = {}
    for i, (rule, export) in enumerate(rules, 1):
        name = "api" if i == len(rules) else f"api-{i}"
        found[name] = {"rule": rule, "entryPoints": ["web"]}
        if len(rules) > 1:
            found[name]["priority"] = len(rules) + 1 - i
        found[name] |= {"service": _NOBODY} if export is None else _used(names[id(export)])
    return found


def _used(names: _Names) -> dict[str, Any]:
    return {"middlewares": [*filter(None, (names.cors, names.strip))], "service": names.service}


def _rules(site: Site) -> Iterator[tuple[str, Export | None]]:
    """The rules in order; None for what is refused."""
    host = f"Host(`{site.host}`) && " if site.host else ""
    if site.ways:
        yield f"{host}PathRegexp(`(?i)^{UNSOUND}|{_NO_UTF8}`)", None
    for way in site.ways:
        if way.export is not None:
            yield f"{host}(Path(`{way.prefix}`) || PathPrefix(`{way.prefix}/`))", way.export
        yield f"{host}PathRegexp(`(?i)^{way.alike}`)", None
    yield f"{host}PathPrefix(`/`)", site.rest
