"""Where the policy settles what a server does otherwise."""

import pytest

from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.policy import Policy
from corsproxy.probe.verify.difference import Difference, Risk
from corsproxy.probe.verify.questions import Question, Topic
from tests.probe.verify.deployed import URL, policy_of

APP = "https://app.shop.example"
NAMED = Attempt(APP, "GET", (("content-type", '"'),))


def at(topic: Topic, attempt: Attempt, policy: Policy) -> str:
    question = Question(topic, URL, policy, attempt, preflight=True)
    return str(Difference(Risk.TOO_OPEN, topic, "", "", question, 204).span)


@pytest.mark.parametrize(
    ("topic", "attempt", "place"),
    [
        pytest.param(Topic.ORIGIN, Attempt(APP), "policy.yaml:5:7", id="its own entry"),
        pytest.param(
            Topic.ORIGIN, Attempt("https://x.example"), "policy.yaml:4:3", id="no entry: the list"
        ),
        pytest.param(Topic.METHOD, Attempt(APP, "DELETE"), "policy.yaml:9:24", id="a method"),
        pytest.param(Topic.METHOD, Attempt(APP, "PATCH"), "policy.yaml:9:3", id="no such method"),
        pytest.param(Topic.NAME, NAMED, "policy.yaml:10:3", id="a name"),
        pytest.param(Topic.CREDENTIALS, Attempt(APP), "policy.yaml:12:22", id="credentials"),
        pytest.param(Topic.EXPOSED, Attempt(APP), "policy.yaml:11:3", id="exposed names"),
        pytest.param(Topic.MAX_AGE, Attempt(APP), "policy.yaml:13:12", id="max age"),
    ],
)
def test_a_difference_says_which_line_settles_it(
    topic: Topic, attempt: Attempt, place: str
) -> None:
    assert at(topic, attempt, policy_of()) == place


def test_what_the_policy_does_not_mention_has_no_line() -> None:
    silent = policy_of(f"upstream: http://a\ncors: {{allow_origins: [{APP}]}}")
    assert at(Topic.MAX_AGE, Attempt(APP), silent) == "None"
