"""The CORS rules of Azure Storage, read: of a service's XML, of ARM, or of `az storage cors list`.

A policy has one list where a service has up to five, so rules that differ in more than their
origins are not joined.
"""

from collections.abc import Callable
from dataclasses import replace

from corsproxy.cors.fetch_standard import NON_WILDCARD_NAMES, SAFELISTED_METHODS
from corsproxy.cors.names import (
    WILDCARD,
    Names,
    check_exposed_name,
    check_method,
    check_request_name,
)
from corsproxy.cors.origin import OriginPattern, Origins, PatternError, RegexPattern
from corsproxy.cors.policy import MAX_MAX_AGE, Policy, RefusedRequest
from corsproxy.gateways.conversion import located_xml, located_yaml
from corsproxy.gateways.conversion.gateway import FormatError, Loss, Read
from corsproxy.gateways.conversion.located_yaml import Located
from corsproxy.gateways.conversion.reading import Entry, Reading

MAX_RULES = 5
MAX_ORIGINS = 64
MAX_NAMES = 64
METHODS = frozenset({"DELETE", "GET", "HEAD", "MERGE", "OPTIONS", "PATCH", "POST", "PUT"})
"""What the documentation says of a service, and of a rule."""

_SETTINGS = {
    "AllowedOrigins": "allow_origins",
    "AllowedMethods": "allow_methods",
    "AllowedHeaders": "allow_headers",
    "ExposedHeaders": "expose_headers",
    "MaxAgeInSeconds": "max_age",
}
_OF_A_SERVICE = ("Cors", "CorsRules")
_FORWARD = RefusedRequest.FORWARD


def read(text: str, source: str) -> Read:
    """The policy of the first rule, and of those after it that say the same of other origins."""
    is_xml = text.lstrip("\ufeff \t\r\n").startswith("<")
    root = (located_xml if is_xml else located_yaml).compose(text, source)
    nodes = list(root.everything())
    rules = sorted((node for node in nodes if "AllowedOrigins" in _values(node)), key=_place)
    if rules:
        return _joined(rules)
    if any(_values(node).keys() & {*_OF_A_SERVICE} for node in nodes):
        return Read(Policy(refused_request=_FORWARD))
    message = "no CORS rule in it: the service then lets no page read"
    raise FormatError(message, root.span, "AllowedOrigins and AllowedMethods make a rule")


def _values(node: Located) -> dict[str, Located | None]:
    """What a mapping has, by the names of the XML."""
    return {f"{key[:1].upper()}{key[1:]}": node.get(key) for key in node.keys}


def _place(node: Located) -> tuple[int, int]:
    return node.span.line, node.span.column


def _joined(rules: list[Located]) -> Read:
    policy, losses, *_ = _of_rule(rules[0])
    for i, rule in enumerate(rules[1:], start=2):
        other, more, *_ = _of_rule(rule)
        if i > MAX_RULES:
            effect, fix = f"a service takes {MAX_RULES} rules", "leave this one out"
        elif _but_origins(other) == _but_origins(policy):
            both = (*policy.allow_origins.patterns, *other.allow_origins.patterns)
            policy = replace(
                policy, allow_origins=Origins(both, any_origin=policy.allow_origins.any)
            )
            losses = (*losses, *more)
            continue
        else:
            effect = "it differs from the first in more than its origins: it is a policy of its own"
            fix = "import a file for each rule, and give each a route"
        losses = (*losses, Loss("CorsRule", rule.span, effect, fix))
    return Read(policy, losses)


def _but_origins(policy: Policy) -> object:
    lists = (policy.allow_methods, policy.allow_headers, policy.expose_headers)
    said = tuple((names.any, frozenset(names.listed)) for names in lists)
    return said, policy.allow_credentials, policy.max_age


def _of_rule(rule: Located) -> Read:
    reading = Reading(rule, _values(rule), _SETTINGS)
    for key in reading.values.keys() - _SETTINGS.keys() - {"Service"}:
        reading.lose(key, "a rule has no such key", f"one of {', '.join(_SETTINGS)}")
    age = (reading.values.get("MaxAgeInSeconds") or rule).items
    if age:
        reading.values = {**reading.values, "MaxAgeInSeconds": age[0]}
    origins, credentials = _origins(reading)
    methods = _methods(reading)
    names = _names(reading, "AllowedHeaders", check_request_name)
    if names.any:
        names = Names(tuple(sorted(NON_WILDCARD_NAMES)), any=True)
    policy = Policy(
        *(origins, methods, names, _names(reading, "ExposedHeaders", check_exposed_name)),
        allow_credentials=credentials,
        max_age=reading.seconds("MaxAgeInSeconds", MAX_MAX_AGE),
        refused_request=_FORWARD,
    )
    return Read(policy, tuple(reading.losses))


def _entries(reading: Reading, key: str) -> list[Entry]:
    """A list, or a text with commas, or in XML a list of one such text."""
    value = reading.known(key)
    if value is None:
        return []
    entries = reading.entries(key) if value.items is not None else [(value.text or "", value.span)]
    parts = [(part.strip(), span) for text, span in entries for part in text.split(",")]
    return [(part, span) for part, span in parts if part]


def _origins(reading: Reading) -> tuple[Origins, bool]:
    """The origins of a rule, and whether they may send credentials."""
    key = "AllowedOrigins"
    entries = _entries(reading, key)
    if any(text == WILDCARD for text, _ in entries):
        if len(entries) > 1:
            effect = (
                "`*` beside others lets every page in, and with credentials: those are left out"
            )
            reading.lose(key, effect, "list the origins, or `*` alone")
        return Origins(any_origin=True), False
    found: list[OriginPattern | RegexPattern] = []
    for i, entry in enumerate(entries):
        if any(WILDCARD in text for text, _ in entries[:i]):
            effect = f"{entry[0]} stands behind a pattern, where nothing is looked at any more"
            reading.lose(key, effect, "list it before the pattern", entry[1])
        elif (one := _origin(reading, entry)) is not None:
            found.append(one)
    return Origins(found), True


def _origin(reading: Reading, entry: Entry) -> OriginPattern | RegexPattern | None:
    key, (text, span) = "AllowedOrigins", entry
    if WILDCARD not in text:
        return reading.origin(key, entry)
    try:
        if text in ("http://*", "https://*"):
            return RegexPattern(text.replace(WILDCARD, ".*"), span)
        pattern = OriginPattern.parse(text, span)
        if pattern.port != WILDCARD:
            return pattern
    except PatternError:
        pass
    effect = f"in {text} the `*` stands for any text, not for the parts of a host or a port alone"
    reading.lose(key, effect, "list the origins, or https://*.example.com", span)
    return None


def _methods(reading: Reading) -> Names:
    key = "AllowedMethods"
    entries = _entries(reading, key)
    missing = sorted(SAFELISTED_METHODS - {text for text, _ in entries})
    if missing:
        effect = f"{', '.join(missing)} are refused by it; here they need no listing"
        reading.lose(key, effect, f"{', '.join(missing)} as well")
    for text, span in entries:
        if text not in METHODS:
            effect = f"{text}: a rule knows {', '.join(sorted(METHODS))}, and no other method"
            reading.lose(key, effect, "leave it out", span)
    return reading.names(key, [one for one in entries if one[0] in METHODS], check_method)


def _names(reading: Reading, key: str, check: Callable[[str], str]) -> Names:
    entries = _entries(reading, key)
    for text, span in entries:
        if text != WILDCARD and text.endswith(WILDCARD):
            effect = f"{text} is a beginning of names, which a policy cannot say"
            reading.lose(key, effect, "name the headers", span)
    plain = [one for one in entries if one[0] == WILDCARD or not one[0].endswith(WILDCARD)]
    return reading.names(key, plain, check)
