"""aiohttp-cors: single origins, and options that resources are given."""

import pytest

from tests.gateways.snippets import ONE, text, told


def test_the_lines_are_python_and_give_resources_their_options() -> None:
    found = text("aiohttp-cors", f"{ONE}\nallow_methods: [PUT]\nmax_age: -1")
    compile(found, "snippet", "exec")
    assert 'allow_methods=["GET", "HEAD", "POST", "PUT"],' in found
    assert "max_age=0,\n" in found
    assert "for resource in list(app.router.resources()):\n    cors.add(resource)\n" in found


def test_no_origin_is_granted_nothing() -> None:
    assert "origins = []\n" in text("aiohttp-cors", "max_age: 5")


@pytest.mark.parametrize(
    ("lines", "lost"),
    [
        ("", ["allow_origins"]),
        ("allow_methods: [patch]", ["allow_methods", "allow_origins"]),
        ("allow_headers: ['*']", ["allow_headers", "allow_origins"]),
        ("allow_private_network: true", ["allow_private_network", "allow_origins"]),
    ],
)
def test_what_it_cannot_say_is_told(lines: str, lost: list[str]) -> None:
    assert told("aiohttp-cors", f"{ONE}\n{lines}") == lost


def test_nothing_is_said_of_caches_where_everybody_may_read() -> None:
    assert told("aiohttp-cors", "allow_origins: ['*']") == []
