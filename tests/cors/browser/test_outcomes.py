"""The outcome in each browser, as data and as a sentence."""

import pytest

from corsproxy.cors.browser.outcomes import EVERYWHERE, InBrowser, Outcomes

YES, NO = InBrowser(True), InBrowser(False)


@pytest.mark.parametrize(
    ("outcomes", "blocked", "sentence"),
    [
        pytest.param(EVERYWHERE, False, "", id="all read"),
        pytest.param(Outcomes(False, NO, NO, NO), True, "", id="all block"),
        pytest.param(
            Outcomes(False, YES, YES, YES),
            False,
            "blocked by the standard; no current browser blocks",
            id="the standard alone",
        ),
        pytest.param(
            Outcomes(True, NO, NO, NO),
            True,
            "allowed by the standard; every current browser blocks",
            id="every browser",
        ),
        pytest.param(
            Outcomes(False, NO, YES, YES),
            True,
            "blocked by the standard and in Chromium; readable in Firefox and WebKit",
            id="the standard and one",
        ),
        pytest.param(
            Outcomes(True, YES, NO, YES),
            False,
            "allowed by the standard and in Chromium and WebKit; blocked in Firefox",
            id="one alone",
        ),
    ],
)
def test_what_is_called_blocked_and_where_it_holds(
    outcomes: Outcomes, blocked: bool, sentence: str
) -> None:
    assert (outcomes.blocked, outcomes.sentence) == (blocked, sentence)
    assert outcomes.differ is bool(sentence)


def test_the_outcomes_as_words() -> None:
    assert dict(Outcomes(False, NO, YES, YES).words) == {
        "standard": "blocked",
        "chromium": "blocked",
        "firefox": "readable",
        "webkit": "readable",
    }


def test_the_first_that_blocks() -> None:
    assert EVERYWHERE.first_blocking is None
    assert Outcomes(True, YES, NO, YES).first_blocking is NO
