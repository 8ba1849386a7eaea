"""The three checks of a browser, as the policy answers them: origin, method, names.

Each is a Finding, passed or not; none of them knows what becomes of the request.
Fetch: "CORS check" for the origin, "CORS-preflight fetch", step 7, for method and names.
https://fetch.spec.whatwg.org/#concept-cors-check
https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
"""

import re

from corsproxy.cors import fetch_standard as fetch
from corsproxy.cors import headers as f
from corsproxy.cors.finding import Check, Finding, Reason
from corsproxy.cors.origin import MAX_ORIGIN_LENGTH
from corsproxy.cors.policy import Policy, RefusedRequest
from corsproxy.cors.request import MAX_METHOD_BYTES, Request

MAX_NAMES = 64
MAX_EMPTY_ELEMENTS = 16
MAX_NAMES_BYTES = 4096
MAX_ELEMENTS = MAX_NAMES + MAX_EMPTY_ELEMENTS
"""Bounds on Access-Control-Request-Headers, which the wildcard sends back as it came; a browser
sends a name once and no empty element, and pages set a dozen names of some twenty bytes."""

_REFLECTABLE = re.compile(rf"[!-~]{{1,{MAX_ORIGIN_LENGTH}}}")
"""What is sent back as it came: short, and of visible ASCII, as every origin is when serialized."""

_BARE_OPTIONS = Finding(Check.METHOD, True, Reason.BARE_OPTIONS, ("OPTIONS",))


def origin_finding(policy: Policy, sent: str) -> Finding:
    """Whether pages of the origin `sent` may read responses.

    Fetch, "CORS check": https://fetch.spec.whatwg.org/#concept-cors-check
    """
    if (known := policy.origin_findings.get(sent)) is not None:
        return known
    # Without reflection it is `*` that is sent, and not what came.
    if policy.allow_origins.any and (policy.literal_wildcard or _REFLECTABLE.fullmatch(sent)):
        where = policy.span("allow_origins", "0")
        return Finding(Check.ORIGIN, True, Reason.ANY_ORIGIN, (sent,), where)
    pattern = policy.allow_origins.match(sent)
    if pattern is not None:
        return Finding(Check.ORIGIN, True, Reason.ORIGIN_LISTED, (sent,), pattern.span)
    where = policy.span("allow_origins")
    return Finding(Check.ORIGIN, False, Reason.ORIGIN_NOT_ALLOWED, (sent,), where)


def handshake_finding(policy: Policy, request: Request) -> Finding:
    """Whether a page may open a WebSocket: no browser withholds from it what comes back.

    So `*` and `refused_request: forward`, which count on the browser for that, do not hold where
    the user's credentials come along: a page of any origin would act and read in the user's name
    (RFC 6455, 10.2). `dangerously_reflect_any_origin` consents to just this.
    """
    found = origin_finding(policy, request.origin or "")
    by_name = found.passed and found.reason is not Reason.ANY_ORIGIN
    if by_name or policy.dangerously_reflect_any_origin or not request.credentials:
        return found
    if not found.passed and policy.refused_request is RefusedRequest.REJECT:
        return found
    return found._replace(passed=False, reason=Reason.WEBSOCKET_WITH_CREDENTIALS)


def method_finding(policy: Policy, sent: str) -> Finding:
    """Whether a page may use the method `sent`, compared with its case.

    Fetch, "CORS-preflight fetch", step 7.5: https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
    """
    if (known := policy.method_findings.get(sent)) is not None:
        return known
    if len(sent) > MAX_METHOD_BYTES:
        return Finding(Check.METHOD, False, Reason.METHOD_TOO_LONG, (sent[:MAX_METHOD_BYTES],))
    if not fetch.TOKEN.fullmatch(sent):
        return Finding(Check.METHOD, False, Reason.METHOD_MALFORMED, (sent,))
    if sent.upper() in fetch.FORBIDDEN_METHODS:
        return Finding(Check.METHOD, False, Reason.METHOD_FORBIDDEN, (sent,))
    where = policy.span("allow_methods")
    if policy.allow_methods.any:
        return Finding(Check.METHOD, True, Reason.ANY_METHOD, (sent,), where)
    return Finding(Check.METHOD, False, Reason.METHOD_NOT_ALLOWED, (sent,), where)


def actual_method_finding(policy: Policy, sent: str) -> Finding:
    """Check the method of an actual request.

    A bare OPTIONS asks the upstream a question of its own; it always may.
    """
    return _BARE_OPTIONS if sent == "OPTIONS" else method_finding(policy, sent)


def names_finding(policy: Policy, sent: str) -> Finding:
    """Whether a page may set the headers named in `sent`; their order and case do not matter.

    Fetch, "CORS-preflight fetch", steps 7.6 and 7.7:
    https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
    """
    if len(sent) > MAX_NAMES_BYTES:
        return Finding(Check.NAMES, False, Reason.TOO_MANY_NAMES)
    elements = f.elements(sent, MAX_ELEMENTS + 1)
    asked = tuple(dict.fromkeys(element.lower() for element in elements if element))
    # `elements` of an empty value is one empty element
    too_many = len(asked) > MAX_NAMES or elements.count("") > MAX_EMPTY_ELEMENTS
    if too_many or len(elements) > MAX_ELEMENTS:
        return Finding(Check.NAMES, False, Reason.TOO_MANY_NAMES, asked[:MAX_NAMES])
    if malformed := tuple(name for name in asked if not fetch.TOKEN.fullmatch(name)):
        return Finding(Check.NAMES, False, Reason.NAMES_MALFORMED, malformed)
    if not asked:
        return Finding(Check.NAMES, True, Reason.NO_NAMES)
    where, wildcard = policy.span("allow_headers"), policy.allow_headers.any
    refused = tuple(name for name in asked if name not in policy.names_allowed)
    if wildcard:
        refused = tuple(name for name in refused if name in fetch.NON_WILDCARD_NAMES)
    if refused:
        return Finding(Check.NAMES, False, Reason.NAMES_NOT_ALLOWED, refused, where)
    return Finding(
        Check.NAMES, True, Reason.ANY_NAME if wildcard else Reason.NAMES_LISTED, asked, where
    )
