"""HAProxy: a backend for each route keeps what is granted in variables, and writes it on responses.

HAProxy has no CORS of its own. A request is looked at once, since responses know nothing of it;
`http-after-response` reaches its own responses as well, errors included. Expressions are PCRE and
are searched for. In single quotes nothing but the quote means anything, and in a format `%` alone.
The frontend finds the backend: of its rules the first that matches counts. Seen on HAProxy 2.6,
which the tests start.
"""

from collections.abc import Iterator, Mapping, Sequence

from corsproxy.config.address import TcpAddress
from corsproxy.config.settings import Config
from corsproxy.cors import headers as f
from corsproxy.cors.names import Names
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.forwarding import (
    ASKS_FOR_AUTHORIZATION,
    AUTHORITIES,
    CARRIED,
    PREFLIGHT_VARY,
    covers_authorization,
    host,
    is_address,
    listen,
    methods,
)
from corsproxy.gateways.conversion.gateway import Gateway, Written
from corsproxy.gateways.conversion.origin_regex import ANYTHING, anchored, literal, one_line
from corsproxy.gateways.conversion.sayable import with_origins
from corsproxy.gateways.conversion.sites import UNSOUND, Site, exported, named, sites
from corsproxy.gateways.emulation.profile import Profile, Sends

_PREFLIGHT = "{ var(txn.cors_preflight) -m bool }"
_GRANTED = "{ var(txn.cors_origin) -m found }"
_ASKED_NAMES = f"req.fhdr({f.REQUEST_HEADERS})"
_REFUSED = "refused"
_TIMEOUTS = {"connect": "10s", "http-request": "30s", "client": "5m", "server": "5m"}


def write(config: Config, _: str) -> Written:
    """A frontend and its backends, with all that they need."""
    exports = Export.each(config, carried=CARRIED)
    table = sites(exports)
    shown = exported(table)
    for export in shown:
        _lose_origins(export)
    names = dict(zip(map(id, shown), named("upstream", map(id, shown)), strict=True))
    timeouts = [f"timeout {name} {value}" for name, value in _TIMEOUTS.items()]
    sections = {
        "defaults": ["mode http", *timeouts],
        "frontend cors": [f"bind {listen(exports[-1]).authority}", *_frontend(table, names)],
        **{f"backend {names[id(export)]}": _backend(export) for export in shown},
    }
    if any(site.ways for site in table):
        sections[f"backend {_REFUSED}"] = ["http-request deny deny_status 400"]
    lines = ["# haproxy -f FILE"]
    for name, content in sections.items():
        lines += [name, *(f"    {line}" for line in content), ""]
    return exports[-1].written("\n".join(lines[:-1]) + "\n")


def _frontend(table: Sequence[Site], names: Mapping[int, str]) -> Iterator[str]:
    """The conditions, and what they choose; a Host may have a dot at its end."""
    everywhere, *others = table
    if any(site.ways for site in table):
        yield f"acl unsound path -m reg -i {_quoted(f'^{UNSOUND}')}"
    for number, site in enumerate(others, 1):
        name = f"host_{number}"
        yield f"acl {name} req.hdr(host),field(1,:) -m str -i {site.host} {site.host}."
        yield from _chosen(site, names, f"{name} ")
        yield f"use_backend {names[id(site.rest)]} if {name}"
    yield from _chosen(everywhere, names, "")
    yield f"default_backend {names[id(everywhere.rest)]}"


def _chosen(site: Site, names: Mapping[int, str], here: str) -> Iterator[str]:
    """The backends of the paths of a site."""
    if site.ways:
        yield f"use_backend {_REFUSED} if {here}unsound"
    for way in site.ways:
        if way.export is not None:
            exact = f"{{ path -m reg {_quoted(f'^{way.exact}')} }}"
            yield f"use_backend {names[id(way.export)]} if {here}{exact}"
        yield f"use_backend {_REFUSED} if {here}{{ path -m reg -i {_quoted(f'^{way.alike}')} }}"


def _backend(export: Export) -> list[str]:
    return [*_request(export), *_response(export), *_server(export)]


def _request(export: Export) -> Iterator[str]:
    """What is remembered of a request, and the answer to a preflight."""
    yield "http-request del-header Upgrade"
    asks = f"{{ req.fhdr({f.ORIGIN}) -m len gt 0 }} {{ req.fhdr({f.REQUEST_METHOD}) -m len gt 0 }}"
    yield f"http-request set-var(txn.cors_preflight) bool(true) if METH_OPTIONS {asks}"
    origin = f"req.fhdr({f.ORIGIN})"
    for expression in _origins(export):
        match = f"{{ {origin} -m reg {_quoted(expression)} }}"
        yield f"http-request set-var(txn.cors_origin) {origin} if {match}"
    if export.policy.allow_methods.any and export.policy.allow_credentials:
        yield f"http-request set-var(txn.cors_method) req.fhdr({f.REQUEST_METHOD})"
    if export.policy.allow_headers.any:
        yield from _asked(export.policy.allow_headers)
    if export.policy.allow_private_network:
        asks = f"{{ req.fhdr({f.REQUEST_PRIVATE_NETWORK}) -m str true }}"
        yield f"http-request set-var(txn.cors_private) bool(true) if {asks}"
    yield f"http-request return status 204 if {_PREFLIGHT}"


def _asked(names: Names) -> Iterator[str]:
    """The names asked for; those that are listed, where the wildcard is not enough."""
    yield f"http-request set-var(txn.cors_names) {_ASKED_NAMES}"
    if covers_authorization(names):
        return
    asks = f"{{ {_ASKED_NAMES} -m reg -i {_quoted(ASKS_FOR_AUTHORIZATION)} }}"
    listed = _format(", ".join(names.listed))
    change = (
        f"set-var-fmt(txn.cors_names) {listed}" if names.listed else "unset-var(txn.cors_names)"
    )
    yield f"http-request {change} if {asks}"


def _origins(export: Export) -> list[str]:
    policy = export.policy
    if policy.allow_origins.any:
        return [] if policy.literal_wildcard else [f"^{ANYTHING}$"]
    return [anchored(one) for one in policy.allow_origins.patterns if one_line(one)]


def _lose_origins(export: Export) -> None:
    for i, pattern in enumerate(export.policy.allow_origins.patterns):
        if not one_line(pattern):
            effect = "HAProxy reads no expression with a line break or another control character"
            export.lose("allow_origins", effect, "write it as \\n, or leave it out", i)


def _response(export: Export) -> Iterator[str]:
    policy = export.policy
    yield "http-response del-header access-control- -m beg"
    vary = "http-after-response add-header Vary"
    yield f"{vary} {_quoted(PREFLIGHT_VARY)} if {_PREFLIGHT}"
    if not policy.literal_wildcard:
        yield f"{vary} {f.ORIGIN} if !{_PREFLIGHT}"
    granted = [] if policy.literal_wildcard else [_GRANTED]
    for name, value, conditions in _headers(export):
        told = " ".join([*granted, *conditions])
        line = f"http-after-response set-header {name} {value}"
        yield f"{line} if {told}" if told else line


def _headers(export: Export) -> Iterator[tuple[str, str, list[str]]]:
    """What a granted origin gets: name, value, and on what that depends beside the origin."""
    policy = export.policy
    if not policy.allow_origins:
        return
    yield f.ALLOW_ORIGIN, "*" if policy.literal_wildcard else "%[var(txn.cors_origin)]", []
    if policy.allow_credentials:
        yield f.ALLOW_CREDENTIALS, "true", []
    if exposed := export.exposed():
        yield f.EXPOSE_HEADERS, _format(str(exposed)), [f"!{_PREFLIGHT}"]
    echoed = policy.allow_methods.any and policy.allow_credentials
    listed = _format(methods(policy.allow_methods))
    yield f.ALLOW_METHODS, "%[var(txn.cors_method)]" if echoed else listed, [_PREFLIGHT]
    if policy.allow_headers.any:
        there = "{ var(txn.cors_names) -m len gt 0 }"
        yield f.ALLOW_HEADERS, "%[var(txn.cors_names)]", [_PREFLIGHT, there]
    elif policy.allow_headers:
        yield f.ALLOW_HEADERS, _format(str(policy.allow_headers)), [_PREFLIGHT]
    if policy.max_age is not None:
        yield f.MAX_AGE, str(max(policy.max_age, 0)), [_PREFLIGHT]
    if policy.allow_private_network:
        asked = "{ var(txn.cors_private) -m bool }"
        yield f.ALLOW_PRIVATE_NETWORK, "true", [_PREFLIGHT, asked]


def _server(export: Export) -> Iterator[str]:
    upstream = export.route.upstream
    yield "option forwardfor"
    if prefix := export.route.stripped_prefix:
        yield f"http-request set-header X-Forwarded-Prefix {_format(prefix)}"
        whole = _quoted(f"^{literal(prefix)}/?(.*)$")
        yield f"http-request replace-path {whole} '/\\1'"
    yield "http-request set-header X-Forwarded-Host %[req.hdr(host)]"
    yield "http-request set-header X-Forwarded-Proto http"
    if name := host(export):
        yield f"http-request set-header Host {name}"
    where = TcpAddress(upstream.host, upstream.port).authority
    server = f"server upstream {_quoted(f'unix@{upstream.path}' if upstream.path else where)}"
    yield server + (_tls(upstream.host) if upstream.scheme == "https" else "")


def _tls(name: str) -> str:
    """The upstream's certificate is verified, for its name."""
    trust = f" ssl verify required ca-file {AUTHORITIES} verifyhost {name}"
    return trust if is_address(name) else f"{trust} sni str({name})"


def _format(text: str) -> str:
    return _quoted(text.replace("%", "%%"))


def _quoted(text: str) -> str:
    escaped = text.replace("'", r"'\''")
    return f"'{escaped}'"


FORMS = {"haproxy.cfg": "a whole configuration, one frontend in front of the upstream"}

PROFILE = Profile(
    "HAProxy 2.6 with the configuration that is written for it",
    observed=True,
    open_to_no_origin=Sends.REQUEST,
    keeps=lambda policy: with_origins(policy, one_line),
)

GATEWAY = Gateway("HAProxy", FORMS, write, forwards=True, profile=PROFILE)
