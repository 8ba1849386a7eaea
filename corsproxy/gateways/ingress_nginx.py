"""ingress-nginx: the annotations of an Ingress, read only, since the controller is retired.

What is left out has a default, and what its validation refuses gets the default, too: of origins
that is `*`, of credentials it is true. `https://*.x` is one label. Origins are compared in any
case, at their end; every OPTIONS request of a granted origin is answered, a refused one is
forwarded, and all responses carry the lists.
"""

import re
from dataclasses import replace
from functools import partial

from corsproxy.cors import headers as f
from corsproxy.cors.fetch_standard import FORBIDDEN_REQUEST_NAMES
from corsproxy.cors.names import (
    WILDCARD,
    Names,
    check_exposed_name,
    check_method,
    check_request_name,
)
from corsproxy.cors.origin import OriginPattern, Origins, PatternError, RegexPattern
from corsproxy.cors.policy import MAX_MAX_AGE, Policy, RefusedRequest
from corsproxy.gateways.conversion import ingress_routes
from corsproxy.gateways.conversion.gateway import Gateway, Loss, Read
from corsproxy.gateways.conversion.ingress_routes import PREFIX
from corsproxy.gateways.conversion.located_yaml import Located, compose, the_one
from corsproxy.gateways.conversion.origin_regex import literal
from corsproxy.gateways.conversion.read_routes import PASSED, assembled
from corsproxy.gateways.conversion.reading import Entry, Reading
from corsproxy.gateways.emulation.profile import (
    Case,
    Preflights,
    Profile,
    Sends,
    UpstreamHeaders,
    Wildcard,
)

_ORIGIN = re.compile(r"[a-z]+://(?:\*\.)?[A-Za-z0-9.-]*(?::\d+)?|null", re.ASCII)
_ORIGINS = re.compile(r"(?:(?<=[a-z])://|\*\.|[A-Za-z0-9.,-]|:[0-9]+)*")
"""What its validation takes as a whole; an entry that is no origin is left out afterwards."""
_METHODS = re.compile(r"[A-Za-z, ]+")
_NAMES = re.compile(r"[A-Za-z0-9_, -]+")
_EXPOSED = re.compile(r"[A-Za-z0-9_*, -]+")

_DEFAULT_METHODS = "GET, PUT, POST, DELETE, PATCH, OPTIONS"
_DEFAULT_NAMES = (
    "DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,"
    "Range,Authorization"
)
_DEFAULT_MAX_AGE = 1_728_000

_SETTINGS = {
    f"{PREFIX}cors-allow-origin": "allow_origins",
    f"{PREFIX}cors-allow-methods": "allow_methods",
    f"{PREFIX}cors-allow-headers": "allow_headers",
    f"{PREFIX}cors-expose-headers": "expose_headers",
    f"{PREFIX}cors-allow-credentials": "allow_credentials",
    f"{PREFIX}cors-max-age": "max_age",
}


def read(text: str, source: str) -> Read:
    """The policies of Ingresses with rules, or of the one whose annotations switch CORS on."""
    root = compose(text, source)
    found = [node for node in root.everything() if _switches_on(node)]
    losses: list[Loss] = []
    rules = ingress_routes.rules(root, partial(_of_ingress, losses=losses)) if found else []
    if rules:
        return assembled(rules, losses, apart=True)
    what, fix = f"objects have {PREFIX}enable-cors", f'{PREFIX}enable-cors: "true", on one alone'
    return Read(_of_annotations(the_one(found, what, root, fix), losses), tuple(losses))


def _of_ingress(ingress: Located, losses: list[Loss]) -> Policy:
    notes = ingress.path("metadata", "annotations")
    return _of_annotations(notes, losses) if notes and _switches_on(notes) else PASSED


def _of_annotations(block: Located, losses: list[Loss]) -> Policy:
    return _policy(Reading(block, {key: block.get(key) for key in block.keys}, _SETTINGS, losses))


def _switches_on(node: Located) -> bool:
    enabled = node.get(f"{PREFIX}enable-cors")
    return enabled is not None and (enabled.text or "").lower() in ("true", "t", "1")


def _policy(reading: Reading) -> Policy:
    origins = _read_origins(reading)
    credentials = _read_credentials(reading)
    if origins.any and credentials:
        effect = (
            "credentials are on unless they are switched off; beside `*` browsers refuse them, and"
            " a gateway that echoes the origin would let every page act as the user"
        )
        fix = f'{PREFIX}cors-allow-credentials: "false", or the origins that may send them'
        reading.lose(f"{PREFIX}cors-allow-credentials", effect, fix)
    methods = _elements(reading, "cors-allow-methods", _METHODS, _DEFAULT_METHODS)
    names = [
        entry
        for entry in _elements(reading, "cors-allow-headers", _NAMES, _DEFAULT_NAMES)
        if entry[0].lower() not in FORBIDDEN_REQUEST_NAMES
    ]
    exposed = _elements(reading, "cors-expose-headers", _EXPOSED, "")
    literal_ = "browsers take `*` literally beside credentials" if credentials else ""
    return Policy(
        origins,
        reading.names(f"{PREFIX}cors-allow-methods", methods, check_method),
        reading.names(f"{PREFIX}cors-allow-headers", names, check_request_name),
        reading.names(
            f"{PREFIX}cors-expose-headers", exposed, check_exposed_name, wildcard=literal_
        ),
        allow_credentials=credentials and not origins.any,
        max_age=_read_max_age(reading),
        refused_request=RefusedRequest.FORWARD,
    )


def _read_max_age(reading: Reading) -> int | None:
    key = f"{PREFIX}cors-max-age"
    return reading.seconds(key, MAX_MAX_AGE) if reading.values.get(key) else _DEFAULT_MAX_AGE


def _read_credentials(reading: Reading) -> bool:
    key = f"{PREFIX}cors-allow-credentials"
    value = reading.known(key)
    text = (value.text or "").lower() if value else "true"
    if text not in ("true", "t", "1", "false", "f", "0"):
        reading.lose(key, "it is neither true nor false, so it is true there", f'{key}: "false"')
        return False
    return text in ("true", "t", "1")


def _elements(reading: Reading, name: str, valid: re.Pattern[str], default: str) -> list[Entry]:
    """The elements of a text; those of `default` where there is none, or one that is refused."""
    key = PREFIX + name
    value = reading.known(key)
    text = (value.text or "") if value else ""
    if text and not valid.fullmatch(text):
        effect = f"ingress-nginx refuses this, and takes its default: {default or 'none'}"
        reading.lose(key, effect, f'{key}: "{default}"' if default else "leave it out")
        return []
    place = value.span if value else reading.whole.span
    return [(element, place) for element in f.elements(text or default) if element]


def _read_origins(reading: Reading) -> Origins:
    key = f"{PREFIX}cors-allow-origin"
    value = reading.known(key)
    text = (value.text or "").replace(" ", "") if value else ""
    entries = [entry for entry in text.split(",") if entry]
    if not value or not text or text == WILDCARD:
        return Origins(any_origin=True)
    if not _ORIGINS.fullmatch(text):
        wrong = ", ".join(entry for entry in entries if not _ORIGINS.fullmatch(entry))
        effect = f"critical: ingress-nginx refuses the list for {wrong}, and every page gets in"
        sound = ", ".join(entry for entry in entries if _ORIGIN.fullmatch(entry))
        reading.lose(key, effect, f'{key}: "{sound or "https://app.example.com"}"')
        return Origins(any_origin=True)
    found = [_read_origin(reading, (entry, value.span)) for entry in entries]
    return Origins(one for one in found if one is not None)


def _read_origin(reading: Reading, entry: Entry) -> OriginPattern | RegexPattern | None:
    text, span = entry
    key = f"{PREFIX}cors-allow-origin"
    if not _ORIGIN.fullmatch(text):
        fix = "a comma between two origins" if "://" in text else f"https://{text}"
        reading.lose(key, f"ingress-nginx leaves {text} out, which is no origin", fix, span)
        return None
    try:
        found = OriginPattern.parse(text.lower(), span)
    except PatternError as error:
        effect = f"no page has the origin {text!r}: {error.message}"
        reading.lose(key, effect, error.fix or "leave it out", span)
        return None
    return _one_label(found)


def _one_label(pattern: OriginPattern) -> OriginPattern | RegexPattern:
    """What `*.` means there: a single label, without `_`."""
    if not pattern.subdomains:
        return pattern
    exact = str(replace(pattern, subdomains=False)).partition("://")[2]
    return RegexPattern(rf"{pattern.scheme}://[a-z0-9-]+\.{literal(exact)}", pattern.span)


def _said(policy: Policy) -> Policy:
    """What annotations can say of `policy`."""
    patterns = [
        _one_label(one)
        for one in policy.allow_origins.patterns
        if isinstance(one, OriginPattern) and _ORIGIN.fullmatch(str(one))
    ]
    anybody = policy.allow_origins.any
    methods = policy.allow_methods.listed
    return replace(
        policy,
        allow_origins=Origins(patterns, any_origin=anybody),
        allow_methods=Names(tuple(one for one in methods if _METHODS.fullmatch(one))),
        allow_headers=Names(
            tuple(one for one in policy.allow_headers.listed if _NAMES.fullmatch(one))
        ),
        allow_credentials=policy.allow_credentials and not anybody,
        allow_private_network=False,
        dangerously_reflect_any_origin=False,
    )


_ALL = Sends.PREFLIGHT & ~Sends.PRIVATE | Sends.EXPOSED

PROFILE = Profile(
    "nginx 1.22 with the template of ingress-nginx, filled in as its source does",
    observed=True,
    preflights=Preflights.ALL,
    preflight=Case(204, _ALL),
    stranger_preflight=Case(),
    request=Case(0, _ALL),
    stranger=Case(),
    no_origin=Case(),
    open_to_no_origin=_ALL,
    no_origin_preflight=Case(),
    any_exposed_with_credentials=Wildcard.LITERAL,
    default_max_age=_DEFAULT_MAX_AGE,
    any_case=True,
    upstream_headers=UpstreamHeaders.REPLACED,
    keeps=_said,
)

GATEWAY = Gateway("ingress-nginx", read=read, profile=PROFILE)
