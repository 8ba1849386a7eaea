"""Apache: environment variables that tell what is granted, and headers that depend on them.

Apache has no CORS of its own. `Header always` reaches its own responses as well, errors included;
what an upstream sends stands in the other table. A preflight is answered by a rewrite rule.
Expressions are PCRE and are searched for. In a quoted word a backslash escapes itself and the
quote, in a value `%` begins a format, and `${name}` is replaced wherever it stands.

Each Host has a virtual host, each route a `LocationMatch` that holds for no other's paths, since of
all that match the lines are joined. It looks at the decoded path; a path of two readings is
answered 400 before, by how it came. Seen on Apache 2.4, which the tests start.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from corsproxy.config.settings import Config
from corsproxy.cors import headers as f
from corsproxy.cors.origin import OriginPattern, RegexPattern
from corsproxy.gateways.conversion.apache_sites import block, passes, places, quoted, refusals
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.forwarding import (
    ASKS_FOR_AUTHORIZATION,
    AUTHORITIES,
    CARRIED,
    OWN_HEADERS,
    PREFLIGHT_VARY,
    covers_authorization,
    host,
    listen,
    methods,
)
from corsproxy.gateways.conversion.gateway import Gateway, Written
from corsproxy.gateways.conversion.origin_regex import ANYTHING, anchored, one_line
from corsproxy.gateways.conversion.sayable import with_origins
from corsproxy.gateways.conversion.sites import Site, exported, named, sites
from corsproxy.gateways.emulation.profile import Profile, Sends

_PREFLIGHT = "-n reqenv('CORS_PREFLIGHT')"
_REQUEST = "-z reqenv('CORS_PREFLIGHT')"
_SOUND = "-z reqenv('CORS_REFUSED')"
_MODULES = ("headers", "proxy_http", "rewrite", "setenvif")


class _Route(NamedTuple):
    """What is written for one route; the variables of its policy end with `suffix`."""

    export: Export
    suffix: str
    conditions: tuple[str, ...]
    """What its headers depend on in any case."""

    @property
    def granted(self) -> list[str]:
        """What holds for a granted origin."""
        if self.export.policy.literal_wildcard:
            return list(self.conditions)
        return [*self.conditions, f"-n reqenv('CORS_ORIGIN{self.suffix}')"]


def write(config: Config, _: str) -> Written:
    """The virtual hosts with the address that they listen on."""
    exports = Export.each(config, carried=CARRIED)
    table = sites(exports)
    routes = _routes(table)
    for route in routes.values():
        _lose_origins(route.export)
        _lose_host(route.export)
    address = listen(exports[-1])
    secure = any(route.export.route.upstream.scheme == "https" for route in routes.values())
    modules = [*_MODULES, *(["ssl"] if secure else [])]
    lines = [
        f"# Goes into sites-available; it needs a2enmod {' '.join(modules)}",
        f"Listen {address.authority}",
    ]
    for site in table:
        inside = _inside(site, routes, secure=secure)
        lines += block(f"VirtualHost *:{address.port}", inside)
    return exports[-1].written("\n".join(lines) + "\n")


def _routes(table: Sequence[Site]) -> dict[int, _Route]:
    """That of each export, by its id; a path may be refused in any, where a site has routes."""
    shown = exported(table)
    conditions = (_SOUND,) if any(site.ways for site in table) else ()
    names = named("", [export.policy for export in shown], "_")
    return {
        id(export): _Route(export, suffix, conditions)
        for export, suffix in zip(shown, names, strict=True)
    }


def _inside(site: Site, routes: Mapping[int, _Route], *, secure: bool) -> Iterator[str]:
    own = [routes[id(export)] for export in site.exports]
    if site.host is not None:
        yield f"ServerName {site.host}"
    for route in {route.suffix: route for route in own}.values():
        yield from _environment(route)
    yield "RewriteEngine On"
    yield from refusals(site)
    yield from _preflights()
    yield from _owned()
    for where, export in places(site):
        lines = [*_response(routes[id(export)]), *_towards(export)]
        yield from block(f"LocationMatch {quoted(where)}", lines) if where else lines
    yield "AllowEncodedSlashes NoDecode"
    if secure:
        yield "SSLProxyEngine On"
        yield "SSLProxyVerify require"
        yield f"SSLProxyCACertificateFile {AUTHORITIES}"
    yield from passes(site)


def _environment(route: _Route) -> Iterator[str]:
    """What is found out about a request's origin and names."""
    export, suffix = route.export, route.suffix
    for expression in _origins(export):
        yield f"SetEnvIf {f.ORIGIN} {quoted(expression)} CORS_ORIGIN{suffix}=$0"
    names = export.policy.allow_headers
    if names.any and not covers_authorization(names):
        asks = quoted(ASKS_FOR_AUTHORIZATION)
        yield f"SetEnvIfNoCase {f.REQUEST_HEADERS} {asks} CORS_AUTHORIZATION=1"


def _preflights() -> Iterator[str]:
    """The answer to a preflight."""
    yield "RewriteCond %{REQUEST_METHOD} =OPTIONS"
    for name in (f.ORIGIN, f.REQUEST_METHOD):
        yield f'RewriteCond %{{HTTP:{name}}} !=""'
    yield "RewriteRule ^ - [E=CORS_PREFLIGHT:1,R=204,L]"


def _origins(export: Export) -> list[str]:
    policy = export.policy
    if policy.allow_origins.any:
        return [] if policy.literal_wildcard else [f"^{ANYTHING}$"]
    return [anchored(one) for one in policy.allow_origins.patterns if _said(one)]


def _said(pattern: OriginPattern | RegexPattern) -> bool:
    return one_line(pattern) and "${" not in str(pattern)


def _lose_origins(export: Export) -> None:
    for i, pattern in enumerate(export.policy.allow_origins.patterns):
        if not _said(pattern):
            effect = "Apache replaces `${name}`, and reads no expression with a line break"
            export.lose("allow_origins", effect, "write it without the two", i)


def _lose_host(export: Export) -> None:
    if export.route.upstream.scheme == "https" and not host(export):
        effect = "Apache verifies the upstream's certificate for the Host that the client names"
        export.lose("forward.host", effect, "forward: {host: upstream}")


def _owned() -> Iterator[str]:
    """What the upstream says of CORS is taken out."""
    for name in OWN_HEADERS:
        yield f"Header onsuccess unset {name}"
        yield f"Header always unset {name}"


def _response(route: _Route) -> Iterator[str]:
    policy = route.export.policy
    yield f'Header always set {f.VARY} "{PREFLIGHT_VARY}" "expr={_PREFLIGHT}"'
    if not policy.literal_wildcard:
        yield f'Header always merge {f.VARY} {f.ORIGIN} "expr={_REQUEST}"'
    for name, value, conditions in _headers(route):
        told = " && ".join([*route.granted, *conditions])
        line = f"Header always set {name} {quoted(value)}"
        yield f'{line} "expr={told}"' if told else line


def _headers(route: _Route) -> Iterator[tuple[str, str, list[str]]]:
    """What a granted origin gets: name, value, and on what that depends beside the origin."""
    export, policy = route.export, route.export.policy
    if not policy.allow_origins:
        return
    origin = "*" if policy.literal_wildcard else f"%{{CORS_ORIGIN{route.suffix}}}e"
    yield f.ALLOW_ORIGIN, origin, []
    if policy.allow_credentials:
        yield f.ALLOW_CREDENTIALS, "true", []
    if exposed := export.exposed():
        yield f.EXPOSE_HEADERS, _format(str(exposed)), [_REQUEST]
    echoed = policy.allow_methods.any and policy.allow_credentials
    listed = _format(methods(policy.allow_methods))
    yield f.ALLOW_METHODS, _asked(f.REQUEST_METHOD) if echoed else listed, [_PREFLIGHT]
    yield from _names(export)
    if policy.max_age is not None:
        yield f.MAX_AGE, str(max(policy.max_age, 0)), [_PREFLIGHT]
    if policy.allow_private_network:
        asked = f"%{{req_novary:{f.REQUEST_PRIVATE_NETWORK}}} == 'true'"
        yield f.ALLOW_PRIVATE_NETWORK, "true", [_PREFLIGHT, asked]


def _names(export: Export) -> Iterator[tuple[str, str, list[str]]]:
    """The names; where all are allowed, those asked for, as far as the wildcard covers them."""
    names = export.policy.allow_headers
    listed = _format(", ".join(names.listed))
    if not names.any:
        if listed:
            yield f.ALLOW_HEADERS, listed, [_PREFLIGHT]
        return
    asks = f"-n %{{req_novary:{f.REQUEST_HEADERS}}}"
    beyond = "reqenv('CORS_AUTHORIZATION')"
    yield f.ALLOW_HEADERS, _asked(f.REQUEST_HEADERS), [_PREFLIGHT, asks, f"-z {beyond}"]
    if listed:
        yield f.ALLOW_HEADERS, listed, [_PREFLIGHT, f"-n {beyond}"]


def _towards(export: Export) -> Iterator[str]:
    """What the upstream sees beside the request."""
    name = host(export)
    yield "RequestHeader unset Upgrade"
    yield "RequestHeader set X-Forwarded-Proto http"
    if prefix := export.route.stripped_prefix:
        yield f"RequestHeader set X-Forwarded-Prefix {quoted(_format(prefix))}"
    own = name == export.route.upstream.authority
    if name and not own:
        yield f"RequestHeader set Host {name}"
    yield f"ProxyPreserveHost {'Off' if own else 'On'}"


def _asked(name: str) -> str:
    return f"expr=%{{req_novary:{name}}}"


def _format(text: str) -> str:
    return text.replace("%", "%%")


FORMS = {"site": "a virtual host in front of the upstream, for a file of sites-available"}

PROFILE = Profile(
    "Apache 2.4 with the virtual host that is written for it",
    observed=True,
    open_to_no_origin=Sends.REQUEST,
    keeps=lambda policy: with_origins(policy, _said),
)

GATEWAY = Gateway("Apache", FORMS, write, forwards=True, profile=PROFILE)
