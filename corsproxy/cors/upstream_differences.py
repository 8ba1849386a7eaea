"""differences: where an upstream's own response says something else than the policy.

For mode `validate`. Only what matters to the request at hand is compared: an upstream that grants
just the method and the names that were asked for is as good as one that lists them all.
"""

from collections.abc import Collection, Iterator, Mapping

from corsproxy.cors import fetch_standard as fetch
from corsproxy.cors import headers as f
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.cors_check import cors_check, get
from corsproxy.cors.browser.verdict import (
    Verdict,
    exposed,
    list_elements,
    on_preflight,
    on_response,
    preflight_cached_for,
)
from corsproxy.cors.checks import MAX_ELEMENTS
from corsproxy.cors.decision import Check, Decision, Kind
from corsproxy.cors.policy import Names, Policy
from corsproxy.cors.reasons import ExplainedReason, explained
from corsproxy.cors.request import Request

Difference = tuple[str, Mapping[str, str]]
"""The id of an entry of the catalogue, and the values that it quotes."""


NOT_MODIFIED = 304


def differences(
    policy: Policy, decision: Decision, status: int, headers: f.Fields
) -> list[ExplainedReason]:
    """Each difference in words, none where upstream and policy agree or CORS was not asked for.

    Nor for a 304: it renews a response that the browser has stored, with the headers of that one.
    """
    if not decision.findings or status == NOT_MODIFIED:
        return []
    preflight = decision.kind is Kind.PREFLIGHT
    found = _of(policy, decision, status, headers)
    return [explained(reason, values, preflight=preflight) for reason, values in found]


def asked_by(request: Request, *, credentials: bool) -> Attempt:
    """The attempt behind a request, as far as a server can see it.

    The values of the asked names are unknown; a browser asked, so they were not safelisted.
    """
    elements = f.elements(request.requested_names or "", MAX_ELEMENTS)
    names = [name for name in elements if name]
    method = request.requested_method or request.method
    headers = tuple((name, UNSAFE_VALUE) for name in names)
    return Attempt(request.origin or "", method, headers, credentials)


UNSAFE_VALUE = '"'
"""A value that no safelisted name may have."""


def verdict_on(decision: Decision, attempt: Attempt, status: int, headers: f.Fields) -> Verdict:
    """The browser's verdict on a response to a preflight or an actual request."""
    judge = on_preflight if decision.kind is Kind.PREFLIGHT else on_response
    return judge(attempt, status, headers)


def _of(policy: Policy, decision: Decision, status: int, headers: f.Fields) -> Iterator[Difference]:
    anonymous = asked_by(decision.request, credentials=False)
    shared = cors_check(anonymous, headers) is None
    if not decision.origin_granted:
        if shared:
            yield "upstream-grants-origin", {"origin": anonymous.origin}
        return
    attempt = anonymous._replace(credentials=policy.allow_credentials)
    verdict = verdict_on(decision, attempt, status, headers)
    refused = {finding.check for finding in decision.refused}
    if not verdict.readable and verdict.stopped_at not in refused:
        yield verdict.reason, verdict.values
    if not shared:
        return
    yield from _on_origin(policy, headers)
    if decision.kind is Kind.PREFLIGHT:
        yield from _on_preflight(policy, attempt, headers)
    elif Check.METHOD not in refused:
        yield from _on_names(policy, attempt, headers)


def _on_origin(policy: Policy, headers: f.Fields) -> Iterator[Difference]:
    allow_origin = get(headers, f.ALLOW_ORIGIN) or ""
    if allow_origin == "*" and not policy.allow_origins.any:
        yield "upstream-grants-any-origin", {}
    if allow_origin == "*":
        return
    if not policy.allow_credentials and get(headers, f.ALLOW_CREDENTIALS) == "true":
        yield "upstream-grants-credentials", {}
    if not varies_by_origin(headers):
        yield "vary-missing", {"got": allow_origin}


def varies_by_origin(headers: f.Fields) -> bool:
    """Whether Vary says that the response depends on Origin."""
    names = {name.lower() for name in f.elements(get(headers, f.VARY) or "")}
    return not names.isdisjoint({"origin", "*"})


def _on_preflight(policy: Policy, attempt: Attempt, headers: f.Fields) -> Iterator[Difference]:
    methods = list_elements(get(headers, f.ALLOW_METHODS)) or []
    safe = fetch.SAFELISTED_METHODS
    if more := beyond(policy.allow_methods, [name for name in methods if name not in safe]):
        yield "upstream-grants-methods", {"methods": ", ".join(more)}
    names = list_elements(get(headers, f.ALLOW_HEADERS)) or []
    if more := beyond(policy.allow_headers, [name.lower() for name in names]):
        yield "upstream-grants-names", {"names": ", ".join(more)}
    if policy.max_age is None:
        return
    expected = min(max(policy.max_age, 0), attempt.browser.max_age_limit)
    kept = preflight_cached_for(attempt, headers)
    if kept != expected:
        yield "upstream-max-age", {"got": str(kept), "expected": str(expected)}


def beyond(allowed: Names, granted: Collection[str]) -> list[str]:
    """What is granted and not allowed, each once; names of headers come in lower case."""
    if allowed.any:
        return []
    listed = set(allowed.listed) | {name.lower() for name in allowed.listed}
    return list(dict.fromkeys(name for name in granted if name not in listed))


def _on_names(policy: Policy, attempt: Attempt, headers: f.Fields) -> Iterator[Difference]:
    """The response headers that one side lets the page read and the other does not."""
    plain = fetch.SAFELISTED_RESPONSE_NAMES
    shown = exposed(attempt, headers)
    expected = {name.lower() for name in policy.expose_headers.listed}
    any_name = policy.expose_headers.any
    readable = names_for_pages(shown.readable)
    more = [name for name in readable if name not in expected | plain]
    if more and not any_name:
        yield "upstream-exposes-names", {"names": ", ".join(more)}
    less = [name for name in names_for_pages(shown.unreadable) if any_name or name in expected]
    if less:
        yield "upstream-hides-names", {"names": ", ".join(less)}


def names_for_pages(names: Collection[str]) -> list[str]:
    """Those of `names` that a page might want to read: no CORS headers, none for browsers."""
    unwanted = f.RESPONSE_NAMES | fetch.FORBIDDEN_RESPONSE_NAMES | _FOR_BROWSERS
    return [name for name in names if name not in unwanted]


_FOR_BROWSERS = frozenset(
    {
        "accept-ranges",
        "age",
        "alt-svc",
        "connection",
        "content-encoding",
        "content-security-policy",
        "cross-origin-embedder-policy",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
        "date",
        "keep-alive",
        "permissions-policy",
        "referrer-policy",
        "server",
        "strict-transport-security",
        "timing-allow-origin",
        "transfer-encoding",
        "vary",
        "via",
        "www-authenticate",
        "x-content-type-options",
        "x-frame-options",
        "x-xss-protection",
    }
)
"""Names that are meant for browsers and caches: hidden from a page, they are not worth a word."""
