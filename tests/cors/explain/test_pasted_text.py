"""A message of a console in our words, for people and for programs."""

from corsproxy.cors.explain.pasted_text import pasted_json, pasted_text
from corsproxy.cors.reasons import BLOCKED, NOTICED
from corsproxy.cors.reasons.pasted import recognise

BROWSERS = ("chrome", "firefox", "webkit")
TEXT = (
    "Access to fetch at 'http://a.test/x?token=s3cr3t-s3cr3t' from origin 'http://b.test' has been"
    " blocked by CORS policy: Method PATCH is not allowed by Access-Control-Allow-Methods in"
    " preflight response."
)


def test_the_likeliest_reason_comes_first_and_the_others_after_it() -> None:
    found = recognise(TEXT)
    assert found is not None
    first, _, likeliest, fix, *rest = pasted_text(found).splitlines()
    assert first.startswith("Chromium says MethodDisallowedByPreflightResponse about the preflight")
    assert likeliest.endswith("[allow-methods-lacks-method]")
    assert fix == "  fix: add PATCH to allow_methods"
    assert [line for line in rest if line.startswith("or: ")]
    assert "s3cr3t" not in pasted_text(found)


def test_what_is_not_in_the_message_is_not_told_of() -> None:
    found = recognise("It does not have HTTP ok status.")
    assert found is not None
    assert pasted_text(found).splitlines()[0] == "Chromium says PreflightInvalidStatus"


def test_every_reason_that_a_console_can_show_names_its_step() -> None:
    shown = [entry for entry in (*BLOCKED, *NOTICED) if any(map(entry.key, BROWSERS))]
    assert [entry.id for entry in shown if not entry.step] == []


def test_programs_get_the_same() -> None:
    found = recognise(TEXT)
    assert found is not None
    told = pasted_json(found)
    assert (told["browser"], told["preflight"]) == ("Chromium", True)
    assert told["quoted"]["method"] == "PATCH"
    assert told["reasons"][0]["id"] == "allow-methods-lacks-method"
    assert "s3cr3t" not in str(told)
