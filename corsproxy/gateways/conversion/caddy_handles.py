"""Caddy: of several handles the first that matches counts, by the Host and by the path as it came.

`path` would ignore case and look at the decoded path. Directives keep their order in a `route`, and
in a `handle` alone they do not. A Host with a dot at its end is another one to Caddy.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.sites import UNSOUND, Site

Cors = Callable[[Export], Iterable[str]]
"""What is done with a request of a route, in order."""

_RAW = "{http.request.orig_uri}"
_REFUSED = ("respond 400",)


def written(table: Sequence[Site], cors: Cors) -> Iterator[str]:
    """The matchers of a table, and the `route` that uses them."""
    everywhere, *others = table
    handles: list[tuple[str, Iterable[str]]] = []
    yield from _matchers(everywhere, 0)
    for number, site in enumerate(others, 1):
        yield f"@host_{number} host {site.host} {site.host}."
        yield from _matchers(site, number)
        handles.append((f" @host_{number}", _site(site, number, cors)))
    lines = _site(everywhere, 0, cors)
    if others:
        lines = _handled([*handles, ("", lines)])
    yield from _block("route", lines)


def matcher(name: str, conditions: Iterable[str]) -> Iterator[str]:
    """A matcher that holds where all of `conditions` do."""
    yield from _block(f"@{name}", conditions)


def _matchers(site: Site, number: int) -> Iterator[str]:
    if not site.ways:
        return
    yield f"@ambiguous_{number} vars_regexp {_RAW} `(?i)^{UNSOUND}`"
    for i, way in enumerate(site.ways):
        yield f"@path_{number}_{i} vars_regexp {_RAW} `^{way.exact}`"
        yield f"@alike_{number}_{i} vars_regexp {_RAW} `(?i)^{way.alike}`"


def _site(site: Site, number: int, cors: Cors) -> Iterator[str]:
    if not site.ways:
        yield from cors(site.rest)
        return
    handles: list[tuple[str, Iterable[str]]] = [(f" @ambiguous_{number}", _REFUSED)]
    for i, way in enumerate(site.ways):
        lines = _REFUSED if way.export is None else cors(way.export)
        handles += [(f" @path_{number}_{i}", lines), (f" @alike_{number}_{i}", _REFUSED)]
    yield from _handled([*handles, ("", cors(site.rest))])


def _handled(handles: Iterable[tuple[str, Iterable[str]]]) -> Iterator[str]:
    for name, lines in handles:
        inside = lines if lines is _REFUSED else _block("route", lines)
        yield from _block(f"handle{name}", inside)


def _block(head: str, lines: Iterable[str]) -> Iterator[str]:
    yield from (f"{head} {{", *(f"    {line}" for line in lines), "}")
