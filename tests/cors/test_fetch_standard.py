"""The tables agree with each other; whoever looks a name up may count on its case."""

import pytest

from corsproxy.cors import fetch_standard as fetch
from corsproxy.cors import headers as f

NAMES = (
    fetch.NON_WILDCARD_NAMES,
    fetch.SAFELISTED_RESPONSE_NAMES,
    fetch.FORBIDDEN_RESPONSE_NAMES,
    fetch.FORBIDDEN_REQUEST_NAMES,
    fetch.METHOD_OVERRIDE_NAMES,
    frozenset(fetch.FORBIDDEN_REQUEST_PREFIXES),
)
METHODS = (fetch.SAFELISTED_METHODS, fetch.FORBIDDEN_METHODS, fetch.NORMALISED_METHODS)


def test_names_are_tokens_in_lower_case_and_methods_in_capitals() -> None:
    for name in frozenset().union(*NAMES):
        assert name == name.lower()
        assert fetch.TOKEN.fullmatch(name)
    for method in frozenset().union(*METHODS):
        assert method == method.upper()


def test_no_field_is_both_safelisted_and_forbidden() -> None:
    assert not fetch.SAFELISTED_RESPONSE_NAMES & fetch.FORBIDDEN_RESPONSE_NAMES


def test_no_method_is_both_safelisted_and_forbidden() -> None:
    assert not fetch.SAFELISTED_METHODS & fetch.FORBIDDEN_METHODS
    assert fetch.SAFELISTED_METHODS < fetch.NORMALISED_METHODS
    assert "PATCH" not in fetch.NORMALISED_METHODS


def test_a_script_sets_none_of_the_request_fields_of_cors() -> None:
    # No browser forbids the last one, which belongs to a standard that was given up.
    assert f.REQUEST_NAMES - {f.REQUEST_PRIVATE_NETWORK.lower()} < fetch.FORBIDDEN_REQUEST_NAMES


@pytest.mark.parametrize("text", ["", "a b", "a:b", "r\u00e9sum\u00e9", "a\n", "a,b", '"a"', "(a)"])
def test_what_is_no_token(text: str) -> None:
    assert fetch.TOKEN.fullmatch(text) is None
