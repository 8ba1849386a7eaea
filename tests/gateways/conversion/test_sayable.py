"""What a format can say of a policy."""

from corsproxy.cors.names import Names
from corsproxy.cors.origin import OriginPattern
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.sayable import (
    METHODS,
    NO_NAME,
    NOBODY,
    USABLE_METHODS,
    with_known_methods,
    with_lone_wildcard,
    with_names,
    with_origins,
    without_open_credentials,
    without_wildcards,
)
from tests.gateways.emulation.table import SAFELISTED_NAMES

POLICY = Policy.from_lists(
    origins=["https://a.test", "https://*.b.test"],
    methods=["*", "PUT"],
    headers=["x-a", "x-$"],
    expose_headers=["x-$", "etag"],
)


def test_origins_of_which_nothing_is_said_are_left_out() -> None:
    kept = with_origins(POLICY, lambda pattern: "*" not in str(pattern))
    assert [str(one) for one in kept.allow_origins.patterns] == ["https://a.test"]


def test_any_origin_stays() -> None:
    policy = Policy.from_lists(origins=["*"])
    assert with_origins(policy, lambda _: False) == policy


def test_names_of_which_nothing_is_said_are_left_out_of_each_list() -> None:
    kept = with_names(POLICY, lambda name: "$" not in name)
    assert (kept.allow_headers.listed, kept.expose_headers.listed) == (("x-a",), ("etag",))
    assert kept.allow_methods == POLICY.allow_methods


def test_methods_beside_the_wildcard_say_nothing_more() -> None:
    assert str(with_lone_wildcard(POLICY).allow_methods) == "*"
    plain = Policy.from_lists(methods=["PUT"])
    assert with_lone_wildcard(plain) is plain


def test_without_wildcards_only_what_is_listed_is_left() -> None:
    kept = without_wildcards(POLICY)
    assert str(kept.allow_methods) == "PUT"
    assert kept.allow_headers == POLICY.allow_headers


def test_credentials_are_taken_from_every_origin_and_from_no_list() -> None:
    open_ = Policy.from_lists(origins=["*"], credentials=True, dangerously_reflect_any_origin=True)
    assert without_open_credentials(open_) == Policy.from_lists(origins=["*"])
    listed = Policy.from_lists(origins=["https://a.test"], credentials=True)
    assert without_open_credentials(listed) is listed


def test_methods_of_ones_own_are_known_to_few() -> None:
    policy = Policy.from_lists(methods=["*", "PUT", "PURGE", "patch"])
    assert with_known_methods(policy).allow_methods == Names(("PUT",), any=True)


def test_an_origin_that_nobody_has_and_a_name_that_needs_no_allowing() -> None:
    assert OriginPattern.parse(NOBODY).exact
    assert NO_NAME in SAFELISTED_NAMES
    assert {*METHODS} - {*USABLE_METHODS} == {"TRACE", "CONNECT"}
