"""A policy with a gateway: it is asked in the place of the standard's rule, and made ready once."""

from dataclasses import dataclass, field

import pytest

from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.decision import (
    Action,
    Check,
    Decision,
    Finding,
    Kind,
    Reason,
    Request,
    decide,
    kind_of,
)
from corsproxy.cors.emulated import Emulated
from corsproxy.cors.explain.notices import as_emulated
from corsproxy.cors.explain.scene import scene
from corsproxy.cors.headers import Fields
from corsproxy.cors.policy import Policy
from corsproxy.cors.response_headers import apply_policy, own_headers, policy_headers

ANSWER = Decision(Kind.ACTUAL, Request("GET"), status=418)
REFUSED = (Finding(Check.ORIGIN, False, Reason.ORIGIN_NOT_ALLOWED, ("https://a.test",)),)


@dataclass(frozen=True)
class Teapot:
    title: str = "a teapot"
    observed: bool = True
    known: str = "as seen on one"
    as_setting: str = "teapot"
    served: list[Policy] = field(default_factory=list, compare=False)

    def with_policy(self, policy: Policy) -> Emulated:
        self.served.append(policy)
        return Brewing()


class Brewing:
    def decide(self, request: Request) -> Decision:
        return ANSWER._replace(request=request, kind=kind_of(request))

    def response_headers(self, decision: Decision, upstream: Fields) -> list[tuple[str, str]]:
        return [*upstream, ("Tea", "hot")]

    def own_headers(self, decision: Decision) -> list[tuple[str, str]]:
        return [("Tea", "cold")]


def test_the_gateway_decides_and_makes_the_headers() -> None:
    policy = Policy(emulate=Teapot())
    request = Request("GET", "https://a.test")
    assert decide(policy, request) == ANSWER._replace(request=request)
    assert policy_headers(policy, ANSWER, ()) == []
    assert apply_policy(policy, ANSWER, (("A", "1"),)) == [("A", "1"), ("Tea", "hot")]
    assert own_headers(policy, ANSWER) == [("Tea", "cold")]


def test_it_is_made_ready_once_with_the_policy() -> None:
    gateway = Teapot()
    policy = Policy(emulate=gateway)
    for _ in range(3):
        decide(policy, Request("GET"))
    assert gateway.served == [policy]


DONE = {
    "a preflight is forwarded": (Kind.PREFLIGHT, Action.FORWARD, (), "forwards the preflight"),
    "a refused request is forwarded": (
        Kind.ACTUAL,
        Action.FORWARD,
        REFUSED,
        "forwards a refused request",
    ),
    "a refused one is answered": (Kind.ACTUAL, Action.REJECT, REFUSED, "answers 418 itself"),
    "what is granted is not worth a word": (Kind.ACTUAL, Action.FORWARD, (), ""),
}


@pytest.mark.parametrize(("kind", "action", "findings", "what"), DONE.values(), ids=DONE.keys())
def test_what_the_gateway_does_is_told(
    kind: Kind, action: Action, findings: tuple[Finding, ...], what: str
) -> None:
    decision = ANSWER._replace(kind=kind, action=action, findings=findings)
    told = [values["what"] for _, values in as_emulated(Policy(emulate=Teapot()), decision)]
    assert [one[: len(what)] for one in told] == ([what] if what else [])
    assert list(as_emulated(Policy(), decision)) == []


def test_a_scene_says_by_whom_it_is_decided_and_what_would_help() -> None:
    policy = Policy(emulate=Teapot())
    found = scene(policy, Attempt("https://a.test", "PUT"), "http://localhost:8080")
    assert found.remarks[0] == "decided as a teapot does with this policy, as seen on one"
    assert "https://a.test" in found.patch
    assert not found.readable
