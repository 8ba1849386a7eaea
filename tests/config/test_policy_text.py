"""A policy alone, as a file: what is read of it is that policy again."""

from hypothesis import given

from corsproxy.config.loading import load_text
from corsproxy.config.policy_text import policy_text
from corsproxy.cors.policy import Policy
from tests.cors.strategies import policies


@given(policy=policies())
def test_what_is_written_is_read_as_the_same_policy(policy: Policy) -> None:
    text = policy_text(policy, "a title")
    assert load_text(text.encode(), "p.yaml", {}, {}, offline=True).config.policy == policy


def test_a_policy_of_defaults_is_an_empty_one() -> None:
    assert policy_text(Policy(), "a title").endswith("\ncors: {}\n")
