"""rack-cors for Ruby, Rails among it: a block of `allow`.

It checks methods, without regard to case, and names itself; Content-Type is always among the names
that it lets in. Texts that do not begin with http are hosts to it, and `^` and `$` the ends of a
line to Ruby. Seen on rack-cors 1.1, which the tests start.
"""

import json
import re
from collections.abc import Iterator

from corsproxy.config.settings import Config
from corsproxy.cors import headers as f
from corsproxy.cors.fetch_standard import DEFAULT_MAX_AGE
from corsproxy.cors.origin import OriginPattern, RegexPattern
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.gateway import Gateway, Written
from corsproxy.gateways.conversion.library_policy import (
    ECHOED_NAMES,
    in_capitals,
    lose_content_type,
    narrowed,
    with_content_type,
    with_safelisted_methods,
    with_spelled_methods,
    without_echoed_names,
    without_private_network,
)
from corsproxy.gateways.conversion.narrowing import ANY, Cut
from corsproxy.gateways.conversion.origin_regex import ANYTHING
from corsproxy.gateways.conversion.portable_regex import (
    ORIGINS_CUT,
    expression,
    is_exact,
    with_portable_origins,
)
from corsproxy.gateways.emulation.profile import (
    Case,
    Checks,
    Profile,
    Sends,
    UpstreamHeaders,
    Wildcard,
)

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
"""What is written for `*`, as rack-cors' own `:any` is."""

_SYMBOL = re.compile(r"[a-z]+")
_SLASH = re.compile(r"\\.|/")
_CUTS = {
    "allow_origins": ORIGINS_CUT,
    "allow_methods": Cut("rack-cors writes each method in capitals", "leave it out"),
    "allow_methods" + ANY: Cut(f"only {', '.join(METHODS)} are granted", "name the methods"),
    "allow_headers" + ANY: ECHOED_NAMES,
    "allow_private_network": Cut("no preflight is granted it", "false"),
}


def write(config: Config, form: str) -> Written:
    """The block, below what Rack or Rails uses the middleware with."""
    export = Export.of(config)
    policy = narrowed(export, _said, _CUTS)
    lose_content_type(export)
    head, comment = _HEADS[form]
    options = ",\n".join(f"      {key}: {value}" for key, value in _options(policy))
    lines = [
        comment,
        f"{head} do",
        "  allow do",
        f"    origins {', '.join(_origins(policy)) or '[]'}",
        f'    resource "*",\n{options}',
        "  end",
        "end",
    ]
    return export.written("\n".join(lines) + "\n")


_HEADS = {
    "rack": ("use Rack::Cors", "# config.ru; gem install rack-cors"),
    "rails": (
        "Rails.application.config.middleware.insert_before 0, Rack::Cors",
        "# config/initializers/cors.rb; gem rack-cors",
    ),
}


def _origins(policy: Policy) -> Iterator[str]:
    if policy.allow_origins.any:
        yield f"/\\A{ANYTHING}\\z/" if policy.allow_credentials else '"*"'
    for one in policy.allow_origins.patterns:
        plain = is_exact(one) and str(one).startswith(("http://", "https://"))
        yield json.dumps(str(one)) if plain else _regex(one)


def _regex(pattern: OriginPattern | RegexPattern) -> str:
    text = expression(pattern).replace("$)(?:", "\\z)(?:", 1)
    return f"/\\A{_SLASH.sub(_escaped, text)}\\z/"


def _escaped(found: "re.Match[str]") -> str:
    return found[0] if len(found[0]) > 1 else r"\/"


def _options(policy: Policy) -> Iterator[tuple[str, str]]:
    names = policy.allow_headers
    if names:
        yield "headers", ":any" if names.any else json.dumps(list(names.listed))
    known = (name.lower() for name in with_safelisted_methods(policy).allow_methods.listed)
    yield "methods", f"[{', '.join(map(_method, known))}]"
    if policy.expose_headers:
        yield "expose", json.dumps(str(policy.expose_headers).split(", "))
    if policy.allow_credentials:
        yield "credentials", "true"
    age = DEFAULT_MAX_AGE if policy.max_age is None else max(policy.max_age, 0)
    yield "max_age", str(age)


def _method(name: str) -> str:
    return f":{name}" if _SYMBOL.fullmatch(name) else json.dumps(name).replace("#", "\\#")


def _said(policy: Policy) -> Policy:
    policy = in_capitals(with_spelled_methods(with_portable_origins(policy), METHODS))
    return without_echoed_names(without_private_network(policy))


_ACTUAL = Sends.REQUEST | Sends.METHODS | Sends.MAX_AGE

PROFILE = Profile(
    "rack-cors 1.1 with the block that is written for it",
    observed=True,
    checks=Checks.METHOD | Checks.NAMES,
    preflight=Case(200, Sends.PREFLIGHT | Sends.EXPOSED),
    stranger_preflight=Case(200),
    denied_preflight=Case(200),
    request=Case(0, _ACTUAL, (f.ORIGIN,)),
    varies_if_open=True,
    any_name=Wildcard.ECHO,
    any_name_with_credentials=Wildcard.ECHO,
    sends_asked_names=True,
    any_case_of_methods=True,
    default_max_age=DEFAULT_MAX_AGE,
    upstream_headers=UpstreamHeaders.WIN,
    on_errors=False,
    keeps=lambda policy: with_content_type(with_safelisted_methods(_said(policy))),
)

FORMS = {
    "rack": "a use of the middleware, for config.ru",
    "rails": "an initializer of Rails",
}

GATEWAY = Gateway("rack-cors for Ruby", FORMS, write, profile=PROFILE)
