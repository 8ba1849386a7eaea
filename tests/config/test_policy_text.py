"""A policy alone, as a file: what is read of it is that policy again."""

from hypothesis import given
from hypothesis.strategies import booleans

from corsproxy.config.address import UpstreamAddress
from corsproxy.config.loading import load_text
from corsproxy.config.policy_text import PolicyRoute, policy_text
from corsproxy.config.settings import Route
from corsproxy.cors.policy import Policy
from tests.cors.strategies import policies


@given(policy=policies())
def test_what_is_written_is_read_as_the_same_policy(policy: Policy) -> None:
    text = policy_text(policy, "a title")
    assert load_text(text.encode(), "p.yaml", {}, {}, offline=True).config.policy == policy


def test_a_policy_of_defaults_is_an_empty_one() -> None:
    assert policy_text(Policy(), "a title").endswith("\ncors: {}\n")


@given(policy=policies(), other=policies(), strip=booleans())
def test_routes_are_read_as_the_same_routes(policy: Policy, other: Policy, strip: bool) -> None:
    top, own = (UpstreamAddress("http", "127.0.0.1", port) for port in (8000, 9000))
    routes = [
        PolicyRoute("/a", other, None, own, strip),
        PolicyRoute("/b", other, "b.test"),
        PolicyRoute("/", other, "b.test", top),
    ]
    text = policy_text(policy, "a title", top, routes)
    config = load_text(text.encode(), "p.yaml", {}, {}, offline=True).config
    assert config.routes == (
        Route("/a", own, other, None, strip),
        Route("/b", top, other, "b.test"),
        Route("/", top, other, "b.test"),
        Route("/", top, policy),
    )
