"""The demo's page in a real browser: every button, both colour schemes, wide and narrow."""

from collections.abc import AsyncIterator
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from corsproxy.demo.scenes import DemoScene, scenes
from corsproxy.demo.servers import ANY, DemoServers, demo_servers

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 800}


@pytest_asyncio.fixture(loop_scope="session")
async def opened() -> AsyncIterator[DemoServers]:
    async with demo_servers(ANY) as opened:
        yield opened


async def played(page: Page, scene: DemoScene, way: str) -> str:
    """What the scene's panel says after its button was pressed."""
    panel = page.locator(f"#{scene.id} .result.{way}")
    await page.click(f"#{scene.id} button.{way}")
    await panel.locator(".why:not([hidden])").wait_for()
    return await panel.inner_text()


@pytest.mark.parametrize("name", ["hello", "put", "events", "origin"])
async def test_directly_the_browser_blocks(page: Page, opened: DemoServers, name: str) -> None:
    await page.goto(opened.page)
    said = await played(page, scenes()[name], "direct")
    assert "blocked" in said
    assert "the response has no Access-Control-Allow-Origin" in said


@pytest.mark.parametrize("scene", scenes().values(), ids=lambda scene: scene.id)
async def test_through_the_proxy_it_comes_out_as_told(
    page: Page, opened: DemoServers, scene: DemoScene
) -> None:
    await page.goto(opened.page)
    if scene.id == "me":
        await played(page, scenes()["login"], "through")
    said = await played(page, scene, "through")
    if scene.through == "readable":
        assert f"readable · {scene.status}" in said
    else:
        assert "blocked" in said
        assert "this is decision" in said
    for name, value in scene.reads.items():
        assert f"{name}: {value or 'null (not exposed)'}" in said


async def test_the_page_works_by_the_name_localhost_too(page: Page, opened: DemoServers) -> None:
    await page.goto(opened.page.replace("127.0.0.1", "localhost"))
    assert "readable · 200" in await played(page, scenes()["put"], "through")


async def test_one_button_plays_every_scene(page: Page, opened: DemoServers) -> None:
    mistakes: list[Exception] = []

    def heard(error: Exception) -> None:
        mistakes.append(error)

    page.on("pageerror", heard)
    await page.goto(opened.page)
    await page.click("#run-all")
    await page.wait_for_selector("#run-all:enabled")
    assert await page.inner_text("#tally") == (
        "directly: 12 blocked, 0 readable · through the proxy: 9 readable, 3 blocked"
    )
    assert mistakes == []


async def test_what_was_refused_can_be_allowed_for_this_run(
    page: Page, opened: DemoServers
) -> None:
    refused = scenes()["method"]
    await page.goto(opened.page)
    assert "blocked" in await played(page, refused, "through")
    inspector = await page.context.new_page()
    await inspector.goto(opened.inspector)
    await inspector.locator(".row", has_text="refused").first.click()
    await inspector.get_by_role("button", name="Allow this…").click()
    assert await inspector.get_by_role("button", name="Save as policy.yaml").count() == 0
    await inspector.get_by_role("button", name="Allow for this run").click()
    await expect(inspector.locator("#toast")).to_contain_text("Allowed until the proxy is stopped")
    assert "readable" in await played(page, refused, "through")


async def test_the_keyboard_keeps_its_place(page: Page, opened: DemoServers) -> None:
    await page.goto(opened.page)
    button = page.locator("#hello button.through")
    await button.press("Enter")
    await page.locator("#hello .result.through.readable").wait_for()
    assert await button.evaluate("button => button === document.activeElement")


async def test_a_page_whose_demo_has_ended_says_so(page: Page) -> None:
    async with demo_servers(ANY) as opened:
        await page.goto(opened.page)
        await page.wait_for_selector("#hello button.through")  # the scenes have come
    assert "The demo has ended" in await played(page, scenes()["hello"], "through")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_nothing_is_cut_off_and_everything_has_contrast(
    browser: Browser, opened: DemoServers, scheme: Literal["light", "dark"], size: dict[str, int]
) -> None:
    page = await browser.new_page(color_scheme=scheme, viewport=size)  # type: ignore[arg-type]
    await page.goto(opened.page)
    await played(page, scenes()["put"], "direct")
    await played(page, scenes()["method"], "through")
    assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert await page.evaluate(LOW_CONTRAST) == []
    await page.close()


LOW_CONTRAST = """() => {
    const rgb = colour => colour.match(/[\\d.]+/g).map(Number);
    const part = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    const ground = node => {
        for (; node; node = node.parentElement) {
            const colour = rgb(getComputedStyle(node).backgroundColor);
            if (colour[3] !== 0) return colour;
        }
        return [255, 255, 255];
    };
    const shown = [...document.querySelectorAll("body *")].filter(node =>
        node.checkVisibility() && [...node.childNodes].some(child =>
            child.nodeType === Node.TEXT_NODE && child.textContent.trim()));
    return shown.filter(node => {
        const [a, b] = [light(rgb(getComputedStyle(node).color)), light(ground(node))];
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
    }).map(node => `${node.tagName}.${node.className}: ${node.textContent.slice(0, 40)}`);
}"""
"""The texts whose contrast is below 4.5 (WCAG 2, 1.4.3)."""
