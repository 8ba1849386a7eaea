"""What the options of a library can say of a policy, and what is told of the rest."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from corsproxy.cors.fetch_standard import DEFAULT_MAX_AGE, SAFELISTED_METHODS
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
NO_AGE = Cut(
    f"no age is sent, and browsers keep a preflight's response for {DEFAULT_MAX_AGE} s",
    f"max_age: {DEFAULT_MAX_AGE}",
)
CONTENT_TYPE = "content-type"
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


def in_capitals(policy: Policy) -> Policy:
    """`policy` with the methods alone that stay what they are in capitals."""
    methods = policy.allow_methods
    listed = tuple(name for name in methods.listed if name == name.upper())
    return replace(policy, allow_methods=replace(methods, listed=listed))


def with_sent_age(policy: Policy) -> Policy:
    """`policy` without an age of 0, where that is left out."""
    return replace(policy, max_age=policy.max_age if (policy.max_age or 0) > 0 else None)


def lose_content_type(export: Export) -> None:
    """Tell that a library lets this header in, listed or not."""
    if not _lets_content_type_in(export.policy):
        effect = f"{CONTENT_TYPE} is allowed as well, with any value"
        export.lose("allow_headers", effect, f"list {CONTENT_TYPE}, if it may be sent")


def with_content_type(policy: Policy) -> Policy:
    """`policy` with that header."""
    if _lets_content_type_in(policy):
        return policy
    names = policy.allow_headers
    return replace(policy, allow_headers=replace(names, listed=(*names.listed, CONTENT_TYPE)))


def _lets_content_type_in(policy: Policy) -> bool:
    names = policy.allow_headers
    return names.any or CONTENT_TYPE in {name.lower() for name in names.listed}
