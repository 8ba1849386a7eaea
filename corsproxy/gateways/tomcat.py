"""Tomcat: its CORS filter, in web.xml.

It knows single origins and `*`, checks methods and names itself, and answers 403 to what it
refuses, to requests that are no preflights as well. Seen on Tomcat 10.1, which the tests start.
"""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from corsproxy.config.settings import Config
from corsproxy.cors import headers as f
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.gateway import Gateway, Written
from corsproxy.gateways.conversion.library_policy import (
    NO_AGE,
    NO_PRIVATE_NETWORK,
    narrowed,
    with_safelisted_methods,
    with_sent_age,
    with_spelled_methods,
    without_any_name,
    without_private_network,
    without_reflection,
)
from corsproxy.gateways.conversion.narrowing import ANY, Cut
from corsproxy.gateways.conversion.portable_regex import is_exact
from corsproxy.gateways.conversion.sayable import with_origins
from corsproxy.gateways.emulation.profile import (
    PREFLIGHT_VARY,
    Case,
    Checks,
    Profile,
    Sends,
    UpstreamHeaders,
)

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
"""What is written for `*`, which the filter has for origins only."""

_CUTS = {
    "allow_origins": Cut("Tomcat compares single origins as text", "list the origins"),
    "allow_methods" + ANY: Cut(f"only {', '.join(METHODS)} are granted", "name the methods"),
    "allow_headers" + ANY: Cut("the filter has no `*` for names", "name the headers"),
    "allow_credentials": Cut(
        "Tomcat does not start with credentials beside `*`",
        "list the origins that may send credentials",
    ),
    "max_age": NO_AGE,
    "allow_private_network": NO_PRIVATE_NETWORK,
}


def write(config: Config, _: str) -> Written:
    """The filter and its mapping."""
    export = Export.of(config, rejects=True)
    policy = narrowed(export, _said, _CUTS)
    lines = [
        "<!-- Goes into web.xml, before other filters -->",
        "<filter>",
        "  <filter-name>CorsFilter</filter-name>",
        "  <filter-class>org.apache.catalina.filters.CorsFilter</filter-class>",
        *(line for name, value in _parameters(policy) for line in _parameter(name, value)),
        "</filter>",
        "<filter-mapping>",
        "  <filter-name>CorsFilter</filter-name>",
        "  <url-pattern>/*</url-pattern>",
        "</filter-mapping>",
    ]
    return export.written("\n".join(lines) + "\n")


def _parameters(policy: Policy) -> Iterator[tuple[str, str]]:
    origins = policy.allow_origins
    yield "allowed.origins", "*" if origins.any else ",".join(map(str, origins.patterns))
    yield "allowed.methods", ",".join(with_safelisted_methods(policy).allow_methods.listed)
    yield "allowed.headers", ",".join(policy.allow_headers.listed or ("Accept",))
    if policy.expose_headers:
        yield "exposed.headers", str(policy.expose_headers).replace(", ", ",")
    yield "support.credentials", str(policy.allow_credentials).lower()
    yield "preflight.maxage", str(policy.max_age or -1)


def _parameter(name: str, value: str) -> list[str]:
    return [
        "  <init-param>",
        f"    <param-name>cors.{name}</param-name>",
        f"    <param-value>{escape(value)}</param-value>",
        "  </init-param>",
    ]


def _said(policy: Policy) -> Policy:
    policy = without_reflection(with_origins(policy, is_exact))
    policy = without_any_name(with_spelled_methods(policy, METHODS))
    return with_sent_age(without_private_network(policy))


PROFILE = Profile(
    "Tomcat 10.1 with the filter that is written for it",
    observed=True,
    checks=Checks.METHOD | Checks.NAMES | Checks.REQUEST_METHOD | Checks.OPTIONS,
    preflight=Case(200, Sends.PREFLIGHT | Sends.EXPOSED, PREFLIGHT_VARY),
    stranger_preflight=Case(403),
    denied_preflight=Case(403),
    stranger=Case(403),
    denied=Case(403),
    bare_options=Case(0, Sends.PREFLIGHT | Sends.EXPOSED, PREFLIGHT_VARY),
    open_preflight_vary=(f.REQUEST_METHOD, f.REQUEST_HEADERS),
    upstream_headers=UpstreamHeaders.WIN,
    keeps=lambda policy: with_safelisted_methods(_said(policy)),
)

FORMS = {"web.xml": "the filter and its mapping"}

GATEWAY = Gateway("Tomcat", FORMS, write, profile=PROFILE)
