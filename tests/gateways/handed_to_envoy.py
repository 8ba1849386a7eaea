"""What control planes hand on to Envoy: an exported resource as the bootstrap that they make of it.

Each is written from its source: Istio's `TranslateCORSPolicy` (pilot/pkg/networking/core/route),
Envoy Gateway's `buildCORS` and `buildXdsCORS` (internal/gatewayapi, internal/xds/translator).
"""

import re
from collections.abc import Callable
from typing import Any

import yaml

from corsproxy.config.settings import Config
from corsproxy.gateways.conversion.durations import seconds_of
from corsproxy.gateways.conversion.registry import gateway

_CORS = "envoy.filters.http.cors"
_LISTS = {
    "allowMethods": "allow_methods",
    "allowHeaders": "allow_headers",
    "exposeHeaders": "expose_headers",
}


def istio(config: Config) -> str:
    """A bootstrap with what Istio makes of the route that is exported for it."""
    route = _document("istio", config)
    cors = route["corsPolicy"]
    matchers = [_istio_matcher(one) for one in cors["allowOrigins"]]
    forwards = cors["unmatchedPreflights"] != "IGNORE"
    removed = route["headers"]["response"]["remove"]
    return _bootstrap(config, _policy(cors, matchers, forwards=forwards), removed)


def envoy_gateway(config: Config) -> str:
    """A bootstrap with what Envoy Gateway makes of the SecurityPolicy that is exported for it."""
    cors = _document("envoy-gateway", config)["spec"]["cors"]
    matchers = [_envoy_gateway_matcher(one) for one in cors["allowOrigins"]]
    return _bootstrap(config, _policy(cors, matchers, forwards=False), [])


HANDED: dict[str, Callable[[Config], str]] = {"istio": istio, "envoy-gateway": envoy_gateway}
"""By the name of the gateway."""


def _document(name: str, config: Config) -> dict[str, Any]:
    one = gateway(name)
    assert one.write is not None
    found: dict[str, Any] = yaml.safe_load(one.write(config, next(iter(one.forms))).text)
    return found


def _istio_matcher(one: dict[str, str]) -> dict[str, Any]:
    return {"exact": one["exact"]} if "exact" in one else {"safe_regex": {"regex": one["regex"]}}


def _envoy_gateway_matcher(text: str) -> dict[str, Any]:
    if "*" not in text:
        return {"exact": text}
    return {"safe_regex": {"regex": re.escape(text).replace(r"\*", ".*")}}


def _policy(
    cors: dict[str, Any], matchers: list[dict[str, Any]], *, forwards: bool
) -> dict[str, Any]:
    found = {to: ",".join(cors[key]) for key, to in _LISTS.items() if key in cors}
    if "maxAge" in cors:
        found["max_age"] = str(seconds_of(cors["maxAge"]))
    return found | {
        "allow_origin_string_match": matchers,
        "allow_credentials": cors.get("allowCredentials", False),
        "forward_not_matching_preflights": forwards,
        "filter_enabled": {"default_value": {"numerator": 100}},
    }


def _bootstrap(config: Config, policy: dict[str, Any], removed: list[str]) -> str:
    """Envoy's own, with `policy` in it, and without the filter that adds Vary."""
    write = gateway("envoy").write
    assert write is not None
    found: dict[str, Any] = yaml.safe_load(write(config, "bootstrap").text)
    (listener,) = found["static_resources"]["listeners"]
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    manager["http_filters"] = manager["http_filters"][1:]
    (host,) = manager["route_config"]["virtual_hosts"]
    host["response_headers_to_remove"] = removed
    kind = host["typed_per_filter_config"][_CORS]["@type"]
    host["typed_per_filter_config"] = {_CORS: {"@type": kind, **policy}}
    return yaml.safe_dump(found)
