"""An HTTP API of AWS as its documentation has it, and the two programs that stand in for it.

Both are given the same configuration, and neither does as the service does: SAM's answers every
OPTIONS and sends the lists with every response, serverless-offline sends any origin back.
"""

from dataclasses import replace

from corsproxy.cors import headers as f
from corsproxy.cors.fetch_standard import SAFELISTED_METHODS
from corsproxy.cors.names import Names
from corsproxy.cors.origin import OPAQUE, OriginPattern, RegexPattern
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.aws_http_api_forms import MAX_MAX_AGE, SCHEMES
from corsproxy.gateways.conversion.sayable import (
    with_origins,
    without_open_credentials,
    without_wildcards,
)
from corsproxy.gateways.emulation.profile import (
    Case,
    Preflights,
    Profile,
    Sends,
    UpstreamHeaders,
    Wildcard,
)

_SCHEMES = frozenset(SCHEMES.values())


def said(policy: Policy) -> Policy:
    """What of `policy` the configuration says."""
    policy = _with_single_origins(without_open_credentials(policy), schemes=True)
    if policy.allow_credentials:
        policy = without_wildcards(policy)
    return replace(policy, allow_private_network=False)


def _with_single_origins(policy: Policy, *, schemes: bool) -> Policy:
    schemes = schemes and not policy.allow_credentials

    def known(one: OriginPattern | RegexPattern) -> bool:
        if isinstance(one, RegexPattern):
            return schemes and one.text in _SCHEMES
        return one.exact and str(one) != OPAQUE

    return with_origins(policy, known)


def _said_locally(policy: Policy) -> Policy:
    """No stand-in takes `https://*` for a pattern."""
    return _with_single_origins(said(policy), schemes=False)


def _said_to_sam(policy: Policy) -> Policy:
    """SAM adds OPTIONS to the methods."""
    policy = _said_locally(policy)
    names = policy.allow_methods or Names(tuple(sorted(SAFELISTED_METHODS)))
    listed = dict.fromkeys((*names.listed, "OPTIONS"))
    return replace(policy, allow_methods=replace(names, listed=tuple(listed)))


HTTP_API = Profile(
    "the developer guide of API Gateway; the status, and errors of its own, are not in it",
    observed=False,
    preflight=Case(204, Sends.PREFLIGHT),
    stranger_preflight=Case(204),
    request=Case(0, Sends.REQUEST),
    stranger=Case(),
    no_origin=Case(),
    any_method_with_credentials=Wildcard.ABSENT,
    any_name=Wildcard.LITERAL,
    any_name_with_credentials=Wildcard.ABSENT,
    max_max_age=MAX_MAX_AGE,
    on_errors=False,
    keeps=said,
)

SAM_LOCAL = Profile(
    "SAM CLI 1.170: preflights as seen, the rest from its source",
    observed=False,
    preflights=Preflights.ALL,
    preflight=Case(200, Sends.PREFLIGHT),
    stranger_preflight=Case(200),
    no_origin_preflight=Case(200),
    request=Case(0, Sends.ORIGIN | Sends.CREDENTIALS | Sends.LISTS),
    stranger=Case(),
    no_origin=Case(),
    any_method=Wildcard.SPELLED,
    any_name=Wildcard.LITERAL,
    all_methods=("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"),
    upstream_headers=UpstreamHeaders.REPLACED,
    on_errors=False,
    keeps=_said_to_sam,
)

_EVERYTHING = Sends.PREFLIGHT | Sends.EXPOSED

SERVERLESS_OFFLINE = Profile(
    "serverless-offline 13 with serverless 3",
    observed=True,
    preflights=Preflights.ALL,
    preflight=Case(204, _EVERYTHING),
    stranger_preflight=Case(204),
    no_origin_preflight=Case(404),
    request=Case(0, _EVERYTHING, (f.ORIGIN,)),
    stranger=Case(0, _EVERYTHING, (f.ORIGIN,)),
    varies_if_open=True,
    literal_origin=False,
    any_name=Wildcard.LITERAL,
    upstream_headers=UpstreamHeaders.REPLACED,
    on_errors=False,
    keeps=_said_locally,
)
