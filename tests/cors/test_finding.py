"""Checks and reasons: closed sets of ids, each used once."""

from corsproxy.cors.decision import Action
from corsproxy.cors.finding import Check, Finding, Reason
from corsproxy.cors.reasons import BLOCKED, CATALOGUE, DIFFERS, NOTICED, RECORDED, REFUSED
from corsproxy.cors.request import Kind


def test_the_checks_stand_in_the_browsers_order() -> None:
    assert list(Check) == ["origin", "method", "names"]


def test_ids_are_phrases_and_none_is_given_twice() -> None:
    for ids in (Check, Reason, Action, Kind):
        values = [member.value for member in ids]
        assert len(values) == len(set(values)) == len(ids.__members__)
        assert all(value == value.lower().replace("_", "-") for value in values)


def test_no_two_entries_of_the_catalogue_share_an_id() -> None:
    entries = [*REFUSED, *BLOCKED, *NOTICED, *DIFFERS, *RECORDED]
    assert len(CATALOGUE) == len(entries)


def test_each_reason_to_refuse_is_in_the_catalogue() -> None:
    passing = {"any-origin", "origin-listed", "method-safelisted", "method-listed", "any-method"}
    passing |= {"bare-options", "no-names", "names-listed", "any-name"}
    assert {reason.value for reason in Reason} - passing <= CATALOGUE.keys()


def test_a_reason_is_called_as_it_is_written() -> None:
    assert all(reason.name.lower().replace("_", "-") == reason.value for reason in Reason)


def test_a_finding_says_no_more_than_it_must() -> None:
    assert Finding(Check.NAMES, True, Reason.NO_NAMES) == ("names", True, "no-names", (), None)
