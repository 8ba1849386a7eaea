r"""Several routes, for gateways that forward: a table for each Host, as paths are tried in it.

This proxy refuses a path that leads to one route as it is written and to another as a backend may
read it (`proxy/routing.py`). Gateways take the one or the other. So what is written for them says
which paths are refused: all that are spelled as no client needs to where a server might read a
slash, a dot or a letter (`UNSOUND`), and a route's own name in other letters (`Way.alike`).

All expressions are for the raw path, with or without its query, from its beginning on, in any case;
RE2 and PCRE read them alike.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.origin_regex import literal

END = "(?:[/?]|$)"
"""Where a segment ends."""

UNSOUND = (
    r"[^?]*(?://|\\|/\.\.?(?:[/?;%]|$)|"
    r"[\x00-\x1f\x7f]|%(?:[01u]|2[5d-f]|3[0-9]|4[1-9a-f]|5[0-9acf]|6[1-9a-f]|7[0-9aef]|c[01]|e0%[89]|f0%8))"
)
"""Doubled slashes, backslashes, dot segments; encodings of these, of letters, digits, controls and
`%`; what resembles them (overlong UTF-8, `%u002f`)."""

_PLAIN = re.compile(r"(?:/[!&'()+,=:@A-Za-z0-9._~-]+)+")
_SPELLED = re.compile(r"%..|.")
_TAIL = r"(?:[;%# ][^/?]*|\.+)?"
"""What servers leave out at a segment's end."""

T = TypeVar("T")


class Way(NamedTuple):
    """Where the paths below `prefix` go; it has no slash at its end."""

    prefix: str
    export: Export | None
    """None where no gateway can be told of the prefix: they are refused."""

    @property
    def exact(self) -> str:
        """What matches these paths, in this case alone."""
        return f"{literal(self.prefix)}{END}"

    @property
    def alike(self) -> str:
        """What matches what a backend might take for one of them, and these."""
        segments = self.prefix.split("/")[1:]
        return "".join(f"/{_spellings(segment)}{_TAIL}" for segment in segments) + END


class Site(NamedTuple):
    """What is served under one Host; None is every other one."""

    host: str | None
    ways: tuple[Way, ...]
    """In this order: the longest prefix first."""
    rest: Export

    @property
    def exports(self) -> Iterator[Export]:
        """All that is exported for it."""
        yield self.rest
        yield from (way.export for way in self.ways if way.export is not None)


def sites(exports: Sequence[Export]) -> list[Site]:
    """That for every other Host first; routes that make no difference are in none.

    Routes that cannot be said are lost.
    """
    found = [_site(exports, None)]
    hosts = dict.fromkeys(export.route.host for export in exports)
    for host in filter(None, hosts):
        site = _site(exports, host)
        if _meaning(site) == _meaning(found[0]):
            continue
        if host.startswith("[") or host.endswith("."):
            _lose_host(exports, host)
        else:
            found.append(site)
    return found


def exported(table: Iterable[Site]) -> list[Export]:
    """Each that is in the table, once; the catch-all's first."""
    return list({id(export): export for site in table for export in site.exports}.values())


def named(stem: str, values: Iterable[T], joint: str = "-") -> list[str]:
    """A name for each value, for equal ones the same: the stem for the first, "stem-1", ..."""
    seen: list[T] = []
    found: list[str] = []
    for value in values:
        if value not in seen:
            seen.append(value)
        number = seen.index(value)
        found.append(f"{stem}{joint}{number}" if number else stem)
    return found


def _spellings(segment: str) -> str:
    """A segment, any of its marks as it is or encoded."""
    return "".join(
        f"(?:{literal(one)}|%{ord(one):02x})" if one in "!&'()+,=:@" else literal(one)
        for one in _SPELLED.findall(segment)
    )


def _site(exports: Sequence[Export], host: str | None) -> Site:
    own = [export for export in exports if export.route.host == host]
    chosen = {_prefix(export): export for export in exports if export.route.host is None}
    chosen |= {_prefix(export): export for export in own}
    rest = chosen.pop("")
    kept: dict[str, Export] = {}
    for prefix in sorted(chosen, key=len):
        export = chosen[prefix]
        if export.route.effect != _around(prefix, kept, rest).route.effect:
            kept[prefix] = export
    ways = [Way(prefix, _said(kept[prefix], prefix)) for prefix in reversed(kept)]
    return Site(host, tuple(ways), rest)


def _around(prefix: str, kept: dict[str, Export], rest: Export) -> Export:
    """What takes the paths below `prefix`, among those that are shorter."""
    around = [one for one in kept if prefix.startswith(f"{one}/")]
    return kept[max(around, key=len)] if around else rest


def _prefix(export: Export) -> str:
    return export.route.path.rstrip("/")


def _said(export: Export, prefix: str) -> Export | None:
    if _PLAIN.fullmatch(prefix):
        return export
    effect = f"{export.route.place} is answered with an error: gateways read such a path otherwise"
    export.lose_route(effect, "a path of letters, digits and the marks - . _ ~ ! & ' ( ) + , = : @")
    return None


def _lose_host(exports: Iterable[Export], host: str) -> None:
    for export in exports:
        if export.route.host == host:
            effect = f"{export.route.place} is as for every other host"
            export.lose_route(effect, "a host that is a name, without a dot at its end")


def _meaning(site: Site) -> object:
    """What tells two sites apart."""
    ways = [(way.prefix, way.export and way.export.route.effect) for way in site.ways]
    return ways, site.rest.route.effect
