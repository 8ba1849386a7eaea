"""Envoy's lists: a lone wildcard echoes, and one beside others is literal."""

import pytest

from corsproxy.cors.names import Names
from corsproxy.cors.origin import Origins
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion import envoy_filter
from corsproxy.gateways.conversion.export import Export
from tests.gateways.converted import of_policy


def policy(names: Names, *, credentials: bool) -> Policy:
    return Policy(Origins(), allow_headers=names, allow_credentials=credentials)


@pytest.mark.parametrize(
    ("names", "credentials", "written"),
    [
        (Names(), False, ""),
        (Names(("x-a",)), True, "x-a"),
        (Names(any=True), False, "*, accept"),
        (Names(("x-a",), any=True), False, "*, x-a"),
        (Names(("x-a",), any=True), True, "x-a"),
        (Names(any=True), True, ""),
        (Names(("x-a", "Authorization"), any=True), True, "*"),
    ],
)
def test_names_are_echoed_only_where_authorization_is_allowed(
    names: Names, credentials: bool, written: str
) -> None:
    said = envoy_filter.said(policy(names, credentials=credentials))
    export = Export.of(of_policy(said))
    assert str(envoy_filter.names(export)) == written


def test_methods_beside_the_wildcard_are_left_out() -> None:
    listed = Policy(Origins(), allow_methods=Names(("PUT",), any=True))
    assert envoy_filter.said(listed).allow_methods == Names(any=True)
