"""Scenes that the tests walk through: a policy as it stands in a file, and what a page tries."""

from dataclasses import replace

from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.origin import OriginPattern, Origins, RegexPattern
from corsproxy.cors.policy import Mode, Names, Policy, RefusedPreflight, RefusedRequest
from corsproxy.cors.span import Span

PAGE = "http://localhost:5173"
OWN = "http://localhost:8080"


def place(line: int) -> Span:
    return Span("config.yaml", line, 5)


POLICY = Policy(
    allow_origins=Origins(
        [
            OriginPattern.parse(PAGE, place(4)),
            OriginPattern.parse("https://*.app.test", place(5)),
            RegexPattern("https://pr-[0-9]+[.]app[.]example", place(6)),
        ]
    ),
    allow_methods=Names(("PUT",)),
    allow_headers=Names(("x-a",)),
    max_age=60,
    spans={
        "allow_origins": place(3),
        "allow_methods": place(7),
        "allow_methods.0": Span("config.yaml", 7, 19),
        "allow_headers": place(8),
    },
)
NO_ORIGIN = replace(POLICY, allow_origins=Origins())
ANY = Policy(
    allow_origins=Origins(any_origin=True),
    allow_methods=Names((), any=True),
    allow_headers=Names((), any=True),
)

PUT = Attempt(PAGE, "PUT", (("X-A", "1"),), target="/items")
SCENES: dict[str, tuple[Policy, Attempt]] = {
    "granted": (POLICY, PUT),
    "simple": (POLICY, Attempt(PAGE, target="/items?q=1")),
    "exposing": (
        replace(POLICY, expose_headers=Names(("ETag", "X-Total-Count"))),
        Attempt(PAGE),
    ),
    "exposing-all": (replace(ANY, expose_headers=Names((), any=True)), Attempt(PAGE)),
    "exposing-all-with-credentials": (
        replace(POLICY, expose_headers=Names((), any=True), allow_credentials=True),
        Attempt(PAGE, credentials=True),
    ),
    "wildcards": (ANY, Attempt("https://a.test", "PURGE", (("X-B", "1"),))),
    "refused-origin": (POLICY, PUT._replace(origin="http://localhost:3000")),
    "refused-method-and-name": (POLICY, Attempt(PAGE, "PATCH", (("X-B", "1"),))),
    "refused-simple": (POLICY, Attempt("http://app.test")),
    "terse": (
        replace(POLICY, refused_preflight=RefusedPreflight.TERSE),
        Attempt(PAGE, "DELETE"),
    ),
    "forwarded": (
        replace(POLICY, refused_request=RefusedRequest.FORWARD),
        Attempt("http://127.0.0.1:5173"),
    ),
    "credentials": (POLICY, Attempt(PAGE, credentials=True)),
    "credentials-and-wildcard": (ANY, Attempt(PAGE, credentials=True)),
    "credentials-and-preflight": (POLICY, PUT._replace(credentials=True)),
    "forbidden-method": (POLICY, Attempt(PAGE, "trace")),
    "same-origin": (POLICY, Attempt(OWN, "PUT")),
    "opaque-origin": (POLICY, Attempt("null", "PUT")),
    "no-origins": (NO_ORIGIN, Attempt(PAGE)),
    "validate": (replace(POLICY, mode=Mode.VALIDATE), PUT),
    "passthrough": (replace(POLICY, mode=Mode.PASSTHROUGH), Attempt(PAGE)),
    "strip": (replace(POLICY, mode=Mode.STRIP), PUT),
    "local-network": (POLICY, Attempt("https://x.app.test")),
    "hostile-target": (POLICY, Attempt(PAGE, target="/\x1b[2J\r\n<script>")),
}
