"""Buckets of Amazon S3, and of the stores that have its rules or the like: R2, Cloud Storage.

A store enforces: it compares origin, method and names with each rule, and the first that matches
answers. Granted origins of a list may always send credentials to S3; `*` alone never may. Recorded
against Amazon S3; of the other two only what is documented counts: exact origins, no credentials.
"""

from collections.abc import Sequence
from dataclasses import replace

from corsproxy.config.settings import Config
from corsproxy.cors.fetch_standard import SAFELISTED_METHODS
from corsproxy.cors.fetch_standard import SAFELISTED_RESPONSE_NAMES as ALWAYS_EXPOSED
from corsproxy.cors.names import WILDCARD, Names
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.bucket_forms import (
    DIALECTS,
    FORMS,
    METHODS,
    Dialect,
    Rule,
    spelled,
)
from corsproxy.gateways.conversion.bucket_reading import askable, read
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.forwarding import covers_authorization
from corsproxy.gateways.conversion.gateway import Gateway, Written
from corsproxy.gateways.conversion.origin_glob import globs
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
    kept_exposed = [name for name in exposed if name.lower() in lower[0] or not askable(name)]
    if len(kept_allowed) < len(allowed):
        effect = "one list is for both: what is not in expose_headers, too, is left out"
        export.lose("allow_headers", effect, "list the same names in both")
    if len(kept_exposed) < len(exposed):
        effect = "one list is for both: what is not in allow_headers, too, is left out"
        export.lose("expose_headers", effect, "list the same names in both")
    return tuple({name.lower(): name for name in (*kept_allowed, *kept_exposed)}.values())


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
