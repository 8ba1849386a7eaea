"""What the policy says of a request: findings, action, status, fields, Vary."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cors.decision import Action, Check, Decision, Kind, Reason, Request, decide
from corsproxy.cors.origin import OriginPattern, Origins
from corsproxy.cors.policy import Mode, Names, Policy, RefusedPreflight, RefusedRequest
from tests.cors.strategies import policies, requests

A = "https://a.test"
EVIL = "https://evil.test"
POLICY = Policy(
    Origins([OriginPattern.parse(A)]),
    Names(("PUT",)),
    Names(("x-a",)),
    Names(("etag",)),
    allow_credentials=True,
    max_age=600,
)
TERSE = replace(POLICY, refused_preflight=RefusedPreflight.TERSE)
FORWARDING = replace(POLICY, refused_request=RefusedRequest.FORWARD)
VALIDATING = replace(POLICY, mode=Mode.VALIDATE)
ANY = Policy(Origins(any_origin=True), Names(("PUT",)), expose_headers=Names(any=True))

GRANT = {
    "Access-Control-Allow-Origin": A,
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Expose-Headers": "etag",
}
PREFLIGHT_VARY = ("Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers")


def get(origin: str | None = A, method: str = "GET", *, own: str = "") -> Request:
    return Request(method, origin, own_origin=own)


def ask(origin: str = A, method: str = "PUT", names: str = "x-a") -> Request:
    return Request("OPTIONS", origin, method, names)


@pytest.mark.parametrize(
    ("policy", "request_", "action", "refused", "fields"),
    [
        pytest.param(POLICY, get(), Action.FORWARD, [], GRANT, id="granted"),
        pytest.param(POLICY, get(A, "PUT"), Action.FORWARD, [], GRANT, id="granted method"),
        pytest.param(POLICY, get(EVIL), Action.REJECT, [Check.ORIGIN], {}, id="origin"),
        pytest.param(
            POLICY,
            get(A, "DELETE"),
            Action.REJECT,
            [Check.METHOD],
            GRANT,
            id="method: the origin may read the reasons",
        ),
        pytest.param(
            POLICY,
            get(EVIL, "DELETE"),
            Action.REJECT,
            [Check.ORIGIN, Check.METHOD],
            {},
            id="origin and method",
        ),
        pytest.param(
            FORWARDING, get(EVIL), Action.FORWARD, [Check.ORIGIN], {}, id="origin, forwarded"
        ),
        pytest.param(
            FORWARDING,
            get(A, "DELETE"),
            Action.FORWARD,
            [Check.METHOD],
            GRANT,
            id="method, forwarded: the fields of the granted origin stay",
        ),
        pytest.param(
            VALIDATING, get(EVIL), Action.FORWARD, [Check.ORIGIN], {}, id="validate forwards"
        ),
        pytest.param(POLICY, get(A, "OPTIONS"), Action.FORWARD, [], GRANT, id="bare OPTIONS"),
        pytest.param(
            POLICY,
            get(EVIL, "OPTIONS"),
            Action.REJECT,
            [Check.ORIGIN],
            {},
            id="bare OPTIONS, origin",
        ),
        pytest.param(POLICY, get("null"), Action.REJECT, [Check.ORIGIN], {}, id="opaque origin"),
        pytest.param(
            ANY,
            get(EVIL, "PUT"),
            Action.FORWARD,
            [],
            {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "*"},
            id="any origin",
        ),
    ],
)
def test_an_actual_request(
    policy: Policy,
    request_: Request,
    action: Action,
    refused: list[Check],
    fields: dict[str, str],
) -> None:
    decision = decide(policy, request_)
    assert decision.kind is Kind.ACTUAL
    assert decision.action is action
    assert decision.status == (403 if action is Action.REJECT else 0)
    assert [finding.check for finding in decision.refused] == refused
    assert dict(decision.headers) == fields
    assert decision.vary == policy.vary


def test_a_granted_preflight_is_answered_with_the_whole_lists() -> None:
    decision = decide(POLICY, ask())
    assert decision.granted
    assert (decision.action, decision.status) == (Action.ANSWER, 204)
    assert decision.vary == PREFLIGHT_VARY
    assert dict(decision.headers) == GRANT | {
        "Access-Control-Allow-Methods": "PUT",
        "Access-Control-Allow-Headers": "x-a",
        "Access-Control-Max-Age": "600",
    }


@pytest.mark.parametrize(
    ("request_", "refused"),
    [
        pytest.param(ask(EVIL), [Check.ORIGIN], id="origin"),
        pytest.param(ask(method="DELETE"), [Check.METHOD], id="method"),
        pytest.param(ask(names="x-b"), [Check.NAMES], id="names"),
        pytest.param(ask(EVIL, "DELETE", "x-b"), list(Check), id="everything"),
    ],
)
def test_a_refused_preflight_tells_or_is_terse(request_: Request, refused: list[Check]) -> None:
    telling, terse = decide(POLICY, request_), decide(TERSE, request_)
    assert [finding.check for finding in telling.refused] == refused
    assert telling.refused_at is terse.refused_at is refused[0]
    assert (telling.action, telling.status) == (Action.ANSWER, 204)
    assert (terse.action, terse.status, terse.headers) == (Action.REJECT, 403, ())
    assert telling.vary == terse.vary == PREFLIGHT_VARY
    assert bool(telling.headers) is (refused[0] is not Check.ORIGIN)


def test_a_validated_preflight_goes_to_the_upstream_and_says_what_we_would_send() -> None:
    assert decide(VALIDATING, ask()) == decide(POLICY, ask())._replace(
        action=Action.FORWARD, status=0
    )


@pytest.mark.parametrize("mode", [Mode.STRIP, Mode.PASSTHROUGH])
@pytest.mark.parametrize("request_", [get(EVIL), ask(EVIL), get(None)])
def test_strip_and_passthrough_forward_without_a_judgement(mode: Mode, request_: Request) -> None:
    decision = decide(replace(POLICY, mode=mode), request_)
    assert decision == Decision(decision.kind, request_)
    assert not decision.granted
    assert not decision.origin_granted


def test_add_judges_and_answers_preflights_as_enforce_does() -> None:
    adding = replace(POLICY, mode=Mode.ADD)
    for request in (get(), get(EVIL), ask(), ask(EVIL)):
        assert decide(adding, request) == decide(POLICY, request)


def test_a_request_without_origin_gets_vary_and_no_grant() -> None:
    decision = decide(POLICY, get(None))
    assert decision == Decision(Kind.NOT_CORS, get(None), vary=("Origin",))


def test_a_request_without_origin_gets_the_wildcard_where_everybody_does() -> None:
    decision = decide(ANY, get(None))
    assert decision == Decision(Kind.NOT_CORS, get(None), headers=ANY.headers_without_origin)
    assert not decision.granted


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(get(EVIL, "PURGE", own=EVIL), id="our own origin"),
        pytest.param(Request("POST", EVIL, navigation=True), id="navigation"),
        pytest.param(Request("DELETE", EVIL, navigation=True), id="navigation, odd method"),
    ],
)
def test_what_is_no_cors_request_is_never_refused(request_: Request) -> None:
    decision = decide(POLICY, request_)
    assert decision == Decision(decision.kind, request_, vary=("Origin",))


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(get(A, "PURGE", own=A), id="our own origin"),
        pytest.param(Request("PURGE", A, navigation=True), id="navigation"),
    ],
)
def test_what_is_no_cors_request_still_gets_the_fields_of_a_listed_origin(
    request_: Request,
) -> None:
    decision = decide(POLICY, request_)
    assert decision.granted
    assert dict(decision.headers) == GRANT
    assert not decision.refused


def test_a_websocket_is_judged_by_its_origin_alone() -> None:
    assert decide(POLICY, Request("GET", A, websocket=True)).granted
    refused = decide(POLICY, Request("GET", EVIL, websocket=True))
    assert (refused.kind, refused.action, refused.status) == (Kind.WEBSOCKET, Action.REJECT, 403)
    assert refused.refused_at is Check.ORIGIN
    forwarded = decide(FORWARDING, Request("GET", EVIL, websocket=True))
    assert (forwarded.action, forwarded.headers) == (Action.FORWARD, ())


HANDSHAKE = [("Upgrade", "websocket"), ("Connection", "Upgrade")]
COOKIE, LOGIN = ("Cookie", "sid=1"), ("Authorization", "Basic dTpw")
REFLECTING = Policy(ANY.allow_origins, allow_credentials=True, dangerously_reflect_any_origin=True)
NAMING = replace(POLICY, allow_origins=Origins([OriginPattern.parse("https://*.a.test")]))


def handshake(origin: str, *fields: tuple[str, str], own: str = "http://localhost:8080") -> Request:
    return Request.of("GET", [("Origin", origin), *HANDSHAKE, *fields], own)


@pytest.mark.parametrize("credentials", [(COOKIE,), (LOGIN,), (COOKIE, LOGIN)])
@pytest.mark.parametrize(
    ("policy", "origin", "opened"),
    [
        pytest.param(ANY, EVIL, False, id="any origin: a stranger"),
        pytest.param(ANY, "null", False, id="any origin: the opaque one"),
        pytest.param(FORWARDING, EVIL, False, id="a refused origin that is forwarded"),
        pytest.param(POLICY, EVIL, False, id="a refused origin"),
        pytest.param(POLICY, A, True, id="an origin that is listed"),
        pytest.param(FORWARDING, A, True, id="an origin that is listed, where all are forwarded"),
        pytest.param(NAMING, "https://b.a.test", True, id="an origin that a pattern names"),
        pytest.param(REFLECTING, EVIL, True, id="any origin, with consent to reflect it"),
        pytest.param(VALIDATING, EVIL, True, id="validate forwards"),
        pytest.param(replace(ANY, mode=Mode.VALIDATE), EVIL, True, id="validate forwards, any"),
        pytest.param(replace(ANY, mode=Mode.STRIP), EVIL, True, id="strip has no say"),
        pytest.param(ANY, "http://localhost:8080", True, id="our own origin"),
    ],
)
def test_a_websocket_with_credentials_is_for_origins_that_are_named(
    policy: Policy, origin: str, opened: bool, credentials: tuple[tuple[str, str], ...]
) -> None:
    decision = decide(policy, handshake(origin, *credentials))
    assert decision.action is (Action.FORWARD if opened else Action.REJECT)
    assert decision.status == (0 if opened else 403)


@pytest.mark.parametrize("policy", [ANY, FORWARDING], ids=["any origin", "forwarded"])
def test_a_websocket_without_credentials_is_as_open_as_the_policy_says(policy: Policy) -> None:
    for fields in ((), (("Cookie", ""),), (("Proxy-Authorization", "Basic dTpw"),)):
        assert decide(policy, handshake(EVIL, *fields)).action is Action.FORWARD


@pytest.mark.parametrize(
    ("origin", "fields", "opened"),
    [
        pytest.param("http://localhost:5173", (COOKIE,), True, id="another port"),
        pytest.param("http://localhost", (COOKIE,), True, id="the default port"),
        pytest.param("https://localhost:8080", (COOKIE,), False, id="another scheme"),
        pytest.param("http://127.0.0.1:8080", (COOKIE,), False, id="another name"),
        pytest.param("http://localhost.evil.test", (COOKIE,), False, id="a longer name"),
        pytest.param("http://localhost:5173", (LOGIN,), False, id="a login, which has a port"),
        pytest.param("http://localhost:5173", (COOKIE, LOGIN), False, id="a cookie and a login"),
    ],
)
def test_a_page_of_the_same_host_has_its_cookies_anyway(
    origin: str, fields: tuple[tuple[str, str], ...], opened: bool
) -> None:
    for policy in (ANY, FORWARDING):
        decision = decide(policy, handshake(origin, *fields))
        assert decision.action is (Action.FORWARD if opened else Action.REJECT)


def test_nobody_knows_whose_cookies_they_are_where_we_do_not_know_our_own_host() -> None:
    for origin in ("http://localhost:5173", ":80", "null", "http://"):
        assert decide(ANY, handshake(origin, COOKIE, own="")).action is Action.REJECT


@given(policies(modes=(Mode.ENFORCE, Mode.ADD)), requests())
def test_no_stranger_opens_a_websocket_with_credentials(policy: Policy, request: Request) -> None:
    decision = decide(policy, request._replace(websocket=True, credentials=True))
    if decision.kind is Kind.WEBSOCKET and not policy.dangerously_reflect_any_origin:
        named = policy.allow_origins.match(request.origin or "") is not None
        assert (decision.action is Action.FORWARD) is named


def test_two_origin_lines_name_no_origin() -> None:
    decision = decide(POLICY, Request.of("GET", [("Origin", A), ("Origin", A)]))
    assert decision.refused[0].reason is Reason.ORIGIN_NOT_ALLOWED


@given(policies(), requests())
def test_allow_origin_is_sent_once_or_not_at_all_and_is_the_wildcard_or_the_origin(
    policy: Policy, request: Request
) -> None:
    fields = decide(policy, request).headers
    names = [name.lower() for name, _ in fields]
    assert len(names) == len(set(names))
    allowed = dict(fields).get("Access-Control-Allow-Origin")
    assert allowed in (None, "*", request.origin)
    if "Access-Control-Allow-Credentials" in dict(fields):
        assert policy.allow_credentials
        assert allowed == request.origin
    assert allowed is not None or not fields


@given(policies(), requests())
def test_a_refused_preflight_is_forwarded_only_where_the_upstream_answers_itself(
    policy: Policy, request: Request
) -> None:
    decision = decide(policy, request)
    if decision.kind is Kind.PREFLIGHT:
        upstream_answers = policy.mode in (Mode.VALIDATE, Mode.STRIP, Mode.PASSTHROUGH)
        assert (decision.action is Action.FORWARD) is upstream_answers


@given(policies(), requests())
def test_only_a_granted_origin_gets_fields_and_only_a_refused_request_is_rejected(
    policy: Policy, request: Request
) -> None:
    decision = decide(policy, request)
    if decision.headers and request.origin is not None:
        assert decision.origin_granted
    if decision.action is Action.REJECT:
        assert decision.refused
        assert decision.status == 403
    if decision.kind in (Kind.NOT_CORS, Kind.SAME_ORIGIN, Kind.NAVIGATION):
        assert decision.action is Action.FORWARD
        assert not decision.refused


@given(policies(), st.binary(max_size=40), st.binary(max_size=40), st.binary(max_size=80))
def test_any_bytes_are_decided_on(policy: Policy, a: bytes, b: bytes, c: bytes) -> None:
    origin, method, names = (text.decode("latin-1") for text in (a, b, c))
    fields = [
        ("Origin", origin),
        ("Access-Control-Request-Method", method),
        ("Access-Control-Request-Headers", names),
        ("Upgrade", names),
    ]
    for sent in ("OPTIONS", method):
        assert isinstance(decide(policy, Request.of(sent, fields)), Decision)
