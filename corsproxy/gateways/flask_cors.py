"""Flask: the extension flask-cors.

It compares plain origins without regard to case, takes what has a special character for a regex,
which has to match the beginning alone, and varies by Origin only beside a regex; so it is given
compiled regexes, with anchors. A method that it does not find in its list gets no list at all. Seen
on Flask 3.1 with flask-cors 6.0, which the tests start.
"""

import re
from collections.abc import Iterator
from typing import Any

from corsproxy.config.settings import Config
from corsproxy.cors import headers as f
from corsproxy.cors.names import Names
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.forwarding import covers_authorization
from corsproxy.gateways.conversion.gateway import Gateway, Written
from corsproxy.gateways.conversion.library_policy import (
    in_capitals,
    narrowed,
    with_safelisted_methods,
    with_spelled_methods,
)
from corsproxy.gateways.conversion.narrowing import ANY, Cut
from corsproxy.gateways.conversion.origin_regex import literal
from corsproxy.gateways.conversion.portable_regex import ORIGINS_CUT, with_portable_origins
from corsproxy.gateways.conversion.python_text import Code, call, raw, regex
from corsproxy.gateways.emulation.profile import (
    Case,
    Checks,
    Preflights,
    Profile,
    Sends,
    UpstreamHeaders,
    Wildcard,
)

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
"""What is written for `*`, which flask-cors would take for the name of a method."""

_READ_AS_REGEX = re.compile(r"[*\\\]?$^\[()]")
_CUTS = {
    "allow_origins": ORIGINS_CUT,
    "allow_methods": Cut("flask-cors writes each method in capitals", "leave it out"),
    "allow_methods" + ANY: Cut(f"only {', '.join(METHODS)} are granted", "name the methods"),
}


def write(config: Config, _: str) -> Written:
    """A call of the extension, for an `app` of Flask."""
    export = Export.of(config)
    policy = narrowed(export, _said, _CUTS)
    given = _options(policy)
    head = "# pip install flask-cors\n"
    if not policy.allow_origins.any:
        head += "import re\n\n"
    return export.written(f"{head}from flask_cors import CORS\n\n{call('CORS', 'app', given)}")


def _options(policy: Policy) -> dict[str, Any]:
    found: dict[str, Any] = {"origins": _origins(policy)}
    if policy.literal_wildcard:
        found["send_wildcard"] = True
    found["methods"] = list(with_safelisted_methods(policy).allow_methods.listed)
    found["allow_headers"] = list(_names(policy.allow_headers))
    if policy.expose_headers:
        found["expose_headers"] = str(policy.expose_headers).split(", ")
    if policy.allow_credentials:
        found["supports_credentials"] = True
    if policy.max_age is not None:
        found["max_age"] = max(policy.max_age, 0) or "0"  # the number 0 would be left out
    if policy.allow_private_network:
        found["allow_private_network"] = True
    return found


def _origins(policy: Policy) -> Any:
    if policy.allow_origins.any:
        return "*"
    return [Code(f"re.compile({regex(one)})") for one in policy.allow_origins.patterns]


def _names(names: Names) -> Iterator[str]:
    if names.any:
        yield "*" if covers_authorization(names) else raw("^(?!authorization$)")
        return
    for name in names.listed:
        yield raw(f"^{literal(name)}$") if _READ_AS_REGEX.search(name) else name


def _said(policy: Policy) -> Policy:
    return in_capitals(with_spelled_methods(with_portable_origins(policy), METHODS))


_GRANTED = Sends.REQUEST | Sends.PRIVATE

PROFILE = Profile(
    "Flask 3.1 with flask-cors 6.0 and the options that are written for it",
    observed=True,
    preflights=Preflights.ALL,
    checks=Checks.METHOD,
    preflight=Case(200, Sends.PREFLIGHT | Sends.EXPOSED, (f.ORIGIN,)),
    stranger_preflight=Case(200),
    denied_preflight=Case(200, _GRANTED, (f.ORIGIN,)),
    request=Case(0, _GRANTED, (f.ORIGIN,)),
    stranger=Case(),
    no_origin=Case(),
    open_to_no_origin=Sends.ORIGIN | Sends.EXPOSED,
    no_origin_preflight=Case(200),
    any_name=Wildcard.ECHO_WHAT_IS_COVERED,
    any_name_with_credentials=Wildcard.ECHO_WHAT_IS_COVERED,
    sends_asked_names=True,
    any_case_of_methods=True,
    open_preflight_vary=(),
    upstream_headers=UpstreamHeaders.WIN,
    keeps=lambda policy: with_safelisted_methods(_said(policy)),
)

FORMS = {"python": "a call of the extension"}

GATEWAY = Gateway("Flask with flask-cors", FORMS, write, profile=PROFILE)
