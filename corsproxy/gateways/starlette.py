"""Starlette and FastAPI: CORSMiddleware.

It checks methods and names itself, GET, HEAD and POST among them, and refuses a preflight with 400.
Content-Type is always among the names that it lets in. Regexes match the whole. Seen on Starlette
1.10, which the tests start.
"""

from typing import Any

from corsproxy.config.settings import Config
from corsproxy.cors import headers as f
from corsproxy.cors.fetch_standard import DEFAULT_MAX_AGE
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.gateway import Gateway, Written
from corsproxy.gateways.conversion.library_policy import (
    ECHOED_NAMES,
    lose_content_type,
    narrowed,
    with_content_type,
    with_safelisted_methods,
    with_spelled_methods,
    without_echoed_names,
)
from corsproxy.gateways.conversion.narrowing import ANY, Cut
from corsproxy.gateways.conversion.portable_regex import (
    ORIGINS_CUT,
    expression,
    is_exact,
    with_portable_origins,
)
from corsproxy.gateways.conversion.python_text import call, raw
from corsproxy.gateways.emulation.profile import (
    PREFLIGHT_VARY,
    Case,
    Checks,
    Profile,
    Sends,
    UpstreamHeaders,
    Wildcard,
)

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY")
"""What `*` stands for."""

_CUTS = {
    "allow_origins": ORIGINS_CUT,
    "allow_methods" + ANY: Cut(
        f"`*` is {', '.join(METHODS)}, and no other method",
        "name the methods",
    ),
    "allow_headers" + ANY: ECHOED_NAMES,
}


def write(config: Config, form: str) -> Written:
    """A call that adds the middleware to an `app`."""
    export = Export.of(config)
    policy = narrowed(export, _said, _CUTS)
    lose_content_type(export)
    package = "fastapi" if form == "fastapi" else "starlette"
    head = f"from {package}.middleware.cors import CORSMiddleware\n\n"
    added = call("app.add_middleware", "CORSMiddleware", _options(policy))
    return export.written(head + added)


def _options(policy: Policy) -> dict[str, Any]:
    found: dict[str, Any] = _origins(policy)
    found["allow_methods"] = str(with_safelisted_methods(policy).allow_methods).split(", ")
    if policy.allow_headers:
        names = policy.allow_headers
        found["allow_headers"] = ["*"] if names.any else list(names.listed)
    if policy.expose_headers:
        found["expose_headers"] = str(policy.expose_headers).split(", ")
    if policy.allow_credentials:
        found["allow_credentials"] = True
    if policy.allow_private_network:
        found["allow_private_network"] = True
    age = DEFAULT_MAX_AGE if policy.max_age is None else max(policy.max_age, 0)
    return {**found, "max_age": age}


def _origins(policy: Policy) -> dict[str, Any]:
    if policy.allow_origins.any:
        return {"allow_origins": ["*"]}
    patterns = policy.allow_origins.patterns
    found: dict[str, Any] = {"allow_origins": [str(one) for one in patterns if is_exact(one)]}
    others = [expression(one) for one in patterns if not is_exact(one)]
    if others:
        found["allow_origin_regex"] = raw("|".join(others))
    return found


def _said(policy: Policy) -> Policy:
    return without_echoed_names(with_spelled_methods(with_portable_origins(policy), METHODS))


_ALWAYS = Sends.CREDENTIALS | Sends.EXPOSED
_VARY = (*PREFLIGHT_VARY, f.REQUEST_PRIVATE_NETWORK)

PROFILE = Profile(
    "Starlette 1.10 with the options that are written for it",
    observed=True,
    checks=Checks.METHOD | Checks.NAMES,
    preflight=Case(200, Sends.PREFLIGHT, _VARY),
    stranger_preflight=Case(400, Sends.CREDENTIALS | Sends.LISTS | Sends.PRIVATE, _VARY),
    denied_preflight=Case(400, Sends.PREFLIGHT, _VARY),
    stranger=Case(0, _ALWAYS, (f.ORIGIN,)),
    varies_if_open=True,
    any_name=Wildcard.ECHO,
    any_name_with_credentials=Wildcard.ECHO,
    default_max_age=DEFAULT_MAX_AGE,
    upstream_headers=UpstreamHeaders.REPLACED,
    on_errors=False,
    keeps=lambda policy: with_content_type(with_safelisted_methods(_said(policy))),
)

FORMS = {
    "starlette": "a call of add_middleware, as Starlette imports it",
    "fastapi": "the same, as FastAPI imports it",
}

GATEWAY = Gateway("Starlette, FastAPI", FORMS, write, profile=PROFILE)
