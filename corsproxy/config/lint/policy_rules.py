"""Lint's rules about methods, names and the rest of a policy. A rule's name is its warning's id."""

from collections.abc import Iterator

from corsproxy.config.diagnostics import Advice, Removal
from corsproxy.config.lint.warning import LintWarning
from corsproxy.cors import fetch_standard as fetch
from corsproxy.cors.policy import Names, Policy
from corsproxy.cors.yaml_scalar import as_yaml


def max_age_capped(policy: Policy) -> Iterator[LintWarning]:
    """Browsers cut the time for which they keep a preflight's response."""
    age = policy.max_age or 0
    if age > fetch.MAX_AGE_CHROMIUM:
        who = f"Chromium cuts max_age at {fetch.MAX_AGE_CHROMIUM} seconds"
        if age > fetch.MAX_AGE_FIREFOX:
            who += f", Firefox at {fetch.MAX_AGE_FIREFOX}"
        yield LintWarning(policy.span("max_age"), who, str(fetch.MAX_AGE_CHROMIUM))


def wildcard_without_authorization(policy: Policy) -> Iterator[LintWarning]:
    """Fetch, "CORS non-wildcard request-header name": the wildcard never covers Authorization."""
    names = policy.allow_headers
    if names.any and not fetch.NON_WILDCARD_NAMES & {name.lower() for name in names.listed}:
        message = "`*` never covers authorization: a request that carries it is refused"
        yield LintWarning(policy.span("allow_headers"), message, '["*", authorization]')


def covered_by_wildcard(policy: Policy, setting: str) -> Iterator[LintWarning]:
    """A name beside the wildcard suggests that removing it would take something away."""
    names: Names = getattr(policy, setting)
    if not names.any:
        return
    for i, name in enumerate(names.listed):
        if setting != "allow_headers" or name.lower() not in fetch.NON_WILDCARD_NAMES:
            message = f"{name} is covered by `*`"
            yield LintWarning(policy.span(setting, str(i)), message, Removal(f"delete {name}"))


def duplicate_name(policy: Policy, setting: str) -> Iterator[LintWarning]:
    """A name that stands twice was probably meant to be another one."""
    names: Names = getattr(policy, setting)
    seen: set[str] = set()
    for i, name in enumerate(names.listed):
        key = name if setting == "allow_methods" else name.lower()
        if key in seen:
            yield LintWarning(
                policy.span(setting, str(i)), f"{name} is listed twice", Removal("delete one")
            )
        seen.add(key)


def lower_case_method(policy: Policy) -> Iterator[LintWarning]:
    """Methods are case-sensitive, and browsers leave `patch` as the page spelled it."""
    for i, method in enumerate(policy.allow_methods.listed):
        if method != method.upper():
            message = f"{method} is not {method.upper()}: methods are case-sensitive"
            place = policy.span("allow_methods", str(i))
            listed = method.upper() in policy.allow_methods.listed
            yield LintWarning(
                place, message, Advice(f"delete {method}") if listed else as_yaml(method.upper())
            )


def needless_exposed_name(policy: Policy) -> Iterator[LintWarning]:
    """Fetch, "CORS-safelisted response-header name": these are readable anyway."""
    for i, name in enumerate(policy.expose_headers.listed):
        if name.lower() in fetch.SAFELISTED_RESPONSE_NAMES:
            message = f"every page can read {name}, exposed or not"
            yield LintWarning(
                policy.span("expose_headers", str(i)), message, Removal(f"delete {name}")
            )


def private_network_unread(policy: Policy) -> Iterator[LintWarning]:
    """Private Network Access was withdrawn; Local Network Access asks the user, not the server."""
    if policy.allow_private_network:
        message = "no current browser asks for or reads Access-Control-Allow-Private-Network"
        yield LintWarning(policy.span("allow_private_network"), message, "false")
