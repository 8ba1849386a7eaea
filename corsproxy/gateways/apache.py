"""Apache: environment variables that tell what is granted, and headers that depend on them.

Apache has no CORS of its own. `Header always` reaches its own responses as well, errors included;
what an upstream sends stands in the other table. A preflight is answered by a rewrite rule.
Expressions are PCRE and are searched for. In a quoted word a backslash escapes itself and the
quote, in a value `%` begins a format, and `${name}` is replaced wherever it stands. Seen on Apache
2.4, which the tests start.
"""

from collections.abc import Iterator

from corsproxy.config.settings import Config
from corsproxy.cors import headers as f
from corsproxy.cors.origin import OriginPattern, RegexPattern
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
from corsproxy.gateways.emulation.profile import Profile, Sends

_GRANTED = "-n reqenv('CORS_ORIGIN')"
_PREFLIGHT = "-n reqenv('CORS_PREFLIGHT')"
_REQUEST = "-z reqenv('CORS_PREFLIGHT')"
_MODULES = ("headers", "proxy_http", "rewrite", "setenvif")


def write(config: Config, _: str) -> Written:
    """A virtual host with the address that it listens on."""
    export = Export.of(config, carried=CARRIED)
    _lose_origins(export)
    _lose_host(export)
    address = listen(export)
    modules = [*_MODULES, *(["ssl"] if export.route.upstream.scheme == "https" else [])]
    inside = [*_environment(export), *_response(export), *_upstream(export)]
    lines = [
        f"# Goes into sites-available; it needs a2enmod {' '.join(modules)}",
        f"Listen {address.authority}",
        f"<VirtualHost *:{address.port}>",
        *(f"    {line}" for line in inside),
        "</VirtualHost>",
    ]
    return export.written("\n".join(lines) + "\n")


def _environment(export: Export) -> Iterator[str]:
    """What is found out about a request, and the answer to a preflight."""
    for expression in _origins(export):
        yield f"SetEnvIf {f.ORIGIN} {_quoted(expression)} CORS_ORIGIN=$0"
    names = export.policy.allow_headers
    if names.any and not covers_authorization(names):
        asks = _quoted(ASKS_FOR_AUTHORIZATION)
        yield f"SetEnvIfNoCase {f.REQUEST_HEADERS} {asks} CORS_AUTHORIZATION=1"
    yield "RewriteEngine On"
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


def _response(export: Export) -> Iterator[str]:
    policy = export.policy
    for name in OWN_HEADERS:
        yield f"Header onsuccess unset {name}"
        yield f"Header always unset {name}"
    yield f'Header always set {f.VARY} "{PREFLIGHT_VARY}" "expr={_PREFLIGHT}"'
    if not policy.literal_wildcard:
        yield f'Header always merge {f.VARY} {f.ORIGIN} "expr={_REQUEST}"'
    granted = [] if policy.literal_wildcard else [_GRANTED]
    for name, value, conditions in _headers(export):
        told = " && ".join([*granted, *conditions])
        line = f"Header always set {name} {_quoted(value)}"
        yield f'{line} "expr={told}"' if told else line


def _headers(export: Export) -> Iterator[tuple[str, str, list[str]]]:
    """What a granted origin gets: name, value, and on what that depends beside the origin."""
    policy = export.policy
    if not policy.allow_origins:
        return
    yield f.ALLOW_ORIGIN, "*" if policy.literal_wildcard else "%{CORS_ORIGIN}e", []
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


def _upstream(export: Export) -> Iterator[str]:
    upstream = export.route.upstream
    name = host(export)
    yield "RequestHeader unset Upgrade"
    yield "RequestHeader set X-Forwarded-Proto http"
    if name and name != upstream.authority:
        yield f"RequestHeader set Host {name}"
    yield f"ProxyPreserveHost {'Off' if name == upstream.authority else 'On'}"
    yield "AllowEncodedSlashes NoDecode"
    if upstream.scheme == "https":
        yield "SSLProxyEngine On"
        yield "SSLProxyVerify require"
        yield f"SSLProxyCACertificateFile {AUTHORITIES}"
    where = f"unix:{upstream.path}|http://localhost/" if upstream.path else f"{upstream}/"
    yield f"ProxyPass / {_quoted(where)} nocanon"


def _asked(name: str) -> str:
    return f"expr=%{{req_novary:{name}}}"


def _format(text: str) -> str:
    return text.replace("%", "%%")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


FORMS = {"site": "a virtual host in front of the upstream, for a file of sites-available"}

PROFILE = Profile(
    "Apache 2.4 with the virtual host that is written for it",
    observed=True,
    open_to_no_origin=Sends.REQUEST,
    keeps=lambda policy: with_origins(policy, _said),
)

GATEWAY = Gateway("Apache", FORMS, write, forwards=True, profile=PROFILE)
