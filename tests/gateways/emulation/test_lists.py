"""The lists of a preflight's response: what stands there for the policy's."""

import pytest

from corsproxy.cors.policy import Policy
from corsproxy.cors.request import Request
from corsproxy.gateways.emulation import lists
from corsproxy.gateways.emulation.profile import Profile, Wildcard

PLAIN = Profile("a test", observed=False)
ASKED = Request("OPTIONS", "https://a.test", "PUT", "x-a,authorization")


def policy(**lists_: list[str]) -> Policy:
    return Policy.from_lists(origins=["https://a.test"], **lists_)  # type: ignore[arg-type]


def with_credentials(**lists_: list[str]) -> Policy:
    return Policy.from_lists(
        origins=["https://a.test"],
        credentials=True,
        **lists_,  # type: ignore[arg-type]
    )


METHODS = {
    "the safelisted ones where none is listed": ([], {}, "GET, HEAD, POST"),
    "those listed": (["PUT", "PATCH"], {}, "PUT, PATCH"),
    "the wildcard and those beside it": (["*", "PATCH"], {}, "*, PATCH"),
    "the asked one": (["*"], {"any_method": Wildcard.ECHO}, "PUT"),
    "those beside the wildcard alone": (["*", "PATCH"], {"any_method": Wildcard.ABSENT}, "PATCH"),
    "all that it knows": (
        ["*"],
        {"any_method": Wildcard.SPELLED, "all_methods": ("GET", "PUT")},
        "GET, PUT",
    ),
    "the asked one of those listed": (["PATCH", "PUT"], {"sends_asked_method": True}, "PUT"),
    "those listed where the asked one is none": (["PATCH"], {"sends_asked_method": True}, "PATCH"),
}


@pytest.mark.parametrize(("listed", "knobs", "sent"), METHODS.values(), ids=METHODS.keys())
def test_methods(listed: list[str], knobs: dict[str, object], sent: str) -> None:
    profile = PLAIN._replace(**knobs)  # type: ignore[arg-type]
    assert lists.methods(policy(methods=listed), profile, ASKED) == sent


NAMES = {
    "none": ([], Wildcard.LITERAL, ""),
    "those listed": (["x-b"], Wildcard.LITERAL, "x-b"),
    "the wildcard": (["*"], Wildcard.LITERAL, "*"),
    "those asked": (["*"], Wildcard.ECHO, "x-a, authorization"),
    "those listed where authorization is asked": (["*", "x-b"], Wildcard.ECHO_UNCOVERED, "x-b"),
    "those asked where authorization is listed": (
        ["*", "Authorization"],
        Wildcard.ECHO_UNCOVERED,
        "x-a, authorization",
    ),
    "none where authorization is not listed": (["*"], Wildcard.ECHO_COVERED, ""),
    "those asked where all is covered": (
        ["*", "authorization"],
        Wildcard.ECHO_COVERED,
        "x-a, authorization",
    ),
}


@pytest.mark.parametrize(("listed", "how", "sent"), NAMES.values(), ids=NAMES.keys())
def test_names(listed: list[str], how: Wildcard, sent: str) -> None:
    profile = PLAIN._replace(any_name=how, any_name_with_credentials=Wildcard.ABSENT)
    assert lists.names(policy(headers=listed), profile, ASKED) == sent


def test_names_with_credentials_have_a_rule_of_their_own() -> None:
    profile = PLAIN._replace(any_name=Wildcard.LITERAL, any_name_with_credentials=Wildcard.ECHO)
    assert lists.names(with_credentials(headers=["*"]), profile, ASKED) == "x-a, authorization"


@pytest.mark.parametrize(
    ("listed", "sent"), [(["X-A", "x-b"], "x-a"), (["*"], "x-a, authorization")]
)
def test_only_the_names_asked_for_are_sent_where_that_is_the_gateways_way(
    listed: list[str], sent: str
) -> None:
    profile = PLAIN._replace(sends_asked_names=True)
    assert lists.names(policy(headers=listed), profile, ASKED) == sent


def test_the_wildcard_is_sent_as_it_stands_though_names_are_echoed() -> None:
    profile = PLAIN._replace(sends_asked_names=True, any_name=Wildcard.LITERAL)
    assert lists.names(policy(headers=["*"]), profile, ASKED) == "*"


def test_the_wildcard_of_exposed_names_is_left_out_with_credentials() -> None:
    every = {"expose_headers": ["*", "etag"]}
    assert lists.exposed(policy(**every), PLAIN) == "*, etag"
    assert lists.exposed(with_credentials(**every), PLAIN) == "etag"


AGES = {
    "none": (None, {}, ""),
    "the policy's": (60, {}, "60"),
    "0 for not at all": (-1, {}, "0"),
    "the most": (100_000, {"max_max_age": 86_400}, "86400"),
    "its own": (None, {"default_max_age": 600}, "600"),
}


@pytest.mark.parametrize(("age", "knobs", "sent"), AGES.values(), ids=AGES.keys())
def test_the_age_of_a_preflight(age: int | None, knobs: dict[str, object], sent: str) -> None:
    profile = PLAIN._replace(**knobs)  # type: ignore[arg-type]
    assert lists.max_age(Policy.from_lists(max_age=age), profile) == sent
