"""APISIX: the cors plugin of a route.

Lists are texts with commas, and what is left out is `*`. `**` is the echo of the origin and of
names, and beside credentials the only wildcard; there is none of methods that grants more than
those it knows. Expressions are searched for, and the list of origins is not looked at beside them.
Every OPTIONS request is answered, and every response carries all headers. The upstream's own CORS
headers survive where the plugin writes none.
"""

import re
from dataclasses import replace
from functools import partial
from typing import Any

from corsproxy.config.settings import Config
from corsproxy.cors import headers as f
from corsproxy.cors.fetch_standard import FORBIDDEN_METHODS, NON_WILDCARD_NAMES
from corsproxy.cors.names import (
    WILDCARD,
    Names,
    check_exposed_name,
    check_method,
    check_request_name,
)
from corsproxy.cors.origin import OriginPattern, Origins, RegexPattern
from corsproxy.cors.policy import MAX_MAX_AGE, Policy, RefusedRequest
from corsproxy.gateways.conversion import apisix_routes, whole_regex
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.foreign_regex import pattern, unanchored
from corsproxy.gateways.conversion.forwarding import covers_authorization, methods
from corsproxy.gateways.conversion.gateway import Gateway, Loss, Read, Written
from corsproxy.gateways.conversion.located_yaml import Located, compose, the_one
from corsproxy.gateways.conversion.narrowing import ANY, Cut, narrow
from corsproxy.gateways.conversion.origin_regex import regex
from corsproxy.gateways.conversion.read_routes import assembled
from corsproxy.gateways.conversion.reading import Entry, Reading
from corsproxy.gateways.conversion.sayable import NO_NAME, NOBODY, USABLE_METHODS
from corsproxy.gateways.conversion.sent_literally import sent_literally
from corsproxy.gateways.conversion.yaml_text import as_text
from corsproxy.gateways.emulation.profile import (
    Case,
    Preflights,
    Profile,
    Sends,
    UpstreamHeaders,
    Wildcard,
)

_FORCED = "**"
_PLAIN = re.compile(r"\w+://[^,]+", re.ASCII)
_NOTHING_EXPOSED = "cache-control"
"""A response header that every page reads, since without a list some versions write `*`."""

_TITLE = "Goes into a route, a service or a plugin config; the upstream sends no CORS headers"


def write(config: Config, _: str) -> Written:
    """The plugins of a route."""
    export = Export.of(config)
    narrow(export, _said(export.policy), _CUTS)
    policy = export.policy
    exposed = export.exposed()
    found: dict[str, Any] = {
        **_origins(policy),
        "allow_methods": _text(methods(policy.allow_methods)),
        "allow_headers": _names(export),
        "expose_headers": _text(str(exposed)) or _NOTHING_EXPOSED,
        "allow_credential": policy.allow_credentials,
    }
    if policy.max_age is not None:
        found["max_age"] = max(policy.max_age, 0)
    return export.written(as_text({"plugins": {"cors": found}}, _TITLE))


def _origins(policy: Policy) -> dict[str, Any]:
    if policy.allow_origins.any:
        return {"allow_origins": _FORCED if policy.allow_credentials else WILDCARD}
    patterns = policy.allow_origins.patterns
    if all(_is_plain(one) for one in patterns):
        return {"allow_origins": ",".join(map(str, patterns)) or NOBODY}
    expressions = dict.fromkeys(f"^{regex(one)}$" for one in patterns)
    return {"allow_origins": NOBODY, "allow_origins_by_regex": list(expressions)}


def _is_plain(one: OriginPattern | RegexPattern) -> bool:
    exact = isinstance(one, OriginPattern) and one.exact
    return exact and _PLAIN.fullmatch(str(one)) is not None


def _names(export: Export) -> str:
    names = sent_literally(export, export.policy.allow_headers)
    if names.any and export.policy.allow_credentials:
        return _FORCED
    return _text(str(names)) or NO_NAME


def _text(elements: str) -> str:
    return elements.replace(", ", ",")


def _said(policy: Policy) -> Policy:
    """What the plugin can say of `policy`."""
    said = replace(whole_regex.said(policy), allow_private_network=False)
    if not policy.allow_credentials:
        return said
    names = policy.allow_headers
    if names.any:
        forced = Names(tuple(NON_WILDCARD_NAMES), any=True)
        names = forced if covers_authorization(names) else replace(names, any=False)
    allowed = policy.allow_methods
    if allowed.any:
        allowed = Names(tuple(dict.fromkeys((*USABLE_METHODS, *allowed.listed))))
    return replace(said, allow_headers=names, allow_methods=allowed)


_CUTS = {
    "allow_origins": Cut(
        "the expression matches 'null', '*' or nothing as well, which it does not mean here",
        "write it so that it begins with https://",
    ),
    "allow_methods" + ANY: Cut(
        "beside credentials it has no such wildcard: the methods of RFC 9110 and PATCH are listed",
        "name the methods",
    ),
    "allow_headers" + ANY: Cut(
        "APISIX sends back the names asked for, and authorization would be among them",
        "name the headers, or list authorization beside `*`",
    ),
    "allow_private_network": Cut("no preflight is granted it", "allow_private_network: false"),
}

_SETTINGS = {
    "allow_origins_by_regex": "allow_origins",
    "allow_origins_by_metadata": "allow_origins",
    "allow_credential": "allow_credentials",
}
_ELSEWHERE = {
    "allow_origins_by_metadata": "these origins stand in the plugin's metadata, not here",
    "timing_allow_origins": "a policy has nothing of Timing-Allow-Origin",
    "timing_allow_origins_by_regex": "a policy has nothing of Timing-Allow-Origin",
}


def read(text: str, source: str) -> Read:
    """The policies of routes, or of the one cors plugin of what has one."""
    root = compose(text, source)
    found = [block for node in root.everything() if (block := node.path("plugins", "cors"))]
    losses: list[Loss] = []
    policy = partial(_policy_of, losses=losses)
    rules = apisix_routes.rules(root, policy) if found else []
    if rules:
        return assembled(rules, losses)
    return Read(policy(the_one(found, "plugins called cors", root)), tuple(losses))


def _policy_of(block: Located, losses: list[Loss]) -> Policy:
    return _policy(Reading(block, {key: block.get(key) for key in block.keys}, _SETTINGS, losses))


def _policy(reading: Reading) -> Policy:
    for key, effect in _ELSEWHERE.items():
        if reading.values.get(key):
            reading.lose(key, effect, "leave it out")
    credentials = reading.flag("allow_credential")
    origins = _read_origins(reading)
    if origins.any and credentials:
        effect = "APISIX then lets every page act as the user"
        reading.lose("allow_credential", effect, "list the origins that may send credentials")
    return Policy(
        origins,
        _read_methods(reading, literal=credentials),
        _read_names(reading, literal=credentials),
        _read_exposed(reading, literal=credentials),
        allow_credentials=credentials and not origins.any,
        max_age=reading.seconds("max_age", MAX_MAX_AGE),
        refused_request=RefusedRequest.FORWARD,
    )


def _elements(reading: Reading, key: str, default: str = WILDCARD) -> list[Entry]:
    """The elements of a text; `default` is what APISIX takes where none is there."""
    value = reading.known(key)
    if value is None or not value.text:
        return [(default, reading.whole.span)] if default else []
    return [(element, value.span) for element in f.elements(value.text) if element]


def _wildcard(*, literal: bool) -> str:
    return "browsers take `*` literally beside credentials" if literal else ""


def _read_methods(reading: Reading, *, literal: bool) -> Names:
    entries = _elements(reading, "allow_methods")
    if [text for text, _ in entries] == [_FORCED]:
        return Names(USABLE_METHODS)
    usable = [entry for entry in entries if entry[0] not in FORBIDDEN_METHODS]
    why = _wildcard(literal=literal)
    return reading.names("allow_methods", usable, check_method, wildcard=why)


def _read_names(reading: Reading, *, literal: bool) -> Names:
    entries = _elements(reading, "allow_headers")
    if [text for text, _ in entries] == [_FORCED]:
        return Names(tuple(NON_WILDCARD_NAMES), any=True)
    why = _wildcard(literal=literal)
    found = reading.names("allow_headers", entries, check_request_name, wildcard=why)
    return Names() if found == Names((NO_NAME,)) else found


def _read_exposed(reading: Reading, *, literal: bool) -> Names:
    entries = []
    for entry in _elements(reading, "expose_headers", default=""):
        if entry[0] == _FORCED:
            reading.lose("expose_headers", "`**` is sent as it stands", "name the headers")
        elif entry[0] != _NOTHING_EXPOSED:
            entries.append(entry)
    why = _wildcard(literal=literal)
    return reading.names("expose_headers", entries, check_exposed_name, wildcard=why)


def _read_origins(reading: Reading) -> Origins:
    key, by_regex = "allow_origins", "allow_origins_by_regex"
    entries = _elements(reading, key)
    found: list[OriginPattern | RegexPattern | None] = []
    if reading.values.get(by_regex):
        if {text for text, _ in entries} - {NOBODY, WILDCARD}:
            effect = "APISIX does not look at these beside allow_origins_by_regex"
            reading.lose(key, effect, "write each as an expression")
        inner = [unanchored(reading, by_regex, entry) for entry in reading.entries(by_regex)]
        found += [pattern(reading, by_regex, entry) for entry in inner]
    elif {text for text, _ in entries} & {WILDCARD, _FORCED}:
        return Origins(any_origin=True)
    else:
        found += [reading.origin(key, entry) for entry in entries]
    return Origins(one for one in found if one is not None and str(one) != NOBODY)


FORMS = {"plugin": "the cors plugin of a route"}

_VARY = (f.ORIGIN,)
_ALL = Sends.PREFLIGHT & ~Sends.PRIVATE | Sends.EXPOSED

PROFILE = Profile(
    "APISIX' cors plugin, read in its source",
    observed=False,
    preflights=Preflights.ALL,
    preflight=Case(200, _ALL, _VARY),
    stranger_preflight=Case(200, Sends.NOTHING, _VARY),
    request=Case(0, _ALL, _VARY),
    open_to_no_origin=_ALL,
    no_origin_preflight=Case(200, Sends.NOTHING, _VARY),
    any_name=Wildcard.LITERAL,
    any_name_with_credentials=Wildcard.ECHO,
    default_max_age=5,
    upstream_headers=UpstreamHeaders.REPLACED,
    keeps=_said,
)

GATEWAY = Gateway("Apache APISIX", FORMS, write, read, profile=PROFILE)
