"""JSON from strangers is read within bounds, and what is wrong with it has a place."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.limits import RECORD_MAX_BRACKETS
from corsproxy.recorded.json_tree import Node, RecordError, read


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"", "the file is empty", id="nothing"),
        pytest.param(b" \n", "the file is empty", id="blanks"),
        pytest.param(b'{"log": ', "line 1, column 9: the file ends before", id="cut in a value"),
        pytest.param(b'{"log": "x', "line 1, column 9: the file ends before", id="cut in a text"),
        pytest.param(b'{"log": {}\n', "line 2, column 1: the file ends before", id="cut at an end"),
        pytest.param(b"<html>", "line 1, column 1: not JSON: expecting value", id="HTML"),
        pytest.param(b'{\n"a": 1,,', "line 2, column 8: not JSON: ", id="a comma too many"),
        pytest.param(b'"\xff"', "byte 1: not text in utf-8", id="not UTF-8"),
        pytest.param(b"[" * 100_000, "nested too deeply", id="nested"),
        pytest.param(b"[" * (RECORD_MAX_BRACKETS + 1), "more objects and lists", id="brackets"),
        pytest.param(b"1" * 5000, "a number in it is too long", id="digits"),
    ],
)
def test_what_is_no_json_says_where(data: bytes, words: str) -> None:
    with pytest.raises(RecordError, match=re.escape(words)) as caught:
        read(data, ())
    assert caught.value.fix


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_every_encoding_that_an_editor_makes_of_it_is_read(encoding: str) -> None:
    assert read('{"a": "\u00e9"}'.encode(encoding), ("a",)).member("a").text() == "\u00e9"


def test_members_that_nobody_asks_for_are_not_kept() -> None:
    assert read(b'{"a": {"b": 1, "c": 2}, "d": 3}', ("a", "b")).value == {"a": {"b": 1}}


def tree() -> Node:
    return Node({"a": [{"b": 1}, None], "t": "x", "yes": True, "n": 1.6, "gone": None})


def test_a_value_knows_its_place() -> None:
    first, second = tree().member("a").elements()
    assert first.member("b").place == "a[0].b"
    assert (second.place, second.value) == ("a[1]", None)


def test_null_is_nothing() -> None:
    gone = tree().member("gone")
    assert (gone.text(), gone.flag(), gone.number(9), list(gone.elements())) == ("", False, 0, [])
    assert (gone.member("x").value, gone.has("x"), tree().has("gone")) == (None, False, True)
    with pytest.raises(RecordError, match=r"^gone: expected something"):
        gone.needed()


def test_a_number_is_whole_and_within_its_limit() -> None:
    assert (tree().member("n").number(9), Node(0).number(9)) == (2, 0)
    assert Node(-1).number(9) == 0
    for value in (-2, 10, 1e400, float("nan")):
        with pytest.raises(RecordError, match="expected a number from 0 to 9"):
            Node(value).number(9)


@pytest.mark.parametrize(
    ("name", "method", "words"),
    [
        pytest.param("t", "elements", "^t: expected a list, not text", id="text for a list"),
        pytest.param("a", "text", "^a: expected text, not a list", id="a list for text"),
        pytest.param("n", "flag", "^n: expected true or false, not a number", id="a number"),
        pytest.param("n", "needed", "", id="anything is something"),
    ],
)
def test_what_has_another_kind_is_told_with_its_place(name: str, method: str, words: str) -> None:
    node = tree().member(name)
    if not words:
        assert getattr(node, method)() == node
        return
    with pytest.raises(RecordError, match=words):
        list(getattr(node, method)() or ())


def test_true_is_no_number_and_text_no_object() -> None:
    with pytest.raises(RecordError, match=r"^yes: expected a number, not true or false"):
        tree().member("yes").number(9)
    with pytest.raises(RecordError, match=r"^t: expected an object, not text"):
        tree().member("t").member("x")
    with pytest.raises(RecordError, match=r"^the whole: expected an object, not a list"):
        Node([]).member("x")


@given(st.binary(max_size=60))
def test_no_bytes_end_in_anything_but_a_tree_or_an_error_of_ours(data: bytes) -> None:
    told = ""
    try:
        read(data, ())
    except RecordError as error:
        told = error.message + error.fix
    assert told.isascii()
    assert told.isprintable()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_what_is_asked_for_is_read_as_python_reads_it(value: object) -> None:
    class Every:
        def __contains__(self, _: object) -> bool:
            return True

    assert read(json.dumps(value).encode(), Every()).value == value  # type: ignore[arg-type]
