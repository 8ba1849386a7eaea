"""flask-cors: compiled regexes for every origin, and names that are none."""

import ast
import re

import pytest

from tests.gateways.snippets import ONE, text, told


def test_every_origin_is_a_compiled_regex_with_anchors() -> None:
    assert r're.compile(r"^https://a\.test$")' in text("flask-cors", ONE)
    assert r're.compile(r"^http://\[::1\]:3000$")' in text(
        "flask-cors", "allow_origins: ['http://[::1]:3000']"
    )


def test_everybody_is_the_wildcard_itself_without_credentials() -> None:
    lines = text("flask-cors", "allow_origins: ['*']")
    assert 'origins="*",' in lines
    assert "send_wildcard=True," in lines
    assert "import re\n" not in lines


def test_any_method_is_never_the_wildcard() -> None:
    policy = f"{ONE}\nallow_methods: ['*']"
    assert 'methods="*"' not in text("flask-cors", policy)
    assert told("flask-cors", policy) == ["allow_methods"]


def test_a_method_that_would_become_another_is_told() -> None:
    assert told("flask-cors", f"{ONE}\nallow_methods: [patch]") == ["allow_methods"]


@pytest.mark.parametrize(
    ("names", "granted", "refused"),
    [
        ("['*']", "x-a", "authorization"),
        (r"['x-$a']", "x-$a", "x-"),
        (r"['x*']", "x*", "xxx"),
    ],
)
def test_names_are_regexes_where_it_would_take_them_for_one(
    names: str, granted: str, refused: str
) -> None:
    lines = text("flask-cors", f"{ONE}\nallow_headers: {names}")
    found = re.search(r"allow_headers=(\[.*?\]),\n", lines)
    assert found is not None
    (expression,) = ast.literal_eval(found[1])
    assert re.match(expression, granted, re.IGNORECASE)
    assert not re.match(expression, refused, re.IGNORECASE)


def test_an_age_of_0_is_a_text_since_the_number_is_left_out() -> None:
    assert 'max_age="0",' in text("flask-cors", f"{ONE}\nmax_age: -1")
    assert told("flask-cors", f"{ONE}\nmax_age: 0") == []
