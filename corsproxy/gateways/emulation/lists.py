"""The lists of a preflight's response as a gateway sends them: methods, names, and what is exposed.

Empty where the header is left out, or is there and empty, which is the same to a browser.
"""

from collections.abc import Iterable

from corsproxy.cors import headers as f
from corsproxy.cors.fetch_standard import NON_WILDCARD_NAMES, SAFELISTED_METHODS
from corsproxy.cors.names import WILDCARD, Names
from corsproxy.cors.policy import Policy
from corsproxy.cors.request import Request
from corsproxy.gateways.emulation.profile import Profile, Wildcard


def methods(policy: Policy, profile: Profile, request: Request) -> str:
    """The value of Allow-Methods; without a list the safelisted ones, as an export writes it.

    Where none is sent, a browser takes its own method as allowed (Fetch, "CORS-preflight fetch",
    step 7.4: https://fetch.spec.whatwg.org/#cors-preflight-fetch-0).
    """
    asked = request.requested_method or ""
    if profile.any_case_of_methods:
        asked = asked.upper()
    allowed = policy.allow_methods or Names(tuple(sorted(SAFELISTED_METHODS)))
    how = profile.any_method
    if policy.allow_credentials:
        how = profile.any_method_with_credentials
    if allowed.any and how is Wildcard.SPELLED:
        allowed = Names(profile.all_methods)
    if profile.sends_asked_method and (allowed.any or asked in allowed.listed):
        return asked
    return _listed(allowed, how, [asked])


def names(policy: Policy, profile: Profile, request: Request) -> str:
    """The value of Allow-Headers."""
    allowed = policy.allow_headers
    asked = [name for name in f.elements(request.requested_names or "") if name]
    how = _any_name(policy, profile)
    if profile.sends_asked_names and not (allowed.any and how is Wildcard.LITERAL):
        known = {name.lower() for name in allowed.listed}
        beyond = NON_WILDCARD_NAMES if how is Wildcard.ECHO_WHAT_IS_COVERED else frozenset()
        every = {name for name in asked if allowed.any and name.lower() not in beyond}
        return ", ".join(name for name in asked if name in every or name.lower() in known)
    return _listed(allowed, how, asked)


def echoes_names(policy: Policy, profile: Profile) -> bool:
    """Whether the names asked for are sent back in the place of the wildcard."""
    echoes = (Wildcard.ECHO, Wildcard.ECHO_UNCOVERED, Wildcard.ECHO_COVERED)
    return policy.allow_headers.any and _any_name(policy, profile) in echoes


def _any_name(policy: Policy, profile: Profile) -> Wildcard:
    if policy.allow_credentials:
        return profile.any_name_with_credentials
    return profile.any_name


def exposed(policy: Policy, profile: Profile) -> str:
    """The value of Expose-Headers."""
    how = Wildcard.LITERAL
    if policy.allow_credentials:
        how = profile.any_exposed_with_credentials
    return _listed(policy.expose_headers, how, ())


def max_age(policy: Policy, profile: Profile) -> str:
    """The value of Max-Age."""
    seconds = profile.default_max_age if policy.max_age is None else max(policy.max_age, 0)
    if seconds is None:
        return ""
    return str(seconds if profile.max_max_age is None else min(seconds, profile.max_max_age))


def _listed(allowed: Names, how: Wildcard, asked: Iterable[str]) -> str:
    if not allowed.any or how is Wildcard.ABSENT:
        return ", ".join(allowed.listed)
    if how is Wildcard.LITERAL:
        return ", ".join((WILDCARD, *allowed.listed))
    asked = [name for name in asked if name]
    uncovered = NON_WILDCARD_NAMES - {name.lower() for name in allowed.listed}
    if how is Wildcard.ECHO_COVERED and uncovered:
        return ", ".join(allowed.listed)
    asks_beyond = not uncovered.isdisjoint(name.lower() for name in asked)
    if how is Wildcard.ECHO_UNCOVERED and asks_beyond:
        return ", ".join(allowed.listed)
    return ", ".join(asked)
