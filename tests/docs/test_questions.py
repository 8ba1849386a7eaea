"""What people ask is answered, and every message of a console leads to its reason."""

import re

import pytest

from corsproxy.cors.reasons import BLOCKED, CATALOGUE, NOTICED
from corsproxy.cors.reasons.consoles import CHROME_WORDS, FIREFOX_WORDS, NEVER_SAYS_WHY
from corsproxy.cors.reasons.pasted import recognise
from tests.docs.pages import REPOSITORY

QUESTIONS = (REPOSITORY / "docs" / "questions.md").read_text(encoding="utf-8")
MESSAGES = (REPOSITORY / "docs" / "console-messages.md").read_text(encoding="utf-8")
ANSWERS = dict(re.findall(r"^### (.*?)\n\n(.*?)(?=\n##|\Z)", QUESTIONS, re.MULTILINE | re.DOTALL))
WEBKIT_WORDS = {entry.webkit for entry in (*BLOCKED, *NOTICED)} - {""}
WORDS = sorted({*CHROME_WORDS.values(), *FIREFOX_WORDS.values(), *WEBKIT_WORDS})


def test_what_a_newcomer_asks_is_asked() -> None:
    asked = " ".join(ANSWERS).lower()
    words = ["curl", "postman", "options", "`*` with credentials", "all ports of localhost"]
    words += ["cookie", "deploy", "authentication", "console", "preview", "null", "https", "ci"]
    words += ["websockets", "switch cors off"]
    assert [word for word in words if word not in asked] == []


@pytest.mark.parametrize("question", ANSWERS)
def test_each_question_is_one_and_leads_to_the_page_that_tells_more(question: str) -> None:
    assert question.endswith("?")
    assert re.search(r"\]\([\w./-]+\.md(#[\w-]+)?\)", ANSWERS[question])


@pytest.mark.parametrize("words", WORDS)
def test_each_message_of_a_console_leads_to_its_reasons(words: str) -> None:
    said = f"| {words.replace('*', chr(92) + '*')}"
    rows = [line for line in MESSAGES.splitlines() if line.startswith((f"{said} |", f"{said}<br>"))]
    assert rows, "the page does not have it"
    linked = {id_ for row in rows for id_ in re.findall(r"\(reasons\.md#([\w-]+)\)", row)}
    found = recognise(words)
    assert found is not None
    assert {reason.id for reason in found.reasons} <= linked
    assert linked
    assert linked <= set(CATALOGUE)


def test_what_a_page_gets_in_place_of_a_reason_is_told() -> None:
    assert [words for words in NEVER_SAYS_WHY if words not in " ".join(MESSAGES.split())] == []
