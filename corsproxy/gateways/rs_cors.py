"""rs/cors for Go: a handler around the application's.

It compares plain origins and methods without regard to case, checks methods and names itself, and
sends back those asked for. Without origins it lets everybody in, without names it has some of its
own; so neither list is ever empty. Seen on rs/cors 1.7, which the tests start; from 1.9 on a
preflight is answered 204.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from corsproxy.config.settings import Config
from corsproxy.cors import headers as f
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.gateway import Gateway, Written
from corsproxy.gateways.conversion.go_text import all_exact, allows, declarations, strings
from corsproxy.gateways.conversion.library_policy import (
    ECHOED_NAMES,
    NO_AGE,
    in_capitals,
    narrowed,
    with_safelisted_methods,
    with_sent_age,
    with_spelled_methods,
    without_echoed_names,
    without_private_network,
)
from corsproxy.gateways.conversion.narrowing import ANY, Cut
from corsproxy.gateways.conversion.sayable import with_names
from corsproxy.gateways.emulation.profile import (
    PREFLIGHT_VARY,
    Case,
    Checks,
    Preflights,
    Profile,
    Sends,
    UpstreamHeaders,
    Wildcard,
)

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
"""What is written for `*`, which rs/cors has not for methods."""

_READ = re.compile(r"[A-Za-z0-9_.-]+")
"""The names of request headers that it reads."""

_CUTS = {
    "allow_methods": Cut("rs/cors writes each method in capitals", "leave it out"),
    "allow_methods" + ANY: Cut(f"only {', '.join(METHODS)} are granted", "name the methods"),
    "allow_headers": Cut("rs/cors reads letters, digits, `-`, `_` and `.` only", "leave it out"),
    "allow_headers" + ANY: ECHOED_NAMES,
    "max_age": NO_AGE,
    "allow_private_network": Cut(
        "no preflight is granted it", "add AllowPrivateNetwork: true, from rs/cors 1.8 on"
    ),
}


def write(config: Config, _: str) -> Written:
    """A handler called `c`, for `c.Handler(mux)`."""
    export = Export.of(config)
    policy = narrowed(export, _said, _CUTS)
    lines = [
        "// import github.com/rs/cors, and regexp where it occurs; serve c.Handler(mux)",
        *(() if all_exact(policy) else declarations(policy)),
        "c := cors.New(cors.Options{",
        *(f"\t{line}," for line in _options(policy)),
        "})",
    ]
    return export.written("\n".join(lines) + "\n")


def _options(policy: Policy) -> Iterator[str]:
    yield _origins(policy)
    yield f"AllowedMethods: {strings(with_safelisted_methods(policy).allow_methods.listed)}"
    names = policy.allow_headers
    yield f"AllowedHeaders: {strings(('*',) if names.any else names.listed or ('Accept',))}"
    if policy.expose_headers:
        yield f"ExposedHeaders: {strings(str(policy.expose_headers).split(', '))}"
    if policy.allow_credentials:
        yield "AllowCredentials: true"
    if policy.max_age is not None:
        yield f"MaxAge: {policy.max_age}"


def _origins(policy: Policy) -> str:
    if policy.literal_wildcard:
        return 'AllowedOrigins: []string{"*"}'
    if all_exact(policy):
        return f"AllowedOrigins: {strings(map(str, policy.allow_origins.patterns))}"
    return f"AllowOriginFunc: {allows(policy)}"


def _said(policy: Policy) -> Policy:
    policy = in_capitals(with_spelled_methods(policy, METHODS))
    names = with_names(policy, lambda name: _READ.fullmatch(name) is not None).allow_headers
    policy = without_echoed_names(replace(policy, allow_headers=names))
    return with_sent_age(without_private_network(policy))


PROFILE = Profile(
    "rs/cors 1.7 with the options that are written for it",
    observed=True,
    preflights=Preflights.METHOD,
    checks=Checks.METHOD | Checks.NAMES | Checks.REQUEST_METHOD,
    preflight=Case(200, Sends.PREFLIGHT, PREFLIGHT_VARY),
    stranger_preflight=Case(200, Sends.NOTHING, PREFLIGHT_VARY),
    denied_preflight=Case(200, Sends.NOTHING, PREFLIGHT_VARY),
    no_origin_preflight=Case(200, Sends.NOTHING, PREFLIGHT_VARY),
    denied=Case(0, Sends.NOTHING, (f.ORIGIN,)),
    varies_if_open=True,
    any_name=Wildcard.ECHO,
    any_name_with_credentials=Wildcard.ECHO,
    sends_asked_method=True,
    sends_asked_names=True,
    any_case_of_methods=True,
    upstream_headers=UpstreamHeaders.WIN,
    on_errors=True,
    keeps=lambda policy: with_safelisted_methods(_said(policy)),
)

FORMS = {"go": "a handler made with cors.New"}

GATEWAY = Gateway("rs/cors for Go", FORMS, write, profile=PROFILE)
