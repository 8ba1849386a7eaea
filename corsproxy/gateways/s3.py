"""Buckets of Amazon S3, and of the stores that have its rules or the like: R2, Cloud Storage.

A store enforces: it compares origin, method and names with each rule, and the first that matches
answers. Granted origins of a list may always send credentials to S3; `*` alone never may. Recorded
against Amazon S3; of the other two only what is documented counts: exact origins, no credentials.
"""

from collections.abc import Sequence
from dataclasses import replace

from corsproxy.config.settings import Config
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
from corsproxy.gateways.conversion.bucket_forms import (
    DIALECTS,
    FORMS,
    Dialect,
    Found,
    Rule,
    found_in,
    spelled,
)
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.forwarding import covers_authorization
from corsproxy.gateways.conversion.gateway import Gateway, Loss, Read, Written
from corsproxy.gateways.conversion.located_yaml import Located
from corsproxy.gateways.conversion.origin_glob import globs, pattern
from corsproxy.gateways.conversion.reading import Entry, Reading, is_opaque
from corsproxy.gateways.conversion.sayable import with_origins, without_open_credentials
from corsproxy.gateways.emulation.profile import (
    PREFLIGHT_VARY,
    Case,
    Checks,
    Preflights,
    Profile,
    Sends,
    Wildcard,
)

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
"""All that a rule can name."""

_EVERY_NAME = Names(tuple(sorted(NON_WILDCARD_NAMES)), any=True)
"""What `*` is among the names of a rule: whatever is asked for is sent back."""


def write(config: Config, form: str) -> Written:
    """One rule in one of FORMS; none where it would let nobody in."""
    export, dialect = Export.of(config), DIALECTS[form]
    rule = _rule(export, dialect)
    if not rule["AllowedOrigins"]:
        effect = "no rule is left: pages read nothing of the bucket"
        export.lose("allow_origins", effect, "allow at least one origin")
        return export.written(spelled([], form))
    return export.written(spelled([rule], form))


def _rule(export: Export, dialect: Dialect) -> Rule:
    policy = export.policy
    if policy.allow_private_network:
        export.lose("allow_private_network", "no preflight is granted it", "false")
    origins = _origins(export, dialect)
    _lose_credentials(export, dialect)
    rule: Rule = {"AllowedOrigins": origins, "AllowedMethods": _methods(export)}
    allowed, exposed = _allowed(export), _exposed(export)
    if dialect.one_list:
        allowed = exposed = _both(export, allowed, exposed)
    if allowed:
        rule["AllowedHeaders"] = list(allowed)
    if exposed:
        rule["ExposeHeaders"] = list(exposed)
    if policy.max_age is not None:
        rule["MaxAgeSeconds"] = max(policy.max_age, 0)
    return rule


def _origins(export: Export, dialect: Dialect) -> list[str]:
    if export.policy.allow_origins.any:
        return [WILDCARD]
    found: list[str] = []
    for i, one in enumerate(export.policy.allow_origins.patterns):
        texts = globs(one)
        if texts and (dialect.globs or WILDCARD not in "".join(texts)):
            found += texts
            continue
        effect = f"{one} cannot be said: pages of it are refused"
        export.lose("allow_origins", effect, "list each origin", i)
    return list(dict.fromkeys(found))


def _lose_credentials(export: Export, dialect: Dialect) -> None:
    policy = export.policy
    if policy.allow_credentials and (policy.allow_origins.any or not dialect.credentials):
        effect = "credentials are not allowed"
        fix = "list the origins that may send credentials, and keep them in Amazon S3"
        export.lose("allow_credentials", effect, fix)
        if policy.dangerously_reflect_any_origin:
            export.lose("dangerously_reflect_any_origin", "`*` is sent as it stands", fix)
        return
    listed = policy.allow_origins and not policy.allow_origins.any
    if listed and dialect.credentials and not policy.allow_credentials:
        effect = "S3 allows them to each origin of a list, and that cannot be switched off"
        export.lose("allow_credentials", effect, "allow_credentials: true")


def _methods(export: Export) -> list[str]:
    """Those that need no listing elsewhere are among them: a rule is asked of each request."""
    names = export.policy.allow_methods
    unknown = [method for method in names.listed if method not in METHODS]
    if names.any or unknown:
        effect = f"a rule knows {', '.join(METHODS)}, and no other method"
        export.lose("allow_methods", effect, "leave the others out")
    return _known_methods(names)


def _known_methods(names: Names) -> list[str]:
    wanted = SAFELISTED_METHODS | {*(METHODS if names.any else names.listed)}
    return [method for method in METHODS if method in wanted]


def _allowed(export: Export) -> tuple[str, ...]:
    names = export.policy.allow_headers
    if names.any and covers_authorization(names):
        return (WILDCARD,)
    if names.any:
        effect = "the bucket takes `*` for authorization as well: it is left out"
        export.lose("allow_headers", effect, "name the headers, or list authorization beside `*`")
    return _without_globs(export, "allow_headers", names.listed)


def _exposed(export: Export) -> tuple[str, ...]:
    names = export.policy.expose_headers
    if names.any:
        export.lose("expose_headers", "S3 refuses `*` there: it is left out", "name the headers")
    return _without_globs(export, "expose_headers", names.listed)


def _without_globs(export: Export, setting: str, names: Sequence[str]) -> tuple[str, ...]:
    taken = tuple(name for name in names if WILDCARD not in name)
    if len(taken) < len(names):
        export.lose(setting, "a `*` in a name stands for any text: it is left out", "rename it")
    return taken


def _both(export: Export, allowed: tuple[str, ...], exposed: tuple[str, ...]) -> tuple[str, ...]:
    """The names that one list for both makes neither allowed nor exposed against the policy."""
    lower = {name.lower() for name in allowed}, {name.lower() for name in exposed}
    kept_allowed = [name for name in allowed if name.lower() in lower[1] | ALWAYS_EXPOSED]
    kept_exposed = [name for name in exposed if name.lower() in lower[0] or not _askable(name)]
    if len(kept_allowed) < len(allowed):
        effect = "one list is for both: what is not in expose_headers, too, is left out"
        export.lose("allow_headers", effect, "list the same names in both")
    if len(kept_exposed) < len(exposed):
        effect = "one list is for both: what is not in allow_headers, too, is left out"
        export.lose("expose_headers", effect, "list the same names in both")
    return tuple({name.lower(): name for name in (*kept_allowed, *kept_exposed)}.values())


def _askable(name: str) -> bool:
    try:
        check_request_name(name)
    except NameRejected:
        return False
    return True


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
    policy, losses = _of_rule(found, first)
    for rule in others:
        other, more = _of_rule(found, rule)
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
    found = [
        _read_origin(reading, entry, dialect, with_plain=entry[0].removesuffix(":*") in listed)
        for entry in entries
        if f"{entry[0]}:*" not in listed
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
        reading.lose(key, effect, f"{', '.join(missing)} as well")
    known = [entry for entry in entries if entry[0] in (*METHODS, WILDCARD)]
    for text, span in entries:
        if text not in (*METHODS, WILDCARD):
            reading.lose(key, f"{text}: {why}", "leave it out", span)
    return reading.names(key, known, check_method, wildcard=why)


def _read_allowed(reading: Reading, dialect: Dialect) -> Names:
    key = "AllowedHeaders"
    entries = reading.entries(key)
    if dialect.one_list:
        entries = [entry for entry in entries if _askable(entry[0]) or not _exposable(entry[0])]
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


def _said(policy: Policy) -> Policy:
    """What of `policy` a bucket of S3 has: credentials with a list of origins, and only there."""
    policy = with_origins(without_open_credentials(policy), lambda one: bool(globs(one)))
    names = policy.allow_headers
    methods = Names(tuple(_known_methods(policy.allow_methods)))
    if not (names.any and covers_authorization(names)):
        names = Names(tuple(name for name in names.listed if WILDCARD not in name))
    exposed = Names(tuple(name for name in policy.expose_headers.listed if WILDCARD not in name))
    return replace(
        policy,
        allow_credentials=bool(policy.allow_origins) and not policy.allow_origins.any,
        allow_methods=methods,
        allow_headers=names,
        expose_headers=exposed,
        allow_private_network=False,
    )


PROFILE = Profile(
    "Amazon S3 in published recordings of it",
    observed=True,
    preflights=Preflights.ALL,
    checks=Checks.METHOD | Checks.NAMES | Checks.REQUEST_METHOD,
    preflight=Case(200, Sends.PREFLIGHT | Sends.EXPOSED, PREFLIGHT_VARY),
    stranger_preflight=Case(403),
    denied_preflight=Case(403),
    no_origin_preflight=Case(400),
    request=Case(0, Sends.REQUEST | Sends.METHODS | Sends.MAX_AGE, PREFLIGHT_VARY),
    stranger=Case(),
    denied=Case(),
    no_origin=Case(),
    varies_if_open=True,
    sends_asked_names=True,
    any_name=Wildcard.ECHO,
    any_name_with_credentials=Wildcard.ECHO,
    keeps=_said,
)

GATEWAY = Gateway("Buckets: Amazon S3, R2, Cloud Storage", FORMS, write, read, profile=PROFILE)
