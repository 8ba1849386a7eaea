"""rs/cors: a list is never empty, and patterns are a function."""

import pytest

from tests.gateways.snippets import ONE, REFLECTED, text, told


def test_no_origin_is_a_function_since_no_list_would_be_everybody() -> None:
    assert "AllowOriginFunc: func(origin string) bool { return false }," in text(
        "rs-cors", "max_age: 5"
    )
    assert "{ return true }," in text("rs-cors", REFLECTED)


def test_no_name_is_one_that_needs_no_leave() -> None:
    assert 'AllowedHeaders: []string{"Accept"},' in text("rs-cors", ONE)


def test_single_origins_are_a_list_and_patterns_regexes() -> None:
    assert 'AllowedOrigins: []string{"https://a.test"},' in text("rs-cors", ONE)
    lines = text("rs-cors", "allow_origins: ['null', {regex: 'https://`[a-z]+'}]")
    assert r'var allowedOrigins = regexp.MustCompile("^(?:null|(?:https://`[a-z]+))$")' in lines
    assert "|null)$`)\n" in lines
    assert "allowedOrigins.MatchString(origin) && anOrigin.MatchString(origin)" in lines


@pytest.mark.parametrize(
    ("lines", "lost"),
    [
        ("allow_methods: ['*']", ["allow_methods"]),
        ("allow_methods: [patch]", ["allow_methods"]),
        ("allow_headers: ['*']", ["allow_headers"]),
        ("allow_headers: ['*', authorization]", []),
        ("allow_headers: ['x-$a']", ["allow_headers"]),
        ("max_age: 0", ["max_age"]),
        ("allow_private_network: true", ["allow_private_network"]),
    ],
)
def test_what_it_cannot_say_is_told(lines: str, lost: list[str]) -> None:
    assert told("rs-cors", f"{ONE}\n{lines}") == lost
