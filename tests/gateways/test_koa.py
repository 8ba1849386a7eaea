"""koa: functions, and an age of 0 as a text."""

import pytest

from tests.gateways.snippets import ONE, REFLECTED, text, told


def test_a_function_compares_single_origins_and_searches_for_patterns() -> None:
    assert "allowedOrigins.includes(" in text("koa", ONE)
    assert "one.test(" in text("koa", "allow_origins: ['https://*.b.test']")


def test_everybody_is_the_wildcard_or_whoever_asks() -> None:
    assert 'origin: "*",' in text("koa", "allow_origins: ['*']")
    assert 'origin: (ctx) => ctx.get("Origin"),' in text("koa", REFLECTED)


@pytest.mark.parametrize(("age", "sent"), [(0, '"0"'), (-1, '"0"'), (5, "5")])
def test_an_age_of_0_is_a_text_since_the_number_is_left_out(age: int, sent: str) -> None:
    assert f"maxAge: {sent}," in text("koa", f"{ONE}\nmax_age: {age}")


def test_no_names_are_one_that_needs_no_leave() -> None:
    assert 'allowHeaders: ["Accept"],' in text("koa", ONE)


def test_the_private_network_is_carried_and_any_method_beside_credentials_is_told() -> None:
    assert "privateNetworkAccess: true," in text("koa", f"{ONE}\nallow_private_network: true")
    policy = f"{ONE}\nallow_methods: ['*']\nallow_credentials: true"
    assert told("koa", policy) == ["allow_methods"]
