"""Lists of origins: single ones or `*`, and what their servers decide by themselves is told."""

import pytest
import yaml

from corsproxy.gateways.origin_lists import FORMS
from tests.gateways.snippets import ONE, written

NAME = "origin-lists"
TWO = "allow_origins: [https://a.test, 'http://localhost:5173']"


def told(policy: str, form: str) -> list[str]:
    return [loss.setting for loss in written(NAME, policy, form).losses]


def test_elasticsearch_gets_a_value_for_each_of_its_settings() -> None:
    lines = (
        f"{TWO}\nallow_methods: [PUT]\nallow_headers: [x-a]\nallow_credentials: true\nmax_age: 60"
    )
    found = written(NAME, lines, "elasticsearch")
    assert found.losses == ()
    assert yaml.safe_load(found.text) == {
        "http.cors.enabled": True,
        "http.cors.allow-origin": "https://a.test,http://localhost:5173",
        "http.cors.allow-methods": "PUT",
        "http.cors.allow-headers": "x-a",
        "http.cors.allow-credentials": True,
        "http.cors.max-age": 60,
    }


def test_its_own_defaults_never_hold() -> None:
    found = yaml.safe_load(written(NAME, ONE, "elasticsearch").text)
    assert found["http.cors.max-age"] == 5  # not 20 days
    assert found["http.cors.allow-methods"] == "GET, HEAD, POST"
    assert found["http.cors.allow-headers"] == ""


@pytest.mark.parametrize(
    ("lines", "lost"),
    [
        ("allow_methods: ['*']", ["allow_methods"]),
        ("allow_headers: ['*', x-a]", ["allow_headers"]),
        ("expose_headers: [etag]", ["expose_headers"]),
        ("allow_private_network: true", ["allow_private_network"]),
    ],
)
def test_what_elasticsearch_cannot_say_is_told(lines: str, lost: list[str]) -> None:
    assert told(f"{ONE}\n{lines}", "elasticsearch") == lost


def test_a_list_is_what_the_others_are_given() -> None:
    assert written(NAME, TWO, "postgrest").text == (
        'server-cors-allowed-origins = "https://a.test, http://localhost:5173"\n'
    )
    assert written(NAME, TWO, "ollama").text == (
        "OLLAMA_ORIGINS=https://a.test,http://localhost:5173\n"
    )


def test_what_they_decide_by_themselves_is_told_whatever_the_policy_says() -> None:
    usual = {"allow_methods", "allow_headers", "expose_headers", "allow_credentials", "max_age"}
    assert set(told(ONE, "postgrest")) == usual
    assert set(told(ONE, "ollama")) == usual | {"allow_origins"}


def test_everybody_is_no_list_in_postgrest() -> None:
    everybody = 'allow_origins: ["*"]'
    assert written(NAME, everybody, "postgrest").text.startswith("# Leave ")
    assert written(NAME, everybody, "ollama").text == "OLLAMA_ORIGINS=*\n"


@pytest.mark.parametrize("form", FORMS)
def test_a_pattern_is_left_out_and_told(form: str) -> None:
    found = written(NAME, "allow_origins: [https://a.test, 'https://*.b.test']", form)
    assert "b.test" not in found.text
    assert any("*.b.test" in loss.effect for loss in found.losses)
