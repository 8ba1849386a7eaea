"""Lines of a policy on which gateways disagree."""

import json

from corsproxy.config import load_text
from corsproxy.cors.policy import Policy
from corsproxy.probe.verify.difference import Risk
from corsproxy.probe.verify.disagreements import (
    disagreements,
    disagreements_json,
    disagreements_text,
)

FILE = """\
upstream: http://127.0.0.1:8000
cors:
  allow_origins:
    - https://a.test
    - {regex: ".*[.]b[.]test|h.*|n.*"}
  allow_headers: ["*"]
  allow_credentials: true
"""


def policy() -> Policy:
    return load_text(FILE.encode(), "p.yaml", {}, {}).config.policy


def test_each_line_is_told_with_its_gateways_and_its_place() -> None:
    found = [one for one in disagreements(policy()) if {"envoy", "traefik"} <= {*one.gateways}]
    assert {(str(one.span), one.risk) for one in found if "nginx" not in one.gateways} == {
        ("p.yaml:5:15", Risk.TOO_CLOSED),
        ("p.yaml:6:3", Risk.TOO_CLOSED),
    }


def test_a_line_is_told_once_for_the_same_gateways() -> None:
    told = [(one.risk, one.topic, one.span, one.gateways) for one in disagreements(policy())]
    assert len(told) == len({*told})


def test_a_policy_that_all_can_say_has_none() -> None:
    plain = Policy.from_lists(origins=["https://a.test"], methods=["PUT"], headers=["x-a"])
    assert [one for one in disagreements(plain) if {*one.gateways} & {"nginx", "envoy"}] == []


def test_the_worst_come_first() -> None:
    order = list(Risk)
    risks = [order.index(one.risk) for one in disagreements(policy())]
    assert risks == sorted(risks)


def test_as_text_and_as_json_it_is_the_same() -> None:
    found = disagreements(policy())
    text = disagreements_text(found)
    told = json.loads(disagreements_json(found))["disagreements"]
    assert text.count("\n  at: ") == len(told) == len(found)
    assert all(f"[{one['topic']}]" in text and one["policy"] in text for one in told)
    assert disagreements_text([]) == "pages read the same at every gateway\n"
