"""A page, an API without CORS on another origin, and the real program between them."""

import asyncio
import contextlib
import importlib.metadata
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import WSMsgType, web

from corsproxy.demo.backend import backend

JQUERY = Path(
    str(
        importlib.metadata.distribution("XStatic-jQuery").locate_file(
            "xstatic/pkg/jquery/data/jquery.min.js"
        )
    )
)
PAGE = """<!doctype html><title>page</title><link rel="icon" href="data:,">
<script src="/jquery.js"></script><body>"""


async def echo(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            await socket.send_str(f"heard {message.data}")
    return socket


async def form(request: web.Request) -> web.Response:
    fields = await request.post()
    text = f"posted {fields['word']!s} from {request.headers['Origin']}"
    return web.Response(text=text)


def api() -> web.Application:
    """The demo's backend, a WebSocket, and the target of a form."""
    app = backend()
    app.add_routes([web.get("/ws", echo), web.post("/form", form)])
    return app


def site() -> web.Application:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    async def jquery(_: web.Request) -> web.FileResponse:
        return web.FileResponse(JQUERY)

    app = web.Application()
    app.add_routes([web.get("/", page), web.get("/jquery.js", jquery)])
    return app


@contextlib.asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[int]:
    """`app` on a free port."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def proxy(*arguments: str) -> AsyncIterator[str]:
    """The program with these arguments, on a free port; its origin."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "corsproxy", "--listen", "127.0.0.1:0", "--admin", "off"),
        *arguments,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        said = await process.stderr.readline()
        listening = re.search(rb"listening on (http://\S+)", said)
        assert listening, said + await process.stderr.read()
        reading = asyncio.create_task(process.stderr.read())
        yield listening[1].decode()
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
    await reading


POLICY = """
upstream: {upstream}
cors:
  allow_origins: [{origin}]
  allow_methods: [PUT]
  allow_headers: [x-a]
  expose_headers: [x-total-count]
  allow_credentials: true
"""


class World:
    """Page and API, each on its origin; `through` starts a proxy with a policy for the page."""

    def __init__(self, page: int, api: int, folder: Path) -> None:
        self.page = f"http://127.0.0.1:{page}"
        self.stranger = f"http://localhost:{page}"
        """The same page under another name: another origin."""
        self.api = f"http://127.0.0.1:{api}"
        self._folder = folder

    def policy(self, upstream: str | None = None) -> str:
        """A policy file that grants the page PUT, x-a, x-total-count and credentials."""
        path = self._folder / "policy.yaml"
        path.write_text(POLICY.format(upstream=upstream or self.api, origin=self.page), "utf-8")
        return str(path)
