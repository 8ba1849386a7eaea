"""Real browsers for the tests of this folder; a machine without one skips them, loudly."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page

from tests.browser.executables import (
    NO_CHROMIUM,
    NO_FIREFOX,
    chromium,
    firefox_esr,
    launched,
    needed,
)
from tests.browser.firefox import Firefox, running
from tests.browser.world import World, api, served, site


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder is a browser test, and shares the session's one loop."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A skip that nobody overlooks."""
    found = {NO_CHROMIUM: chromium(), NO_FIREFOX: firefox_esr()}
    missing = [words for words, executable in found.items() if executable is None]
    if missing:
        terminalreporter.section("BROWSER TESTS NOT RUN", sep="!", red=True, bold=True)
    for words in missing:
        terminalreporter.line(words)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def firefox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Firefox]:
    executable = needed(firefox_esr(), NO_FIREFOX)
    async with running(executable, tmp_path_factory.mktemp("firefox")) as driven:
        yield driven


@pytest_asyncio.fixture(loop_scope="session")
async def new_firefox(tmp_path: Path) -> AsyncIterator[Firefox]:
    """One that nothing was played to: with many hundred calls more, its later ones fail."""
    async with running(needed(firefox_esr(), NO_FIREFOX), tmp_path) as driven:
        yield driven


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A profile of its own: no cookie and no cached preflight of another test."""
    context = await browser.new_context()
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext) -> Page:
    return await context.new_page()


@pytest_asyncio.fixture(loop_scope="session")
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with served(site()) as page, served(api()) as upstream:
        yield World(page, upstream, tmp_path)
