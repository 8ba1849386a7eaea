"""Apache: the routes of a virtual host, by the path as it came and as it is decoded.

Only the request line has the path as it came. `ProxyPass` takes the first prefix that fits, whole
segments of it, and with `nocanon` hands the path on as it came. mod_rewrite reads its words itself:
between quotes a backslash is one, so expressions without a quote need no other spelling.
"""

from collections.abc import Iterable, Iterator

from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.origin_regex import literal
from corsproxy.gateways.conversion.sites import UNSOUND, Site

_REFUSE = "RewriteRule ^ - [E=CORS_REFUSED:1,R=400,L]"
_TARGET = r"^\S+ (?:[a-z]+://[^/?]*)?(\S*)"


def refusals(site: Site) -> Iterator[str]:
    """What answers 400 to paths of two readings: the first expression that fits counts."""
    if not site.ways:
        return
    yield f'RewriteCond %{{THE_REQUEST}} "{_TARGET}" [NC]'
    yield "RewriteRule ^ - [E=CORS_TARGET:%1]"
    yield from _where(UNSOUND, "[NC]")
    yield _REFUSE
    rules: list[list[str]] = []
    for way in reversed(site.ways):
        rules.insert(0, [*_where(way.alike, "[NC]"), _REFUSE])
        if way.export is not None:
            rules.insert(0, [*_where(way.exact), f"RewriteRule ^ - [S={len(rules)}]"])
    for rule in rules:
        yield from rule


def _where(expression: str, flag: str = "") -> Iterator[str]:
    yield f'RewriteCond %{{ENV:CORS_TARGET}} "^{expression}" {flag}'.rstrip()


def places(site: Site) -> Iterator[tuple[str, Export]]:
    """What each route's decoded paths match, and no other's: "" where there is one route."""
    others = ""
    for way in site.ways:
        if way.export is not None:
            yield f"^{others}{_below(way.prefix)}", way.export
        others += f"(?!{_below(way.prefix)})"
    yield f"^{others}" if others else "", site.rest


def _below(prefix: str) -> str:
    return f"{literal(prefix)}(?:/|$)"


def passes(site: Site) -> Iterator[str]:
    """Where each route leads, the longest prefix first."""
    for way in site.ways:
        if way.export is not None:
            stripped = way.export.route.stripped_prefix
            if stripped:
                yield _pass(f"{way.prefix}/", way.export, "/")
            yield _pass(way.prefix, way.export, "/" if stripped else way.prefix)
    yield _pass("/", site.rest, "/")


def _pass(prefix: str, export: Export, path: str) -> str:
    upstream = export.route.upstream
    where = f"unix:{upstream.path}|http://localhost" if upstream.path else str(upstream)
    return f"ProxyPass {prefix} {quoted(where + path)} nocanon"


def block(head: str, lines: Iterable[str]) -> Iterator[str]:
    """A section of Apache's."""
    yield from (f"<{head}>", *(f"    {line}" for line in lines), f"</{head.split(maxsplit=1)[0]}>")


def quoted(text: str) -> str:
    """`text` as one word of a configuration."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
