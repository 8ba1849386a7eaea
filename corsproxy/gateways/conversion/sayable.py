"""What of a policy a format can say: the rest taken out, as an export leaves it out."""

from collections.abc import Callable
from dataclasses import replace

from corsproxy.cors.fetch_standard import FORBIDDEN_METHODS
from corsproxy.cors.names import Names
from corsproxy.cors.origin import OriginPattern, Origins, RegexPattern
from corsproxy.cors.policy import Policy

NOBODY = "https://nobody.invalid"
"""An origin that no page can have (RFC 2606, 2), for formats whose empty list is for everybody."""

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")
"""Those of RFC 9110, 9.3, and PATCH (RFC 5789): all that several formats know."""

USABLE_METHODS = tuple(name for name in METHODS if name not in FORBIDDEN_METHODS)
"""Those of them that a page can use."""

NO_NAME = "accept"
"""A request header that needs no allowing, for formats whose empty list is for every name."""

_LISTS = ("allow_methods", "allow_headers", "expose_headers")


def with_origins(policy: Policy, said: Callable[[OriginPattern | RegexPattern], bool]) -> Policy:
    """`policy` with those patterns alone of which `said` holds."""
    origins = policy.allow_origins
    kept = Origins(filter(said, origins.patterns), any_origin=origins.any)
    return replace(policy, allow_origins=kept)


def with_names(policy: Policy, said: Callable[[str], bool]) -> Policy:
    """`policy` with those methods and names alone of which `said` holds."""
    lists: dict[str, Names] = {name: getattr(policy, name) for name in _LISTS}
    kept = {
        name: replace(names, listed=tuple(filter(said, names.listed)))
        for name, names in lists.items()
    }
    return replace(policy, **kept)  # type: ignore[arg-type] # names alone, by _LISTS


def with_lone_wildcard(policy: Policy) -> Policy:
    """`policy` without the methods that are listed beside `*`, where they say nothing more."""
    methods = policy.allow_methods
    return replace(policy, allow_methods=Names(any=True)) if methods.any else policy


def without_wildcards(policy: Policy) -> Policy:
    """`policy` with those methods and names alone that are listed."""
    kept = {name: replace(getattr(policy, name), any=False) for name in _LISTS}
    return replace(policy, **kept)


def without_open_credentials(policy: Policy) -> Policy:
    """`policy` without credentials, where every origin is allowed."""
    if not policy.allow_origins.any:
        return policy
    return replace(policy, allow_credentials=False, dangerously_reflect_any_origin=False)


def with_known_methods(policy: Policy) -> Policy:
    """`policy` with those methods alone that are among METHODS."""
    methods = policy.allow_methods
    kept = tuple(name for name in methods.listed if name in METHODS)
    return replace(policy, allow_methods=replace(methods, listed=kept))
