"""A value of the network is itself in a policy, or is not put there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cors.origin import MAX_ORIGIN_LENGTH, OriginPattern
from corsproxy.cors.policy_value import is_name, is_origin


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        pytest.param("https://a.test", True, id="an origin"),
        pytest.param("http://localhost:5173", True, id="with a port"),
        pytest.param("null", True, id="the opaque origin, spelled as it is sent"),
        pytest.param("chrome-extension://abc", True, id="an extension"),
        pytest.param("*", False, id="every origin"),
        pytest.param("http://*.evil.test", False, id="every subdomain"),
        pytest.param("http://localhost:*", False, id="every port"),
        pytest.param("http://a.test/", False, id="a URL"),
        pytest.param("http://A.test", False, id="capitals"),
        pytest.param("http://a.test, http://b.test", False, id="two"),
        pytest.param("", False, id="nothing"),
        pytest.param(f"http://{'a' * MAX_ORIGIN_LENGTH}", False, id="longer than any host"),
        pytest.param(f"http://{'a' * (MAX_ORIGIN_LENGTH - 7)}", True, id="the longest"),
        pytest.param(f"http://{'a' * (MAX_ORIGIN_LENGTH - 6)}", False, id="one character longer"),
    ],
)
def test_an_origin_is_one_origin(text: str, literal: bool) -> None:
    assert is_origin(text) is literal


@given(st.text(max_size=40) | st.from_regex(r"https?://(\*\.)?[a-z]{1,3}\.test(:(\*|80|81))?"))
def test_what_passes_for_an_origin_matches_itself_alone(text: str) -> None:
    if is_origin(text):
        pattern = OriginPattern.parse(text)
        assert pattern.matches(text) or text == "null"
        assert pattern.exact


@pytest.mark.parametrize(
    ("text", "literal"),
    [("PUT", True), ("x-a", True), ("**", True), ("*", False), ("", False), ("a b", False)],
)
def test_a_name_is_one_name(text: str, literal: bool) -> None:
    assert is_name(text) is literal
