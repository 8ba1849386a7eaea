"""The headers that answer a preflight.

A refused one gets the headers that did pass, so that the browser stops at the very check that
failed, and its console names it. Fetch, "CORS-preflight fetch", step 7, reads them:
https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
"""

from corsproxy.cors import headers as f
from corsproxy.cors.fetch_standard import SAFELISTED_METHODS
from corsproxy.cors.finding import Finding, Reason
from corsproxy.cors.policy import Policy
from corsproxy.cors.request import Request


def preflight_headers(
    policy: Policy, request: Request, findings: tuple[Finding, Finding, Finding]
) -> tuple[tuple[str, str], ...]:
    """List the headers for these findings: origin, method, names; nothing for a refused origin."""
    origin, method, names = findings
    if not origin.passed:
        return ()
    sent = [policy.allow_origin(request.origin or "")]
    if policy.allow_credentials:
        sent.append((f.ALLOW_CREDENTIALS, "true"))
    if methods := _methods(policy, method):
        sent.append((f.ALLOW_METHODS, methods))
    if allowed := _names(policy, request.requested_names or "", names):
        sent.append((f.ALLOW_HEADERS, allowed))
    if policy.max_age is not None:
        # Fetch wants digits here; 0 is how a response says "do not cache me".
        sent.append((f.MAX_AGE, str(max(policy.max_age, 0))))
    if policy.expose_headers and not policy.expose_every_name:
        sent.append((f.EXPOSE_HEADERS, str(policy.expose_headers)))
    if policy.allow_private_network and request.private_network == "true":
        sent.append((f.ALLOW_PRIVATE_NETWORK, "true"))
    return tuple(sent)


def _methods(policy: Policy, finding: Finding) -> str:
    """Join the whole configured list; for the wildcard `*`, or under credentials the method asked.

    Never nothing beside a refusal: where Allow-Methods is missing, a browser that preflights for
    the sake of upload events takes the method as allowed (Fetch, "CORS-preflight fetch", 7.4:
    https://fetch.spec.whatwg.org/#cors-preflight-fetch-0).
    """
    methods = policy.allow_methods
    if finding.reason is Reason.METHOD_TOO_LONG:  # not even the wildcard may cover it
        return ", ".join(methods.listed or sorted(SAFELISTED_METHODS))
    if methods.any and not policy.allow_credentials:
        return "*"
    echoed = finding.values if methods.any and finding.passed else ()
    listed = dict.fromkeys((*methods.listed, *echoed))
    return ", ".join(listed or ([] if finding.passed else sorted(SAFELISTED_METHODS)))


def _names(policy: Policy, asked: str, finding: Finding) -> str:
    """Join the whole configured list; the wildcard is always spelled out as the names asked.

    `*` is never sent in its place: Chromium lets it cover Authorization, the standard does not,
    and under credentials it is a name like any other.
    """
    if finding.reason in (Reason.TOO_MANY_NAMES, Reason.NAMES_MALFORMED):
        return ""
    known = policy.names_allowed.union(() if finding.passed else finding.values)
    elements = (element.lower() for element in f.elements(asked))
    by_wildcard = dict.fromkeys(name for name in elements if name and name not in known)
    return ", ".join((*policy.allow_headers.listed, *by_wildcard))
