"""The catalogue: one entry for each way in which CORS fails, each with what provokes it."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from corsproxy.cors.decision import Reason
from corsproxy.cors.explain import ExplainedCheck
from corsproxy.cors.explain.findings import PASSED
from corsproxy.cors.reasons import (
    BLOCKED,
    CATALOGUE,
    DIFFERS,
    NOTICED,
    RECORDED,
    REFUSED,
    Entry,
    explained,
)
from tests.cors.reasons.provoked import PROVOKED

CASES = Path(__file__).parents[2] / "cases" / "explain"
ENTRIES = (*REFUSED, *BLOCKED, *NOTICED, *DIFFERS, *RECORDED)


def test_no_entry_lacks_what_provokes_it() -> None:
    assert set(PROVOKED) == set(CATALOGUE)


def test_no_two_entries_share_an_id() -> None:
    assert [id_ for id_, count in Counter(entry.id for entry in ENTRIES).items() if count > 1] == []


@pytest.mark.parametrize("reason", CATALOGUE)
def test_what_happens_is_told_by_its_entry(
    reason: str, golden: Callable[[Path, str], None]
) -> None:
    [found] = [one for one in PROVOKED[reason]() if _id(one) == reason]
    consoles = f"Chrome: {found.chrome}\nFirefox: {found.firefox}\nWebKit: {found.webkit}\n"
    names = f"{consoles}step: {found.step}\n"
    golden(CASES / f"{reason}.out", f"{found.text}\nfix: {found.fix}\n{names}")


def _id(one: object) -> str:
    return one.reason_id if isinstance(one, ExplainedCheck) else str(getattr(one, "id", ""))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_an_entry_is_one_sentence_without_a_capital_or_a_full_stop(entry: Entry) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", entry.id)
    for text in (entry.text, entry.fix):
        assert text[:1].islower() or re.match(r"[A-Z'{]", text)
        assert not text.endswith(".")
        assert "  " not in text


@pytest.mark.parametrize("reason", Reason, ids=str)
def test_each_outcome_of_a_check_has_its_words(reason: Reason) -> None:
    # An origin that is not allowed is told by four entries, by what is wrong with it.
    assert (reason in PASSED) != (reason.value in CATALOGUE)


def test_values_from_the_network_are_escaped() -> None:
    found = explained("allow-origin-missing", {"origin": "http://a\x1b[2J\n\u202ealert"})
    assert "\\x1b[2J\\n\\u202ealert" in found.text
    assert found.text.isprintable()
    assert found.text.isascii()


def test_an_error_of_a_preflight_has_the_name_of_its_twin() -> None:
    assert explained("allow-origin-missing", {"origin": "x"}, preflight=True).chrome == (
        "PreflightMissingAllowOriginHeader"
    )
    assert explained("preflight-status-not-ok", {"status": "404"}, preflight=True).chrome == (
        "PreflightInvalidStatus"
    )
