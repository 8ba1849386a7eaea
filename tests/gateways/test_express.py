"""express: a list even for one origin, and never the names that a page asks for."""

import pytest

from tests.gateways.snippets import ONE, REFLECTED, text, told


def test_one_origin_is_a_list_since_a_text_would_be_sent_to_everybody() -> None:
    assert 'origin: ["https://a.test"],' in text("express", ONE)
    assert "origin: []," in text("express", "max_age: 5")


def test_lists_that_are_left_out_would_open_and_are_written() -> None:
    lines = text("express", ONE)
    assert 'methods: ["GET", "HEAD", "POST"],' in lines
    assert "allowedHeaders: []," in lines


@pytest.mark.parametrize(("form", "head"), [("esm", "import cors"), ("commonjs", "const cors")])
def test_each_form_has_its_import(form: str, head: str) -> None:
    assert head in text("express", ONE, form)


@pytest.mark.parametrize(
    ("lines", "lost"),
    [
        ("allow_methods: ['*']", []),
        ("allow_methods: ['*']\nallow_credentials: true", ["allow_methods"]),
        ("allow_headers: ['*']", ["allow_headers"]),
        ("allow_headers: ['*']\nallow_credentials: true", ["allow_headers"]),
        ("allow_headers: ['*', authorization]\nallow_credentials: true", []),
        ("allow_private_network: true", ["allow_private_network"]),
    ],
)
def test_what_would_open_or_mean_nothing_is_told(lines: str, lost: list[str]) -> None:
    assert told("express", f"{ONE}\n{lines}") == lost


def test_an_expression_that_javascript_reads_otherwise_is_told() -> None:
    policy = r"allow_origins: [{regex: 'https://a\.test\z'}]"
    assert told("express", policy) == ["allow_origins"]
    assert "origin: []," in text("express", policy)


def test_everybody_with_credentials_is_told_by_the_policy_alone() -> None:
    assert "origin: true," in text("express", REFLECTED)
