"""The engine by named cases; that each gateway is emulated rightly, its program judges."""

from dataclasses import replace

import pytest

from corsproxy.cors import headers as f
from corsproxy.cors.decision import Action, decide
from corsproxy.cors.policy import Mode, Policy
from corsproxy.cors.request import Request
from corsproxy.cors.response_headers import apply_policy
from corsproxy.gateways.emulation.engine import decide as emulate
from corsproxy.gateways.emulation.engine import exported, own_headers, response_headers
from corsproxy.gateways.emulation.profile import (
    PREFLIGHT_VARY,
    Case,
    Checks,
    Preflights,
    Profile,
    Sends,
    UpstreamHeaders,
    Wildcard,
)

GOOD, EVIL = "https://a.test", "https://evil.test"
PLAIN = Profile("a test", observed=False)
POLICY = Policy.from_lists(origins=[GOOD], methods=["PUT"], expose_headers=["etag"], max_age=5)
OPEN = Policy.from_lists(origins=["*"], expose_headers=["etag"])


def options(
    origin: str | None = GOOD, method: str | None = "PUT", names: str | None = None
) -> Request:
    return Request("OPTIONS", origin, method, names)


WHICH = {
    Preflights.FETCH: [True, False, False, False],
    Preflights.METHOD: [True, True, False, False],
    Preflights.ORIGIN: [True, False, True, False],
    Preflights.ALL: [True, True, True, True],
}


@pytest.mark.parametrize("preflights", Preflights)
def test_which_options_requests_are_preflights(preflights: Preflights) -> None:
    profile = PLAIN._replace(preflights=preflights)
    asked = (options(), options(None), options(GOOD, None), options(None, None))
    found = [emulate(POLICY, profile, one).action is Action.ANSWER for one in asked]
    assert found == WHICH[preflights]


def test_no_other_method_asks_first() -> None:
    profile = PLAIN._replace(preflights=Preflights.ALL)
    assert emulate(POLICY, profile, Request("GET", GOOD, "PUT")).action is Action.FORWARD


def test_a_method_that_the_gateway_does_not_look_at_is_no_finding() -> None:
    decision = emulate(POLICY, PLAIN, options(method="PATCH"))
    assert [one.check for one in decision.findings] == ["origin"]
    assert dict(decision.headers)[f.ALLOW_METHODS] == "PUT"


DENIED = {
    "a method": (Checks.METHOD, options(method="PATCH")),
    "a name": (Checks.NAMES, options(names="x-a")),
}


@pytest.mark.parametrize(("check", "request_"), DENIED.values(), ids=DENIED.keys())
def test_a_preflight_is_denied_where_the_gateway_looks(check: Checks, request_: Request) -> None:
    profile = PLAIN._replace(checks=check, denied_preflight=Case(403))
    decision = emulate(POLICY, profile, request_)
    assert (decision.action, decision.status, decision.headers) == (Action.REJECT, 403, ())


def test_a_request_is_denied_by_its_method_where_the_gateway_looks() -> None:
    profile = PLAIN._replace(checks=Checks.REQUEST_METHOD, denied=Case(403, Sends.ORIGIN))
    decision = emulate(POLICY, profile, Request("PATCH", GOOD))
    assert (decision.status, dict(decision.headers)) == (403, {f.ALLOW_ORIGIN: GOOD})
    assert emulate(POLICY, profile, Request("PUT", GOOD)).status == 0


def test_a_stranger_gets_what_the_gateway_sends_to_strangers() -> None:
    profile = PLAIN._replace(stranger=Case(0, Sends.EXPOSED))
    decision = emulate(POLICY, profile, Request("GET", EVIL))
    assert (dict(decision.headers), decision.granted) == ({f.EXPOSE_HEADERS: "etag"}, False)


def test_a_page_of_the_gateways_own_origin_is_a_stranger_like_any_other() -> None:
    decision = emulate(
        POLICY, PLAIN._replace(stranger=Case(403)), Request("GET", EVIL, own_origin=EVIL)
    )
    assert decision.status == 403


OPENLY = {
    "the wildcard to an origin": ({}, GOOD, {f.ALLOW_ORIGIN: "*", f.EXPOSE_HEADERS: "etag"}),
    "the origin sent back": (
        {"literal_origin": False},
        GOOD,
        {f.ALLOW_ORIGIN: GOOD, f.EXPOSE_HEADERS: "etag"},
    ),
    "nothing without one": ({}, None, {}),
    "the wildcard without one": ({"open_to_no_origin": Sends.ORIGIN}, None, {f.ALLOW_ORIGIN: "*"}),
}


@pytest.mark.parametrize(("knobs", "origin", "sent"), OPENLY.values(), ids=OPENLY.keys())
def test_what_is_sent_where_everybody_may_read(
    knobs: dict[str, object], origin: str | None, sent: dict[str, str]
) -> None:
    profile = PLAIN._replace(**knobs)  # type: ignore[arg-type]
    decision = emulate(OPEN, profile, Request("GET", origin))
    assert dict(decision.headers) == sent
    assert decision.vary == ()


def test_vary_is_sent_openly_where_the_gateway_always_sends_it() -> None:
    profile = PLAIN._replace(varies_if_open=True)
    assert emulate(OPEN, profile, Request("GET", GOOD)).vary == (f.ORIGIN,)


def test_origins_are_compared_without_case_where_the_gateway_does() -> None:
    request = Request("GET", "HTTPS://A.test")
    assert not emulate(POLICY, PLAIN, request).granted
    assert emulate(POLICY, PLAIN._replace(any_case=True), request).granted


def test_a_websocket_is_decided_as_ever() -> None:
    request = Request("GET", EVIL, websocket=True)
    assert emulate(POLICY, PLAIN, request) == decide(POLICY, request)


UPSTREAM = (("Access-Control-Allow-Origin", "*"), ("Access-Control-Max-Age", "1"), ("ETag", "1"))
KEPT = {
    UpstreamHeaders.REMOVED: [("ETag", "1"), (f.ALLOW_ORIGIN, GOOD), (f.EXPOSE_HEADERS, "etag")],
    UpstreamHeaders.REPLACED: [*UPSTREAM[1:], (f.ALLOW_ORIGIN, GOOD), (f.EXPOSE_HEADERS, "etag")],
    UpstreamHeaders.WIN: [*UPSTREAM, (f.EXPOSE_HEADERS, "etag")],
}


@pytest.mark.parametrize("how", UpstreamHeaders)
def test_what_becomes_of_the_upstreams_own(how: UpstreamHeaders) -> None:
    profile = PLAIN._replace(upstream_headers=how, request=Case(0, Sends.REQUEST))
    decision = emulate(POLICY, profile, Request("GET", GOOD))
    assert response_headers(profile, decision, UPSTREAM) == KEPT[how]


def test_an_error_has_the_headers_where_the_gateway_sends_them_there() -> None:
    decision = emulate(POLICY, PLAIN, Request("GET", GOOD))
    assert (f.ALLOW_ORIGIN, GOOD) in own_headers(PLAIN, decision)
    assert own_headers(PLAIN._replace(on_errors=False), decision) == []


def test_a_preflights_response_has_the_headers_though_errors_have_none() -> None:
    profile = PLAIN._replace(on_errors=False)
    assert (f.ALLOW_ORIGIN, GOOD) in own_headers(profile, emulate(POLICY, profile, options()))


def test_a_mode_that_judges_nothing_exports_nothing() -> None:
    assert exported(replace(POLICY, mode=Mode.STRIP), PLAIN) == Policy()


def test_an_upstream_that_adds_is_the_same_as_one_that_is_replaced() -> None:
    assert exported(replace(POLICY, mode=Mode.ADD), PLAIN) == POLICY


def test_what_the_configuration_cannot_say_is_left_out() -> None:
    profile = PLAIN._replace(keeps=lambda policy: replace(policy, max_age=None))
    assert exported(POLICY, profile).max_age is None


def test_without_a_gateway_the_standard_decides() -> None:
    policy = replace(POLICY, emulate=None)
    decision = decide(policy, Request("GET", GOOD))
    assert apply_policy(policy, decision, ())[-1] == (f.EXPOSE_HEADERS, "etag")


def test_an_options_request_that_is_no_preflight_may_have_a_case_of_its_own() -> None:
    profile = PLAIN._replace(bare_options=Case(400, Sends.NOTHING))
    for origin in (GOOD, "https://evil.test", None):
        assert emulate(POLICY, profile, Request("OPTIONS", origin)).status == 400
        assert emulate(POLICY, profile, Request("GET", origin)).status == 0


OPTIONS_LISTED = replace(POLICY, allow_methods=Policy.from_lists(methods=["OPTIONS"]).allow_methods)


@pytest.mark.parametrize(
    ("checks", "policy", "granted"),
    [
        pytest.param(Checks.REQUEST_METHOD, POLICY, True, id="it is let pass"),
        pytest.param(Checks.REQUEST_METHOD | Checks.OPTIONS, POLICY, False, id="not listed"),
        pytest.param(Checks.REQUEST_METHOD | Checks.OPTIONS, OPTIONS_LISTED, True, id="listed"),
    ],
)
def test_an_options_request_that_is_no_preflight(
    checks: Checks, policy: Policy, granted: bool
) -> None:
    profile = PLAIN._replace(checks=checks, denied=Case(403), bare_options=Case(0, Sends.PREFLIGHT))
    decision = emulate(policy, profile, options(method=None))
    assert decision.status == (0 if granted else 403)
    assert (f.ALLOW_METHODS in dict(decision.headers)) is granted


@pytest.mark.parametrize(
    ("names", "status"),
    [
        pytest.param(None, 204, id="none is asked for"),
        pytest.param("x-a", 204, id="one that is allowed"),
        pytest.param("x-a,x-b", 204, id="one that is allowed beside another"),
        pytest.param("x-b", 403, id="none that is allowed"),
        pytest.param("x" * 9999, 403, id="more than is read"),
    ],
)
def test_one_name_that_may_be_sent_is_enough(names: str | None, status: int) -> None:
    policy = replace(POLICY, allow_headers=Policy.from_lists(headers=["x-a"]).allow_headers)
    profile = PLAIN._replace(checks=Checks.ONE_NAME, denied_preflight=Case(403))
    assert emulate(policy, profile, options(names=names)).status == status


def test_names_that_are_sent_back_make_the_response_vary() -> None:
    policy = Policy.from_lists(origins=[GOOD], headers=["*", "authorization"])
    profile = PLAIN._replace(
        preflight=Case(204, Sends.PREFLIGHT, (f.ORIGIN,)), echo_vary=(f.REQUEST_HEADERS,)
    )
    echoing = profile._replace(any_name=Wildcard.ECHO)
    assert emulate(policy, echoing, options(names="x-a")).vary == (f.ORIGIN, f.REQUEST_HEADERS)
    literal = profile._replace(any_name=Wildcard.LITERAL)
    assert emulate(policy, literal, options(names="x-a")).vary == (f.ORIGIN,)


def test_what_a_response_depends_on_where_everybody_may_read() -> None:
    profile = PLAIN._replace(open_preflight_vary=(f.REQUEST_HEADERS,))
    assert emulate(OPEN, profile, options(method="GET")).vary == (f.REQUEST_HEADERS,)
    assert emulate(OPEN, PLAIN, options(method="GET")).vary == PREFLIGHT_VARY
    assert emulate(POLICY, profile, options()).vary == PREFLIGHT_VARY
    nothing = profile._replace(preflight=Case(204, Sends.PREFLIGHT))
    assert emulate(OPEN, nothing, options(method="GET")).vary == ()


def test_a_method_in_other_letters_is_granted_where_they_do_not_matter() -> None:
    profile = PLAIN._replace(checks=Checks.METHOD, denied_preflight=Case(403))
    assert emulate(POLICY, profile, options(method="put")).status == 403
    alike = profile._replace(any_case_of_methods=True)
    assert emulate(POLICY, alike, options(method="put")).status == 204
