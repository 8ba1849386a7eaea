"""Traefik: the headers middleware in a dynamic configuration, with a router and a service.

The middleware answers every preflight itself and decides by the origin alone; its regexes are not
anchored, its Vary is off unless it is asked for, and of the upstream's own headers it removes those
that customResponseHeaders names with an empty value. Seen on Traefik 3.7, which the tests start.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from corsproxy.config.settings import Config
from corsproxy.cors import headers as f
from corsproxy.cors.fetch_standard import NON_WILDCARD_NAMES
from corsproxy.cors.names import (
    WILDCARD,
    Names,
    check_exposed_name,
    check_method,
    check_request_name,
)
from corsproxy.cors.origin import OriginPattern, Origins
from corsproxy.cors.policy import MAX_MAX_AGE, Policy, RefusedRequest
from corsproxy.gateways.conversion import traefik_reading, whole_regex
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.foreign_regex import pattern, unanchored
from corsproxy.gateways.conversion.forwarding import (
    CARRIED,
    OWN_HEADERS,
    covers_authorization,
    listen,
    methods,
)
from corsproxy.gateways.conversion.gateway import Gateway, Loss, Read, Written
from corsproxy.gateways.conversion.located_yaml import Located, compose, text_at, the_one
from corsproxy.gateways.conversion.origin_regex import regex
from corsproxy.gateways.conversion.read_routes import PASSED, assembled
from corsproxy.gateways.conversion.reading import Reading
from corsproxy.gateways.conversion.sayable import with_lone_wildcard, with_origins
from corsproxy.gateways.conversion.sent_literally import sent_literally
from corsproxy.gateways.conversion.sites import sites
from corsproxy.gateways.conversion.traefik_labels import as_labels, dynamic
from corsproxy.gateways.conversion.traefik_reading import member, members, routers
from corsproxy.gateways.conversion.traefik_routers import routed
from corsproxy.gateways.conversion.yaml_text import as_text
from corsproxy.gateways.emulation.profile import Case, Profile, Sends, Wildcard


def write(config: Config, form: str) -> Written:
    """The dynamic configuration, or its middleware alone, in each of its spellings."""
    if form in _ALONE:
        export = Export.of(config)
        spelled, title = _ALONE[form]
        return export.written(as_text(spelled(_headers(export, form)), title))
    exports = Export.each(config, carried=CARRIED)
    found = routed(sites(exports), partial(_headers, form=form), _service)
    started = f"traefik --entrypoints.web.address={listen(exports[-1]).authority}"
    text = as_text({"http": found}, f"{started} --providers.file.filename=FILE")
    return exports[-1].written(text)


def _as_middleware(headers: dict[str, Any]) -> dict[str, Any]:
    return {"http": {"middlewares": {"cors": {"headers": headers}}}}


def _as_resource(headers: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "traefik.io/v1alpha1",
        "kind": "Middleware",
        "metadata": {"name": "cors"},
        "spec": {"headers": headers},
    }


def _as_labels(headers: dict[str, Any]) -> dict[str, Any]:
    used = {"traefik.http.routers.api.middlewares": "cors"}
    return {"labels": as_labels("cors", headers) | used}


_ALONE: dict[str, tuple[Callable[[dict[str, Any]], dict[str, Any]], str]] = {
    "middleware": (
        _as_middleware,
        "Goes into the dynamic configuration; first in a router's list of middlewares",
    ),
    "crd": (_as_resource, "First in a route's list of middlewares, by its name"),
    "labels": (_as_labels, "Goes into the upstream's service of a compose file"),
}

TEMPLATE = "{{"
"""What begins an expression in every file that Traefik reads, wherever it stands."""


class _Trap(NamedTuple):
    """A text that a form cannot write in the middle of an expression."""

    text: str
    effect: str
    fix: str


_IN_FILES = _Trap(
    TEMPLATE, "Traefik takes `{{` for a template", "write it without two braces together"
)
_TRAPS = {
    "file": _IN_FILES,
    "middleware": _IN_FILES,
    "labels": _Trap(
        ",", "Traefik takes a comma in a label for the end of an entry", "list each origin"
    ),
}


def _headers(export: Export, form: str) -> dict[str, Any]:
    policy = export.policy
    found: dict[str, Any] = _origins(export, _TRAPS.get(form))
    allowed = WILDCARD if policy.allow_methods.any else methods(policy.allow_methods)
    found["accessControlAllowMethods"] = allowed.split(", ")
    if names := _names(export):
        found["accessControlAllowHeaders"] = names
    if exposed := export.exposed():
        found["accessControlExposeHeaders"] = str(exposed).split(", ")
    if policy.max_age is not None:
        found["accessControlMaxAge"] = max(policy.max_age, 0)
    if policy.allow_credentials:
        found["accessControlAllowCredentials"] = True
    if policy.allow_private_network:
        export.lose("allow_private_network", "no preflight is granted it", "false")
    found["addVaryHeader"] = True
    found["customResponseHeaders"] = dict.fromkeys(OWN_HEADERS, "")
    found["customRequestHeaders"] = {"Upgrade": ""}
    return found


def _origins(export: Export, trap: _Trap | None) -> dict[str, Any]:
    if export.policy.allow_origins.any:
        return {"accessControlAllowOriginList": [WILDCARD]}
    exact, others = [], []
    for i, one in enumerate(export.policy.allow_origins.patterns):
        if trap and trap.text in regex(one):
            export.lose("allow_origins", trap.effect, trap.fix, i)
    for one in whole_regex.kept(export):
        if trap and trap.text in regex(one):
            continue
        if isinstance(one, OriginPattern) and one.exact:
            exact.append(str(one))
        else:
            others.append(f"^{regex(one)}$")
    found = {"accessControlAllowOriginList": exact, "accessControlAllowOriginListRegex": others}
    return {key: value for key, value in found.items() if value}


def _said(policy: Policy) -> Policy:
    policy = with_origins(whole_regex.said(policy), lambda one: TEMPLATE not in str(one))
    return replace(with_lone_wildcard(policy), allow_private_network=False)


def _names(export: Export) -> list[str]:
    names = export.policy.allow_headers
    if names.any and export.policy.allow_credentials:
        if covers_authorization(names):
            return [WILDCARD]
        effect = "Traefik sends back the names asked for, and authorization would be among them"
        export.lose("allow_headers", effect, "name the headers, or list authorization beside `*`")
        names = replace(names, any=False)
    sent_literally(export, names)
    return str(names).split(", ") if names else []


def _service(export: Export) -> dict[str, Any]:
    upstream = export.route.upstream
    if upstream.path:
        effect = "Traefik forwards to no socket of the file system: every request is answered 503"
        export.lose("upstream", effect, "let the upstream listen on a port")
    servers = [] if upstream.path else [{"url": str(upstream)}]
    settled = export.config.forward.settled_host(upstream)
    if settled not in ("preserve", "upstream"):
        export.lose("forward.host", "the upstream sees its own", "forward: {host: upstream}")
    return {"loadBalancer": {"servers": servers, "passHostHeader": settled == "preserve"}}


_SETTINGS = {
    "accessControlAllowOriginList": "allow_origins",
    "accessControlAllowOriginListRegex": "allow_origins",
    "accessControlAllowMethods": "allow_methods",
    "accessControlAllowHeaders": "allow_headers",
    "accessControlExposeHeaders": "expose_headers",
    "accessControlMaxAge": "max_age",
    "accessControlAllowCredentials": "allow_credentials",
}
_BY_NAME = {key.lower(): key for key in _SETTINGS}
"""Traefik reads its keys in any case."""


def read(text: str, source: str) -> Read:
    """The policies of routers, or of the one headers middleware with CORS in the text."""
    root = compose(text, source)
    losses: list[Loss] = []
    found = _middlewares(root, source)
    blocks = [block for one in found.values() if (block := member(one, "headers"))]
    parts = [*filter(None, _dynamic(root, source))]
    used = routers(root, parts)
    rules = [*traefik_reading.rules(used, found, partial(_policy_of, losses=losses))]
    if any(rule.policy is not PASSED for rule in rules):
        return assembled(rules, losses)
    block = the_one([one for one in blocks if _has_cors(one)], _WHAT, root)
    return Read(_policy_of(block, losses) or Policy(), tuple(losses))


_WHAT = "headers middlewares with CORS"


def _dynamic(root: Located, source: str) -> tuple[Located | None, Located | None]:
    """What files and labels say, as it stands below `http`."""
    return root.get("http"), dynamic(root, source)


def _middlewares(root: Located, source: str) -> dict[str, Located]:
    """All of them by their names; the headers of a resource without one, too."""
    found: dict[str, Located] = {}
    for part in _dynamic(root, source):
        found |= members(part, "middlewares")
    for node in root.everything():
        spec = node.get("spec")
        if spec is not None and text_at(node, "kind") in ("", "Middleware"):
            found[text_at(node, "metadata", "name").lower()] = spec
    return found


def _policy_of(block: Located, losses: list[Loss]) -> Policy | None:
    if not _has_cors(block):
        return None
    values = {
        _BY_NAME[key.lower()]: block.get(key) for key in block.keys if key.lower() in _BY_NAME
    }
    return _policy(Reading(block, values, _SETTINGS, losses))


def _has_cors(block: Located) -> bool:
    return bool(_BY_NAME.keys() & _lower(block))


def _lower(block: Located) -> set[str]:
    return {key.lower() for key in block.keys}


def _policy(reading: Reading) -> Policy:
    """What Traefik grants: `*` beside credentials is the echo of what was asked."""
    echoes = credentials = reading.flag("accessControlAllowCredentials")
    origins = _read_origins(reading)
    if origins.any and credentials:
        effect = "Traefik then lets every page act as the user"
        fix = "list the origins that may send credentials"
        reading.lose("accessControlAllowCredentials", effect, fix)
        credentials = False
    methods_key, names_key = "accessControlAllowMethods", "accessControlAllowHeaders"
    exposed_key = "accessControlExposeHeaders"
    names = reading.names(names_key, reading.entries(names_key), check_request_name)
    if names.any and echoes:
        names = Names(tuple(NON_WILDCARD_NAMES), any=True)
    never = "Traefik leaves `*` out beside credentials" if echoes else ""
    exposed = reading.entries(exposed_key)
    return Policy(
        origins,
        reading.names(methods_key, reading.entries(methods_key), check_method),
        names,
        reading.names(exposed_key, exposed, check_exposed_name, wildcard=never),
        allow_credentials=credentials,
        max_age=reading.seconds("accessControlMaxAge", MAX_MAX_AGE),
        refused_request=RefusedRequest.FORWARD,
    )


def _read_origins(reading: Reading) -> Origins:
    listed_key, regex_key = "accessControlAllowOriginList", "accessControlAllowOriginListRegex"
    listed = reading.entries(listed_key)
    if any(text == WILDCARD for text, _ in listed):
        return Origins(any_origin=True)
    exact = [reading.origin(listed_key, entry) for entry in listed]
    others = [
        pattern(reading, regex_key, unanchored(reading, regex_key, entry))
        for entry in reading.entries(regex_key)
    ]
    return Origins(one for one in (*exact, *others) if one is not None)


FORMS = {
    "file": "a dynamic configuration: router, middleware, and the upstream as service",
    "middleware": "the middleware alone",
    "crd": "the middleware as a resource of Kubernetes",
    "labels": "the middleware as labels of a compose file",
}

_ALWAYS = Sends.CREDENTIALS | Sends.EXPOSED

PROFILE = Profile(
    "Traefik 3.7 with the dynamic configuration that is written for it",
    observed=True,
    preflight=Case(200, Sends.PREFLIGHT | Sends.EXPOSED),
    stranger_preflight=Case(200, _ALWAYS | Sends.LISTS),
    stranger=Case(0, _ALWAYS, (f.ORIGIN,)),
    no_origin=Case(0, _ALWAYS, (f.ORIGIN,)),
    open_to_no_origin=Sends.ORIGIN,
    varies_if_open=True,
    any_name=Wildcard.LITERAL,
    any_name_with_credentials=Wildcard.ECHO_COVERED,
    keeps=_said,
)

GATEWAY = Gateway("Traefik", FORMS, write, read, forwards=True, profile=PROFILE)
