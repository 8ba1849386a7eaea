"""Hono: its own CORS middleware.

It answers every OPTIONS request and decides by the origin alone. It has no regexes, but functions.
An empty list of names makes it send back whatever is asked for; so a name that needs no leave
stands in it. Seen on Hono 4.13, which the tests start.
"""

from typing import Any

from corsproxy.config.settings import Config
from corsproxy.cors import headers as f
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.gateway import Gateway, Written
from corsproxy.gateways.conversion.javascript import (
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
    NO_PRIVATE_NETWORK,
    narrowed,
    without_echoed_names,
    without_private_network,
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
_ASKED = Code('(origin, c) => [c.req.header("access-control-request-method") ?? ""]')
_CUTS = {
    "allow_origins": ORIGINS_CUT,
    "allow_headers" + ANY: ECHOED_NAMES,
    "allow_private_network": NO_PRIVATE_NETWORK,
}


def write(config: Config, _: str) -> Written:
    """A use of the middleware, for an `app` of Hono."""
    export = Export.of(config)
    policy = narrowed(export, _said, _CUTS)
    sent_literally(export, policy.allow_headers)
    head = ["// Goes before the routes.", 'import { cors } from "hono/cors";']
    if _searches(policy):
        head += ["", f"const allowedOrigins = {value(regexes(policy))};"]
    found = options(policy, _origin(policy), _KEYS, no_names=["Accept"])
    if policy.allow_methods.any and policy.allow_credentials:
        found["allowMethods"] = _ASKED
    return export.written(snippet(head, 'app.use("*", cors(', found, "));"))


def _searches(policy: Policy) -> bool:
    return not all(map(is_exact, policy.allow_origins.patterns))


def _origin(policy: Policy) -> Any:
    if policy.literal_wildcard:
        return "*"
    if policy.allow_origins.any:
        return Code("(origin) => origin")
    if not _searches(policy):
        return origins(policy)
    return Code("(origin) => (allowedOrigins.some((one) => one.test(origin)) ? origin : null)")


def _said(policy: Policy) -> Policy:
    policy = with_portable_origins(policy)
    if policy.allow_credentials:
        policy = without_echoed_names(policy)
    return without_private_network(policy)


_ALWAYS = Sends.CREDENTIALS | Sends.EXPOSED
_VARY = (f.ORIGIN, f.REQUEST_HEADERS)

PROFILE = Profile(
    "Hono 4.13 with the options that are written for it",
    observed=True,
    preflights=Preflights.ALL,
    preflight=Case(204, Sends.PREFLIGHT | Sends.EXPOSED, _VARY),
    stranger_preflight=Case(204, _ALWAYS | Sends.LISTS, _VARY),
    stranger=Case(0, _ALWAYS, (f.ORIGIN,)),
    no_origin=Case(0, _ALWAYS, (f.ORIGIN,)),
    no_origin_preflight=Case(204, _ALWAYS | Sends.LISTS, _VARY),
    open_to_no_origin=Sends.ORIGIN,
    any_name=Wildcard.LITERAL,
    open_preflight_vary=(f.REQUEST_HEADERS,),
    upstream_headers=UpstreamHeaders.WIN,
    keeps=_said,
)

FORMS = {"esm": "a use of the middleware of hono/cors"}

GATEWAY = Gateway("Hono", FORMS, write, profile=PROFILE)
