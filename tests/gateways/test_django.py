"""Django: the opaque origin is never beside plain ones, and every setting is written."""

import pytest

from tests.gateways.snippets import ONE, text, told


def test_the_opaque_origin_and_patterns_are_anchored_regexes() -> None:
    lines = text("django", "allow_origins: [https://a.test, 'null', 'https://*.b.test']")
    assert 'CORS_ALLOWED_ORIGINS = ["https://a.test"]\n' in lines
    regexes = r'CORS_ALLOWED_ORIGIN_REGEXES = [r"^null$", r"^https://(?:[a-z0-9_-]+\.)+b\.test$"]'
    assert f"{regexes}\n" in lines


def test_what_has_defaults_that_open_is_written() -> None:
    lines = text("django", ONE)
    assert 'CORS_ALLOW_METHODS = ["GET", "HEAD", "POST"]\n' in lines
    assert "CORS_ALLOW_HEADERS = []\n" in lines
    assert "CORS_PREFLIGHT_MAX_AGE = 0\n" in lines


@pytest.mark.parametrize(("age", "lost"), [(0, ["max_age"]), (-1, ["max_age"]), (60, [])])
def test_an_age_of_0_is_told(age: int, lost: list[str]) -> None:
    assert told("django", f"{ONE}\nmax_age: {age}") == lost


def test_wildcards_beside_credentials_are_told() -> None:
    policy = f"{ONE}\nallow_methods: ['*']\nallow_headers: ['*', authorization]"
    assert told("django", policy) == []
    assert told("django", f"{policy}\nallow_credentials: true") == [
        "allow_methods",
        "allow_headers",
    ]
