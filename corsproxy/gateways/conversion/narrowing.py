"""What the options of a library can say of a policy; the rest is taken out of it, and told.

The same functions make the policy that a library is written from, and the one that its emulation
decides by, so that the two cannot differ.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from corsproxy.cors.fetch_standard import SAFELISTED_METHODS
from corsproxy.cors.names import Names
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.forwarding import covers_authorization

Told = Mapping[str, tuple[str, str]]
"""By setting, what happens where a part of it is left out, and the fix."""

LITERAL_METHODS = (
    "beside credentials browsers take `*` literally: no method but those named is granted",
    "name the methods",
)
LITERAL_NAMES = (
    "beside credentials browsers take `*` literally: no header but those named is granted",
    "name the headers",
)
ECHOED_NAMES = (
    "whatever is asked for is sent back, and authorization would be among it",
    "name the headers, or list authorization beside `*`",
)
NO_PRIVATE_NETWORK = ("no preflight is granted it", "false")


def narrowed(export: Export, said: Callable[[Policy], Policy], told: Told) -> Policy:
    """The part of the policy that `said` keeps, with nothing exposed that browsers would not."""
    policy, kept = export.policy, said(export.policy)
    left = {*kept.allow_origins.patterns}
    for i, pattern in enumerate(policy.allow_origins.patterns):
        if pattern not in left:
            export.lose("allow_origins", *told["allow_origins"], i)
    for setting, (effect, fix) in told.items():
        changed = getattr(policy, setting) != getattr(kept, setting)
        if setting != "allow_origins" and changed:
            export.lose(setting, effect, fix)
    return replace(kept, expose_headers=export.exposed())


def without_literal_methods(policy: Policy) -> Policy:
    """`policy` without the wildcard of methods where browsers take it literally."""
    if not policy.allow_credentials:
        return policy
    return replace(policy, allow_methods=replace(policy.allow_methods, any=False))


def without_literal_names(policy: Policy) -> Policy:
    """`policy` without the wildcard of names where browsers take it literally."""
    if not policy.allow_credentials:
        return policy
    return replace(policy, allow_headers=replace(policy.allow_headers, any=False))


def without_echoed_names(policy: Policy) -> Policy:
    """`policy` without the wildcard of names unless it covers what an echo would let in."""
    names = policy.allow_headers
    if covers_authorization(names):
        return policy
    return replace(policy, allow_headers=replace(names, any=False))


def with_known_methods(policy: Policy, known: tuple[str, ...]) -> Policy:
    """`policy` with the methods that a library knows in the place of the wildcard."""
    methods = policy.allow_methods
    if not methods.any:
        return policy
    listed = (*known, *(name for name in methods.listed if name not in known))
    return replace(policy, allow_methods=Names(listed))


def with_safelisted_methods(policy: Policy) -> Policy:
    """`policy` with the methods listed that a browser needs no leave for, and a library does."""
    methods = policy.allow_methods
    safe = sorted(SAFELISTED_METHODS - {*methods.listed})
    return replace(policy, allow_methods=replace(methods, listed=(*safe, *methods.listed)))


def without_private_network(policy: Policy) -> Policy:
    """`policy` without the leave to ask for the private network."""
    return replace(policy, allow_private_network=False)
