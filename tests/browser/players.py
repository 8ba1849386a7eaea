"""The cases of a stage, tried in a real browser: Chromium by CDP, Firefox by BiDi."""

import asyncio
import json
import re
from collections import defaultdict
from typing import Any

from playwright.async_api import Browser, CDPSession, Page

from corsproxy.cors.reasons.consoles import FIREFOX_WORDS
from tests.browser.firefox import Firefox
from tests.browser.stage import CALLS, Became, Stage

Results = dict[str, dict[str, Any]]
PATIENCE = 20
"""Seconds in which a console has told of everything that failed."""

IN_FIREFOX = f"text => ({CALLS})(JSON.parse(text)).then(JSON.stringify)"


async def in_chromium(stage: Stage, browser: Browser) -> dict[str, Became]:
    """What becomes of every case in Chromium."""
    became: dict[str, Became] = {}
    for url, paths in stage.pages().items():
        page = await browser.new_page()
        console = await _devtools(page)
        await page.goto(url)
        calls = [stage.call(path) for path in paths]
        results = dict(zip(paths, await page.evaluate(CALLS, calls), strict=True))
        await console.complete({path for path in paths if not results[path]["readable"]})
        await page.close()
        became |= _became(stage, results, console.errors)
    return became


async def in_firefox(stage: Stage, firefox: Firefox) -> dict[str, Became]:
    """What becomes of every case in Firefox."""
    became: dict[str, Became] = {}
    for url, paths in stage.pages().items():
        await firefox.goto(url)
        text = await firefox.call(IN_FIREFOX, json.dumps([stage.call(path) for path in paths]))
        results = dict(zip(paths, json.loads(text), strict=True))
        await _all_said(firefox, f"{stage.origin('api')}/end{len(became)}")
        became |= _became(stage, results, _keys(firefox.said))
    return became


async def _all_said(firefox: Firefox, url: str) -> None:
    """Wait for the message of one more call that fails: those of all before it have come then."""
    await firefox.call("url => fetch(url).catch(() => '')", url)
    async with asyncio.timeout(PATIENCE):
        while not any(url in text for text in firefox.said):
            firefox.news.clear()
            await firefox.news.wait()


def _became(stage: Stage, results: Results, keys: dict[str, set[str]]) -> dict[str, Became]:
    return {
        path: Became(
            result["readable"],
            frozenset(keys[path]),
            stage.sent(path),
            frozenset(result["names"]) & stage.own_names(path),
        )
        for path, result in results.items()
    }


async def _devtools(page: Page) -> "DevTools":
    session = await page.context.new_cdp_session(page)
    console = DevTools(session)
    await session.send("Network.enable")
    return console


class DevTools:
    """The CorsErrors of each call, by the path of its case."""

    def __init__(self, session: CDPSession) -> None:
        self.errors: dict[str, set[str]] = defaultdict(set)
        self._failed: set[str] = set()
        self._news = asyncio.Event()
        self._sent_to: dict[str, tuple[str, bool]] = {}
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.loadingFailed", self._loading_failed)

    def _sent(self, event: dict[str, Any]) -> None:
        if found := re.search(r"/case/[0-9]+", event["request"]["url"]):
            self._sent_to.setdefault(event["requestId"], (found[0], event["type"] == "Preflight"))

    def _loading_failed(self, event: dict[str, Any]) -> None:
        if event["requestId"] not in self._sent_to:
            return  # a preflight that was not sent: its host does not exist
        path, preflight = self._sent_to[event["requestId"]]
        if "corsErrorStatus" in event:
            self.errors[path].add(event["corsErrorStatus"]["corsError"])
        if not preflight:  # the preflight's failure is followed by the actual request's
            self._failed.add(path)
            self._news.set()

    async def complete(self, paths: set[str]) -> None:
        """Wait until the failure of every one of `paths` has been told."""
        async with asyncio.timeout(PATIENCE):
            while not paths <= self._failed:
                self._news.clear()
                await self._news.wait()


def _keys(said: list[str]) -> dict[str, set[str]]:
    """The keys of Firefox's messages, by the path of the case."""
    keys: dict[str, set[str]] = defaultdict(set)
    for text in said:  # a preflight that fails has two or three messages, the cause first
        path = re.search(r"/case/[0-9]+", text)
        reason = text.partition("(Reason: ")[2]
        found = [key for key, words in FIREFOX_WORDS.items() if words in reason]
        if path and found and not keys[path[0]]:
            keys[path[0]].add(found[0])
    return keys
