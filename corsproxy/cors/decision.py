"""decide: what the policy says of one request. The server enforces this and nothing else.

The checks run in the order in which a browser looks, and all of them run, so that a refusal
names everything that is wrong at once. Fetch: "CORS check", "CORS-preflight fetch".
"""

from enum import StrEnum
from typing import NamedTuple

from corsproxy.cors import fetch_standard as fetch
from corsproxy.cors import fields as f
from corsproxy.cors.policy import Mode, Policy, RefusedPreflight, RefusedRequest
from corsproxy.cors.span import Span

MOST_NAMES = 64
MOST_EMPTY_ELEMENTS = 16
"""Bounds on Access-Control-Request-Headers; a browser sends a name once and no empty element."""


class Kind(StrEnum):
    """What a request is to CORS."""

    NOT_CORS = "not-cors"
    SAME_ORIGIN = "same-origin"
    NAVIGATION = "navigation"
    PREFLIGHT = "preflight"
    ACTUAL = "actual"
    WEBSOCKET = "websocket"


class Check(StrEnum):
    """The checks of a browser, in its order."""

    ORIGIN = "origin"
    METHOD = "method"
    NAMES = "names"


class Reason(StrEnum):
    """Why a check passed or failed: the closed set."""

    ANY_ORIGIN = "any-origin"
    ORIGIN_LISTED = "origin-listed"
    ORIGIN_NOT_ALLOWED = "origin-not-allowed"
    METHOD_SAFELISTED = "method-safelisted"
    METHOD_LISTED = "method-listed"
    ANY_METHOD = "any-method"
    BARE_OPTIONS = "bare-options"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    METHOD_FORBIDDEN = "method-forbidden"
    METHOD_MALFORMED = "method-malformed"
    NO_NAMES = "no-names"
    NAMES_LISTED = "names-listed"
    ANY_NAME = "any-name"
    NAMES_NOT_ALLOWED = "names-not-allowed"
    NAMES_MALFORMED = "names-malformed"
    TOO_MANY_NAMES = "too-many-names"


class Action(StrEnum):
    """What the proxy does with the request."""

    FORWARD = "forward"
    ANSWER = "answer"
    REJECT = "reject"


class Finding(NamedTuple):
    """The outcome of one check, and the place in the policy that settled it.

    `values` are those at hand: the origin, the method, or the names that were not allowed (all
    names, where the check passed). `settled_by` is None when the standard settled it.
    """

    check: Check
    passed: bool
    reason: Reason
    values: tuple[str, ...] = ()
    settled_by: Span | None = None


class Request(NamedTuple):
    """What CORS looks at in a request. Texts as they came, latin-1; None for an absent field.

    Several lines of a field are joined by a comma first: two Origin lines are one value, which
    names no origin. `own_origin` is the proxy's own, by scheme and Host.
    """

    method: str
    origin: str | None = None
    requested_method: str | None = None
    requested_names: str | None = None
    private_network: str | None = None
    own_origin: str = ""
    navigation: bool = False
    websocket: bool = False

    @classmethod
    def of(cls, method: str, fields: f.Fields, own_origin: str = "") -> "Request":
        """The request with these fields; `own_origin` without default port, as a browser spells it."""
        upgrade = (f.joined(fields, "Upgrade") or "").lower()
        return cls(
            method,
            f.joined(fields, f.ORIGIN) or None,
            f.joined(fields, f.REQUEST_METHOD) or None,
            f.joined(fields, f.REQUEST_HEADERS),
            f.joined(fields, f.REQUEST_PRIVATE_NETWORK),
            own_origin,
            f.joined(fields, "Sec-Fetch-Mode") == "navigate",
            "websocket" in f.elements(upgrade),
        )


class Decision(NamedTuple):
    """What the policy says of one request.

    `fields` go out on an answer of our own; on a forwarded one `response.shared` puts them in the
    place of the upstream's. `vary` names what the answer depends on. `status` is that of our own
    answer, 0 when the request is forwarded.
    """

    kind: Kind
    request: Request
    findings: tuple[Finding, ...] = ()
    action: Action = Action.FORWARD
    status: int = 0
    fields: tuple[tuple[str, str], ...] = ()
    vary: tuple[str, ...] = ()

    @property
    def refused(self) -> tuple[Finding, ...]:
        """The checks that failed, in the browser's order."""
        return tuple(finding for finding in self.findings if not finding.passed)

    @property
    def granted(self) -> bool:
        """Whether CORS was asked for and every check passed."""
        return bool(self.findings) and not self.refused

    @property
    def refused_at(self) -> Check | None:
        """Where a browser would stop; None when nothing was refused."""
        return self.refused[0].check if self.refused else None

    @property
    def origin_granted(self) -> bool:
        """Whether the answer may be read by the asking origin, whatever else was refused."""
        return bool(self.findings) and self.findings[0].passed


def decide(policy: Policy, request: Request) -> Decision:
    """What `policy` says of `request`: every check, what to do, and the fields to send."""
    kind = kind_of(request)
    if policy.mode in (Mode.STRIP, Mode.PASSTHROUGH):
        return Decision(kind, request)
    if kind is Kind.NOT_CORS:
        return Decision(kind, request, fields=_without_origin(policy), vary=policy.vary)
    if kind is Kind.PREFLIGHT:
        return _preflight(policy, request)
    return _actual(policy, request, kind)


def kind_of(request: Request) -> Kind:
    """What `request` is to CORS. A bare OPTIONS is no preflight, one from our own origin neither."""
    if request.origin is None:
        return Kind.NOT_CORS
    if request.origin == request.own_origin:
        return Kind.SAME_ORIGIN
    if request.method == "OPTIONS" and request.requested_method is not None:
        return Kind.PREFLIGHT
    if request.websocket:
        return Kind.WEBSOCKET
    return Kind.NAVIGATION if request.navigation else Kind.ACTUAL


def _without_origin(policy: Policy) -> tuple[tuple[str, str], ...]:
    """`*` is sent always, so that one answer in a cache serves all; nothing else is."""
    if not policy.literal_wildcard:
        return ()
    return ((f.ALLOW_ORIGIN, "*"), *policy.response_fields)


def _actual(policy: Policy, request: Request, kind: Kind) -> Decision:
    origin = _origin(policy, request.origin or "")
    if not origin.passed and kind in (Kind.SAME_ORIGIN, Kind.NAVIGATION):
        return Decision(kind, request, vary=policy.vary)  # nobody asked CORS; nothing is refused
    findings = (origin,) if kind is Kind.WEBSOCKET else (origin, _actual_method(policy, request))
    fields = _allow_origin(policy, request) + policy.response_fields if origin.passed else ()
    action, status = Action.FORWARD, 0
    judged = kind in (Kind.ACTUAL, Kind.WEBSOCKET) and policy.mode is not Mode.VALIDATE
    refused = not all(finding.passed for finding in findings)
    if refused and judged and policy.refused_request is RefusedRequest.REJECT:
        action, status = Action.REJECT, 403
    return Decision(kind, request, findings, action, status, fields, policy.vary)


def _preflight(policy: Policy, request: Request) -> Decision:
    asked = request.requested_names or ""
    findings = (
        _origin(policy, request.origin or ""),
        _method(policy, request.requested_method or ""),
        _names(policy, asked),
    )
    granted = all(finding.passed for finding in findings)
    action, status = Action.ANSWER, 204
    fields: tuple[tuple[str, str], ...] = ()
    if granted or policy.refused_preflight is RefusedPreflight.TELLING:
        fields = _preflight_fields(policy, request, findings)
    else:
        action, status = Action.REJECT, 403
    if policy.mode is Mode.VALIDATE:
        action, status = Action.FORWARD, 0
    return Decision(
        Kind.PREFLIGHT, request, findings, action, status, fields, policy.preflight_vary
    )


def _preflight_fields(
    policy: Policy, request: Request, findings: tuple[Finding, ...]
) -> tuple[tuple[str, str], ...]:
    """The fields that did pass; nothing at all for an origin that did not."""
    origin, method, names = findings
    if not origin.passed:
        return ()
    sent = [*_allow_origin(policy, request)]
    if policy.allow_credentials:
        sent.append((f.ALLOW_CREDENTIALS, "true"))
    if methods := _methods_value(policy, method):
        sent.append((f.ALLOW_METHODS, methods))
    if allowed := _names_value(policy, names):
        sent.append((f.ALLOW_HEADERS, allowed))
    if policy.max_age is not None:
        # Fetch wants digits here; 0 is how an answer says "do not cache me".
        sent.append((f.MAX_AGE, str(max(policy.max_age, 0))))
    if policy.expose_headers and not policy.expose_every_name:
        sent.append((f.EXPOSE_HEADERS, str(policy.expose_headers)))
    if policy.allow_private_network and request.private_network == "true":
        sent.append((f.ALLOW_PRIVATE_NETWORK, "true"))
    return tuple(sent)


def _allow_origin(policy: Policy, request: Request) -> tuple[tuple[str, str], ...]:
    return ((f.ALLOW_ORIGIN, "*" if policy.literal_wildcard else request.origin or ""),)


def _methods_value(policy: Policy, finding: Finding) -> str:
    """The whole configured list; for the wildcard `*`, or under credentials the method asked."""
    methods = policy.allow_methods
    if not methods.any:
        return str(methods)
    if not policy.allow_credentials:
        return "*"
    echoed = finding.values if finding.passed else ()
    return ", ".join(dict.fromkeys((*methods.listed, *echoed)))


def _names_value(policy: Policy, finding: Finding) -> str:
    """The whole configured list; the wildcard is always spelled out as the names asked.

    `*` itself is never sent: Chromium lets it cover Authorization, the standard does not, and
    under credentials it is a name like any other.
    """
    names = policy.allow_headers
    if not names.any:
        return str(names)
    asked = () if finding.reason is not Reason.ANY_NAME else finding.values
    known = {name.lower() for name in names.listed}
    return ", ".join((*names.listed, *(name for name in asked if name not in known)))


def _origin(policy: Policy, origin: str) -> Finding:
    if policy.allow_origins.any:
        where = policy.span("allow_origins", "0")
        return Finding(Check.ORIGIN, True, Reason.ANY_ORIGIN, (origin,), where)
    pattern = policy.allow_origins.match(origin)
    if pattern is not None:
        return Finding(Check.ORIGIN, True, Reason.ORIGIN_LISTED, (origin,), pattern.span)
    where = policy.spans.get("allow_origins")
    return Finding(Check.ORIGIN, False, Reason.ORIGIN_NOT_ALLOWED, (origin,), where)


def _method(policy: Policy, method: str) -> Finding:
    if method in fetch.SAFELISTED_METHODS:
        return Finding(Check.METHOD, True, Reason.METHOD_SAFELISTED, (method,))
    if (element := policy.methods_allowed.get(method)) is not None:
        where = policy.span("allow_methods", element)
        return Finding(Check.METHOD, True, Reason.METHOD_LISTED, (method,), where)
    if not fetch.TOKEN.fullmatch(method):
        return Finding(Check.METHOD, False, Reason.METHOD_MALFORMED, (method,))
    if method.upper() in fetch.FORBIDDEN_METHODS:
        return Finding(Check.METHOD, False, Reason.METHOD_FORBIDDEN, (method,))
    where = policy.span("allow_methods")
    if policy.allow_methods.any:
        return Finding(Check.METHOD, True, Reason.ANY_METHOD, (method,), where)
    return Finding(Check.METHOD, False, Reason.METHOD_NOT_ALLOWED, (method,), where)


def _actual_method(policy: Policy, request: Request) -> Finding:
    """A bare OPTIONS asks the backend a question of its own; it always may."""
    if request.method == "OPTIONS":
        return Finding(Check.METHOD, True, Reason.BARE_OPTIONS, ("OPTIONS",))
    return _method(policy, request.method)


def _names(policy: Policy, asked: str) -> Finding:
    if not asked:
        return Finding(Check.NAMES, True, Reason.NO_NAMES)
    elements = f.elements(asked)
    names = tuple(dict.fromkeys(element.lower() for element in elements if element))
    if len(names) > MOST_NAMES or elements.count("") > MOST_EMPTY_ELEMENTS:
        return Finding(Check.NAMES, False, Reason.TOO_MANY_NAMES, names[:MOST_NAMES])
    if malformed := tuple(name for name in names if not fetch.TOKEN.fullmatch(name)):
        return Finding(Check.NAMES, False, Reason.NAMES_MALFORMED, malformed)
    return _known_names(policy, names)


def _known_names(policy: Policy, names: tuple[str, ...]) -> Finding:
    where = policy.span("allow_headers")
    unlisted = tuple(name for name in names if name not in policy.names_allowed)
    covered = fetch.NON_WILDCARD_NAMES.isdisjoint(unlisted) and policy.allow_headers.any
    if not unlisted:
        reason = Reason.NAMES_LISTED if names else Reason.NO_NAMES
        if policy.allow_headers.any and names:
            reason = Reason.ANY_NAME
        return Finding(Check.NAMES, True, reason, names, where)
    if covered:
        return Finding(Check.NAMES, True, Reason.ANY_NAME, names, where)
    if policy.allow_headers.any:
        unlisted = tuple(name for name in unlisted if name in fetch.NON_WILDCARD_NAMES)
    return Finding(Check.NAMES, False, Reason.NAMES_NOT_ALLOWED, unlisted, where)
