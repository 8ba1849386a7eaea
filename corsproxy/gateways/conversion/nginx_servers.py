r"""nginx: a server for each Host, and in it a location for each route.

A path that two readers may take for two routes is answered 400. What is left has one reading, so a
location, which looks at the decoded path, takes what the expression means. An upstream gets the
path as it came: a prefix is cut out of `$request_uri`, since nginx would encode anew what it has
rewritten. Such an upstream needs a name, lest nginx resolve its address for each request.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Self, TypeVar

from corsproxy.config.address import TcpAddress, UpstreamAddress
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.forwarding import AUTHORITIES, host
from corsproxy.gateways.conversion.origin_regex import literal
from corsproxy.gateways.conversion.sites import UNSOUND, Site, exported, named

T = TypeVar("T")


class Servers(NamedTuple):
    """All servers of a table; `cors` writes what a location does with CORS."""

    table: Sequence[Site]
    address: TcpAddress
    cors: Callable[[Export], Iterable[str]]
    refusals: Sequence[str]
    """Of each server the variable that says whether a path is refused; "" where none is."""
    paths: Mapping[str, str]
    """Of each prefix that is taken away the variable of what is left."""
    upstreams: Mapping[UpstreamAddress, str]
    """The names of those that get it."""

    @classmethod
    def of(
        cls, table: Sequence[Site], address: TcpAddress, cors: Callable[[Export], Iterable[str]]
    ) -> Self:
        """Those that listen on `address`."""
        routes = [export.route for export in exported(table)]
        stripped = [route for route in routes if route.stripped_prefix]
        refused = named("$cors_ambiguous", [list(_refused(site)) for site in table], "_")
        return cls(
            table,
            address,
            cors,
            [one if site.ways else "" for site, one in zip(table, refused, strict=True)],
            _named("$cors_path", [route.stripped_prefix for route in stripped]),
            _named("cors_upstream", [route.upstream for route in stripped]),
        )

    def maps(self) -> Iterator[str]:
        """What they look at: whether a path is refused, and what is left of it."""
        refused = dict(zip(self.refusals, map(_refused, self.table), strict=True))
        for variable, lines in refused.items():
            if variable:
                yield from written_map("$request_uri", variable, lines)
        for prefix, variable in self.paths.items():
            rest = quoted(f"~^{literal(prefix)}/?(?<cors_rest>.*)$")
            yield from written_map("$request_uri", variable, [f"{rest} /$cors_rest;"])

    def written(self) -> Iterator[str]:
        """The upstreams that need a name, and the servers."""
        for upstream, name in self.upstreams.items():
            where = f"unix:{upstream.path}" if upstream.path else _with_port(upstream)
            yield from ("", f"upstream {name} {{", f"    server {where};", "}")
        for site, ambiguous in zip(self.table, self.refusals, strict=True):
            yield from ("", "server {", *indented(self._server(site, ambiguous)), "}")

    def _server(self, site: Site, ambiguous: str) -> Iterator[str]:
        yield f"listen {self.address.authority};"
        if site.host is not None:
            yield f"server_name {site.host};"
        yield ""
        if ambiguous:
            yield from (f"if ({ambiguous}) {{", "    return 400;", "}", "")
        for way in site.ways:
            if way.export is not None:
                place = quoted(f"^{way.exact}")
                yield from (f"location ~ {place} {{", *self._location(way.export), "}", "")
        yield from ("location / {", *self._location(site.rest), "}")

    def _location(self, export: Export) -> Iterator[str]:
        yield from indented([*self.cors(export), *self._upstream(export)])

    def _upstream(self, export: Export) -> Iterator[str]:
        route, upstream = export.route, export.route.upstream
        yield "proxy_http_version 1.1;"
        yield f"proxy_set_header Host {host(export) or '$http_host'};"
        yield "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"
        yield "proxy_set_header X-Forwarded-Host $http_host;"
        if route.stripped_prefix:
            yield f"proxy_set_header X-Forwarded-Prefix {quoted(route.stripped_prefix)};"
        yield "proxy_set_header X-Forwarded-Proto $scheme;"
        if upstream.scheme == "https":
            yield "proxy_ssl_verify on;"
            yield f"proxy_ssl_trusted_certificate {AUTHORITIES};"
            yield "proxy_ssl_server_name on;"
            yield f"proxy_ssl_name {upstream.host};"
        where = f"http://unix:{upstream.path}:" if upstream.path else str(upstream)
        if route.stripped_prefix:
            path = self.paths[route.stripped_prefix]
            where = f"{upstream.scheme}://{self.upstreams[upstream]}{path}"
        yield f"proxy_pass {where};"


def _refused(site: Site) -> Iterator[str]:
    """Of a raw path: 1 where it is ambiguous. The first expression that matches counts."""
    yield "default 0;"
    yield f"{quoted(f'~*^{UNSOUND}')} 1;"
    for way in site.ways:
        if way.export is not None:
            yield f"{quoted(f'~^{way.exact}')} 0;"
        yield f"{quoted(f'~*^{way.alike}')} 1;"


def _named(name: str, values: Sequence[T]) -> dict[T, str]:
    return dict(zip(values, named(name, values, "_"), strict=True))


def _with_port(upstream: UpstreamAddress) -> str:
    return TcpAddress(upstream.host, upstream.port).authority


def written_map(source: str, variable: str, lines: Iterable[str]) -> Iterator[str]:
    """A map, whose variable has by `lines` what it has for the value of `source`."""
    yield from (f"map {source} {variable} {{", *(f"    {line}" for line in lines), "}")


def quoted(text: str) -> str:
    """`text` as one word of nginx' language; a `$` stays what it is there."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def indented(lines: Iterable[str]) -> Iterator[str]:
    """The lines of a block."""
    yield from (f"    {line}" if line else "" for line in lines)
