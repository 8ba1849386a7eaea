"""Caddy: matchers of the origin and of preflights, and a route that keeps their order.

Caddy 2 has no CORS of its own. The origin that is sent back is what the matcher has matched, not
what came. Without `route` Caddy sorts directives itself; `header_down` strips the upstream's.
Seen on Caddy 2.11, which the tests start.
"""

import re
from collections.abc import Iterator

from corsproxy.config.settings import Config
from corsproxy.cors import headers as f
from corsproxy.cors.origin import OPAQUE, OriginPattern, RegexPattern
from corsproxy.gateways.conversion.caddy_handles import matcher, written
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.forwarding import (
    ASKS_FOR_AUTHORIZATION,
    CARRIED,
    PREFLIGHT_VARY,
    covers_authorization,
    host,
    listen,
    methods,
)
from corsproxy.gateways.conversion.gateway import Gateway, Written
from corsproxy.gateways.conversion.origin_regex import ANYTHING, SHAPE, regex
from corsproxy.gateways.conversion.sayable import with_origins
from corsproxy.gateways.conversion.sites import exported, named, sites
from corsproxy.gateways.emulation.profile import Profile, Sends

_UNWRITABLE = re.compile(r"`|\{[^0-9,}]")
"""Ends a text of a Caddyfile, or is taken for a placeholder in it."""

_ASKED = f"{{http.request.header.{f.REQUEST_HEADERS}}}"


def write(config: Config, _: str) -> Written:
    """A Caddyfile of one site."""
    exports = Export.each(config, carried=CARRIED)
    table = sites(exports)
    shown = exported(table)
    for export in shown:
        _lose_origins(export)
    found = named("", [export.policy for export in shown], "_")
    names = {id(export): suffix for export, suffix in zip(shown, found, strict=True)}
    address = listen(exports[-1])
    lines = [
        f"http://:{address.port} {{",
        f"    bind {address.host}",
        *(f"    {line}" for line in _matchers(shown, found)),
        *(f"    {line}" for line in written(table, lambda one: _route(one, names[id(one)]))),
        "}",
    ]
    return exports[-1].written("\n".join(lines) + "\n")


def _matchers(exports: list[Export], names: list[str]) -> Iterator[str]:
    present = [_present(name) for name in (f.ORIGIN, f.REQUEST_METHOD)]
    yield from matcher("preflight", ["method OPTIONS", *present])
    for name, export in dict(zip(names, exports, strict=True)).items():
        yield from _matchers_of(export, name)


def _matchers_of(export: Export, name: str) -> Iterator[str]:
    origin = _origin(export, name)
    if origin:
        yield from matcher(f"granted{name}", origin)
    names = export.policy.allow_headers
    if names.any and not covers_authorization(names):
        asks = f"header_regexp {f.REQUEST_HEADERS} `(?i){ASKS_FOR_AUTHORIZATION}`"
        yield from matcher(f"authorization{name}", [*origin, asks])
    if export.policy.allow_private_network:
        asks = f"header {f.REQUEST_PRIVATE_NETWORK} true"
        yield from matcher(f"private{name}", [*origin, asks])


def _present(name: str) -> str:
    """`header NAME *` holds for an empty one, too."""
    return f"header_regexp {name} ."


def _origin(export: Export, name: str) -> list[str]:
    """What holds for a granted origin; nothing where that is everybody."""
    policy = export.policy
    if policy.literal_wildcard:
        return []
    if policy.allow_origins.any:
        return [f"header_regexp granted{name} {f.ORIGIN} `^{ANYTHING}$`"]
    patterns = [one for one in policy.allow_origins.patterns if not _unwritable(one)]
    expression = "|".join(map(regex, patterns))
    found = [f"header_regexp granted{name} {f.ORIGIN} `^(?:{expression})$`"]
    if any(isinstance(pattern, RegexPattern) for pattern in patterns):
        opaque = f"|{OPAQUE}" if any(str(pattern) == OPAQUE for pattern in patterns) else ""
        found.append(f"vars_regexp {{http.request.header.{f.ORIGIN}}} `^(?:{SHAPE}{opaque})$`")
    return found if patterns else [f"header_regexp granted{name} {f.ORIGIN} `{_NEVER}`"]


_NEVER = r"[^\s\S]"


def _unwritable(pattern: OriginPattern | RegexPattern) -> bool:
    return isinstance(pattern, RegexPattern) and _UNWRITABLE.search(pattern.text) is not None


def _lose_origins(export: Export) -> None:
    for i, pattern in enumerate(export.policy.allow_origins.patterns):
        if _unwritable(pattern):
            effect = "a Caddyfile takes a part of this expression for a placeholder"
            export.lose("allow_origins", effect, "write it without ` and without {name}", i)


def _route(export: Export, name: str) -> Iterator[str]:
    policy = export.policy
    granted = "" if policy.literal_wildcard else f"@granted{name} "
    value = "*" if policy.literal_wildcard else f"{{re.granted{name}.0}}"
    exposed = export.exposed()
    yield "request_header -Upgrade"
    if not policy.literal_wildcard:
        yield "header +Vary Origin"
    yield f"header {granted}{f.ALLOW_ORIGIN} {value}"
    if policy.allow_credentials:
        yield f"header {granted}{f.ALLOW_CREDENTIALS} true"
    yield "handle @preflight {"
    yield from (f"    {line}" for line in _preflight(export, name))
    yield from ("    respond 204", "}")
    if exposed:
        yield f'header {granted}{f.EXPOSE_HEADERS} "{exposed}"'
    if prefix := export.route.stripped_prefix:
        yield f"uri strip_prefix {prefix}"
    yield f"reverse_proxy {_upstream(export)} {{"
    if sees := host(export):
        yield f"    header_up Host {sees}"
    if prefix:
        yield f"    header_up X-Forwarded-Prefix {prefix}"
    yield from ("    header_down -Access-Control-*", "}")


def _preflight(export: Export, name: str) -> Iterator[str]:
    policy = export.policy
    granted = "" if policy.literal_wildcard else f"@granted{name} "
    yield f'header Vary "{PREFLIGHT_VARY}"'
    echoed = policy.allow_methods.any and policy.allow_credentials
    method = f"{{http.request.header.{f.REQUEST_METHOD}}}"
    value = method if echoed else f'"{methods(policy.allow_methods)}"'
    yield f"header {granted}{f.ALLOW_METHODS} {value}"
    names = policy.allow_headers
    listed = ", ".join(names.listed)
    if names.any:
        yield f"header {granted}{f.ALLOW_HEADERS} {_ASKED}"
    elif names:
        yield f'header {granted}{f.ALLOW_HEADERS} "{listed}"'
    if names.any and not covers_authorization(names):
        field = f'{f.ALLOW_HEADERS} "{listed}"' if listed else f"-{f.ALLOW_HEADERS}"
        yield f"header @authorization{name} {field}"
    if policy.max_age is not None:
        yield f"header {granted}{f.MAX_AGE} {max(policy.max_age, 0)}"
    if policy.allow_private_network:
        yield f"header @private{name} {f.ALLOW_PRIVATE_NETWORK} true"


def _upstream(export: Export) -> str:
    upstream = export.route.upstream
    return f"unix/{upstream.path}" if upstream.path else str(upstream)


FORMS = {"caddyfile": "a Caddyfile of one site in front of the upstream"}

PROFILE = Profile(
    "Caddy 2.11 with the Caddyfile that is written for it",
    observed=True,
    open_to_no_origin=Sends.REQUEST,
    keeps=lambda policy: with_origins(policy, lambda pattern: not _unwritable(pattern)),
)

GATEWAY = Gateway("Caddy 2", FORMS, write, forwards=True, profile=PROFILE)
