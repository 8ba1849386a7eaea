"""Where the real browsers are, and what is said where one is missing; Chromium is started here."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, async_playwright

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
"""No sandbox, as tests run as root in containers; nothing that calls home."""

_MISSING = "no {name} here: install Debian's {package}, or set {variable} to its path"
NO_CHROMIUM = _MISSING.format(name="Chromium", package="chromium", variable="CHROMIUM")
NO_FIREFOX = _MISSING.format(name="Firefox", package="firefox-esr", variable="FIREFOX")


def chromium() -> str | None:
    """Where the browser is: $CHROMIUM, or the usual places."""
    named = os.environ.get("CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("chromium-browser")


def firefox_esr() -> str | None:
    """Where the browser is: $FIREFOX, or the usual places."""
    named = os.environ.get("FIREFOX")
    return named or shutil.which("firefox-esr") or shutil.which("firefox")


def needed(executable: str | None, missing: str) -> str:
    """The browser, or a skip; CI never skips."""
    if executable is None and os.environ.get("CI") == "true":
        pytest.fail(f"{missing} (CI never skips the browser tests)")
    if executable is None:
        pytest.skip(missing)
    return executable


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """Chromium, without a profile; skipped, loudly, where there is none."""
    executable = needed(chromium(), NO_CHROMIUM)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        yield browser
        await browser.close()
