"""Spring Cloud Gateway: the CORS of all its routes in application.yml, written and read.

It checks methods and names itself, GET, HEAD and POST among them, and answers 403 to what it
refuses, to requests that are no preflights as well. Its patterns are `*` and lists of ports.
Sources: the reference of Spring Cloud Gateway ("CORS Configuration"), the code of Spring Framework
(CorsConfiguration, DefaultCorsProcessor), and the filter of 4.3, which the tests run: patterns, the
private network, other methods and more of Vary are newer.
"""

import re
from dataclasses import replace
from functools import partial
from typing import Any

from corsproxy.config.settings import Config
from corsproxy.cors.fetch_standard import SAFELISTED_METHODS
from corsproxy.cors.names import (
    WILDCARD,
    Names,
    check_exposed_name,
    check_method,
    check_request_name,
)
from corsproxy.cors.origin import OriginPattern, Origins, PatternError, RegexPattern
from corsproxy.cors.policy import MAX_MAX_AGE, Policy
from corsproxy.gateways.conversion import spring_routes
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.gateway import FormatError, Gateway, Loss, Read, Written
from corsproxy.gateways.conversion.library_policy import (
    ECHOED_NAMES,
    narrowed,
    with_safelisted_methods,
    without_echoed_names,
)
from corsproxy.gateways.conversion.located_yaml import Located, compose
from corsproxy.gateways.conversion.narrowing import ANY, Cut
from corsproxy.gateways.conversion.origin_regex import literal
from corsproxy.gateways.conversion.portable_regex import is_exact
from corsproxy.gateways.conversion.read_routes import PASSED, assembled
from corsproxy.gateways.conversion.reading import Entry, Reading
from corsproxy.gateways.conversion.sayable import with_origins
from corsproxy.gateways.conversion.yaml_text import as_text
from corsproxy.gateways.emulation.profile import (
    PREFLIGHT_VARY,
    Case,
    Checks,
    Profile,
    Sends,
    UpstreamHeaders,
    Wildcard,
)

_CUTS = {
    "allow_origins": Cut("Spring has no regexes, but `*` and ports", "list the origins"),
    "allow_headers" + ANY: ECHOED_NAMES,
}
_PREFIXES = {
    "webflux": ("spring", "cloud", "gateway", "server", "webflux"),
    "older": ("spring", "cloud", "gateway"),
}
FORMS = {
    "webflux": "application.yml, from Spring Cloud Gateway 4.3 on",
    "older": "application.yml, as older ones call it",
}
_HANDLES_ALL = "add-to-simple-url-handler-mapping"
_MAPPINGS = "cors-configurations"
_EVERY_PATH = "[/**]"


def write(config: Config, form: str) -> Written:
    """The lines of application.yml, for every path."""
    export = Export.of(config, rejects=True)
    policy = narrowed(export, _said, _CUTS)
    text: dict[str, Any] = {
        "globalcors": {_HANDLES_ALL: True, _MAPPINGS: {_EVERY_PATH: _block(policy)}}
    }
    for key in reversed(_PREFIXES[form]):
        text = {key: text}
    return export.written(as_text(text, "Goes into application.yml"))


def _block(policy: Policy) -> dict[str, Any]:
    found = _origins(policy)
    methods = with_safelisted_methods(policy).allow_methods
    found["allowedMethods"] = [WILDCARD] if methods.any else list(methods.listed)
    if policy.allow_headers:
        names = policy.allow_headers
        found["allowedHeaders"] = [WILDCARD] if names.any else list(names.listed)
    if policy.expose_headers:
        found["exposedHeaders"] = str(policy.expose_headers).split(", ")
    if policy.allow_credentials:
        found["allowCredentials"] = True
    if policy.max_age is not None:
        found["maxAge"] = max(policy.max_age, 0)
    if policy.allow_private_network:
        found["allowPrivateNetwork"] = True
    return found


def _origins(policy: Policy) -> dict[str, Any]:
    if policy.allow_origins.any:
        key = "allowedOriginPatterns" if policy.allow_credentials else "allowedOrigins"
        return {key: [WILDCARD]}
    patterns = policy.allow_origins.patterns
    exact = [str(one) for one in patterns if is_exact(one)]
    others = [_with_ports(str(one)) for one in patterns if not is_exact(one)]
    found = {"allowedOrigins": exact, "allowedOriginPatterns": others}
    return {key: value for key, value in found.items() if value}


def _with_ports(text: str) -> str:
    return f"{text.removesuffix(':*')}:[*]" if text.endswith(":*") else text


def _said(policy: Policy) -> Policy:
    policy = with_origins(policy, lambda one: isinstance(one, OriginPattern))
    return without_echoed_names(policy)


_SETTINGS = {
    "allowedOrigins": "allow_origins",
    "allowedOriginPatterns": "allow_origins",
    "allowedMethods": "allow_methods",
    "allowedHeaders": "allow_headers",
    "exposedHeaders": "expose_headers",
    "allowCredentials": "allow_credentials",
    "maxAge": "max_age",
    "allowPrivateNetwork": "allow_private_network",
}
_BY_NAME = {key.lower(): key for key in _SETTINGS}
"""Spring reads its keys in any case, with dashes or without."""

_PORTS = re.compile(r"(.*):\[([0-9]+(?:,[0-9]+)*|\*)\]")


def read(text: str, source: str) -> Read:
    """The policies of the paths in an application.yml."""
    root = compose(text, source)
    found = [one for prefix in _PREFIXES.values() if (one := root.path(*prefix))]
    configured = [(one, one.get("globalcors")) for one in found]
    gateway, whole = next(((one, all_) for one, all_ in configured if all_), (None, None))
    losses: list[Loss] = []
    own = spring_routes.of_routes(gateway or found[0], losses) if found else {}
    if whole is None and not own:
        message = "no spring.cloud.gateway.server.webflux.globalcors in it"
        raise FormatError(message, root.span, "name the file that has the routes")
    of_all = _configurations(whole) if whole else []
    blocks = [*own.items(), *(one for one in of_all if one[0].strip("[]") not in own)]
    rules = [*spring_routes.rules(blocks, partial(_policy_of, losses=losses))]
    handles_all = whole and _member(whole, _HANDLES_ALL)
    if whole is not None and (handles_all is None or not handles_all.flag):
        effect = "a preflight is not answered where no route takes OPTIONS"
        losses.append(Loss("allow_methods", whole.span, effect, f"{_HANDLES_ALL}: true"))
    return assembled(rules, losses, rest=PASSED)


def _policy_of(block: Located, losses: list[Loss]) -> Policy:
    values = {_BY_NAME.get(_plain(key), key): block.get(key) for key in block.keys}
    reading = Reading(block, values, _SETTINGS, losses)
    for key in values.keys() - _SETTINGS.keys():
        reading.lose(key, "Spring knows no such key", f"one of {', '.join(_SETTINGS)}")
    return _policy(reading)


def _configurations(whole: Located) -> list[spring_routes.Found]:
    mappings = _member(whole, _MAPPINGS)
    if mappings is None or not mappings.keys:
        place = mappings.span if mappings else whole.span
        raise FormatError("0 CORS configurations: one is needed", place, f"'{_EVERY_PATH}': {{}}")
    found = [(path, mappings.get(path)) for path in mappings.keys]
    blocks = [(path, block) for path, block in found if block is not None]
    if len(blocks) < len(found):
        raise FormatError("an empty CORS configuration", mappings.span, f"'{_EVERY_PATH}': {{}}")
    return blocks


def _plain(key: str) -> str:
    return key.replace("-", "").lower()


def _member(block: Located, name: str) -> Located | None:
    keys = [key for key in block.keys if _plain(key) == _plain(name)]
    return block.get(keys[-1]) if keys else None


def _policy(reading: Reading) -> Policy:
    credentials = reading.flag("allowCredentials")
    origins = _read_origins(reading)
    if origins.any and credentials:
        effect = "every page would act as the user; with allowedOrigins Spring refuses to"
        reading.lose("allowCredentials", effect, "list the origins that may send credentials")
        credentials = False
    names = reading.names("allowedHeaders", _entries(reading, "allowedHeaders"), check_request_name)
    if names.any:  # what was asked for is sent back
        names = replace(names, listed=(*names.listed, "authorization"))
    literal_exposed = "browsers take `*` literally beside credentials" if credentials else ""
    exposed = _entries(reading, "exposedHeaders")
    return Policy(
        origins,
        _read_methods(reading),
        names,
        reading.names("exposedHeaders", exposed, check_exposed_name, wildcard=literal_exposed),
        allow_credentials=credentials,
        max_age=reading.seconds("maxAge", MAX_MAX_AGE),
        allow_private_network=reading.flag("allowPrivateNetwork"),
    )


def _entries(reading: Reading, key: str) -> list[Entry]:
    """The elements of a list, or of a text with commas, which Spring takes for one."""
    value = reading.known(key)
    if value is None or value.items is not None or value.text is None:
        return reading.entries(key)
    return [(part.strip(), value.span) for part in value.text.split(",")]


def _read_methods(reading: Reading) -> Names:
    methods = reading.names("allowedMethods", _entries(reading, "allowedMethods"), check_method)
    unlisted = sorted(SAFELISTED_METHODS - {*methods.listed})
    if unlisted and not methods.any:
        effect = f"Spring refuses {', '.join(unlisted)} to other origins; here they are allowed"
        fix = f"[{', '.join((*unlisted, *methods.listed))}]"
        reading.lose("allowedMethods", effect, fix)
    return methods


def _read_origins(reading: Reading) -> Origins:
    exact, patterns = "allowedOrigins", "allowedOriginPatterns"
    listed, others = _entries(reading, exact), _entries(reading, patterns)
    if any(text == WILDCARD for text, _ in (*listed, *others)):
        return Origins(any_origin=True)
    found: list[OriginPattern | RegexPattern | None] = [
        reading.origin(exact, (text.removesuffix("/"), span)) for text, span in listed
    ]
    found += [_read_pattern(reading, patterns, entry) for entry in others]
    return Origins(one for one in found if one is not None)


def _read_pattern(reading: Reading, key: str, entry: Entry) -> OriginPattern | RegexPattern | None:
    text, span = entry
    ports = _PORTS.fullmatch(text)
    host = ports[1] if ports else text
    try:
        return OriginPattern.parse(f"{host}:*" if ports and ports[2] == "*" else text, span)
    except PatternError as error:
        if WILDCARD not in host and ports is None:
            effect = f"no page has the origin {text!r}: {error.message}"
            reading.lose(key, effect, error.fix or "leave it out", span)
            return None
    expression = ".*".join(map(literal, host.split(WILDCARD)))
    if WILDCARD in host and not host.partition(WILDCARD)[2].startswith("."):
        effect = f"{text} also matches what only ends like it, or begins like it"
        reading.lose(key, effect, "put the `*` before a dot", span)
        return None
    if ports:
        expression += f":(?:{ports[2].replace(',', '|')})" if ports[2] != "*" else "(?::[0-9]+)?"
    return RegexPattern(expression, span)


PROFILE = Profile(
    "the filter of Spring 4.3, and the code of newer ones (CorsConfiguration)",
    observed=False,
    checks=Checks.METHOD | Checks.ONE_NAME | Checks.REQUEST_METHOD | Checks.OPTIONS,
    preflight=Case(200, Sends.PREFLIGHT | Sends.EXPOSED, PREFLIGHT_VARY),
    stranger_preflight=Case(403, Sends.NOTHING, PREFLIGHT_VARY),
    denied_preflight=Case(403, Sends.NOTHING, PREFLIGHT_VARY),
    request=Case(0, Sends.REQUEST, PREFLIGHT_VARY),
    stranger=Case(403, Sends.NOTHING, PREFLIGHT_VARY),
    denied=Case(403, Sends.NOTHING, PREFLIGHT_VARY),
    no_origin=Case(0, Sends.NOTHING, PREFLIGHT_VARY),
    varies_if_open=True,
    any_method=Wildcard.ECHO,
    any_name=Wildcard.ECHO,
    any_name_with_credentials=Wildcard.ECHO,
    sends_asked_names=True,
    any_case=True,
    upstream_headers=UpstreamHeaders.WIN,
    on_errors=False,
    keeps=lambda policy: with_safelisted_methods(_said(policy)),
)

GATEWAY = Gateway("Spring Cloud Gateway", FORMS, write, read, profile=PROFILE)
