"""aiohttp: the options of aiohttp-cors.

It knows single origins and `*`, checks methods, in any case, and names itself, and answers 403 to
what it refuses; every OPTIONS request is a preflight to it. It never sends Vary. Options are given
to resources: a route that they were given to would allow its method, listed or not. Seen on
aiohttp-cors 0.8, which the tests start.
"""

from typing import Any

from corsproxy.config.settings import Config
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.gateway import Gateway, Written
from corsproxy.gateways.conversion.library_policy import (
    ECHOED_NAMES,
    NO_PRIVATE_NETWORK,
    in_capitals,
    narrowed,
    with_safelisted_methods,
    without_echoed_names,
    without_private_network,
    without_reflection,
)
from corsproxy.gateways.conversion.narrowing import ANY, Cut
from corsproxy.gateways.conversion.portable_regex import is_exact
from corsproxy.gateways.conversion.python_text import call, value
from corsproxy.gateways.conversion.sayable import with_origins
from corsproxy.gateways.emulation.profile import (
    Case,
    Checks,
    Preflights,
    Profile,
    Sends,
    UpstreamHeaders,
    Wildcard,
)

_CUTS = {
    "allow_origins": Cut("aiohttp-cors compares single origins as text", "list the origins"),
    "allow_methods": Cut("aiohttp-cors compares methods in capitals", "leave it out"),
    "allow_headers" + ANY: ECHOED_NAMES,
    "allow_credentials": Cut("every page would act as the user", "list the origins"),
    "allow_private_network": NO_PRIVATE_NETWORK,
}


def write(config: Config, _: str) -> Written:
    """The lines that come after the last route of an `app`."""
    export = Export.of(config)
    policy = narrowed(export, _said, _CUTS)
    if not policy.literal_wildcard and policy.allow_origins:
        effect = (
            "no Vary: Origin is sent: a cache on the way may give one origin's response to another"
        )
        export.lose("allow_origins", effect, "nothing caches between it and the browser")
    origins = ["*"] if policy.allow_origins.any else list(map(str, policy.allow_origins.patterns))
    given = call("aiohttp_cors.ResourceOptions", "", _options(policy))
    return export.written(
        "# pip install aiohttp-cors\n"
        "import aiohttp_cors\n\n"
        f"options = {given}"
        f"origins = {value(origins)}\n"
        "cors = aiohttp_cors.setup(app, defaults={origin: options for origin in origins})\n"
        "for resource in list(app.router.resources()):\n"
        "    cors.add(resource)\n"
    )


def _options(policy: Policy) -> dict[str, Any]:
    methods = with_safelisted_methods(policy).allow_methods
    found: dict[str, Any] = {"allow_methods": "*" if methods.any else list(methods.listed)}
    names = policy.allow_headers
    found["allow_headers"] = "*" if names.any else list(names.listed)
    if policy.expose_headers:
        found["expose_headers"] = list(policy.expose_headers.listed)
    if policy.expose_headers.any:
        found["expose_headers"] = "*"
    if policy.allow_credentials:
        found["allow_credentials"] = True
    if policy.max_age is not None:
        found["max_age"] = max(policy.max_age, 0)
    return found


def _said(policy: Policy) -> Policy:
    policy = without_reflection(with_origins(policy, is_exact))
    return without_private_network(in_capitals(without_echoed_names(policy)))


PROFILE = Profile(
    "aiohttp 3.14 with aiohttp-cors 0.8 and the options that are written for it",
    observed=True,
    preflights=Preflights.ALL,
    checks=Checks.METHOD | Checks.NAMES,
    preflight=Case(200, Sends.PREFLIGHT),
    stranger_preflight=Case(403),
    denied_preflight=Case(403),
    request=Case(0, Sends.REQUEST),
    stranger=Case(),
    denied=Case(0, Sends.REQUEST),
    no_origin=Case(),
    no_origin_preflight=Case(403),
    literal_origin=False,
    any_method=Wildcard.ECHO,
    any_name=Wildcard.ECHO,
    any_name_with_credentials=Wildcard.ECHO,
    sends_asked_method=True,
    sends_asked_names=True,
    any_case_of_methods=True,
    upstream_headers=UpstreamHeaders.REPLACED,
    keeps=lambda policy: with_safelisted_methods(_said(policy)),
)

FORMS = {"python": "the lines after the last route"}

GATEWAY = Gateway("aiohttp with aiohttp-cors", FORMS, write, profile=PROFILE)
