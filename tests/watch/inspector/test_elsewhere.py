"""What other gateways would make of a call."""

from dataclasses import replace

from corsproxy.cors.policy import Policy
from corsproxy.gateways.emulation.gateway_emulation import emulation_of, names
from corsproxy.watch.inspector.elsewhere import elsewhere
from tests.watch.exchanges import PAGE, exchange, preflight, refused

REGEX = Policy.from_lists(origins=[PAGE], methods=["PUT"], headers=["*"], credentials=True)


def outcomes(told: dict[str, object]) -> dict[str, str]:
    gateways = told["gateways"]
    assert isinstance(gateways, list)
    return {one["gateway"]: one["outcome"] for one in gateways}


def test_a_granted_call_may_be_blocked_elsewhere() -> None:
    asked = [("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "x-a")]
    told = elsewhere(exchange("OPTIONS", fields=asked, policy=REGEX))
    assert told["here"] == "readable"
    found = outcomes(told)
    assert [*found] == names()
    assert (found["envoy"], found["nginx"]) == ("blocked", "readable")


def test_a_refused_call_is_refused_elsewhere() -> None:
    told = elsewhere(refused())
    assert (told["here"], outcomes(told)["envoy"]) == ("blocked", "blocked")


def test_here_is_the_gateway_that_is_emulated_here() -> None:
    policy = replace(REGEX, emulate=emulation_of("envoy"))
    asked = [("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "x-a")]
    told = elsewhere(exchange("OPTIONS", fields=asked, policy=policy))
    assert (told["here"], outcomes(told)["fetch"]) == ("blocked", "readable")


def test_cookies_that_came_along_count() -> None:
    told = elsewhere(exchange(fields=[("Cookie", "a=b")]))
    assert told["here"] == "blocked"


def test_of_what_is_no_cors_request_nothing_is_said() -> None:
    assert elsewhere(exchange(origin=None)) == {"here": None, "gateways": []}


def test_a_preflight_counts_with_the_method_and_the_names_it_asks_for() -> None:
    assert elsewhere(preflight("PATCH", "x-b"))["here"] == "blocked"
