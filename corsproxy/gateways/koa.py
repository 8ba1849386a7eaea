"""koa: the package @koa/cors.

It decides by the origin alone, which a function has to do for more than one; a preflight of any
other origin falls through to the application. An empty list of names makes it send back whatever is
asked for, and an age of 0 is left out unless it is a text. Seen on koa 3.3 with @koa/cors 5, which
the tests start.
"""

from typing import Any

from corsproxy.config.settings import Config
from corsproxy.cors import headers as f
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.gateway import Gateway, Written
from corsproxy.gateways.conversion.javascript import (
    FORMS,
    Code,
    Keys,
    options,
    origins,
    regexes,
    snippet,
    value,
)
from corsproxy.gateways.conversion.library_policy import (
    ECHOED_NAMES,
    LITERAL_METHODS,
    narrowed,
    without_echoed_names,
    without_literal_methods,
)
from corsproxy.gateways.conversion.narrowing import ANY
from corsproxy.gateways.conversion.portable_regex import (
    ORIGINS_CUT,
    is_exact,
    with_portable_origins,
)
from corsproxy.gateways.conversion.sent_literally import sent_literally
from corsproxy.gateways.emulation.profile import (
    Case,
    Preflights,
    Profile,
    Sends,
    UpstreamHeaders,
    Wildcard,
)

_KEYS = Keys("allowMethods", "allowHeaders", "exposeHeaders")
_PACKAGE = "@koa/cors"
_IMPORTS = {
    "esm": f'import cors from "{_PACKAGE}";',
    "commonjs": f'const cors = require("{_PACKAGE}");',
}
_CUTS = {
    "allow_origins": ORIGINS_CUT,
    "allow_methods" + ANY: LITERAL_METHODS,
    "allow_headers" + ANY: ECHOED_NAMES,
}


def write(config: Config, form: str) -> Written:
    """A use of the middleware, for an `app` of koa."""
    export = Export.of(config)
    policy = narrowed(export, _said, _CUTS)
    sent_literally(export, policy.allow_headers)
    head = [f"// Goes before all else: npm install {_PACKAGE}", _IMPORTS[form]]
    if not policy.allow_origins.any:
        known = origins(policy) if _compares(policy) else regexes(policy)
        head += ["", f"const allowedOrigins = {value(known)};"]
    found = options(policy, _origin(policy), _KEYS, no_names=["Accept"])
    if found.get("maxAge") == 0:
        found["maxAge"] = "0"
    if policy.allow_private_network:
        found["privateNetworkAccess"] = True
    return export.written(snippet(head, "app.use(cors(", found, "));"))


def _compares(policy: Policy) -> bool:
    return all(map(is_exact, policy.allow_origins.patterns))


def _origin(policy: Policy) -> Any:
    if policy.literal_wildcard:
        return "*"
    asking = 'ctx.get("Origin")'
    if policy.allow_origins.any:
        return Code(f"(ctx) => {asking}")
    if _compares(policy):
        return Code(f'(ctx) => (allowedOrigins.includes({asking}) ? {asking} : "")')
    return Code(f'(ctx) => (allowedOrigins.some((one) => one.test({asking})) ? {asking} : "")')


def _said(policy: Policy) -> Policy:
    policy = without_literal_methods(with_portable_origins(policy))
    return without_echoed_names(policy) if policy.allow_credentials else policy


PROFILE = Profile(
    "koa 3.3 with @koa/cors 5 and the options that are written for it",
    observed=True,
    preflights=Preflights.METHOD,
    preflight=Case(204, Sends.PREFLIGHT, (f.ORIGIN,)),
    stranger_preflight=Case(0, Sends.NOTHING, (f.ORIGIN,)),
    no_origin_preflight=Case(0, Sends.NOTHING, (f.ORIGIN,)),
    open_to_no_origin=Sends.ORIGIN | Sends.EXPOSED,
    bare_options=Case(0, Sends.NOTHING, (f.ORIGIN,)),
    varies_if_open=True,
    any_name=Wildcard.LITERAL,
    upstream_headers=UpstreamHeaders.WIN,
    keeps=_said,
)

GATEWAY = Gateway("koa with @koa/cors", FORMS, write, profile=PROFILE)
