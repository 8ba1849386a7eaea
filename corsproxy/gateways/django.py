"""Django: the settings of django-cors-headers.

It decides by the origin alone, which it compares as a URL; its regexes need to match the beginning
alone. `null` beside plain origins would let in every text without a scheme, so it becomes a regex.
An age of 0 is left out. Seen on Django 5.2 with django-cors-headers 4.9, which the tests start.
"""

from typing import Any

from corsproxy.config.settings import Config
from corsproxy.cors import headers as f
from corsproxy.cors.origin import OPAQUE, OriginPattern, RegexPattern
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.forwarding import methods
from corsproxy.gateways.conversion.gateway import Gateway, Written
from corsproxy.gateways.conversion.library_policy import (
    LITERAL_METHODS,
    LITERAL_NAMES,
    NO_AGE,
    narrowed,
    with_sent_age,
    without_literal_methods,
    without_literal_names,
)
from corsproxy.gateways.conversion.narrowing import ANY
from corsproxy.gateways.conversion.portable_regex import (
    ORIGINS_CUT,
    is_exact,
    with_portable_origins,
)
from corsproxy.gateways.conversion.python_text import regex, value
from corsproxy.gateways.conversion.sent_literally import sent_literally
from corsproxy.gateways.emulation.profile import (
    Case,
    Preflights,
    Profile,
    Sends,
    UpstreamHeaders,
    Wildcard,
)

_TITLE = (
    '# settings.py; INSTALLED_APPS has "corsheaders", MIDDLEWARE begins with\n'
    '# "corsheaders.middleware.CorsMiddleware": pip install django-cors-headers\n'
)
_CUTS = {
    "allow_origins": ORIGINS_CUT,
    "allow_methods" + ANY: LITERAL_METHODS,
    "allow_headers" + ANY: LITERAL_NAMES,
    "max_age": NO_AGE,
}


def write(config: Config, _: str) -> Written:
    """The settings."""
    export = Export.of(config)
    policy = narrowed(export, _said, _CUTS)
    sent_literally(export, policy.allow_headers)
    lines = (f"{key} = {value(one)}\n" for key, one in _settings(policy).items())
    return export.written(_TITLE + "".join(lines))


def _settings(policy: Policy) -> dict[str, Any]:
    found = _origins(policy)
    found["CORS_ALLOW_METHODS"] = methods(policy.allow_methods).split(", ")
    names = str(policy.allow_headers)
    found["CORS_ALLOW_HEADERS"] = names.split(", ") if names else []
    if policy.expose_headers:
        found["CORS_EXPOSE_HEADERS"] = str(policy.expose_headers).split(", ")
    if policy.allow_credentials:
        found["CORS_ALLOW_CREDENTIALS"] = True
    if policy.allow_private_network:
        found["CORS_ALLOW_PRIVATE_NETWORK"] = True
    return {**found, "CORS_PREFLIGHT_MAX_AGE": policy.max_age or 0}


def _origins(policy: Policy) -> dict[str, Any]:
    if policy.allow_origins.any:
        return {"CORS_ALLOW_ALL_ORIGINS": True}
    patterns = policy.allow_origins.patterns
    others = [regex(one) for one in patterns if not _is_plain(one)]
    found: dict[str, Any] = {
        "CORS_ALLOWED_ORIGINS": [str(one) for one in filter(_is_plain, patterns)]
    }
    return {**found, "CORS_ALLOWED_ORIGIN_REGEXES": others} if others else found


def _is_plain(pattern: OriginPattern | RegexPattern) -> bool:
    return is_exact(pattern) and str(pattern) != OPAQUE


def _said(policy: Policy) -> Policy:
    policy = without_literal_methods(with_portable_origins(policy))
    return with_sent_age(without_literal_names(policy))


_GRANTED = Sends.REQUEST | Sends.PRIVATE

PROFILE = Profile(
    "Django 5.2 with django-cors-headers 4.9 and the settings that are written for it",
    observed=True,
    preflights=Preflights.METHOD,
    preflight=Case(200, Sends.PREFLIGHT | Sends.EXPOSED, (f.ORIGIN,)),
    stranger_preflight=Case(200, Sends.NOTHING, (f.ORIGIN,)),
    request=Case(0, _GRANTED, (f.ORIGIN,)),
    no_origin_preflight=Case(200, Sends.NOTHING, (f.ORIGIN,)),
    bare_options=Case(0, _GRANTED | Sends.LISTS, (f.ORIGIN,)),
    varies_if_open=True,
    any_name=Wildcard.LITERAL,
    upstream_headers=UpstreamHeaders.REPLACED,
    keeps=_said,
)

FORMS = {"settings.py": "the lines for settings.py"}

GATEWAY = Gateway("Django with django-cors-headers", FORMS, write, profile=PROFILE)
