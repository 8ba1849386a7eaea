"""YAML and JSON of other programs are read with the place of each value, and made into nothing."""

import pytest

from corsproxy.gateways.conversion.gateway import FormatError
from corsproxy.gateways.conversion.located_yaml import compose, items_at, text_at, the_one


def test_json_indented_with_tabs_is_read() -> None:
    found = compose('{\n\t"a": [\n\t\t1\n\t]\n}', "x.json").path("a")
    assert found is not None
    assert found.items is not None
    assert str(found.items[0].span) == "x.json:3:3"


def test_a_tag_or_a_function_is_not_known() -> None:
    root = compose("{a: !Ref X, b: {Ref: X}, c: {'Fn::Sub': x}, d: x}", "x")
    known = {key: value.known for key in root.keys if (value := root.get(key))}
    assert known == {"a": False, "b": False, "c": False, "d": True}


def test_nothing_is_made_of_a_tag() -> None:
    found = compose("!!python/object/apply:os.getcwd []", "x")
    assert (found.known, found.items) == (False, [])


def test_null_is_the_same_as_nothing() -> None:
    assert compose("a: null", "x").get("a") is None
    assert compose("a: 1", "x").path("a", "b") is None


def test_of_a_key_that_stands_twice_the_last_counts() -> None:
    found = compose('{"a": 1, "a": 2}', "x").get("a")
    assert found is not None
    assert found.text == "2"


@pytest.mark.parametrize("text", ["", "{", "[" * 3000, "a: b: c", "a: *b", "\0"])
def test_what_cannot_be_read_is_an_error_with_a_place(text: str) -> None:
    with pytest.raises(FormatError) as refused:
        compose(text, "x")
    assert refused.value.place.source == "x"


def test_each_node_is_walked_once_even_where_aliases_go_round() -> None:
    root = compose("a: &a [1, {b: *a}]\nc: *a", "x")
    assert len([*root.everything()]) == 4


@pytest.mark.parametrize(("text", "place"), [("{}", (1, 1)), ("{a: 1, b: 2}", (1, 11))])
def test_none_or_several_of_what_there_is_one_of_is_an_error(
    text: str, place: tuple[int, int]
) -> None:
    root = compose(text, "f")
    found = [value for key in root.keys if (value := root.get(key))]
    with pytest.raises(FormatError) as caught:
        the_one(found, "letters", root)
    assert caught.value.message == f"{len(found)} letters: one is needed"
    assert (caught.value.place.line, caught.value.place.column) == place
    assert the_one(found[:1] or [root], "letters", root).span.line == 1


def test_a_text_and_a_list_below_several_keys_are_empty_where_there_are_none() -> None:
    root = compose("a: {b: text, c: [1, 2]}", "x")
    assert (text_at(root, "a", "b"), text_at(root, "a", "c"), text_at(None, "a")) == (
        "text",
        "",
        "",
    )
    assert [one.text for one in items_at(root, "a", "c")] == ["1", "2"]
    assert (items_at(root, "a", "b"), items_at(None, "a")) == ([], [])
