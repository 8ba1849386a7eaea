"""The browsers' own developer tools, with the exporters of HAR files that users have.

Chromium's are a page of its own, devtools://, that speaks to the page under test through the
debugging port; Firefox's are opened in its window. Neither is imitated here.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from playwright.async_api import Error, Page, async_playwright

from tests.browser.firefox import Firefox

PATIENCE = 20
"""Seconds in which a panel has listed what a page did."""
ATTACH_SECONDS = 2

_BUNDLED = "devtools://devtools/bundled"
_LISTED = f"""async ([url, done]) => {{
    const logs = await import('{_BUNDLED}/models/logs/logs.js');
    const listed = () => logs.NetworkLog.NetworkLog.instance().requests();
    while (!listed().some(request => request.url() === url)
        || (done && !listed().every(request => request.finished)))
        await new Promise(resolve => setTimeout(resolve, 20));
}}"""
_EXPORT = f"""async sanitize => {{
    const har = await import('{_BUNDLED}/models/har/har.js');
    const logs = await import('{_BUNDLED}/models/logs/logs.js');
    const requests = logs.NetworkLog.NetworkLog.instance().requests();
    return JSON.stringify({{log: await har.Log.Log.build(requests, {{sanitize}})}});
}}"""


class ChromiumPanel:
    """Chromium with a page and the network panel that watches it."""

    def __init__(self, page: Page, tools: Page) -> None:
        self.page = page
        self._tools = tools

    async def goto(self, url: str) -> None:
        """Load the page, again until the panel lists it: it needs a moment to listen."""
        async with asyncio.timeout(PATIENCE):
            while True:
                await self.page.goto(url)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(ATTACH_SECONDS):
                        await self._tools.evaluate(_LISTED, [url, False])
                        return

    async def export(self, last: str, *, sanitized: bool) -> bytes:
        """The HAR, once everything up to the URL `last` is in the panel."""
        async with asyncio.timeout(PATIENCE):
            await self._tools.evaluate(_LISTED, [last, True])
        text: str = await self._tools.evaluate(_EXPORT, sanitized)
        return text.encode()


@contextlib.asynccontextmanager
async def chromium_panel(
    executable: str, arguments: tuple[str, ...], profile: Path
) -> AsyncIterator[ChromiumPanel]:
    """A Chromium of its own, whose developer tools may connect to it."""
    debugging = ("--remote-debugging-port=0", "--remote-allow-origins=*")
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            profile, executable_path=executable, args=[*arguments, *debugging]
        )
        try:
            port = (profile / "DevToolsActivePort").read_text().split()[0]
            page = context.pages[0]
            session = await context.new_cdp_session(page)
            target = (await session.send("Target.getTargetInfo"))["targetInfo"]["targetId"]
            tools = await context.new_page()
            with contextlib.suppress(Error):  # its load never ends in some versions
                address = f"127.0.0.1:{port}/devtools/page/{target}"
                await tools.goto(f"{_BUNDLED}/devtools_app.html?ws={address}&panel=network")
            yield ChromiumPanel(page, tools)
        finally:
            await context.close()


_OPEN = """(async () => {
    const {require} = ChromeUtils.importESModule('resource://devtools/shared/loader/Loader.sys.mjs');
    const {gDevTools} = require('devtools/client/framework/devtools');
    globalThis.shownToolbox = await gDevTools.showToolboxForTab(
        gBrowser.selectedTab, {toolId: 'options', hostType: 'window'});
    await shownToolbox.getNetMonitorAPI();
})()"""
_HAR = """(async () => {
    const monitor = await shownToolbox.getNetMonitorAPI();
    const listed = () => monitor.store.getState().requests.requests;
    while (!listed().some(request => request.url === %r && request.status))
        await new Promise(resolve => setTimeout(resolve, 20));
    return JSON.stringify(await monitor.getHar());
})()"""
"""The HAR is asked for once: asked while requests arrive, the monitor loses those that follow."""


class FirefoxPanel:
    """The network monitor of a Firefox that was started with `SYSTEM_ACCESS`.

    It listens without being shown, as it does for extensions.
    """

    def __init__(self, firefox: Firefox) -> None:
        self._firefox = firefox

    async def open(self) -> None:
        """Open the tools; what is loaded from now on is in the monitor."""
        await self._firefox.in_chrome(_OPEN)

    async def export(self, last: str) -> bytes:
        """The HAR, once the call of the URL `last` is in the panel."""
        async with asyncio.timeout(PATIENCE):
            text: str = await self._firefox.in_chrome(_HAR % last)
        return text.encode()
