"""A server that is known to be a gateway: what that does otherwise than the policy is harmless."""

from dataclasses import replace

import pytest

from corsproxy.config import load_text
from corsproxy.cors.decision import Action, decide
from corsproxy.cors.policy import Policy
from corsproxy.cors.response_headers import apply_policy, own_headers
from corsproxy.gateways.emulation.gateway_emulation import emulation_of, names
from corsproxy.probe.client import ServerResponse
from corsproxy.probe.verify.difference import Difference, Risk
from corsproxy.probe.verify.findings import Answer, differences_of
from corsproxy.probe.verify.questions import Plan, Question, Subject

FILE = """\
upstream: http://127.0.0.1:8000
cors:
  allow_origins:
    - https://a.test
    - "https://*.c.test"
    - {regex: ".*[.]b[.]test|h.*|n.*"}
  allow_methods: [PUT, PURGE]
  allow_headers: ["*"]
  expose_headers: ["*"]
  allow_credentials: true
  max_age: 90000
"""
URL = "https://api.test/"
GATEWAYS = [name for name in names() if name != "fetch"]


def policy() -> Policy:
    return load_text(FILE.encode(), "p.yaml", {}, {}).config.policy


def found(server: str, told_as: str | None, wrong: str = "") -> list[Difference]:
    """What is found of a server that does as `server` does, but for a header that it drops."""
    emulating = replace(policy(), emulate=emulation_of(server))

    def answer(question: Question) -> Answer:
        decision = decide(emulating, question.request)
        forwarded = decision.action is Action.FORWARD
        made = (apply_policy if forwarded else own_headers)(emulating, decision, ())
        headers = [pair for pair in made if pair[0] != wrong]
        return Answer(question, ServerResponse(decision.status or 200, "", headers))

    questions = Plan(Subject(URL, policy())).questions()
    gateway = emulation_of(told_as) if told_as else None
    return differences_of([answer(question) for question in questions], gateway)


@pytest.mark.parametrize("name", GATEWAYS)
def test_a_gateway_that_does_what_it_does_is_excused(name: str) -> None:
    assert [one for one in found(name, name) if one.risk is not Risk.HARMLESS] == []


def test_without_its_name_it_is_not() -> None:
    assert [one for one in found("envoy", None) if one.risk is Risk.TOO_CLOSED]


def test_an_excuse_names_the_gateway() -> None:
    told = [one.text for one in found("envoy", "envoy")]
    assert any(text.endswith("; Envoy does so, given this policy") for text in told)


def test_what_the_gateway_would_not_do_is_told_as_ever() -> None:
    told = found("envoy", "envoy", wrong="Access-Control-Allow-Credentials")
    assert [one.topic for one in told if one.risk is Risk.TOO_CLOSED] == ["credentials"]
