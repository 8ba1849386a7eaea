"""A policy with a gateway: it is asked in the place of the standard's rule, and made ready once."""

from dataclasses import dataclass, field

from corsproxy.cors.decision import Decision, Kind, Request, decide
from corsproxy.cors.emulated import Emulated
from corsproxy.cors.headers import Fields
from corsproxy.cors.policy import Policy
from corsproxy.cors.response_headers import apply_policy, own_headers

ANSWER = Decision(Kind.ACTUAL, Request("GET"), status=418)


@dataclass(frozen=True)
class Teapot:
    title: str = "a teapot"
    as_setting: str = "teapot"
    served: list[Policy] = field(default_factory=list, compare=False)

    def with_policy(self, policy: Policy) -> Emulated:
        self.served.append(policy)
        return Brewing()


class Brewing:
    def decide(self, request: Request) -> Decision:
        return ANSWER._replace(request=request)

    def response_headers(self, decision: Decision, upstream: Fields) -> list[tuple[str, str]]:
        return [*upstream, ("Tea", "hot")]

    def own_headers(self, decision: Decision) -> list[tuple[str, str]]:
        return [("Tea", "cold")]


def test_the_gateway_decides_and_makes_the_headers() -> None:
    policy = Policy(emulate=Teapot())
    request = Request("GET", "https://a.test")
    assert decide(policy, request) == ANSWER._replace(request=request)
    assert apply_policy(policy, ANSWER, (("A", "1"),)) == [("A", "1"), ("Tea", "hot")]
    assert own_headers(policy, ANSWER) == [("Tea", "cold")]


def test_it_is_made_ready_once_with_the_policy() -> None:
    gateway = Teapot()
    policy = Policy(emulate=gateway)
    for _ in range(3):
        decide(policy, Request("GET"))
    assert gateway.served == [policy]
