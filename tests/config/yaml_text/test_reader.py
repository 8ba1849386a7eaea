"""YAML read with its places, and what is not read at all."""

import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.config.yaml_text.reader import read
from corsproxy.config.yaml_text.tree import Listing, Notes, Scalar, Settings
from corsproxy.limits import LARGEST_FILE

BILLION_LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 10)
)


def read_text(text: str) -> Settings:
    notes = Notes("f.yaml")
    root = read(text.encode(), notes, {})
    assert notes.sorted == []
    assert root is not None
    return root


def ids_of(content: bytes) -> list[str]:
    notes = Notes("f.yaml")
    read(content, notes, {})
    return [found.id for found in notes.sorted]


def test_each_value_keeps_its_place() -> None:
    root = read_text("a: 1\nb:\n  - 'é'\n  - {c: no}\n")
    listing = root.values["b"]
    assert isinstance(listing, Listing)
    text, inner = listing.items
    assert (str(root.keys["b"]), str(text.span), text.span.length) == (
        "f.yaml:2:1",
        "f.yaml:3:5",
        3,
    )
    assert isinstance(inner, Settings)
    assert str(inner.values["c"].span) == "f.yaml:4:9"


@pytest.mark.parametrize("text", ["", "# nothing", "~"])
def test_a_file_without_settings_has_the_place_of_its_beginning(text: str) -> None:
    root = read_text(text)
    assert (str(root.span), root.span.column) == ("f.yaml:1:1", 1)


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("NO", "bool"),
        ("1:30", "int"),
        ("null", "null"),
        ("~", "null"),
        ("", "null"),
        ("'NO'", "str"),
        ("1.5", "float"),
        ("2026-01-01", "timestamp"),
        ("a", "str"),
    ],
)
def test_no_value_is_converted(text: str, type_: str) -> None:
    scalar = read_text(f"a: {text}\n").values["a"]
    assert isinstance(scalar, Scalar)
    assert (scalar.text, scalar.type) == (text.strip("'"), type_)


def test_an_alias_is_the_node_that_it_names() -> None:
    root = read_text("a: &x [1]\nb: *x\n")
    assert root.values["a"] is root.values["b"]


def test_a_file_of_comments_has_no_settings() -> None:
    assert read_text("# nothing\n").values == {}
    assert read_text("").values == {}
    assert read_text("---\n").values == {}


def test_billion_laughs_are_few_and_quick() -> None:
    tracemalloc.start()
    before = time.process_time()
    assert ids_of(BILLION_LAUGHS.encode()) == ["too-many-values"]
    spent = time.process_time() - before
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert spent < 0.1
    assert peak < 20 << 20


@pytest.mark.parametrize(("more", "ids"), [(97, []), (98, ["too-many-values"])])
def test_a_file_has_a_hundred_thousand_values_at_most(more: int, ids: list[str]) -> None:
    thousand = f"a: &a [{', '.join('x' * 998)}]\n"  # the mapping, the list and what is in it
    text = f"{thousand}b: [{', '.join(['*a'] * 99)}]\nc: [{', '.join('y' * more)}]\n"
    assert ids_of(text.encode()) == ids


@pytest.mark.parametrize(("depth", "ids"), [(15, []), (16, ["too-deep"])])
def test_lists_stand_in_each_other_sixteen_deep_at_most(depth: int, ids: list[str]) -> None:
    assert ids_of(f"a: {'[' * depth}{']' * depth}\n".encode()) == ids


def test_a_file_of_more_than_a_mebibyte_is_refused() -> None:
    assert ids_of(b"#" * LARGEST_FILE) == []
    notes = Notes("f.yaml")
    read(b"#" * (LARGEST_FILE + 1), notes, {})
    assert [(found.id, str(found.span)) for found in notes.sorted] == [
        ("file-too-large", "f.yaml:1:1")
    ]


def test_a_deep_file_is_refused_whatever_its_depth() -> None:
    assert ids_of(b"a: " + b"[" * 100_000) == ["too-deep"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CR LF", "CR"])
def test_lines_are_counted_whatever_ends_them(end: str) -> None:
    notes = Notes("f.yaml")
    read(end.join(["a: 1", "b: 2", "a: 3"]).encode(), notes, {})
    assert [str(found.span) for found in notes.sorted] == ["f.yaml:3:1"]


@given(st.binary())
def test_any_bytes_are_read_or_noted(content: bytes) -> None:
    notes = Notes("f.yaml")
    root = read(content, notes, {})
    assert root is not None or notes.mistaken


@given(st.text(alphabet="ab:-[]{}&*!|>'\"%@`#,?~ \n\t\u2028\x85ü$", max_size=60))
def test_any_text_in_yaml_s_own_letters_is_read_or_noted(text: str) -> None:
    notes = Notes("f.yaml")
    root = read(text.encode(), notes, {})
    assert root is not None or notes.mistaken
    for found in notes.sorted:
        assert found.span.column <= len(found.excerpt) + 1 or not found.excerpt
