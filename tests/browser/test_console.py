"""The judge of `explain --console`: what Chromium and Firefox really say is recognised."""

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest_asyncio
from playwright.async_api import Browser

from corsproxy.cors import headers as f
from corsproxy.cors.reasons.pasted import recognise
from tests.browser.firefox import Firefox
from tests.browser.scripted import Asked, Reply, Scripted

PATIENCE = 20
"""Seconds in which a console has said it."""

ALLOWED = ("Access-Control-Allow-Origin", "*")
PUT, NAMED = "{method: 'PUT'}", "{headers: {'X-A': '1'}}"


class Case(NamedTuple):
    """What the page does, what comes back, and the reason that has to be among those told."""

    call: str
    status: int
    fields: list[tuple[str, str]]
    reason: str


CASES = {
    "missing": Case("{}", 200, [], "allow-origin-missing"),
    "another": Case(
        "{}", 200, [("Access-Control-Allow-Origin", "http://c.test")], "allow-origin-differs"
    ),
    "repeated": Case("{}", 200, [ALLOWED, ALLOWED], "allow-origin-repeated"),
    "wildcard": Case(
        "{credentials: 'include'}", 200, [ALLOWED], "allow-origin-wildcard-with-credentials"
    ),
    "status": Case(PUT, 401, [ALLOWED], "preflight-status-not-ok"),
    "method": Case(
        PUT,
        204,
        [ALLOWED, ("Access-Control-Allow-Methods", "DELETE")],
        "allow-methods-lacks-method",
    ),
    "name": Case(
        NAMED, 204, [ALLOWED, ("Access-Control-Allow-Headers", "x-b")], "allow-headers-lacks-name"
    ),
    "malformed": Case(
        PUT, 204, [ALLOWED, ("Access-Control-Allow-Methods", "(")], "allow-methods-malformed"
    ),
}


@pytest_asyncio.fixture(loop_scope="session")
async def ports() -> AsyncIterator[tuple[int, int]]:
    server = Scripted(_answer)
    yield await server.listen(), await server.listen()
    server.close()


def _answer(asked: Asked) -> Reply:
    case = CASES.get(asked.path[1:])
    if case is None:
        return Reply(200, [("Content-Type", "text/html")], b"<!doctype html><title>page</title>")
    preflight = f.joined(asked.fields, f.REQUEST_METHOD) is not None
    return Reply(case.status, case.fields, b"" if preflight else b"content")


def _script(api: int, name: str) -> str:
    url = f"http://localhost:{api}/{name}"
    return f"_ => fetch('{url}', {CASES[name].call}).then(_ => 'read', _ => 'lost')"


SCHEMELESS = """_ => new Promise(done => {
    const call = new XMLHttpRequest();
    call.onerror = () => done("lost");
    call.open("GET", "localhost:8080/schemeless");
    call.send();
})"""


async def _check(said: list[str], name: str, reason: str = "") -> None:
    """One of the lines that tell of this call stands for the reason that is expected."""
    expected = reason or CASES[name].reason
    async with asyncio.timeout(PATIENCE):
        while True:
            found = [recognise(line) for line in said if f"/{name}" in line]
            if any(why.id == expected for one in found if one for why in one.reasons):
                return
            await asyncio.sleep(0.05)


async def test_what_chromium_says_is_recognised(browser: Browser, ports: tuple[int, int]) -> None:
    page_port, api = ports
    page = await browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    await page.goto(f"http://localhost:{page_port}/")
    for name in CASES:
        assert await page.evaluate(_script(api, name)) == "lost"
        await _check(said, name)
    assert await page.evaluate(SCHEMELESS) == "lost"
    await _check(said, "schemeless", "request-not-http")
    await page.close()


async def test_what_firefox_says_is_recognised(firefox: Firefox, ports: tuple[int, int]) -> None:
    page_port, api = ports
    await firefox.goto(f"http://localhost:{page_port}/")
    for name in CASES:
        assert await firefox.call(_script(api, name), "") == "lost"
        await _check(firefox.said, name)
    assert await firefox.call(SCHEMELESS, "") == "lost"
    await _check(firefox.said, "schemeless", "request-not-http")
