"""A page of http://localhost in Chromium, on a port of its own, that calls the proxy on another."""

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from aiohttp import web
from playwright.async_api import Browser, Page
from playwright.async_api import Error as PlaywrightError

from tests.apps.servers import quick
from tests.browser.world import served
from tests.program import Program

PAGES = Path(__file__).parent / "pages"
EMPTY = '<!doctype html><title>page</title><link rel="icon" href="data:,"><body>'
SECONDS = 90.0
"""Until a page gives up: dev servers compile when they are asked, on machines that are busy."""
PLAY = "async ([script, name, values]) => await (await import(script))[name](...values)"


class Got(NamedTuple):
    """A response as far as the page may read it."""

    status: int
    url: str
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Tab:
    """`play` runs pages/NAME.js; `behind` starts the proxy with the quick policy for this page."""

    def __init__(self, page: Page, origin: str, folder: Path, stack: ExitStack) -> None:
        self.page = page
        self.origin = origin
        self.console: list[str] = []
        self.programs: list[Program] = []
        self._folder = folder
        self._stack = stack
        page.on("console", lambda message: self.console.append(message.text))

    def behind(self, upstream: int | str, *flags: str, before: Sequence[str] = ()) -> str:
        """Where the page calls the proxy of `upstream`, a port of this machine or an address."""
        url = upstream if isinstance(upstream, str) else f"http://127.0.0.1:{upstream}"
        program = self._stack.enter_context(quick(url, self.origin, *flags, before=before))
        self.programs.append(program)
        return f"http://localhost:{program.port}"

    def bundle(self, packages: Path, name: str, source: Path | None = None) -> None:
        """pages/NAME.js, or another, with what it imports, as build tools give it to browsers."""
        out = self._folder / f"{name}.js"
        read = source or PAGES / out.name
        esbuild = (packages / "esbuild/bin/esbuild", read, f"--outfile={out}")
        how = ("--bundle", "--format=esm", "--log-level=error", "--define:global=window")
        environ = {**os.environ, "NODE_PATH": str(packages)}
        subprocess.run([*esbuild, *how], check=True, env=environ)

    async def play(self, name: str, *values: Any, function: str = "default") -> Any:
        """What the script's function gives; an error says what console and proxy said, too."""
        try:
            async with asyncio.timeout(SECONDS):
                return await self.page.evaluate(PLAY, [f"/{name}.js", function, values])
        except (PlaywrightError, TimeoutError) as error:
            heard = [*self.console, *(program.output for program in self.programs)]
            raise AssertionError("\n".join([str(error), *heard])) from error

    async def fetch(self, method: str, url: str, content: str | None = None, **headers: str) -> Got:
        """The page's own fetch, with credentials."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Got(*await self.play("fetch", method, url, content, named))


def _site(*folders: Path) -> web.Application:
    """An empty page, and the scripts of these folders."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=EMPTY, content_type="text/html")

    async def script(request: web.Request) -> web.FileResponse:
        paths = (folder / request.match_info["name"] for folder in folders)
        return web.FileResponse(next(path for path in paths if path.exists()))

    app = web.Application()
    app.add_routes([web.get("/", page), web.get("/{name}", script)])
    return app


@asynccontextmanager
async def opened(browser: Browser, folder: Path, stack: ExitStack) -> AsyncIterator[Tab]:
    """A page in a profile of its own: no cookie and no cached preflight of another test."""
    async with served(_site(folder, PAGES)) as port:
        context = await browser.new_context()
        context.set_default_timeout(1000 * SECONDS)
        origin = f"http://localhost:{port}"
        page = await context.new_page()
        await page.goto(origin)
        yield Tab(page, origin, folder, stack)
        await context.close()
