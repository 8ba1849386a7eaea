"""XML is read as a tree in which each value has its place; nothing in it can grow."""

import pytest

from corsproxy.gateways.conversion.gateway import FormatError
from corsproxy.gateways.conversion.located_xml import compose


def test_elements_of_one_name_are_a_list_in_which_each_has_its_place() -> None:
    root = compose("<a>\n <b> 1 </b><c/>\n <b>2 &amp; 3</b>\n</a>", "x.xml").get("a")
    assert root is not None
    (element,) = root.items or []
    assert element.keys == ["b", "c"]
    found = element.get("b")
    assert found is not None
    assert [one.text for one in found.items or []] == ["1", "2 & 3"]
    assert [str(one.span) for one in found.items or []] == ["x.xml:2:2", "x.xml:3:2"]


def test_prefixes_attributes_and_comments_say_nothing() -> None:
    root = compose('<s3:a xmlns:s3="urn:x" b="1"><!-- c --><s3:d>1</s3:d></s3:a>', "x")
    element = root.path("a")
    assert element is not None
    assert [one.keys for one in element.items or []] == [["d"]]


def test_attributes_stand_beside_the_elements_where_they_are_asked_for() -> None:
    root = compose('<a b="1">\n <c d="2"/><e/></a>', "x", attributes=True)
    element = (root.get("a") or root).items or []
    assert [one.keys for one in element] == [["@b", "c", "e"]]
    inner = element[0].get("c")
    assert inner is not None
    (found,) = (inner.items or [])[0].get("@d").items or []  # type: ignore[union-attr]
    assert (found.text, str(found.span)) == ("2", "x:2:2")


def test_the_text_is_utf8_whatever_it_says() -> None:
    root = compose('<?xml version="1.0" encoding="UTF-16"?><a>ä</a>', "x").get("a")
    assert root is not None
    assert [one.text for one in root.items or []] == ["ä"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a>\0</a>",
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        "<a>&b;</a>",
        "<a>" * 100 + "</a>" * 100,
        "a",
    ],
)
def test_what_cannot_be_read_is_an_error_with_a_place(text: str) -> None:
    with pytest.raises(FormatError) as refused:
        compose(text, "x")
    assert refused.value.place.source == "x"
    assert refused.value.place.line >= 1
