"""What the options of a library can say of a policy, and what is told of the rest."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from corsproxy.cors.fetch_standard import SAFELISTED_METHODS
from corsproxy.cors.names import Names
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.forwarding import covers_authorization
from corsproxy.gateways.conversion.narrowing import Cut, narrow

LITERAL_METHODS = Cut(
    "beside credentials browsers take `*` literally: no method but those named is granted",
    "name the methods",
)
LITERAL_NAMES = Cut(
    "beside credentials browsers take `*` literally: no header but those named is granted",
    "name the headers",
)
ECHOED_NAMES = Cut(
    "whatever is asked for is sent back, and authorization would be among it",
    "name the headers, or list authorization beside `*`",
)
NO_PRIVATE_NETWORK = Cut("no preflight is granted it", "false")


def narrowed(export: Export, said: Callable[[Policy], Policy], cuts: Mapping[str, Cut]) -> Policy:
    """The part of the policy that `said` keeps, with nothing exposed that browsers would not."""
    narrow(export, said(export.policy), cuts)
    return replace(export.policy, expose_headers=export.exposed())


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
