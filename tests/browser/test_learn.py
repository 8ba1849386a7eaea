"""A page in a real browser teaches `corsproxy learn`, and the policy learned lets it work."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Page

from tests.browser.firefox import Firefox
from tests.browser.world import World, proxy, served
from tests.cli.learning import learning

PLAY = """async base => {
    const include = {credentials: "include"};
    const calls = [
        ["/dev/cors", {}],
        ["/dev/items/1", {method: "PUT", headers: {"X-A": "1"}, body: "lamp"}],
        ["/dev/items/1", {method: "DELETE"}],
        ["/dev/login", {method: "POST", ...include}],
        ["/dev/me", include],
    ];
    const told = [];
    for (const [path, options] of calls) {
        try {
            const answer = await fetch(base + path, options);
            told.push([answer.status, answer.headers.get("X-Total-Count")]);
        } catch (error) {
            told.push(String(error));
        }
    }
    return told;
}"""
READ: list[Any] = [[200, "42"], [200, None], [204, None], [200, None], [200, None]]


async def test_what_a_page_taught_lets_it_work(page: Page, world: World, tmp_path: Path) -> None:
    policy = tmp_path / "learned.yaml"
    await page.goto(world.page)
    async with learning("--upstream", world.api, "-o", str(policy)) as taught:
        assert await page.evaluate(PLAY, taught.url) == READ
        await taught.end()
    assert "    - x-a # once: PUT /dev/items/1\n" in policy.read_text("utf-8")
    await page.context.clear_cookies()
    async with proxy("-c", str(policy)) as origin:
        assert await page.evaluate(PLAY, origin) == READ
        await page.goto(world.stranger)
        assert await page.evaluate(PLAY, origin) == ["TypeError: Failed to fetch"] * len(READ)


MODES: dict[str, tuple[str, bool, str]] = {
    "included, to another site": ("include", True, "allow_credentials: true # asked for once: "),
    "left out, to another site": ("same-origin", True, ""),
    "included, within the site": ("include", False, "# Not known: "),
    "left out, within the site": ("same-origin", False, "# Not known: "),
}
FETCH = """([url, credentials, method]) => fetch(url, {credentials, method})
    .then(response => response.status + response.type + response.headers.get("x-a"), String)"""


async def credentials_are_learned(
    case: str, api: str, folder: Path, evaluate: Callable[[str], Awaitable[Any]]
) -> None:
    """What the file says of them is `case`, and the page works with it; no cookie ever comes."""
    mode, across, said = MODES[case]
    policy = folder / "learned.yaml"

    async def fetched(base: str) -> Any:
        url = base.replace("127.0.0.1", "localhost") if across else base
        return await evaluate(f"() => ({FETCH})(['{url}/dev/cors', '{mode}', 'GET'])")

    async with learning("--upstream", api, "-o", str(policy)) as taught:
        assert await fetched(taught.url) == "200corsnull"
        await taught.end()
    text = policy.read_text("utf-8")
    assert said in text
    assert ("allow_credentials" in text) is bool(said)
    async with proxy("-c", str(policy)) as origin:
        assert await fetched(origin) == "200corsnull"


@pytest.mark.parametrize("case", MODES, ids=str)
async def test_without_any_cookie_credentials_are_known_where_chromium_tells(
    page: Page, world: World, tmp_path: Path, case: str
) -> None:
    await page.goto(world.page)
    await credentials_are_learned(case, world.api, tmp_path, page.evaluate)


@pytest.mark.parametrize("case", MODES, ids=str)
async def test_and_where_firefox_does(
    firefox: Firefox, world: World, tmp_path: Path, case: str
) -> None:
    await firefox.goto(world.page)

    async def evaluate(function: str) -> str:
        return await firefox.call(function, "")

    await credentials_are_learned(case, world.api, tmp_path, evaluate)


async def answered(request: web.Request) -> web.Response:
    """A redirect whose headers no page sees, and what it leads to."""
    if request.path == "/old":
        return web.Response(status=307, headers={"Location": "/new", "X-Old": "1"})
    return web.Response(headers={"X-A": request.method})


async def test_a_page_follows_a_redirect_asks_for_options_and_sends_a_beacon(
    page: Page, world: World, tmp_path: Path
) -> None:
    policy = tmp_path / "learned.yaml"
    await page.goto(world.page)
    app = web.Application()
    app.router.add_route("*", "/{any:.*}", answered)

    async def play(base: str) -> list[str]:
        calls = [f"{base}/old", "same-origin", "GET"], [f"{base}/new", "same-origin", "OPTIONS"]
        got = [str(await page.evaluate(FETCH, call)) for call in calls]
        sent = "url => fetch(url, {method: 'POST', mode: 'no-cors'}).then(got => got.type, String)"
        return [*got, str(await page.evaluate(sent, f"{base}/beacon"))]

    async with served(app) as port:
        api = f"http://127.0.0.1:{port}"
        async with learning("--upstream", api, "-o", str(policy)) as taught:
            assert await play(taught.url) == ["200corsGET", "200corsOPTIONS", "opaque"]
            await taught.end()
        text = policy.read_text("utf-8")
        async with proxy("-c", str(policy)) as origin:
            assert await play(origin) == ["200corsGET", "200corsOPTIONS", "opaque"]
    assert "    - OPTIONS # once: OPTIONS /new\n" in text
    assert "    - x-a # 2 times: GET /new, OPTIONS /new\n" in text
    assert "x-old" not in text
    assert "    - location" not in text
