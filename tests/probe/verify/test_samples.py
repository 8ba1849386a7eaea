"""Which origins are asked for: what the policy names, and what it should not."""

import pytest
from hypothesis import given

from corsproxy.cors.decision import decide
from corsproxy.cors.origin import OriginPattern, RegexPattern
from corsproxy.cors.policy import Mode, Policy
from corsproxy.cors.request import Request
from corsproxy.probe.verify.samples import ANY, allowed, look_alikes, samples_of, unknown, unsampled
from tests.cors.strategies import policies
from tests.probe.verify.deployed import policy_of


@pytest.mark.parametrize(
    ("pattern", "samples"),
    [
        ("https://a.test", ["https://a.test"]),
        ("null", ["null"]),
        ("https://*.a.test", ["https://verify.a.test", "https://a.verify.a.test"]),
        ("http://localhost:*", ["http://localhost", "http://localhost:8443"]),
        ("http://[::1]:*", ["http://[::1]", "http://[::1]:8443"]),
        ("https://*.a.test:81", ["https://verify.a.test:81", "https://a.verify.a.test:81"]),
        ("chrome-extension://abc", ["chrome-extension://abc"]),
    ],
)
def test_a_pattern_is_sampled_by_what_it_widens(pattern: str, samples: list[str]) -> None:
    assert samples_of(OriginPattern.parse(pattern)) == samples


def test_a_regex_is_sampled_where_its_sample_is_an_origin_that_it_matches() -> None:
    read, odd = RegexPattern(r"https://pr-\d\.a\.test"), RegexPattern("[^x]*")
    no_origin = RegexPattern("a+")
    assert samples_of(read) == ["https://pr-7.a.test"]
    policy = Policy.from_lists(origins=[read, odd, no_origin])
    assert unsampled(policy) == ["regex [^x]*", "regex a+"]


@given(policies(modes=(Mode.ENFORCE,)))
def test_the_policy_allows_each_of_its_samples(policy: Policy) -> None:
    found = allowed(policy)
    assert all(decide(policy, Request("GET", origin)).granted for origin in found)
    assert len(found) == len(set(found))
    assert bool(found) is bool(policy.allow_origins)


def test_plain_origins_come_before_patterns_and_regexes() -> None:
    regex = RegexPattern(r"https://r\.a\.test")
    policy = Policy.from_lists(origins=[regex, "http://b.test:*", "http://c.test"])
    assert allowed(policy) == [
        *("http://c.test", "http://b.test", "http://b.test:8443", "https://r.a.test")
    ]


def test_look_alikes_are_made_of_each_pattern_and_of_the_host_above_subdomains() -> None:
    found = {one.origin for one in look_alikes(policy_of())}
    assert {
        "https://preview.shop.example",
        "https://preview.shop.example.attacker.example",
        "https://app.shop.example:31337",
        "https://pr-0xshop.example",
        "https://attackershop.example",
        "http://localhost:31337",
    } <= found


def test_no_origin_is_asked_for_twice() -> None:
    found = [one.origin for one in look_alikes(policy_of())]
    assert len(found) == len(set(found))


def test_who_allows_anybody_has_no_look_alikes() -> None:
    assert look_alikes(Policy.from_lists(origins=["*"])) == []


def test_strangers_are_asked_for_and_the_allowed_host_in_capitals() -> None:
    found = {one.origin: one for one in unknown(policy_of())}
    assert found["https://attacker.example"].subject == ANY
    assert found["https://APP.SHOP.EXAMPLE"].sent is False
    assert {"null", "http://localhost:3000"} <= found.keys()


def test_the_opaque_origin_has_no_capitals() -> None:
    found = [one.subject for one in unknown(Policy.from_lists(origins=["null"]))]
    assert "other-case" not in found
