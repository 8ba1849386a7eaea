"""Hono: functions where there are patterns, and no empty list of names."""

from tests.gateways.snippets import ONE, REFLECTED, text, told


def test_single_origins_are_a_list_and_patterns_a_function() -> None:
    assert 'origin: ["https://a.test"],' in text("hono", ONE)
    lines = text("hono", "allow_origins: [https://a.test, 'https://*.b.test']")
    assert r"const allowedOrigins = [/^https:\/\/a\.test$/, " in lines
    assert "one.test(origin)" in lines


def test_everybody_is_the_wildcard_or_whoever_asks() -> None:
    assert 'origin: "*",' in text("hono", "allow_origins: ['*']")
    assert "origin: (origin) => origin," in text("hono", REFLECTED)


def test_no_names_are_one_that_needs_no_leave() -> None:
    assert 'allowHeaders: ["Accept"],' in text("hono", ONE)


def test_any_method_beside_credentials_is_the_one_asked_for() -> None:
    policy = f"{ONE}\nallow_methods: ['*']\nallow_credentials: true"
    assert "access-control-request-method" in text("hono", policy)
    assert told("hono", policy) == []
