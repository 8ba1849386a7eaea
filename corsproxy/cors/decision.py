"""decide: what the policy says of one request. The server enforces this and nothing else.

The checks run in the order in which a browser looks, and all of them run, so that a refusal
names everything that is wrong at once. Fetch: "CORS check", "CORS-preflight fetch".

A server does not enforce CORS, a browser does; what is enforced here is what the browser gets to
see. So a Decision is data from end to end: what was checked and what settled it, what to do and
what to send. Both lanes act on it, log, inspector, shell and responses put it into words, and none
of them asks the policy again. To raise an exception at the first check that fails would be shorter;
but it could name one cause only, and a granted request would have no reasons at all.

Credentials are no check. The mode is the browser's secret, and a preflight never carries any
(https://fetch.spec.whatwg.org/#cors-protocol-and-credentials): the policy's answer is sent, and the
browser compares. WebSockets are the exception, as no browser compares there.
"""

from enum import StrEnum
from typing import NamedTuple

from corsproxy.cors import checks
from corsproxy.cors.finding import Check, Finding, Reason
from corsproxy.cors.policy import Mode, Policy, RefusedPreflight, RefusedRequest
from corsproxy.cors.preflight_headers import preflight_headers
from corsproxy.cors.request import Kind, Request, kind_of

__all__ = [
    "Action",
    "Check",
    "Decision",
    "Finding",
    "Kind",
    "Reason",
    "Request",
    "decide",
    "kind_of",
]


class Action(StrEnum):
    """What the proxy does with the request."""

    FORWARD = "forward"
    ANSWER = "answer"
    REJECT = "reject"


class Decision(NamedTuple):
    """What the policy says of one request.

    `headers` go out on a response of our own; on a forwarded one `apply_policy` puts them in the
    place of the upstream's. `vary` names what the response depends on. `status` is that of our own
    response, 0 when the request is forwarded.

    >>> from corsproxy.cors.policy import Policy
    >>> refused = decide(Policy(), Request("GET", "https://app.example"))
    >>> refused.granted, refused.status, str(refused.refused_at)
    (False, 403, 'origin')
    """

    kind: Kind
    request: Request
    findings: tuple[Finding, ...] = ()
    action: Action = Action.FORWARD
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
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
        """Whether the response may be read by the asking origin, whatever else was refused."""
        return bool(self.findings) and self.findings[0].passed


def decide(policy: Policy, request: Request) -> Decision:
    """Judge `request` by `policy`: every check, what to do, and the headers to send.

    Where the policy says that a gateway is emulated, that gateway decides.

    The server's side of Fetch, "CORS protocol": https://fetch.spec.whatwg.org/#http-cors-protocol

    >>> policy = Policy.from_lists(origins=["https://app.example"])
    >>> decide(policy, Request("GET", "https://app.example")).headers
    (('Access-Control-Allow-Origin', 'https://app.example'),)
    """
    emulated = policy.emulated
    return _by_fetch(policy, request) if emulated is None else emulated.decide(request)


def _by_fetch(policy: Policy, request: Request) -> Decision:
    kind = kind_of(request)
    if not policy.judges:
        return Decision(kind, request)
    if kind is Kind.NOT_CORS:
        return Decision(kind, request, headers=policy.headers_without_origin, vary=policy.vary)
    if kind is Kind.PREFLIGHT:
        return _preflight(policy, request)
    if kind is Kind.ACTUAL:
        return _actual(policy, request)
    if kind is Kind.WEBSOCKET:
        return _websocket(policy, request)
    return _not_cors(policy, request, kind)


def _actual(policy: Policy, request: Request) -> Decision:
    """Decide on what most requests are; each microsecond here is 4 % of the whole proxy's time."""
    sent = request.origin or ""
    origin = checks.origin_finding(policy, sent)
    method = checks.actual_method_finding(policy, request.method)
    findings = (origin, method)
    headers = policy.headers_for(sent) if origin.passed else ()
    if origin.passed and method.passed:
        return Decision(Kind.ACTUAL, request, findings, Action.FORWARD, 0, headers, policy.vary)
    forwards = policy.refused_request is RefusedRequest.FORWARD
    decision = Decision(Kind.ACTUAL, request, findings, headers=headers)
    return _refused(policy, decision, forwards=forwards)


def _websocket(policy: Policy, request: Request) -> Decision:
    """Decide on a handshake, where no browser asks for more than the origin."""
    origin = checks.handshake_finding(policy, request)
    decision = Decision(Kind.WEBSOCKET, request, (origin,))
    if origin.passed:
        return decision._replace(headers=policy.headers_for(request.origin or ""), vary=policy.vary)
    forwards = policy.refused_request is RefusedRequest.FORWARD
    always = origin.reason is Reason.WEBSOCKET_WITH_CREDENTIALS
    return _refused(policy, decision, forwards=forwards and not always)


def _not_cors(policy: Policy, request: Request, kind: Kind) -> Decision:
    """Decide on what is no CORS request, though it has an Origin.

    A page of our own origin and a navigation may always come, and get the headers where they
    would get them as CORS requests, so that one response in a cache serves both.
    """
    sent = request.origin or ""
    origin = checks.origin_finding(policy, sent)
    if origin.passed:
        headers = policy.headers_for(sent)
        return Decision(kind, request, (origin,), headers=headers, vary=policy.vary)
    return Decision(kind, request, vary=policy.vary)


def _refused(policy: Policy, decision: Decision, *, forwards: bool) -> Decision:
    if policy.mode is Mode.VALIDATE or forwards:
        return decision._replace(vary=policy.vary)
    return decision._replace(action=Action.REJECT, status=403, vary=policy.vary)


def _preflight(policy: Policy, request: Request) -> Decision:
    findings = (
        checks.origin_finding(policy, request.origin or ""),
        checks.method_finding(policy, request.requested_method or ""),
        checks.names_finding(policy, request.requested_names or ""),
    )
    decision = Decision(Kind.PREFLIGHT, request, findings, vary=policy.preflight_vary)
    telling = decision.granted or policy.refused_preflight is RefusedPreflight.TELLING
    headers = preflight_headers(policy, request, findings) if telling else ()
    if policy.mode is Mode.VALIDATE:
        return decision._replace(headers=headers)
    action, status = (Action.ANSWER, 204) if telling else (Action.REJECT, 403)
    return decision._replace(action=action, status=status, headers=headers)
