"""Starlette: the methods that it would refuse, and the name that it lets in."""

import pytest

from tests.gateways.snippets import ONE, text, told

JSON = f"{ONE}\nallow_headers: [content-type]"


def test_the_methods_that_need_no_leave_are_listed_since_it_refuses_them_else() -> None:
    assert 'allow_methods=["GET", "HEAD", "POST"],' in text("starlette", JSON)


def test_content_type_is_let_in_and_told() -> None:
    assert told("starlette", ONE) == ["allow_headers"]
    assert told("starlette", JSON) == []


def test_patterns_are_one_expression_that_matches_the_whole() -> None:
    policy = "allow_origins: [https://a.test, 'https://*.b.test', {regex: 'https://c|https://d'}]"
    lines = text("starlette", policy)
    assert 'allow_origins=["https://a.test"],' in lines
    assert r'allow_origin_regex=r"https://(?:[a-z0-9_-]+\.)+b\.test|(?=' in lines
    assert '$)(?:https://c|https://d)",' in lines


@pytest.mark.parametrize(("lines", "age"), [("", 5), ("\nmax_age: -1", 0), ("\nmax_age: 60", 60)])
def test_an_age_is_always_written_since_its_own_is_ten_minutes(lines: str, age: int) -> None:
    assert f"max_age={age}," in text("starlette", f"{JSON}{lines}")


def test_the_wildcards_are_told_where_they_mean_something_else() -> None:
    assert told("starlette", f"{ONE}\nallow_methods: ['*']\nallow_headers: ['*']") == [
        *("allow_methods", "allow_headers", "allow_headers")
    ]
    assert told("starlette", f"{ONE}\nallow_headers: ['*', authorization]") == []


def test_fastapi_imports_it_from_itself() -> None:
    assert text("starlette", ONE, "fastapi").startswith("from fastapi.middleware.cors import")
