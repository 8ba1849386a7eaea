"""The judges of `cors.browser`: the same calls in real browsers, the same outcome and error."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser

from corsproxy.cors.browser import browsers
from corsproxy.cors.browser.browsers import CHROMIUM, FIREFOX
from tests.browser.firefox import Firefox
from tests.browser.generated_cases import generated
from tests.browser.players import in_chromium, in_firefox
from tests.browser.stage import Became, Stage
from tests.browser.verdict_cases import Case, cases

CASES = [*cases(), *generated(300, 1)]
MANY = [generated(600, seed) for seed in range(2, 8)]

Play = Callable[[Stage], Awaitable[dict[str, Became]]]
Unlike = dict[str, tuple[Became, Became]]


async def unlike(cases: list[Case], play: Play, row: browsers.Browser, host: str) -> Unlike:
    """The cases that became something else than predicted: what was seen, and what was not.

    All are played in one page at once, by one test: a browser takes longer to start than to try
    a thousand calls.
    """
    stage = Stage(cases, host)
    await stage.open()
    seen = await play(stage)
    stage.server.close()
    pairs = {path: (became, stage.predicted(path, row)) for path, became in seen.items()}
    return {stage.cases[path].id: pair for path, pair in pairs.items() if pair[0] != pair[1]}


async def unlike_chromium(cases: list[Case], browser: Browser) -> Unlike:
    return await unlike(cases, lambda stage: in_chromium(stage, browser), CHROMIUM, "127.0.0.1")


async def unlike_firefox(cases: list[Case], firefox: Firefox) -> Unlike:
    """On localhost, since it remembers no preflight of 127.0.0.1."""
    return await unlike(cases, lambda stage: in_firefox(stage, firefox), FIREFOX, "localhost")


async def test_chromium_does_as_predicted(browser: Browser) -> None:
    assert await unlike_chromium(CASES, browser) == {}


async def test_firefox_does_as_predicted(firefox: Firefox) -> None:
    assert await unlike_firefox(CASES, firefox) == {}


@pytest.mark.long
@pytest.mark.parametrize("drawn", MANY, ids=[drawn[0].id for drawn in MANY])
async def test_both_do_as_predicted_in_99_of_100_more_cases(
    drawn: list[Case], browser: Browser, new_firefox: Firefox
) -> None:
    # What may differ: a preflight that is remembered, or is not, within a loop of redirects.
    assert len(await unlike_chromium(drawn, browser)) * 100 <= len(drawn)
    assert len(await unlike_firefox(drawn, new_firefox)) * 100 <= len(drawn)


async def test_each_case_has_a_name_of_its_own() -> None:
    assert len({case.id for case in CASES}) == len(CASES)
