"""For each entry of the catalogue: something that happens, and what is then told of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.hop import first_hop
from corsproxy.cors.browser.redirect import MAX_REDIRECTS
from corsproxy.cors.browser.verdict import on_preflight, on_response, on_same_origin
from corsproxy.cors.decision import Request, decide
from corsproxy.cors.explain import (
    ExplainedCheck,
    before_any_request,
    blocked_by,
    exchange_notices,
    explained_verdict,
    findings_text,
    notices,
    preflights_still_cached,
    scene,
)
from corsproxy.cors.headers import Fields
from corsproxy.cors.origin import OriginPattern, Origins
from corsproxy.cors.policy import Mode, Names, Policy
from corsproxy.cors.reasons import ExplainedReason, explained
from corsproxy.cors.upstream_differences import differences
from corsproxy.gateways.emulation.gateway_emulation import emulation_of
from tests.watch.exchanges import exchange

PAGE = "http://localhost:5173"
OWN = "http://localhost:8080"
CLOUD = "https://api.test"
POLICY = Policy(
    allow_origins=Origins([OriginPattern.parse(PAGE)]),
    allow_methods=Names(("PATCH",)),
    allow_headers=Names(("authorization",)),
    max_age=600,
)
ANY_NAME = Policy(allow_origins=Origins([OriginPattern.parse(PAGE)]), allow_headers=Names((), True))
ALLOWED = ("Access-Control-Allow-Origin", PAGE)
VARY = ("Vary", "Origin")

Provoked = Callable[[], Sequence[ExplainedReason | ExplainedCheck]]


def refused(
    method: str = "GET",
    names: str | None = None,
    *,
    origin: str = PAGE,
    policy: Policy = POLICY,
) -> Provoked:
    request = Request("OPTIONS", origin, method, names)
    return lambda: findings_text(policy, decide(policy, request))


def preflight(
    *fields: tuple[str, str],
    status: int = 204,
    method: str = "PUT",
    credentials: bool = False,
    sent: Fields = (),
) -> Provoked:
    attempt = Attempt(PAGE, method, sent, credentials)
    verdict = on_preflight(attempt, status, fields)
    return lambda: [why for why in [blocked_by(verdict, preflight=True)] if why]


def response(
    *fields: tuple[str, str], status: int = 200, credentials: bool = False, origin: str = PAGE
) -> Provoked:
    verdict = on_response(Attempt(origin, credentials=credentials), status, fields)
    return lambda: [why for why in [blocked_by(verdict, preflight=False)] if why]


def home(location: str) -> list[ExplainedReason]:
    """What is told of a redirect within the page's own origin."""
    moved = [("Location", location)]
    verdict = on_same_origin(Attempt(PAGE), 302, moved, f"{PAGE}/")
    return [explained_verdict(verdict, preflight=False)]


def circle() -> list[ExplainedReason]:
    """What is told of a redirect that is one too many."""
    hop = first_hop(Attempt(PAGE), f"{OWN}/", MAX_REDIRECTS)
    return [explained_verdict(hop.verdict(302, [ALLOWED, ("Location", "/")]), preflight=False)]


def noticed(
    *fields: tuple[str, str], status: int = 200, credentials: bool = False, own: str = OWN
) -> Provoked:
    attempt = Attempt(PAGE, "GET", (), credentials)
    return lambda: notices(attempt, own, status, [ALLOWED, *fields])


def cookie(line: str, *, own: str = OWN, credentials: bool = True) -> Provoked:
    return noticed(VARY, ("Set-Cookie", line), own=own, credentials=credentials)


def passed_on(before: str, after: str, *other_upstreams: str, target: str = "/") -> Provoked:
    """A cookie of the upstream's, and as it left for the browser."""
    head = f"HTTP/1.1 200 OK\r\nSet-Cookie: {after}\r\n\r\n".encode()
    one = exchange(target=target, upstream=[("Set-Cookie", before)], origin=None)
    left = one._replace(response_head=head, other_upstreams=other_upstreams)
    return lambda: [told for told in exchange_notices(left) if told.id != "no-origin"]


def differs(
    *fields: tuple[str, str], policy: Policy = POLICY, asked: str | None = None
) -> Provoked:
    policy = Policy(
        policy.allow_origins,
        policy.allow_methods,
        policy.allow_headers,
        Names(("etag",)),
        max_age=600,
        mode=Mode.VALIDATE,
    )
    request = Request("GET", PAGE) if asked is None else Request("OPTIONS", PAGE, asked)
    return lambda: differences(policy, decide(policy, request), 200, fields)


def websocket() -> Sequence[ExplainedCheck]:
    request = Request("GET", "http://localhost:9999", websocket=True)
    return findings_text(POLICY, decide(POLICY, request))


def websocket_with_credentials() -> Sequence[ExplainedCheck]:
    request = Request("GET", "http://localhost:9999", websocket=True, credentials=True)
    policy = Policy(allow_origins=Origins(any_origin=True))
    return findings_text(policy, decide(policy, request))


def impossible() -> Sequence[ExplainedReason]:
    return scene(POLICY, Attempt(PAGE, "TRACE"), OWN).reasons


def still_cached() -> Sequence[ExplainedReason]:
    found = preflights_still_cached(600, 60.0)
    return [found] if found else []


METHODS = "Access-Control-Allow-Methods"
NAMES = "Access-Control-Allow-Headers"
EXPOSE = "Access-Control-Expose-Headers"
TRUE = ("Access-Control-Allow-Credentials", "true")
OWN_NAME = (("X-B", "1"),)

PROVOKED: dict[str, Provoked] = {
    "origin-not-allowed": refused(origin="http://127.0.0.1:5173"),
    "origin-misspelled": refused(origin="http://LOCALHOST:5173/"),
    "origin-malformed": refused(origin="http://a.test, http://b.test"),
    "opaque-origin-not-allowed": refused(origin="null"),
    "websocket-origin-not-allowed": websocket,
    "websocket-with-credentials": websocket_with_credentials,
    "method-not-allowed": refused("PURGE"),
    "method-forbidden": impossible,
    "method-in-small-letters": refused("patch", policy=ANY_NAME),
    "method-never-sent": refused("delete"),
    "method-too-long": refused("M" * 65),
    "method-malformed": refused("a b"),
    "names-not-allowed": refused("GET", "x-a,authorization,x-b"),
    "response-header-in-request": refused("GET", "access-control-allow-origin"),
    "names-never-sent": refused("GET", "cookie"),
    "names-malformed": refused("GET", 'x-a,"x-b"'),
    "too-many-names": refused("GET", ",".join(f"x-{number}" for number in range(65))),
    "allow-origin-missing": response(),
    "opaque-origin-unanswered": response(origin="null"),
    "allow-origin-differs": response((ALLOWED[0], "http://localhost:3000/")),
    "allow-origin-repeated": response(ALLOWED, (ALLOWED[0], "*")),
    "allow-origin-invalid": response((ALLOWED[0], "**")),
    "allow-origin-wildcard-with-credentials": response((ALLOWED[0], "*"), credentials=True),
    "allow-credentials-not-true": response(
        ALLOWED, ("Access-Control-Allow-Credentials", "True"), credentials=True
    ),
    "response-malformed": lambda: [explained("response-malformed", {})],
    "preflight-status-not-ok": preflight(ALLOWED, status=401),
    "preflight-redirected": preflight(("Location", "https://localhost:8080/"), status=301),
    "allow-methods-malformed": preflight(ALLOWED, (METHODS, '["PUT"]')),
    "allow-headers-malformed": preflight(ALLOWED, (METHODS, "PUT"), (NAMES, '"x-a"')),
    "allow-methods-lacks-method": preflight(ALLOWED, (METHODS, "DELETE")),
    "allow-methods-wildcard-with-credentials": preflight(
        ALLOWED, TRUE, (METHODS, "*"), credentials=True
    ),
    "method-in-other-case": refused("patch"),
    "allow-headers-lacks-name": preflight(ALLOWED, (NAMES, "x-a"), method="GET", sent=OWN_NAME),
    "allow-headers-wildcard-with-credentials": preflight(
        ALLOWED, TRUE, (NAMES, "*"), method="GET", sent=OWN_NAME, credentials=True
    ),
    "authorization-not-covered-by-wildcard": refused("GET", "authorization", policy=ANY_NAME),
    "allow-origin-list": response(("Access-Control-Allow-Origin", f"{PAGE}, http://other.test")),
    "redirect-with-own-userinfo": lambda: home("http://me@localhost:5173/"),
    "redirects-too-many": circle,
    "preflight-repeated": lambda: [
        explained("preflight-repeated", {"url": "http://other.test/", "why": "...", "fix": "..."})
    ],
    "redirect-to-other-scheme": response(ALLOWED, ("Location", "myapp://x"), status=302),
    "redirect-not-followed": response(ALLOWED, ("Location", "data:,x"), status=302),
    "redirect-with-userinfo": response(ALLOWED, ("Location", "http://me@api.test/"), status=302),
    "response-cut-short": lambda: exchange_notices(
        exchange()._replace(failure="truncated", detail="it ended after 5 of 10 bytes")
    ),
    "headers-not-exposed": noticed(VARY, ("ETag", '"1"'), ("X-Total-Count", "3")),
    "expose-headers-malformed": noticed(VARY, ("ETag", '"1"'), (EXPOSE, "etag; x-b")),
    "expose-headers-wildcard-with-credentials": noticed(
        VARY, ("ETag", '"1"'), (EXPOSE, "*"), credentials=True
    ),
    "vary-missing": noticed(),
    "redirect-taints-origin": noticed(VARY, ("Location", "http://other.test/"), status=302),
    "preflight-cached": still_cached,
    "actual-request-missing": lambda: [
        explained("actual-request-missing", {"method": "PUT", "seconds": "5"})
    ],
    "upstream-headers-replaced": lambda: exchange_notices(
        exchange(upstream=[("access-control-allow-origin", "*"), TRUE])
    ),
    "emulated": lambda: exchange_notices(
        exchange(policy=replace(POLICY, emulate=emulation_of("envoy")), origin="http://evil.test")
    ),
    "upstream-error": lambda: exchange_notices(exchange(status=500)),
    "host-replaced": lambda: exchange_notices(
        exchange(status=403, origin=None)._replace(
            forwarded_head=b"GET / HTTP/1.1\r\nHost: api.test\r\n\r\n"
        )
    ),
    "origin-foreign": lambda: exchange_notices(exchange("POST", status=403)),
    "upstream-failed": lambda: exchange_notices(
        exchange(failure="refused", detail="http://127.0.0.1:8000 refuses the connection")
    ),
    "password-prompt": noticed(
        VARY, ("WWW-Authenticate", "Basic realm=x"), status=401, credentials=True
    ),
    "proxy-authentication": response(ALLOWED, status=407),
    "resource-policy": noticed(VARY, ("Cross-Origin-Resource-Policy", "same-origin")),
    "no-origin": lambda: exchange_notices(exchange(origin=None)),
    "cookie-needs-secure": cookie("sid=1; SameSite=None"),
    "cookie-secure-over-http": cookie("sid=1; Secure", own="http://api.test"),
    "cookie-foreign-domain": cookie("sid=1; Domain=.api.test"),
    "cookie-prefix-broken": cookie("__Host-sid=1; Secure; Path=/app"),
    "cookie-secure-on-localhost": cookie("sid=1; Secure"),
    "cookie-same-site-in-chromium": cookie("sid=1", own="http://127.0.0.1:8080"),
    "cookie-same-site": cookie("sid=1; SameSite=Strict", own="http://127.0.0.1:8080"),
    "cookie-adapted": passed_on(
        "sid=1; Domain=api.test; Path=/; HttpOnly", "sid=1; Path=/api; HttpOnly"
    ),
    "cookie-reaches-other-upstreams": passed_on("sid=1; Path=/", "sid=1; Path=/", "/auth/"),
    "cookie-without-credentials": cookie("sid=1", credentials=False),
    "local-network-permission": lambda: before_any_request(Attempt("https://app.test"), OWN),
    "insecure-local-network": lambda: before_any_request(Attempt("http://app.test"), OWN),
    "request-not-http": lambda: [explained("request-not-http", {})],
    "mixed-content-on-localhost": lambda: before_any_request(Attempt("https://app.test"), OWN),
    "mixed-content": lambda: before_any_request(Attempt("https://app.test"), "http://api.test"),
    "upstream-grants-origin": lambda: differences(
        POLICY,
        decide(POLICY, Request("GET", "http://evil.test")),
        200,
        [(ALLOWED[0], "http://evil.test")],
    ),
    "upstream-grants-any-origin": differs((ALLOWED[0], "*")),
    "upstream-grants-credentials": differs(ALLOWED, TRUE, VARY),
    "upstream-grants-methods": differs(ALLOWED, VARY, (METHODS, "GET, PUT, PATCH"), asked="PATCH"),
    "upstream-grants-names": differs(ALLOWED, VARY, (NAMES, "Authorization, X-B"), asked="GET"),
    "upstream-exposes-names": differs(ALLOWED, VARY, ("X-B", "1"), (EXPOSE, "x-b")),
    "upstream-hides-names": differs(ALLOWED, VARY, ("ETag", '"1"')),
    "upstream-max-age": differs(ALLOWED, VARY, ("Access-Control-Max-Age", "5"), asked="GET"),
    "recorded-without-response": lambda: [
        explained("recorded-without-response", {"what": "the response"})
    ],
    "recorded-failure": lambda: [
        explained("recorded-failure", {"failure": "net::ERR_CONNECTION_REFUSED"})
    ],
    "recorded-without-credentials-mode": lambda: [
        explained("recorded-without-credentials-mode", {})
    ],
}
"""A test fails for an entry of the catalogue that is not here."""
