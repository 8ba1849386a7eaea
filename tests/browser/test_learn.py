"""A page in a real browser teaches `corsproxy learn`, and the policy learned lets it work."""

from pathlib import Path
from typing import Any

from playwright.async_api import Page

from tests.browser.world import World, proxy
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
