"""nginx: maps that depend on the origin, and a location that answers preflights.

nginx has no CORS of its own. Each header is the value of a map: an empty one sends no header, so
all of them follow the origin. Keys of maps are regexes, since plain ones ignore case; the first
that matches counts. `add_header` is not inherited into `if`, so what both need is said twice.
Without `always` errors would carry no header. Seen on nginx 1.22, which the tests start.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from corsproxy.config.settings import Config
from corsproxy.cors import headers as f
from corsproxy.cors.names import Names
from corsproxy.cors.origin import OPAQUE, RegexPattern
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.forwarding import (
    ASKS_FOR_AUTHORIZATION,
    CARRIED,
    OWN_HEADERS,
    PREFLIGHT_VARY,
    covers_authorization,
    listen,
    methods,
)
from corsproxy.gateways.conversion.gateway import Gateway, Written
from corsproxy.gateways.conversion.nginx_servers import Servers, indented, quoted, written_map
from corsproxy.gateways.conversion.origin_regex import ANYTHING, SHAPE, regex
from corsproxy.gateways.conversion.sayable import with_names
from corsproxy.gateways.conversion.sites import exported, named, sites
from corsproxy.gateways.emulation.profile import Profile, Sends

_METHOD = re.compile(r"[A-Z_-]+")

_VARIABLES = {
    f.ALLOW_ORIGIN: "$cors_origin",
    f.ALLOW_CREDENTIALS: "$cors_credentials",
    f.EXPOSE_HEADERS: "$cors_expose",
    f.ALLOW_METHODS: "$cors_methods",
    f.ALLOW_HEADERS: "$cors_headers",
    f.MAX_AGE: "$cors_age",
    f.ALLOW_PRIVATE_NETWORK: "$cors_private",
}
_ASKED = "$cors_asked_headers"
_ON_BOTH = (f.ALLOW_ORIGIN, f.ALLOW_CREDENTIALS)
_ON_PREFLIGHTS = (f.ALLOW_METHODS, f.ALLOW_HEADERS, f.MAX_AGE, f.ALLOW_PRIVATE_NETWORK)


class _Policy(NamedTuple):
    """What is written for one policy: `values` of its headers; its variables end with `suffix`."""

    export: Export
    values: dict[str, str]
    suffix: str

    def variable(self, name: str) -> str:
        """That of a header's value."""
        return _VARIABLES[name] + self.suffix


def write(config: Config, form: str) -> Written:
    """The whole configuration, or what stands in `http`."""
    exports = Export.each(config, carried=CARRIED)
    table = sites(exports)
    policies = _policies(exported(table))
    servers = Servers.of(table, listen(exports[-1]), lambda export: _cors(policies[id(export)]))
    inside = [*_maps(policies.values()), *servers.maps(), *servers.written()]
    if form == "conf.d":
        title = ["# Goes into the folder that nginx.conf includes inside of http."]
        return exports[-1].written("\n".join([*title, *inside]) + "\n")
    lines = ["events {}", "", "http {", *indented(inside), "}"]
    return exports[-1].written("\n".join(lines) + "\n")


def _policies(exports: list[Export]) -> dict[int, _Policy]:
    """That of each export, by its id."""
    found = named("", [export.policy for export in exports], "_")
    for export in exports:
        _lose_names(export)
    return {
        id(export): _Policy(export, _values(export), suffix)
        for export, suffix in zip(exports, found, strict=True)
    }


def _maps(policies: Iterable[_Policy]) -> Iterator[str]:
    asked = f'"$request_method|$http_origin|$http_{_variable(f.REQUEST_METHOD)}"'
    yield from written_map(asked, "$cors_preflight", ["default 0;", r'"~^OPTIONS\|[^|]+\|.+$" 1;'])
    for policy in {policy.suffix: policy for policy in policies}.values():
        yield from _maps_of(policy)


def _maps_of(policy: _Policy) -> Iterator[str]:
    export = policy.export
    origin = policy.variable(f.ALLOW_ORIGIN)
    yield from written_map("$http_origin", origin, _origins(export))
    if export.policy.allow_headers.any:
        asked = f"$http_{_variable(f.REQUEST_HEADERS)}"
        yield from written_map(asked, _ASKED + policy.suffix, _asked(export, asked))
    for name, value in policy.values.items():
        if name == f.ALLOW_PRIVATE_NETWORK:
            source = f'"{origin}|$http_{_variable(f.REQUEST_PRIVATE_NETWORK)}"'
            lines = ['default "";', r'"~^.+\|true$" "true";']
        else:
            source, lines = origin, [f"default {value};", '"" "";']
            if value == _ASKED:
                lines[0] = f"default {_ASKED}{policy.suffix};"
        yield from written_map(source, policy.variable(name), lines)


def _origins(export: Export) -> list[str]:
    """The keys as they count: the opaque origin, what has no origin's shape, the rest."""
    policy = export.policy
    if policy.literal_wildcard:
        return ['default "*";']
    if policy.allow_origins.any:
        return ['default "";', f"{_key(ANYTHING)} $http_origin;"]
    patterns = policy.allow_origins.patterns
    named = [pattern for pattern in patterns if not isinstance(pattern, RegexPattern)]
    lines = ['default "";']
    if any(str(pattern) == OPAQUE for pattern in named):
        lines.append(f"{_key(OPAQUE)} $http_origin;")
    if len(named) < len(patterns):
        lines.append(f'{_key(f"(?!{SHAPE}$).*")} "";')
    others = [pattern for pattern in patterns if str(pattern) != OPAQUE]
    return [*lines, *(f"{_key(regex(pattern))} $http_origin;" for pattern in others)]


def _asked(export: Export, asked: str) -> list[str]:
    """The names asked for, sent back; those that are listed, where the wildcard is not enough."""
    names = export.policy.allow_headers
    lines = [f"default {asked};"]
    if not covers_authorization(names):
        listed = quoted(", ".join(_writable(names).listed))
        lines.append(f"{quoted(f'~*{ASKS_FOR_AUTHORIZATION}')} {listed};")
    return lines


def _values(export: Export) -> dict[str, str]:
    """The value of each header that a granted origin gets, in nginx' spelling."""
    policy = export.policy
    found: dict[str, str] = {}
    if not policy.allow_origins:
        return found
    if policy.allow_credentials:
        found[f.ALLOW_CREDENTIALS] = '"true"'
    if exposed := _writable(export.exposed()):
        found[f.EXPOSE_HEADERS] = quoted(str(exposed))
    listed = _writable(policy.allow_methods)
    echoed = policy.allow_methods.any and policy.allow_credentials
    method = f"$http_{_variable(f.REQUEST_METHOD)}"
    found[f.ALLOW_METHODS] = method if echoed else quoted(methods(listed))
    if policy.allow_headers.any:
        found[f.ALLOW_HEADERS] = _ASKED
    elif names := _writable(policy.allow_headers):
        found[f.ALLOW_HEADERS] = quoted(str(names))
    if policy.max_age is not None:
        found[f.MAX_AGE] = quoted(str(max(policy.max_age, 0)))
    if policy.allow_private_network:
        found[f.ALLOW_PRIVATE_NETWORK] = '"true"'
    return found


def _lose_names(export: Export) -> None:
    for i, name in enumerate(export.policy.allow_methods.listed):
        if not _METHOD.fullmatch(name):
            effect = f"nginx answers 400 to {name}: it reads methods of capitals, `-` and `_` only"
            export.lose("allow_methods", effect, "leave it out", i)
    for setting in ("allow_methods", "allow_headers", "expose_headers"):
        for i, name in enumerate(getattr(export.policy, setting).listed):
            if "$" in name:
                export.lose(setting, f"nginx cannot write the `$` of {name}", "leave it out", i)


def _writable(names: Names) -> Names:
    """`names` without those that have a `$`, which begins a variable in every text of nginx."""
    return replace(names, listed=tuple(filter(_said, names.listed)))


def _said(name: str) -> bool:
    return "$" not in name


def _cors(policy: _Policy) -> Iterator[str]:
    """What answers preflights in a location, and gives the upstream's responses their headers."""
    sent = {f.ALLOW_ORIGIN, *policy.values}
    yield "if ($cors_preflight) {"
    for name in (*_ON_BOTH, *_ON_PREFLIGHTS):
        if name in sent:
            yield f"    add_header {name} {policy.variable(name)} always;"
    yield f'    add_header Vary "{PREFLIGHT_VARY}" always;'
    yield from ("    return 204;", "}")
    for name in (*_ON_BOTH, f.EXPOSE_HEADERS):
        if name in sent:
            yield f"add_header {name} {policy.variable(name)} always;"
    if not policy.export.policy.literal_wildcard:
        yield "add_header Vary Origin always;"
    yield from (f"proxy_hide_header {name};" for name in OWN_HEADERS)


def _key(expression: str) -> str:
    return quoted(f"~^{expression}$")


def _variable(name: str) -> str:
    return name.lower().replace("-", "_")


FORMS = {
    "nginx.conf": "a whole nginx.conf, one server in front of the upstream",
    "conf.d": "the maps and the server alone, for a file that is included in http",
}

PROFILE = Profile(
    "nginx 1.22 with the maps that are written for it",
    observed=True,
    open_to_no_origin=Sends.REQUEST,
    keeps=lambda policy: with_names(policy, _said),
)

GATEWAY = Gateway("nginx", FORMS, write, forwards=True, profile=PROFILE)
