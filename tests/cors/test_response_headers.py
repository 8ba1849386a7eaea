"""What leaves with a response: one Allow-Origin, and nothing of the upstream's lost."""

from dataclasses import replace

import pytest
from hypothesis import given

from corsproxy.cors import headers as f
from corsproxy.cors import response_headers
from corsproxy.cors.decision import Request, decide
from corsproxy.cors.origin import OriginPattern, Origins
from corsproxy.cors.policy import Mode, Names, Policy, RefusedPreflight
from tests.cors.strategies import policies, requests, upstream_fields

A, EVIL = "https://a.test", "https://evil.test"
ALLOW = ("Access-Control-Allow-Origin", A)
ANY_ORIGIN = ("Access-Control-Allow-Origin", "*")
CREDENTIALS = ("Access-Control-Allow-Credentials", "true")
VARY = ("Vary", "Origin")
NEIGHBOURS = [("Timing-Allow-Origin", "*"), ("Cross-Origin-Resource-Policy", "same-origin")]
PLAIN = Policy(Origins([OriginPattern.parse(A)]))
LOGGED_IN = replace(PLAIN, allow_credentials=True)
ANYBODY = Policy(Origins(any_origin=True))
EXPOSING = replace(LOGGED_IN, expose_headers=Names(any=True))

Pairs = list[tuple[str, str]]


def shared(policy: Policy, upstream: Pairs, origin: str | None = A) -> Pairs:
    return response_headers.apply_policy(policy, decide(policy, Request("GET", origin)), upstream)


def mode(policy: Policy, name: str) -> Policy:
    return replace(policy, mode=Mode(name))


@pytest.mark.parametrize(
    ("policy", "upstream", "left"),
    [
        pytest.param(PLAIN, [("ETag", "1")], [("ETag", "1"), VARY, ALLOW], id="added"),
        pytest.param(PLAIN, [ANY_ORIGIN], [VARY, ALLOW], id="replaced"),
        pytest.param(PLAIN, [ANY_ORIGIN, ALLOW], [VARY, ALLOW], id="two become one"),
        pytest.param(PLAIN, [CREDENTIALS], [VARY, ALLOW], id="credentials removed"),
        pytest.param(LOGGED_IN, [], [VARY, ALLOW, CREDENTIALS], id="credentials"),
        pytest.param(
            PLAIN,
            [("access-control-allow-headers", "x"), ("Access-Control-Expose-Headers", "x")],
            [VARY, ALLOW],
            id="every CORS field is the policy's",
        ),
        pytest.param(
            PLAIN,
            NEIGHBOURS,
            [
                ("Timing-Allow-Origin", "*"),
                ("Cross-Origin-Resource-Policy", "same-origin"),
                VARY,
                ALLOW,
            ],
            id="neighbours of CORS are not ours",
        ),
        pytest.param(
            PLAIN,
            [("Set-Cookie", "a=1"), ("set-cookie", "b=2")],
            [("Set-Cookie", "a=1"), ("set-cookie", "b=2"), VARY, ALLOW],
            id="order, case and repeated lines stay",
        ),
        pytest.param(
            PLAIN,
            [("vary", "Accept"), ("ETag", "1"), ("Vary", "Accept-Encoding")],
            [("vary", "Accept, Accept-Encoding, Origin"), ("ETag", "1"), ALLOW],
            id="Vary is one line at its first place",
        ),
        pytest.param(PLAIN, [("Vary", "*")], [("Vary", "*"), ALLOW], id="Vary says everything"),
        pytest.param(
            ANYBODY, [("Vary", "Accept")], [("Vary", "Accept"), ANY_ORIGIN], id="nothing varies"
        ),
    ],
)
def test_enforce(policy: Policy, upstream: Pairs, left: Pairs) -> None:
    assert shared(policy, upstream) == left


def test_a_refused_origin_gets_vary_and_nothing_of_the_upstreams_grant() -> None:
    assert shared(PLAIN, [ANY_ORIGIN, CREDENTIALS], EVIL) == [VARY]
    assert shared(PLAIN, [ANY_ORIGIN, CREDENTIALS], None) == [VARY]


@pytest.mark.parametrize(
    ("policy", "upstream", "left"),
    [
        pytest.param(LOGGED_IN, [], [VARY, ALLOW, CREDENTIALS], id="nothing there"),
        pytest.param(LOGGED_IN, [ALLOW], [ALLOW, VARY, CREDENTIALS], id="credentials left out"),
        pytest.param(
            LOGGED_IN, [ANY_ORIGIN], [ANY_ORIGIN, VARY], id="no credentials beside the wildcard"
        ),
        pytest.param(
            LOGGED_IN,
            [("Access-Control-Allow-Origin", EVIL)],
            [("Access-Control-Allow-Origin", EVIL), VARY],
            id="no credentials for another origin",
        ),
        pytest.param(LOGGED_IN, [CREDENTIALS], [CREDENTIALS, VARY, ALLOW], id="origin left out"),
        pytest.param(
            PLAIN, [CREDENTIALS], [CREDENTIALS, VARY], id="the policy gives no credentials"
        ),
        pytest.param(
            ANYBODY,
            [CREDENTIALS],
            [CREDENTIALS],
            id="no wildcard beside the upstream's credentials",
        ),
        pytest.param(
            PLAIN,
            [("access-control-allow-origin", A)],
            [("access-control-allow-origin", A), VARY],
            id="said already, in small letters",
        ),
    ],
)
def test_add(policy: Policy, upstream: Pairs, left: Pairs) -> None:
    assert shared(mode(policy, "add"), upstream) == left


def test_strip_leaves_no_cors_field_and_no_vary_of_ours() -> None:
    vary = [("Vary", "Accept"), ("vary", "accept,")]
    assert shared(mode(LOGGED_IN, "strip"), [ALLOW, CREDENTIALS, *vary]) == vary


@pytest.mark.parametrize("name", ["validate", "passthrough"])
def test_validate_and_passthrough_touch_nothing(name: str) -> None:
    upstream = [ANY_ORIGIN, ANY_ORIGIN, CREDENTIALS, ("Vary", "a"), ("vary", "a")]
    assert shared(mode(LOGGED_IN, name), upstream) == upstream


def test_under_credentials_the_wildcard_is_spelled_out_from_the_response() -> None:
    upstream = [("ETag", "1"), ("X-Total", "3"), ("x-total", "4"), ("Set-Cookie", "a=1")]
    upstream += [("Content-Type", "text/plain"), ("Access-Control-Max-Age", "5")]
    exposed = dict(shared(EXPOSING, upstream))["Access-Control-Expose-Headers"]
    assert exposed == "ETag, X-Total"


@pytest.mark.parametrize("mode", [Mode.ENFORCE, Mode.ADD])
def test_a_304_lists_no_names_for_it_would_shorten_those_of_what_the_browser_keeps(
    mode: Mode,
) -> None:
    policy = replace(EXPOSING, mode=mode)
    decision = decide(policy, Request("GET", A))
    sent = [
        dict(response_headers.apply_policy(policy, decision, [("ETag", "1")], status))
        for status in (200, 304)
    ]
    assert [f.EXPOSE_HEADERS in fields for fields in sent] == [True, False]
    assert [fields[f.ALLOW_ORIGIN] for fields in sent] == [A, A]


def test_nothing_to_expose_means_no_field() -> None:
    assert f.EXPOSE_HEADERS not in dict(shared(EXPOSING, [("Content-Type", "text/plain")]))


def test_a_terse_refusal_exposes_nothing() -> None:
    policy = replace(EXPOSING, refused_preflight=RefusedPreflight.TERSE)
    decision = decide(policy, Request("OPTIONS", A, "PUT"))
    assert decision.origin_granted
    assert response_headers.policy_headers(policy, decision, [("X-Corsproxy-Decision", "1")]) == []


def test_our_own_response_carries_the_fields_of_a_granted_origin() -> None:
    decision = decide(EXPOSING, Request("PUT", A))
    assert decision.status == 403
    assert response_headers.policy_headers(EXPOSING, decision, [("X-Corsproxy-Decision", "1")]) == [
        ALLOW,
        CREDENTIALS,
        ("Access-Control-Expose-Headers", "X-Corsproxy-Decision"),
    ]


def grants(fields: Pairs) -> list[str]:
    return f.values(fields, f.ALLOW_ORIGIN)


@given(policies(modes=(Mode.ENFORCE, Mode.STRIP)), requests(), upstream_fields())
def test_whatever_the_upstream_says_at_most_one_allow_origin_leaves(
    policy: Policy, request: Request, upstream: Pairs
) -> None:
    left = response_headers.apply_policy(policy, decide(policy, request), upstream)
    assert grants(left) in ([], ["*"], [request.origin])
    if "*" in grants(left) and request.origin != "*":
        assert f.values(left, f.ALLOW_CREDENTIALS) == []


@given(policies(modes=(Mode.ADD,)), requests(), upstream_fields())
def test_add_keeps_the_upstreams_fields_and_never_makes_a_grant_out_of_two_halves(
    policy: Policy, request: Request, upstream: Pairs
) -> None:
    left = response_headers.apply_policy(policy, decide(policy, request), upstream)
    for name in f.RESPONSE_NAMES:
        if said := f.values(upstream, name):
            assert f.values(left, name) == said
        else:
            assert len(f.values(left, name)) <= 1
    if f.values(left, f.ALLOW_CREDENTIALS) and grants(left) != grants(upstream):
        assert policy.allow_credentials
        assert grants(left) == [request.origin]
    if "*" in grants(left) and request.origin != "*" and "*" not in grants(upstream):
        assert f.values(left, f.ALLOW_CREDENTIALS) == []


@given(policies(), requests(), upstream_fields())
def test_vary_loses_no_element_and_other_fields_leave_as_they_came(
    policy: Policy, request: Request, upstream: Pairs
) -> None:
    decision = decide(policy, request)
    left = response_headers.apply_policy(policy, decision, upstream)
    said, kept = (
        {e.lower() for line in f.values(fields, f.VARY) for e in f.elements(line) if e}
        for fields in (upstream, left)
    )
    assert "*" in kept if "*" in said else kept >= said
    if policy.mode in (Mode.ENFORCE, Mode.ADD):
        assert "*" in kept or kept >= {name.lower() for name in decision.vary}
    ours = f.RESPONSE_NAMES | {"vary"}
    untouched, still = (
        [pair for pair in fields if pair[0].lower() not in ours] for fields in (upstream, left)
    )
    assert untouched == still
