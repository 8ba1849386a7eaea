"""Envoy's CORS filter, whoever writes its settings: what its matchers and lists mean.

It decides by the origin alone, and a matcher that matches the text `*` opens every origin. `*`
among methods and names is the echo of what was asked where it stands alone, and sent as it stands
beside others. Istio and Envoy Gateway hand their own settings on to it.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple

from corsproxy.cors.fetch_standard import NON_WILDCARD_NAMES
from corsproxy.cors.names import (
    WILDCARD,
    Names,
    check_exposed_name,
    check_method,
    check_request_name,
)
from corsproxy.cors.origin import OriginPattern, Origins, PatternError, RegexPattern
from corsproxy.cors.policy import Policy, RefusedRequest
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.foreign_regex import pattern
from corsproxy.gateways.conversion.forwarding import covers_authorization
from corsproxy.gateways.conversion.narrowing import Cut
from corsproxy.gateways.conversion.reading import Entry, Reading
from corsproxy.gateways.conversion.sayable import with_lone_wildcard
from corsproxy.gateways.conversion.sent_literally import sent_literally
from corsproxy.gateways.emulation.profile import Case, Profile, Sends, Wildcard

_LITERALLY = Names(("accept",), any=True)
"""Beside a name that needs no listing the wildcard is sent as it stands."""

_LITERAL = "it is sent as it stands, and browsers take it literally beside credentials"

ECHOED = Cut(
    "Envoy sends back the names asked for, and authorization would be among them",
    "name the headers, or list authorization beside `*`",
)


def said(policy: Policy) -> Policy:
    """`policy` with the lists that the filter can say: it echoes only where that grants enough."""
    names = policy.allow_headers
    if names.any and policy.allow_credentials:
        echoed = Names(tuple(NON_WILDCARD_NAMES), any=True)
        names = echoed if covers_authorization(names) else replace(names, any=False)
    return replace(with_lone_wildcard(policy), allow_headers=names)


def names(export: Export) -> Names:
    """The value of allow_headers, for a policy that `said` gives."""
    policy = export.policy
    listed = sent_literally(export, policy.allow_headers)
    if not listed.any:
        return listed
    if policy.allow_credentials:
        return Names(any=True)
    return listed if listed.listed else _LITERALLY


class Keys(NamedTuple):
    """What a format calls the settings of the filter."""

    origins: str
    methods: str
    names: str
    exposed: str
    credentials: str


RESOURCE_KEYS = Keys(
    "allowOrigins", "allowMethods", "allowHeaders", "exposeHeaders", "allowCredentials"
)
"""Those of the resources of Kubernetes that are handed on to the filter."""


def policy(
    reading: Reading,
    keys: Keys,
    origins: Origins,
    elements: Callable[[str], list[Entry]],
    max_age: int | None,
) -> Policy:
    """What the filter grants; `elements` reads the list under a key."""
    echoes = credentials = reading.flag(keys.credentials)
    if origins.any and credentials:
        effect = "Envoy then lets every page act as the user"
        reading.lose(keys.credentials, effect, "list the origins that may send credentials")
        credentials = False
    found = _names(reading, keys.names, elements, check_request_name, literal=echoes)
    if found == _LITERALLY:
        found = Names(any=True)
    elif found == Names(any=True):
        found = Names(tuple(NON_WILDCARD_NAMES), any=True)
    exposed = elements(keys.exposed)
    return Policy(
        origins,
        _names(reading, keys.methods, elements, check_method, literal=echoes),
        found,
        reading.names(
            keys.exposed, exposed, check_exposed_name, wildcard=_LITERAL if echoes else ""
        ),
        allow_credentials=credentials,
        max_age=max_age,
        refused_request=RefusedRequest.FORWARD,
    )


def _names(
    reading: Reading,
    key: str,
    elements: Callable[[str], list[Entry]],
    check: Callable[[str], str],
    *,
    literal: bool,
) -> Names:
    found = elements(key)
    why = _LITERAL if literal and len(found) > 1 else ""
    return reading.names(key, found, check, wildcard=why)


def origins(reading: Reading, key: str, matchers: Iterable[tuple[str, Entry]]) -> Origins:
    """What matchers match: each an entry, and whether it is `exact` or a `regex`, or what else."""
    found: list[OriginPattern | RegexPattern | None] = []
    for kind, entry in matchers:
        if kind not in ("exact", "regex"):
            effect = "a policy compares whole origins as they are: no part of one, no other case"
            reading.lose(key, effect, "exact, or a regex", entry[1])
        elif _opens_all(kind, entry[0]):
            return Origins(any_origin=True)
        elif kind == "exact":
            found.append(reading.origin(key, entry))
        else:
            found.append(pattern(reading, key, entry))
    return Origins(one for one in found if one is not None)


def _opens_all(kind: str, text: str) -> bool:
    """Whether the matcher matches the text `*`, by which Envoy opens every origin."""
    if kind == "exact":
        return text == WILDCARD
    try:
        return RegexPattern(text).compiled.fullmatch(WILDCARD) is not None
    except PatternError:
        return False


def lose_forwarded(reading: Reading, key: str, fix: str) -> None:
    """Note that refused preflights go to the upstream, as is the filter's default."""
    effect = "Envoy lets the upstream answer refused preflights; here they are refused"
    reading.lose(key, effect, fix)


PROFILE = Profile(
    "Envoy 1.40",
    observed=True,
    preflight=Case(200, Sends.PREFLIGHT | Sends.EXPOSED),
    stranger_preflight=Case(200, Sends.PREFLIGHT & ~Sends.ORIGIN),
    request=Case(0, Sends.REQUEST),
    stranger=Case(),
    no_origin=Case(),
    literal_origin=False,
    any_method=Wildcard.ECHO,
    any_name=Wildcard.LITERAL,
    any_name_with_credentials=Wildcard.ECHO_COVERED,
)
"""The filter itself, which says no Vary; whoever configures it adds what that does beside it."""
