"""Names of fields, list values, and Vary merged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cors import headers as f

FIELDS = [("Vary", "Accept"), ("ETag", '"1"'), ("vary", "Origin, Accept-Language")]


def test_values_are_found_in_order_whatever_the_case_of_the_name() -> None:
    assert f.values(FIELDS, "VARY") == ["Accept", "Origin, Accept-Language"]
    assert f.values(FIELDS, "Age") == []


def test_several_lines_are_one_value() -> None:
    assert f.joined(FIELDS, "Vary") == "Accept, Origin, Accept-Language"


def test_an_absent_field_has_no_value_and_an_empty_one_an_empty_value() -> None:
    assert f.joined(FIELDS, "Age") is None
    assert f.joined([("Age", "")], "Age") == ""


@pytest.mark.parametrize(
    ("value", "elements"),
    [
        pytest.param("a,b", ["a", "b"], id="no blanks"),
        pytest.param(" a ,\tb\t", ["a", "b"], id="blanks and tabs around"),
        pytest.param("a,,b,", ["a", "", "b", ""], id="empty elements are kept"),
        pytest.param("", [""], id="an empty value is one empty element"),
        pytest.param("a b", ["a b"], id="blanks inside stay"),
        pytest.param("\xa0a", ["\xa0a"], id="a no-break space is no blank"),
    ],
)
def test_elements(value: str, elements: list[str]) -> None:
    assert f.elements(value) == elements


@pytest.mark.parametrize(
    ("present", "names", "merged"),
    [
        pytest.param([], ["Origin"], "Origin", id="nothing there"),
        pytest.param(["Accept"], ["Origin"], "Accept, Origin", id="appended"),
        pytest.param(["a", "b"], ["Origin"], "a, b, Origin", id="lines become one"),
        pytest.param(["origin"], ["Origin"], "origin", id="said already, in another case"),
        pytest.param(["Accept, accept"], ["Origin"], "Accept, Origin", id="said twice"),
        pytest.param(["*"], ["Origin"], "*", id="everything is said"),
        pytest.param(["Accept", "*"], ["Origin"], "*", id="everything is said in a later line"),
        pytest.param([",a,,"], ["Origin"], "a, Origin", id="empty elements are dropped"),
        pytest.param([], [], None, id="neither says any"),
        pytest.param(["", ","], [], None, id="only empty elements"),
    ],
)
def test_merge_vary(present: list[str], names: list[str], merged: str | None) -> None:
    assert f.merge_vary(present, names) == merged


@given(st.lists(st.text(st.characters(max_codepoint=255))), st.lists(st.sampled_from("abc")))
def test_merging_vary_loses_nothing_that_was_said(present: list[str], names: list[str]) -> None:
    said = {e.lower() for line in present for e in f.elements(line) if e} | set(names)
    merged = f.merge_vary(present, names)
    kept = {e.lower() for e in f.elements(merged)} if merged else set()
    assert kept == ({"*"} if "*" in said else said)


def test_request_and_response_names_are_apart_and_in_lower_case() -> None:
    assert not f.REQUEST_NAMES & f.RESPONSE_NAMES
    assert all(name == name.lower() for name in f.REQUEST_NAMES | f.RESPONSE_NAMES)
