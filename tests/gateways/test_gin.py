"""gin: a function for origins, refusals of its own, nothing of `*` beside credentials."""

import pytest

from tests.gateways.snippets import ONE, REFLECTED, text, told


def test_everybody_is_an_option_and_all_else_a_function() -> None:
    assert "\tAllowAllOrigins: true,\n" in text("gin", 'allow_origins: ["*"]')
    assert "AllowOriginFunc: func(origin string) bool { return false }," in text(
        "gin", "max_age: 5"
    )
    assert "{ return true }," in text("gin", REFLECTED)
    assert "{ return allowedOrigins.MatchString(origin) }," in text("gin", ONE)


def test_ages_are_durations() -> None:
    assert "\tMaxAge: 600 * time.Second,\n" in text("gin", f"{ONE}\nmax_age: 600")


@pytest.mark.parametrize(
    ("lines", "lost"),
    [
        ("allow_methods: [patch]", ["refused_request", "allow_methods"]),
        ("max_age: 0", ["refused_request", "max_age"]),
        ("allow_private_network: true", ["refused_request", "allow_private_network"]),
        ("allow_headers: ['*']\nallow_credentials: true", ["refused_request", "allow_headers"]),
        ("allow_headers: ['*']", ["refused_request", "allow_headers"]),
    ],
)
def test_what_it_cannot_say_is_told(lines: str, lost: list[str]) -> None:
    assert told("gin", f"{ONE}\n{lines}") == lost
