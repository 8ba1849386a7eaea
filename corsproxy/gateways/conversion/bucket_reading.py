"""Rules of buckets on their way to a policy.

Of several rules the first that matches a request answers it, so they are one policy only where they
differ in nothing but their origins.
"""

import json
from dataclasses import replace

from corsproxy.cors.fetch_standard import NON_WILDCARD_NAMES, SAFELISTED_METHODS
from corsproxy.cors.fetch_standard import SAFELISTED_RESPONSE_NAMES as ALWAYS_EXPOSED
from corsproxy.cors.names import (
    WILDCARD,
    NameRejected,
    Names,
    check_exposed_name,
    check_method,
    check_request_name,
)
from corsproxy.cors.origin import OriginPattern, Origins, PatternError, RegexPattern
from corsproxy.cors.policy import MAX_MAX_AGE, Policy, RefusedRequest
from corsproxy.gateways.conversion.bucket_forms import METHODS, Dialect, Found, found_in
from corsproxy.gateways.conversion.gateway import Loss, Read
from corsproxy.gateways.conversion.located_yaml import Located
from corsproxy.gateways.conversion.origin_glob import pattern
from corsproxy.gateways.conversion.reading import Entry, Reading, is_opaque

_EVERY_NAME = Names(tuple(sorted(NON_WILDCARD_NAMES)), any=True)
"""What `*` is among the names of a rule: whatever is asked for is sent back."""

_SETTINGS = {
    "AllowedOrigins": "allow_origins",
    "AllowedMethods": "allow_methods",
    "AllowedHeaders": "allow_headers",
    "ExposeHeaders": "expose_headers",
    "MaxAgeSeconds": "max_age",
}


def read(text: str, source: str) -> Read:
    """The policy of the first rule, and of those after it that say the same of other origins."""
    found = found_in(text, source)
    first, *others = found.rules
    policy, losses, *_ = _of_rule(found, first)
    for rule in others:
        other, more, *_ = _of_rule(found, rule)
        if _but_origins(other) == _but_origins(policy):
            policy = replace(policy, allow_origins=_joined(policy, other))
            losses = (*losses, *more)
            continue
        effect = "it differs from the first in more than its origins, and is a policy of its own"
        fix = "import a file for each rule, and give each a route"
        losses = (*losses, Loss("CORSRules", rule.span, effect, fix))
    return Read(policy, losses)


def _but_origins(policy: Policy) -> object:
    lists = (policy.allow_methods, policy.allow_headers, policy.expose_headers)
    said = tuple((names.any, frozenset(names.listed)) for names in lists)
    return said, policy.allow_credentials, policy.max_age


def _joined(policy: Policy, other: Policy) -> Origins:
    one, two = policy.allow_origins, other.allow_origins
    if one.any or two.any:
        return Origins(any_origin=True)
    return Origins((*one.patterns, *two.patterns))


def _of_rule(found: Found, rule: Located) -> Read:
    reading, dialect = Reading(rule, found.values(rule), _SETTINGS), found.dialect
    for key in reading.values.keys() - _SETTINGS.keys():
        reading.lose(key, "no such key is known", f"one of {', '.join(_SETTINGS)}")
    origins = _read_origins(reading, dialect)
    exposed = _read_exposed(reading, dialect)
    policy = Policy(
        *(origins, _read_methods(reading), _read_allowed(reading, dialect), exposed),
        allow_credentials=dialect.credentials and not origins.any,
        max_age=reading.seconds("MaxAgeSeconds", MAX_MAX_AGE),
        refused_request=RefusedRequest.FORWARD,
    )
    return Read(policy, tuple(reading.losses))


def _read_origins(reading: Reading, dialect: Dialect) -> Origins:
    key = "AllowedOrigins"
    entries = reading.entries(key)
    if any(text == WILDCARD for text, _ in entries):
        if len(entries) > 1:
            effect = "beside `*` it makes no difference but for credentials, which are left out"
            reading.lose(key, effect, "list the origins, or `*` alone")
        return Origins(any_origin=True)
    listed = {text for text, _ in entries}
    beside = {f"{text}:*" for text in listed} & listed
    found = [
        _read_origin(reading, entry, dialect, with_plain=entry[0] in beside)
        for entry in entries
        if f"{entry[0]}:*" not in beside
    ]
    return Origins(dict.fromkeys(one for one in found if one is not None))


def _read_origin(
    reading: Reading, entry: Entry, dialect: Dialect, *, with_plain: bool
) -> OriginPattern | RegexPattern | None:
    """`with_plain` is whether `http://a` stands beside `http://a:*`: that is each port of it."""
    key, (text, span) = "AllowedOrigins", entry
    if WILDCARD not in text or not dialect.globs:
        one = reading.origin(key, entry)
        if is_opaque(one):
            reading.lose(key, "a sandboxed page of anybody has it", "leave it out", span)
            return None
        return one
    try:
        if with_plain and text.count(WILDCARD) == 1:
            return OriginPattern.parse(text, span)
        return pattern(text, span)
    except PatternError as error:
        reading.lose(key, f"{text}: {error.message}", error.fix or "leave it out", span)
        return None


def _read_methods(reading: Reading) -> Names:
    key = "AllowedMethods"
    entries = reading.entries(key)
    why = f"no store knows more methods than {', '.join(METHODS)}"
    missing = sorted(SAFELISTED_METHODS - {text for text, _ in entries})
    if missing:
        effect = f"{', '.join(missing)} are refused by it; here they need no listing"
        every = [text for text, _ in entries if text not in missing] + missing
        reading.lose(key, effect, f"{key}: {json.dumps(every)}")
    known = [entry for entry in entries if entry[0] in (*METHODS, WILDCARD)]
    for text, span in entries:
        if text not in (*METHODS, WILDCARD):
            reading.lose(key, f"{text}: {why}", "leave it out", span)
    return reading.names(key, known, check_method, wildcard=why)


def _read_allowed(reading: Reading, dialect: Dialect) -> Names:
    key = "AllowedHeaders"
    entries = reading.entries(key)
    if dialect.one_list:
        entries = [entry for entry in entries if askable(entry[0]) or not _exposable(entry[0])]
    elif any(text == WILDCARD for text, _ in entries):
        return _EVERY_NAME
    return reading.names(key, _plain(reading, key, entries), check_request_name)


def _read_exposed(reading: Reading, dialect: Dialect) -> Names:
    """Of one list for both, what no page can read is told, if at all, among those to ask for."""
    key = "ExposeHeaders"
    entries = reading.entries(key)
    if dialect.one_list:
        entries = [entry for entry in entries if _exposable(entry[0]) and WILDCARD not in entry[0]]
        entries = [entry for entry in entries if entry[0].lower() not in ALWAYS_EXPOSED]
    return reading.names(key, _plain(reading, key, entries), check_exposed_name)


def _exposable(name: str) -> bool:
    try:
        check_exposed_name(name)
    except NameRejected:
        return False
    return True


def _plain(reading: Reading, key: str, entries: list[Entry]) -> list[Entry]:
    """The entries that name one header."""
    for text, span in entries:
        if WILDCARD in text:
            reading.lose(key, f"{text}: a policy has no such pattern", "name the headers", span)
    return [entry for entry in entries if WILDCARD not in entry[0]]


def askable(name: str) -> bool:
    """Whether a script can set a request header of that name."""
    try:
        check_request_name(name)
    except NameRejected:
        return False
    return True
