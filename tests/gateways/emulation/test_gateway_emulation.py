"""A gateway as a value of a policy, and ready to serve it."""

from dataclasses import replace
from typing import Any

import pytest

from corsproxy.cors import headers as f
from corsproxy.cors.decision import Action, decide
from corsproxy.cors.policy import Policy
from corsproxy.cors.request import Request
from corsproxy.cors.response_headers import apply_policy, own_headers
from corsproxy.gateways.emulation.gateway_emulation import Overrides, emulation_of, names

POLICY = Policy.from_lists(origins=["https://a.test"], methods=["PUT"])
PREFLIGHT = Request("OPTIONS", "https://a.test", "PUT")


def emulated(name: str, **overrides: Any) -> Policy:
    return replace(POLICY, emulate=emulation_of(name, Overrides(**overrides)))


def test_everybody_who_asks_the_policy_gets_the_gateways_behaviour() -> None:
    policy = emulated("envoy")
    decision = decide(policy, PREFLIGHT)
    assert (decision.action, decision.status) == (Action.ANSWER, 200)
    assert own_headers(policy, decision)[0] == (f.VARY, "Origin")
    actual = decide(policy, Request("GET", "https://evil.test"))
    assert actual.action is Action.FORWARD
    assert apply_policy(policy, actual, (("Access-Control-Allow-Origin", "*"),)) == [
        (f.VARY, "Origin")
    ]


def test_fetch_is_the_standards_own_rule() -> None:
    assert names()[0] == "fetch"
    assert emulation_of("fetch") is None


@pytest.mark.parametrize("name", ["envoi", "conversion"])
def test_what_has_no_profile_cannot_be_emulated(name: str) -> None:
    with pytest.raises(KeyError):
        emulation_of(name)


@pytest.mark.parametrize("name", [name for name in names() if name != "fetch"])
def test_an_emulation_is_a_value(name: str) -> None:
    assert emulated(name) == emulated(name)
    assert hash(emulated(name).emulate) == hash(emulated(name).emulate)
    assert emulated(name) != POLICY
    assert emulated(name) != emulated(name, headers_on_errors=False)


def test_a_status_that_is_known_better_is_that_of_each_answered_preflight() -> None:
    policy = emulated("envoy", preflight_status=204)
    evil = PREFLIGHT._replace(origin="https://evil.test")
    assert [decide(policy, one).status for one in (PREFLIGHT, evil)] == [204, 204]


def test_errors_without_headers_are_known_better() -> None:
    policy = emulated("envoy", headers_on_errors=False)
    decision = decide(policy, Request("GET", "https://a.test"))
    assert own_headers(policy, decision) == []
    assert own_headers(emulated("envoy"), decision) != []


def test_as_a_setting_it_is_the_name_or_all_that_is_given() -> None:
    found = emulation_of("envoy", Overrides(headers_on_errors=False))
    assert found is not None
    assert found.as_setting == "{gateway: envoy, headers_on_errors: false}"
    plain = emulation_of("envoy")
    assert plain is not None
    assert plain.as_setting == "envoy"
