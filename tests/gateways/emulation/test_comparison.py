"""One attempt at each gateway."""

from dataclasses import replace

from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.explain import scene
from corsproxy.cors.policy import Policy
from corsproxy.gateways.emulation.comparison import compare, disagreeing
from corsproxy.gateways.emulation.gateway_emulation import emulation_of, names

OWN = "http://localhost:8080"
POLICY = Policy.from_lists(
    origins=["https://a.test"], methods=["PUT"], headers=["*"], credentials=True
)
ATTEMPT = Attempt("https://a.test", "PUT", (("x-a", "1"),), credentials=True)


def test_each_gateway_is_asked_and_the_standards_rule_first() -> None:
    assert [one.name for one in compare(POLICY, ATTEMPT, OWN)] == names()


def test_what_a_gateway_does_is_what_its_emulation_does() -> None:
    for one in compare(POLICY, ATTEMPT, OWN):
        found = scene(replace(POLICY, emulate=emulation_of(one.name)), ATTEMPT, OWN)
        assert (one.readable, one.reasons) == (found.readable, found.reasons)


def test_preflight_and_request_are_told_apart() -> None:
    found = {one.name: one for one in compare(POLICY, ATTEMPT, OWN)}
    assert found["fetch"][2:4] == ("answered 204", "forwarded")
    assert found["envoy"][2:4] == ("answered 200", "not sent")
    simple = {one.name: one for one in compare(POLICY, Attempt("https://evil.test"), OWN)}
    assert simple["fetch"][2:4] == ("not due", "refused 403")
    assert simple["envoy"][2:4] == ("not due", "forwarded")


def test_who_lets_the_page_read_something_else_disagrees() -> None:
    found = list(compare(POLICY, ATTEMPT, OWN))
    assert {"envoy", "traefik"} <= {one.name for one in disagreeing(found)}
    assert "nginx" not in {one.name for one in disagreeing(found)}


def test_an_emulating_policy_is_compared_as_the_plain_one() -> None:
    emulating = replace(POLICY, emulate=emulation_of("envoy"))
    assert list(compare(emulating, ATTEMPT, OWN)) == list(compare(POLICY, ATTEMPT, OWN))
