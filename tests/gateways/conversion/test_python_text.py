"""Values as Python: each evaluates to what it was."""

import ast
import re

import pytest

from corsproxy.cors.origin import OriginPattern
from corsproxy.gateways.conversion.python_text import Code, call, raw, regex, value

VALUES = ['a"b', "x", 5, True, ["a", "b"], ["x" * 60, "y" * 60], []]


@pytest.mark.parametrize("one", VALUES, ids=repr)
def test_a_value_is_read_back(one: object) -> None:
    assert ast.literal_eval(value(one)) == one


@pytest.mark.parametrize("text", [r"a\.b", r'a"\.', r"""a"'\."""])
def test_a_raw_string_is_read_back(text: str) -> None:
    assert ast.literal_eval(raw(text)) == text


def test_a_regex_has_both_its_anchors() -> None:
    expression = ast.literal_eval(regex(OriginPattern.parse("https://*.a.test")))
    assert re.search(expression, "https://b.a.test")
    assert not re.search(expression, "https://b.a.test.evil.test")
    assert not re.search(expression, "xhttps://b.a.test")


def test_a_call_has_each_argument_on_a_line() -> None:
    assert call("f", "app", {"a": 1, "b": Code("c")}) == "f(\n    app,\n    a=1,\n    b=c,\n)\n"
