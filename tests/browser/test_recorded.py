"""The judge of `explain --har`: what the browsers' own developer tools save is judged as it was."""

import json
import re
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio
from playwright.async_api import Route

from corsproxy.cors import headers as f
from corsproxy.recorded.calls import Beside, calls
from corsproxy.recorded.har import record
from corsproxy.recorded.judgement import judged
from tests.browser.developer_tools import ChromiumPanel, FirefoxPanel, chromium_panel
from tests.browser.executables import (
    ARGUMENTS,
    NO_CHROMIUM,
    NO_FIREFOX,
    chromium,
    firefox_esr,
    needed,
)
from tests.browser.firefox import SYSTEM_ACCESS, Firefox, running
from tests.browser.scripted import Asked, Reply, Scripted

ANY = ("Access-Control-Allow-Origin", "*")
PAGE = ("Access-Control-Allow-Origin", "{origin}")
CREDENTIALS = ("Access-Control-Allow-Credentials", "true")
METHODS, NAMES = "Access-Control-Allow-Methods", "Access-Control-Allow-Headers"
PUT, INCLUDE = "{method: 'PUT'}", "{credentials: 'include'}"

Response = tuple[int, list[tuple[str, str]]]


class Case(NamedTuple):
    """What the page does, what comes back, and what became of it: the outcome, or the reason."""

    call: str
    became: str
    response: Response
    preflight: Response = (204, [])


CASES = {
    "login": Case(INCLUDE, "readable", (200, [PAGE, CREDENTIALS, ("Set-Cookie", "sid=s3cr3t-1")])),
    "allowed": Case("{}", "readable", (200, [PAGE, CREDENTIALS])),
    "error": Case("{}", "readable", (503, [PAGE, CREDENTIALS])),
    "anyone": Case("{}", "readable", (200, [ANY])),
    "missing": Case("{}", "allow-origin-missing", (200, [])),
    "another": Case(
        "{}", "allow-origin-differs", (200, [("Access-Control-Allow-Origin", "http://c.test")])
    ),
    "cookie": Case(INCLUDE, "allow-credentials-not-true", (200, [PAGE])),
    "wildcard": Case(INCLUDE, "allow-origin-wildcard-with-credentials", (200, [ANY])),
    "granted": Case(PUT, "readable", (200, [ANY]), (204, [ANY, (METHODS, "PUT")])),
    "half": Case(PUT, "allow-origin-missing", (200, []), (204, [ANY, (METHODS, "PUT")])),
    "status": Case(PUT, "preflight-status-not-ok", (200, [ANY]), (401, [ANY])),
    "unasked": Case(PUT, "allow-origin-missing", (200, [ANY]), (204, [])),
    "method": Case(
        PUT, "allow-methods-lacks-method", (200, [ANY]), (204, [ANY, (METHODS, "DELETE")])
    ),
    "name": Case(
        "{headers: {'X-A': '1', Authorization: 'Bearer s3cr3t-2'}}",
        "allow-headers-lacks-name",
        (200, [ANY]),
        (204, [ANY, (NAMES, "authorization")]),
    ),
    "moved": Case(PUT, "preflight-redirected", (200, [ANY]), (302, [ANY, ("Location", "/end")])),
    "redirect": Case("{}", "goes on", (302, [PAGE, CREDENTIALS, ("Location", "/allowed?again")])),
}
IN_CHROMIUM = {name: case.became for name, case in CASES.items()} | {"dead": "recorded-failure"}
IN_FIREFOX = IN_CHROMIUM | {
    "anyone": "recorded-without-credentials-mode",
    "dead": "recorded-without-response",
}
"""A cookie tells the mode of `wildcard`; nothing tells that of `anyone`."""

BLANK = b"<!doctype html><title>page</title><link rel=icon href='data:,'>"


def _answer(asked: Asked) -> Reply:
    case = CASES.get(asked.path[1:].partition("?")[0])
    origin = f.joined(asked.fields, f.ORIGIN) or ""
    if case is None:
        shared = [("Access-Control-Allow-Origin", origin), CREDENTIALS] if origin else []
        return Reply(200, [("Content-Type", "text/html"), *shared], BLANK)
    status, fields = case.preflight if asked.preflight else case.response
    filled = [(name, value.replace("{origin}", origin)) for name, value in fields]
    return Reply(status, filled, b"" if asked.preflight else b"content")


class Site(NamedTuple):
    """A page, an API on another origin, and a port on which nobody answers."""

    page: str
    api: str
    dead: str

    @property
    def last(self) -> str:
        return f"{self.api}/end"

    def script(self) -> str:
        """All calls, one after the other; what the page saw of each, by its name."""
        made = {name: (f"{self.api}/{name}?token=s3cr3t-3", CASES[name].call) for name in CASES}
        made |= {"dead": (f"{self.dead}/dead", "{}"), "own": (f"{self.page}/own", "{}")}
        made |= {"opaque": (f"{self.api}/opaque", "{mode: 'no-cors'}"), "end": (self.last, "{}")}
        lines = (
            f"seen['{name}'] = await fetch('{url}', {init}).then(one => one.text())"
            ".then(_ => 'readable', _ => 'blocked');"
            for name, (url, init) in made.items()
        )
        return f"async _ => {{ const seen = {{}}; {''.join(lines)} return JSON.stringify(seen); }}"


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port that is taken and not listened on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest_asyncio.fixture(loop_scope="session")
async def site(nobody: int) -> AsyncIterator[Site]:
    server = Scripted(_answer)
    page, api = await server.listen(), await server.listen()
    yield Site(*(f"http://localhost:{port}" for port in (page, api, nobody)))
    server.close()


@pytest_asyncio.fixture(loop_scope="session")
async def chromium_tools(tmp_path: Path) -> AsyncIterator[ChromiumPanel]:
    executable = needed(chromium(), NO_CHROMIUM)
    async with chromium_panel(executable, ARGUMENTS, tmp_path) as panel:
        yield panel


@pytest_asyncio.fixture(loop_scope="session")
async def own_firefox(tmp_path: Path) -> AsyncIterator[Firefox]:
    executable = needed(firefox_esr(), NO_FIREFOX)
    async with running(executable, tmp_path, arguments=[SYSTEM_ACCESS]) as driven:
        yield driven


def explained(data: bytes, seen: dict[str, str]) -> dict[str, str]:
    """The outcome or reason of each call, by name; each is what the page saw, or unknown."""
    found = record(data)
    to_judge, beside = calls(found.entries)
    told: dict[str, str] = {}
    for one in (judged(call, found.browser) for call in to_judge):
        name = one.call.shown.url.rpartition("/")[2].partition("?")[0]
        followed = {"goes on": "readable"}.get(one.became.value, one.became.value)
        assert followed in (seen[name], "unknown"), name
        told.setdefault(name, one.reasons[0].id if one.reasons else one.became.value)
    assert told.pop("end") == "readable"
    assert beside[Beside.SAME_ORIGIN] == 1
    assert beside[Beside.NAVIGATION] >= 1
    return told


@pytest.mark.parametrize("sanitized", [False, True], ids=["with secrets", "without"])
async def test_what_chromium_saves_is_judged_as_its_page_saw_it(
    chromium_tools: ChromiumPanel, site: Site, sanitized: bool
) -> None:
    await chromium_tools.goto(f"{site.page}/")
    seen = json.loads(await chromium_tools.page.evaluate(site.script()))
    data = await chromium_tools.export(site.last, sanitized=sanitized)
    assert (b"s3cr3t-1" in data) is not sanitized
    assert explained(data, seen) == IN_CHROMIUM


async def test_what_firefox_saves_is_judged_as_its_page_saw_it_or_not_at_all(
    own_firefox: Firefox, site: Site
) -> None:
    panel = FirefoxPanel(own_firefox)
    await own_firefox.goto(f"{site.page}/before")
    await panel.open()
    await own_firefox.goto(f"{site.page}/")
    seen = json.loads(await own_firefox.call(site.script(), ""))
    assert explained(await panel.export(site.last), seen) == IN_FIREFOX


async def test_mixed_content_is_told_though_chromium_saves_no_word_of_it(
    chromium_tools: ChromiumPanel,
) -> None:
    async def served(route: Route) -> None:
        shared = {"Access-Control-Allow-Origin": "https://app.test"}
        await route.fulfill(status=200, content_type="text/html", body="x", headers=shared)

    await chromium_tools.page.context.route(re.compile("https://"), served)
    await chromium_tools.goto("https://app.test/")
    last = "https://api.test/end"
    seen = await chromium_tools.page.evaluate(
        "last => fetch('http://api.test/x').then(_ => '', async _ => (await fetch(last)).text())",
        last,
    )
    assert seen == "x"
    found = record(await chromium_tools.export(last, sanitized=True))
    first, *_ = (judged(call, found.browser) for call in calls(found.entries).judged)
    assert first.call.shown.status == 0
    assert (first.became.value, [why.id for why in first.reasons]) == ("blocked", ["mixed-content"])
