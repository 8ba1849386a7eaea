"""Kong: the cors plugin, in a declarative configuration or as a resource of Kubernetes.

What is left out opens: no origins are all, no headers are whatever is asked for, no methods are all
nine. An entry with any character beside letters, digits, `.`, `:`, `/` and `-` is an expression,
matched from the start; one without a colon is asked of the host alone; a plain one that stands
alone is sent to everybody, so it is written as an expression. There is no wildcard of methods.
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
from corsproxy.cors.origin import OPAQUE, OriginPattern, Origins, RegexPattern
from corsproxy.cors.policy import MAX_MAX_AGE, Policy, RefusedRequest
from corsproxy.gateways.conversion import kong_routes, whole_regex
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.foreign_regex import pattern, unanchored
from corsproxy.gateways.conversion.forwarding import covers_authorization, methods
from corsproxy.gateways.conversion.gateway import Gateway, Loss, Read, Written
from corsproxy.gateways.conversion.located_yaml import Located, compose, text_at, the_one
from corsproxy.gateways.conversion.narrowing import ANY, Cut, narrow
from corsproxy.gateways.conversion.origin_regex import regex
from corsproxy.gateways.conversion.read_routes import assembled
from corsproxy.gateways.conversion.reading import Entry, Reading
from corsproxy.gateways.conversion.sayable import (
    NO_NAME,
    NOBODY,
    USABLE_METHODS,
    with_known_methods,
    with_origins,
)
from corsproxy.gateways.conversion.sent_literally import sent_literally
from corsproxy.gateways.conversion.yaml_text import as_text
from corsproxy.gateways.emulation.profile import Case, Profile, Sends, Wildcard

_PLAIN = re.compile(r"[A-Za-z0-9.:/-]+")
_OPAQUE = f"^(?:{OPAQUE})$"
"""With a colon in it, so that it is not asked of a host."""


def write(config: Config, form: str) -> Written:
    """The plugin, for a declarative configuration or as a KongPlugin."""
    export = Export.of(config)
    narrow(export, _said(export.policy), _CUTS)
    plugin = _config(export)
    if form == "kongplugin":
        resource = {
            "apiVersion": "configuration.konghq.com/v1",
            "kind": "KongPlugin",
            "metadata": {"name": "cors"},
            "plugin": "cors",
            "config": plugin,
        }
        return export.written(as_text(resource, "konghq.com/plugins: cors names it in an ingress"))
    title = "Goes into the declarative configuration, or below a service or a route of it"
    return export.written(as_text({"plugins": [{"name": "cors", "config": plugin}]}, title))


def _config(export: Export) -> dict[str, Any]:
    policy = export.policy
    found: dict[str, Any] = {
        "origins": _origins(policy),
        "methods": methods(policy.allow_methods).split(", "),
    }
    names = sent_literally(export, policy.allow_headers)
    if not (names.any and policy.allow_credentials):
        found["headers"] = str(names).split(", ") if names else [NO_NAME]
    if exposed := export.exposed():
        found["exposed_headers"] = str(exposed).split(", ")
    if policy.max_age is not None:
        found["max_age"] = max(policy.max_age, 0)
    return found | {
        "credentials": policy.allow_credentials,
        "private_network": policy.allow_private_network,
        "preflight_continue": False,
        "allow_origin_absent": False,
    }


def _origins(policy: Policy) -> list[str]:
    if policy.allow_origins.any:
        return [WILDCARD]
    patterns = policy.allow_origins.patterns
    alone = len(patterns) == 1
    return [_origin(one, alone=alone) for one in patterns] or [NOBODY]


def _origin(one: OriginPattern | RegexPattern, *, alone: bool) -> str:
    text = str(one)
    if text == OPAQUE:
        return _OPAQUE
    exact = isinstance(one, OriginPattern) and one.exact
    return text if exact and not alone and _PLAIN.fullmatch(text) else f"^{regex(one)}$"


def _said(policy: Policy) -> Policy:
    """What the plugin can say of `policy`."""
    said = with_origins(whole_regex.said(policy), lambda one: "[" not in _host(one))
    names = policy.allow_headers
    if names.any and policy.allow_credentials:
        echoed = Names(tuple(NON_WILDCARD_NAMES), any=True)
        names = echoed if covers_authorization(names) else replace(names, any=False)
    if policy.allow_methods.any:
        said = replace(said, allow_methods=Names(USABLE_METHODS))
    return replace(with_known_methods(said), allow_headers=names)


def _host(one: OriginPattern | RegexPattern) -> str:
    """The text of a pattern, where Kong takes the brackets of IPv6 away; "" of a regex."""
    return str(one) if isinstance(one, OriginPattern) else ""


_CUTS = {
    "allow_origins": Cut(
        "Kong sends IPv6 back without its brackets; and an expression that matches 'null', '*' or"
        " nothing lets those in",
        "leave it out, or write it so that it begins with https://",
    ),
    "allow_methods": Cut("Kong has the methods of RFC 9110 and PATCH alone", "leave it out"),
    "allow_methods" + ANY: Cut(
        "Kong has no wildcard of methods: those that it knows are listed", "name the methods"
    ),
    "allow_headers" + ANY: Cut(
        "Kong sends `*` literally beside credentials, or else whatever is asked for",
        "name the headers, or list authorization beside `*`",
    ),
}

_SETTINGS = {
    "origins": "allow_origins",
    "methods": "allow_methods",
    "headers": "allow_headers",
    "exposed_headers": "expose_headers",
    "credentials": "allow_credentials",
    "private_network": "allow_private_network",
    "preflight_continue": "refused_preflight",
}


def read(text: str, source: str) -> Read:
    """The policies of routes, or of the one cors plugin of a configuration or a KongPlugin."""
    root = compose(text, source)
    found = [one for node in root.everything() for one in _plugins(node)]
    losses: list[Loss] = []
    policy = partial(_policy_of, losses=losses)
    rules = kong_routes.rules(root, policy) if found else []
    if rules:
        return assembled(rules, losses)
    return Read(policy(the_one(found, "plugins called cors", root)), tuple(losses))


def _plugins(node: Located) -> list[Located]:
    """The cors plugins in a list of `node`, or itself as a KongPlugin."""
    own = [node] if text_at(node, "plugin") == "cors" else []
    return [*kong_routes.plugins(node), *own]


def _policy_of(plugin: Located, losses: list[Loss]) -> Policy:
    block = plugin.get("config")
    values = {key: block.get(key) for key in block.keys} if block else {}
    return _policy(Reading(block or plugin, values, _SETTINGS, losses))


def _policy(reading: Reading) -> Policy:
    """What Kong grants: what is not there is open."""
    if reading.flag("preflight_continue"):
        effect = "Kong leaves every preflight to the upstream; here they are answered"
        reading.lose("preflight_continue", effect, "preflight_continue: false")
    credentials = reading.flag("credentials")
    origins = _read_origins(reading)
    if origins.any and credentials:
        effect = "Kong then lets every page act as the user"
        reading.lose("credentials", effect, "list the origins that may send credentials")
    exposed = reading.entries("exposed_headers")
    return Policy(
        origins,
        _read_methods(reading),
        _read_names(reading, literal=credentials),
        reading.names(
            "exposed_headers", exposed, check_exposed_name, wildcard=_LITERAL if credentials else ""
        ),
        allow_credentials=credentials and not origins.any,
        max_age=reading.seconds("max_age", MAX_MAX_AGE),
        allow_private_network=reading.flag("private_network"),
        refused_request=RefusedRequest.FORWARD,
    )


_LITERAL = "it is sent as it stands, and browsers take it literally beside credentials"


def _read_methods(reading: Reading) -> Names:
    entries = reading.entries("methods")
    if reading.values.get("methods") is None:
        return Names(USABLE_METHODS)
    usable = [entry for entry in entries if entry[0] not in FORBIDDEN_METHODS]
    return reading.names("methods", usable, check_method)


def _read_names(reading: Reading, *, literal: bool) -> Names:
    entries = reading.entries("headers")
    if not entries:
        return Names(tuple(NON_WILDCARD_NAMES), any=True)
    wildcard = _LITERAL if literal else ""
    found = reading.names("headers", entries, check_request_name, wildcard=wildcard)
    return Names() if found == Names((NO_NAME,)) else found


def _read_origins(reading: Reading) -> Origins:
    entries = reading.entries("origins")
    if not entries or any(text == WILDCARD for text, _ in entries):
        return Origins(any_origin=True)
    found = [_read_origin(reading, entry) for entry in entries]
    return Origins(one for one in found if one is not None and str(one) != NOBODY)


def _read_origin(reading: Reading, entry: Entry) -> OriginPattern | RegexPattern | None:
    text, span = entry
    if text == _OPAQUE:
        return OriginPattern.parse(OPAQUE, span)
    if _PLAIN.fullmatch(text):
        return reading.origin("origins", entry)
    inner = text.removeprefix("^").removesuffix("$")
    if ":" not in text:
        effect = f"without a colon {text} is asked of the host alone: any scheme and port gets in"
        reading.lose("origins", effect, f"^https://(?:{inner})$", span)
        return None
    return pattern(reading, "origins", unanchored(reading, "origins", (f"^{inner}$", span)))


FORMS = {
    "declarative": "the plugin of a declarative configuration",
    "kongplugin": "a KongPlugin for the ingress controller",
}

_VARY = (f.ORIGIN,)

PROFILE = Profile(
    "Kong's cors plugin, read in its source",
    observed=False,
    preflight=Case(200, Sends.PREFLIGHT, _VARY),
    stranger_preflight=Case(200, Sends.PREFLIGHT & ~Sends.ORIGIN, _VARY),
    stranger=Case(0, Sends.CREDENTIALS | Sends.EXPOSED, _VARY),
    no_origin=Case(),
    any_name=Wildcard.LITERAL,
    any_name_with_credentials=Wildcard.ECHO,
    keeps=_said,
)

GATEWAY = Gateway("Kong", FORMS, write, read, profile=PROFILE)
