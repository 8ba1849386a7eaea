"""rack-cors: regexes end where the text does, and an age is always written."""

import pytest

from tests.gateways.snippets import ONE, REFLECTED, text, told

JSON = f"{ONE}\nallow_headers: [content-type]"


def test_regexes_have_the_ends_of_the_text_and_not_of_a_line() -> None:
    lines = text("rack-cors", "allow_origins: ['https://*.a.test', {regex: 'https://[a-z]+'}]")
    assert r"/\Ahttps:\/\/(?:[a-z0-9_-]+\.)+a\.test\z/" in lines
    assert r"\z)(?:https:\/\/[a-z]+)\z/" in lines


def test_what_does_not_begin_with_http_is_a_regex() -> None:
    lines = text("rack-cors", "allow_origins: ['null', 'chrome-extension://abc', https://a.test]")
    assert r'origins /\Anull\z/, /\Achrome-extension:\/\/abc\z/, "https://a.test"' in lines


def test_everybody_is_the_wildcard_or_whatever_asks() -> None:
    assert 'origins "*"\n' in text("rack-cors", "allow_origins: ['*']")
    assert r"origins /\A[!-~]{1,512}\z/" in text("rack-cors", REFLECTED)
    assert "origins []\n" in text("rack-cors", "max_age: 5")


@pytest.mark.parametrize(("lines", "age"), [("", 5), ("\nmax_age: -1", 0), ("\nmax_age: 60", 60)])
def test_an_age_is_always_written_since_its_own_is_two_hours(lines: str, age: int) -> None:
    assert f"max_age: {age}\n" in text("rack-cors", f"{JSON}{lines}")


def test_methods_are_symbols_and_odd_ones_texts() -> None:
    lines = text("rack-cors", f"""{JSON}\nallow_methods: [PUT, "M!#1"]""")
    assert 'methods: [:get, :head, :post, :put, "m!\\#1"],' in lines


def test_content_type_is_let_in_and_told_and_so_is_what_would_become_another() -> None:
    assert told("rack-cors", ONE) == ["allow_headers"]
    assert told("rack-cors", f"{JSON}\nallow_methods: [patch]") == ["allow_methods"]


def test_rails_has_a_form_of_its_own() -> None:
    assert "middleware.insert_before 0, Rack::Cors do" in text("rack-cors", ONE, "rails")
