"""The judge of `cors.browser`: the same calls in real Chromium, the same outcome and CorsError."""

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest
import pytest_asyncio
from playwright.async_api import Browser, CDPSession

from corsproxy.cors import fields as f
from corsproxy.cors.browser import verdict as cors
from tests.browser.scripted import Asked, Reply, Scripted
from tests.browser.verdict_cases import Response, cases

CASES = {f"/case/{number}": case for number, case in enumerate(cases())}

CALLS = """calls => Promise.all(calls.map(async call => {
    const once = async () => {
        try {
            const answer = await fetch(call.url, call.init);
            await answer.text();
            return {readable: true, names: [...answer.headers.keys()].sort()};
        } catch (error) {
            return {readable: false, names: []};
        }
    };
    const first = await once();
    return call.twice ? await once() : first;
}))"""


class Told(NamedTuple):
    """What became of one call: in Chromium, or by prediction."""

    readable: bool
    errors: frozenset[str]
    preflights: tuple[str, ...]
    """What each preflight asked: the method and the names."""
    names: frozenset[str] = frozenset()
    """The response headers that the page could read, of those that a case is about."""


class Stage:
    """The three origins of the play: the page's, the API's, and one that is neither."""

    def __init__(self) -> None:
        self.server = Scripted(self.answer)
        self.ports: dict[str, int] = {}

    async def open(self) -> None:
        self.ports = {name: await self.server.listen() for name in ("page", "api", "third")}

    def origin(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    def filled(self, text: str, path: str) -> str:
        words = {name: self.origin(name) for name in self.ports}
        words |= {f"{name}_port": str(port) for name, port in self.ports.items()}
        words |= {"port": words["page_port"], "case": path}
        return re.sub(r"\{(\w+)\}", lambda found: words[found[1]], text)

    def fields(self, response: Response, path: str) -> list[tuple[str, str]]:
        return [(name, self.filled(value, path)) for name, value in response.fields]

    def scripted(self, path: str, *, preflight: bool) -> tuple[int, list[tuple[str, str]]]:
        """What is answered at `path`: as a case says, or as its part beyond the redirect says."""
        base = path.partition("/beyond")[0]
        case = CASES[base]
        if path != base:
            response = case.beyond_preflight if preflight else case.beyond
        else:
            response = case.preflight if preflight else case.response
        return response.status, self.fields(response, base)

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/":
            return Reply(
                200, [("Content-Type", "text/html")], b"<!doctype html><title>page</title>"
            )
        if not asked.path.startswith("/case/"):
            return Reply(404, [])
        return Reply(*self.scripted(asked.path, preflight=asked.preflight), b"content")

    def predicted(self, path: str) -> Told:
        """The same call, as `cors.browser.verdict` sees it."""
        case = CASES[path]
        attempt = cors.Attempt(
            self.origin("page"), case.method, case.fields, case.credentials, path, cors.CHROMIUM
        )
        url, asked = self.origin("api") + path, []
        while True:
            if attempt.preflight_due and attempt.origin != cors.origin_of(url):
                preflight = attempt.preflight()
                asked.append(f"{preflight.requested_method} {preflight.requested_names}")
                status, fields = self.scripted(attempt.target, preflight=True)
                verdict = cors.on_preflight(attempt, status, fields)
                if not verdict.readable:
                    return Told(False, named(verdict), tuple(asked))
                kept = cors.preflight_cached_for(attempt, fields)
                asked += asked if case.twice and not kept else []
            status, fields = self.scripted(attempt.target, preflight=False)
            verdict = cors.on_response(attempt, status, fields)
            if not verdict.readable:
                return Told(False, named(verdict), tuple(asked))
            onward = cors.follow(attempt, url, status, fields)
            if onward is None:
                names = frozenset(cors.exposed(attempt, fields).readable)
                return Told(True, frozenset(), tuple(asked), names)
            attempt, url = onward


def named(verdict: cors.Verdict) -> frozenset[str]:
    """The CorsError of a verdict, if it has one."""
    return frozenset({verdict.chrome} - {""})


class Console:
    """The CorsErrors of each call, by the path of its case, as DevTools would show them."""

    def __init__(self, session: CDPSession) -> None:
        self.errors: dict[str, set[str]] = defaultdict(set)
        self.failed: set[str] = set()
        self.news = asyncio.Event()
        self._sent_to: dict[str, tuple[str, bool]] = {}
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.loadingFailed", self._failed)

    def _sent(self, event: dict[str, Any]) -> None:
        if found := re.search(r"/case/[0-9]+", event["request"]["url"]):
            self._sent_to.setdefault(event["requestId"], (found[0], event["type"] == "Preflight"))

    def _failed(self, event: dict[str, Any]) -> None:
        path, preflight = self._sent_to[event["requestId"]]
        if "corsErrorStatus" in event:
            self.errors[path].add(event["corsErrorStatus"]["corsError"])
        if not preflight:  # the preflight's failure is followed by the actual request's
            self.failed.add(path)
            self.news.set()

    async def complete(self, paths: set[str]) -> None:
        """Wait until the failure of every one of `paths` has been told."""
        async with asyncio.timeout(20):
            while not paths <= self.failed:
                self.news.clear()
                await self.news.wait()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    stage = Stage()
    await stage.open()
    yield stage
    stage.server.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def seen(stage: Stage, browser: Browser) -> dict[str, Told]:
    """Every case, tried in one page at once."""
    page = await browser.new_page()
    session = await page.context.new_cdp_session(page)
    console = Console(session)
    await session.send("Network.enable")
    await page.goto(stage.origin("page"))
    results = await page.evaluate(CALLS, [_call(stage, path) for path in CASES])
    became = dict(zip(CASES, results, strict=True))
    await console.complete({path for path, result in became.items() if not result["readable"]})
    await page.close()
    return {path: _told(stage, console, path, result) for path, result in became.items()}


def _call(stage: Stage, path: str) -> dict[str, Any]:
    case = CASES[path]
    init = {
        "method": case.method,
        "headers": case.fields,
        "credentials": "include" if case.credentials else "omit",
    }
    return {"url": stage.origin("api") + path, "init": init, "twice": case.twice}


def _told(stage: Stage, console: Console, path: str, result: dict[str, Any]) -> Told:
    preflights = tuple(
        f"{f.joined(asked.fields, f.REQUEST_METHOD)} {f.joined(asked.fields, f.REQUEST_HEADERS)}"
        for asked in stage.server.asked
        if asked.preflight and asked.path.partition("/beyond")[0] == path
    )
    own = {name.lower() for name, _ in stage.scripted(path, preflight=False)[1]}
    beyond = {name.lower() for name, _ in CASES[path].beyond.fields}
    names = frozenset(result["names"]) & (own | beyond)
    return Told(result["readable"], frozenset(console.errors[path]), preflights, names)


@pytest.mark.parametrize("path", CASES, ids=[case.id for case in CASES.values()])
async def test_chromium_does_as_predicted(path: str, seen: dict[str, Told], stage: Stage) -> None:
    assert seen[path] == stage.predicted(path)
