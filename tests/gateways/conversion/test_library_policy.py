"""What options can say of a policy: nothing is added that would let a page do more, but by name."""

from collections.abc import Sequence

import pytest

from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion import library_policy as options
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.narrowing import ANY
from tests.gateways.converted import config


def policy(
    *, credentials: bool = False, methods: Sequence[str] = (), headers: Sequence[str] = ()
) -> Policy:
    return Policy.from_lists(
        origins=["https://a.test"], credentials=credentials, methods=methods, headers=headers
    )


def test_a_literal_wildcard_counts_for_nothing_beside_credentials_alone() -> None:
    for credentials in (False, True):
        given = policy(credentials=credentials, methods=["*", "PUT"], headers=["*", "x-a"])
        assert options.without_literal_methods(given).allow_methods.any is not credentials
        assert options.without_literal_names(given).allow_headers.any is not credentials
        assert options.without_literal_methods(given).allow_methods.listed == ("PUT",)


def test_an_echo_of_names_stays_where_authorization_is_listed() -> None:
    assert not options.without_echoed_names(policy(headers=["*"])).allow_headers.any
    covered = policy(headers=["*", "Authorization"])
    assert options.without_echoed_names(covered) is covered
    assert not options.without_any_name(covered).allow_headers.any


def test_the_wildcard_of_methods_is_spelled_and_others_stay() -> None:
    spelled = options.with_spelled_methods(policy(methods=["*", "PURGE"]), ("GET", "PUT"))
    assert str(spelled.allow_methods) == "GET, PUT, PURGE"
    plain = policy(methods=["PUT"])
    assert options.with_spelled_methods(plain, ("GET",)) is plain
    assert str(options.with_safelisted_methods(plain).allow_methods) == "GET, HEAD, POST, PUT"


def test_methods_that_are_others_in_capitals_are_taken_out() -> None:
    assert str(options.in_capitals(policy(methods=["patch", "M-1"])).allow_methods) == "M-1"


@pytest.mark.parametrize(("age", "sent"), [(None, None), (0, None), (-1, None), (5, 5)])
def test_an_age_of_0_is_left_out(age: int | None, sent: int | None) -> None:
    assert options.with_sent_age(Policy(max_age=age)).max_age == sent


def test_content_type_is_added_once_and_told() -> None:
    for names, told in ((["x-a"], True), (["Content-Type"], False), (["*"], False)):
        listed = ", ".join(f"'{name}'" for name in names)
        export = Export.of(config(f"allow_origins: [https://a.test]\nallow_headers: [{listed}]"))
        options.lose_content_type(export)
        assert [loss.setting for loss in export.losses] == ["allow_headers"] * told
        added = options.with_content_type(export.policy).allow_headers.listed
        assert ("content-type" in added) is told


def test_what_is_cut_is_told_and_nothing_exposed_that_browsers_would_not() -> None:
    lines = """allow_origins: [https://a.test]
allow_credentials: true
allow_methods: ["*"]
expose_headers: ["*", etag]"""
    export = Export.of(config(lines))
    cuts = {"allow_methods" + ANY: options.LITERAL_METHODS}
    found = options.narrowed(export, options.without_literal_methods, cuts)
    assert str(found.expose_headers) == "etag"
    assert [loss.setting for loss in export.losses] == ["allow_methods", "expose_headers"]


def test_reflection_is_taken_out_with_its_credentials() -> None:
    given = Policy.from_lists(origins=["*"], credentials=True, dangerously_reflect_any_origin=True)
    assert not options.without_reflection(given).allow_credentials
    assert options.without_reflection(policy(credentials=True)).allow_credentials
    assert not options.without_private_network(
        Policy(allow_private_network=True)
    ).allow_private_network
