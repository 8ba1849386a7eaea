"""Elsewhere: what each gateway would have made of the call that an exchange was part of.

The call is read off the request: a preflight names method and headers, an actual request its
method. Both credentials modes are possible; where the request shows that credentials came along,
they did.
"""

from typing import Any

from corsproxy.cors.decision import Kind
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.explain import scene
from corsproxy.cors.explain.exchanges import exchange_outcome
from corsproxy.cors.upstream_differences import asked_by
from corsproxy.gateways.emulation.comparison import compare
from corsproxy.gateways.emulation.comparison_text import elsewhere_json


def elsewhere(exchange: Exchange) -> dict[str, Any]:
    """Whether the page could read here, and what becomes of it at each gateway.

    No gateway is listed for what is no CORS request.
    """
    if exchange.decision.kind not in (Kind.PREFLIGHT, Kind.ACTUAL):
        return {"here": None, "gateways": []}
    request, policy = exchange.decision.request, exchange.policy
    outcome = exchange_outcome(exchange)
    credentials = bool(outcome and outcome.credentials_seen)
    attempt = asked_by(request, credentials=credentials)._replace(target=exchange.target)
    here = scene(policy, attempt, request.own_origin)
    found = [elsewhere_json(one) for one in compare(policy, attempt, request.own_origin)]
    return {"here": "readable" if here.readable else "blocked", "gateways": found}
