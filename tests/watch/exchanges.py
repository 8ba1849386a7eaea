"""Exchanges as the gateway would report them, made by the real rule."""

import itertools

from corsproxy.cors.decision import Action, Request, decide
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.headers import Fields
from corsproxy.cors.origin import OriginPattern, Origins
from corsproxy.cors.policy import Names, Policy
from corsproxy.cors.response_headers import apply_policy, policy_headers
from corsproxy.cors.span import Span

PAGE = "http://localhost:5173"
STRANGER = "http://localhost:3000"
OWN_ORIGIN = "http://localhost:8080"

SPANS = {
    "allow_origins": Span("config.yaml", 3, 3, 13),
    "allow_methods": Span("config.yaml", 5, 3, 13),
    "allow_headers": Span("config.yaml", 6, 3, 13),
}
POLICY = Policy(
    allow_origins=Origins([OriginPattern.parse(PAGE)]),
    allow_methods=Names(("GET", "PUT")),
    allow_headers=Names(("x-a", "content-type")),
    expose_headers=Names(("etag",)),
    spans=SPANS,
)

_ids = itertools.count(1)


def exchange(
    method: str = "GET",
    target: str = "/",
    fields: Fields = (),
    *,
    origin: str | None = PAGE,
    policy: Policy = POLICY,
    upstream: Fields = (("Content-Type", "application/json"),),
    status: int = 200,
    started: float = 1_800_000_000.0,
    seconds: float = 0.012,
    failure: str = "",
    detail: str = "",
) -> Exchange:
    """One finished request; `status` and `upstream` are the upstream's response."""
    fields = [("Host", "localhost:8080"), *([("Origin", origin)] if origin else []), *fields]
    decision = decide(policy, Request.of(method, fields, OWN_ORIGIN))
    request_head = _head(f"{method} {target} HTTP/1.1", fields)
    forwarded, upstream_head = b"", b""
    if decision.action is Action.FORWARD and not failure:
        forwarded = _head(f"{method} {target} HTTP/1.1", [*fields, ("Via", "1.1 corsproxy")])
        upstream_head = _head(f"HTTP/1.1 {status} OK", upstream)
        left = apply_policy(policy, decision, upstream)
    else:
        status = 502 if failure else decision.status
        left = policy_headers(policy, decision, ())
    return Exchange(
        id=f"t3st-{next(_ids)}",
        started=started,
        seconds=seconds,
        peer="127.0.0.1",
        route="/",
        policy=policy,
        decision=decision,
        method=method,
        target=target,
        request_head=request_head,
        status=status,
        response_head=_head(f"HTTP/1.1 {status} OK", left),
        upstream_head=upstream_head,
        failure=failure,
        detail=detail,
        forwarded_head=forwarded,
        wait=seconds / 2 if upstream_head else 0.0,
    )


def preflight(
    method: str = "PUT",
    names: str | None = None,
    *,
    target: str = "/",
    origin: str = PAGE,
    policy: Policy = POLICY,
    started: float = 1_800_000_000.0,
) -> Exchange:
    """A preflight for `method`, and for the request fields `names`."""
    fields = [("Access-Control-Request-Method", method)]
    if names is not None:
        fields.append(("Access-Control-Request-Headers", names))
    return exchange(
        "OPTIONS", target, fields, origin=origin, policy=policy, started=started, seconds=0.001
    )


def refused(
    origin: str = STRANGER, target: str = "/", started: float = 1_800_000_000.0
) -> Exchange:
    """An actual request from an origin that is not allowed."""
    return exchange("GET", target, origin=origin, started=started)


def failed(target: str = "/") -> Exchange:
    """A request whose upstream was not there."""
    detail = "the upstream http://127.0.0.1:8000 refused the connection"
    return exchange("GET", target, failure="refused", detail=detail)


def _head(start: str, fields: Fields) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"{start}\r\n{lines}\r\n".encode("latin-1")
