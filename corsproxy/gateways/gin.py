"""gin for Go: the middleware of gin-contrib/cors.

It decides by the origin alone, answers every OPTIONS request that has one, and every request of an
origin that is not allowed with 403. A request from its own host, by either scheme, is none of CORS
to it. Seen on gin-contrib/cors 1.4, which the tests start.
"""

from collections.abc import Iterator

from corsproxy.config.settings import Config
from corsproxy.cors import headers as f
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.forwarding import methods
from corsproxy.gateways.conversion.gateway import Gateway, Written
from corsproxy.gateways.conversion.go_text import allows, declarations, strings
from corsproxy.gateways.conversion.library_policy import (
    LITERAL_METHODS,
    LITERAL_NAMES,
    NO_AGE,
    NO_PRIVATE_NETWORK,
    in_capitals,
    narrowed,
    with_sent_age,
    without_literal_methods,
    without_literal_names,
    without_private_network,
)
from corsproxy.gateways.conversion.narrowing import ANY, Cut
from corsproxy.gateways.conversion.sent_literally import sent_literally
from corsproxy.gateways.emulation.profile import (
    PREFLIGHT_VARY,
    Case,
    Preflights,
    Profile,
    Sends,
    UpstreamHeaders,
    Wildcard,
)

_CUTS = {
    "allow_methods": Cut("gin writes each method in capitals", "leave it out"),
    "allow_methods" + ANY: LITERAL_METHODS,
    "allow_headers" + ANY: LITERAL_NAMES,
    "max_age": NO_AGE,
    "allow_private_network": NO_PRIVATE_NETWORK,
}


def write(config: Config, _: str) -> Written:
    """A call of the middleware, for a router `r`, before its routes."""
    export = Export.of(config, rejects=True)
    policy = narrowed(export, _said, _CUTS)
    sent_literally(export, policy.allow_headers)
    lines = [
        "// import github.com/gin-contrib/cors, regexp and time where they occur",
        *declarations(policy),
        "r.Use(cors.New(cors.Config{",
        *(f"\t{line}," for line in _options(policy)),
        "}))",
    ]
    return export.written("\n".join(lines) + "\n")


def _options(policy: Policy) -> Iterator[str]:
    everybody = policy.literal_wildcard
    yield "AllowAllOrigins: true" if everybody else f"AllowOriginFunc: {allows(policy)}"
    yield f"AllowMethods: {strings(methods(policy.allow_methods).split(', '))}"
    if policy.allow_headers:
        yield f"AllowHeaders: {strings(str(policy.allow_headers).split(', '))}"
    if policy.expose_headers:
        yield f"ExposeHeaders: {strings(str(policy.expose_headers).split(', '))}"
    if policy.allow_credentials:
        yield "AllowCredentials: true"
    if policy.max_age is not None:
        yield f"MaxAge: {policy.max_age} * time.Second"


def _said(policy: Policy) -> Policy:
    policy = without_literal_names(without_literal_methods(in_capitals(policy)))
    return with_sent_age(without_private_network(policy))


PROFILE = Profile(
    "gin-contrib/cors 1.4 with the options that are written for it",
    observed=True,
    preflights=Preflights.ORIGIN,
    preflight=Case(204, Sends.PREFLIGHT, PREFLIGHT_VARY),
    stranger_preflight=Case(403),
    stranger=Case(403),
    no_origin=Case(0),
    request=Case(0, Sends.REQUEST, (f.ORIGIN,)),
    open_preflight_vary=(),
    any_name=Wildcard.LITERAL,
    any_method_with_credentials=Wildcard.ABSENT,
    any_name_with_credentials=Wildcard.ABSENT,
    upstream_headers=UpstreamHeaders.WIN,
    keeps=_said,
)

FORMS = {"go": "a call of r.Use with cors.New"}

GATEWAY = Gateway("gin for Go", FORMS, write, profile=PROFILE)
