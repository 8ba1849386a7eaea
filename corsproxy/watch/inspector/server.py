"""The inspector's server side: its page, and what the page asks for."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from corsproxy.config.patch import PatchError
from corsproxy.config.settings import Config
from corsproxy.watch.guard import refusal
from corsproxy.watch.har import exported
from corsproxy.watch.inspector.allow import change
from corsproxy.watch.inspector.details import details, without_secrets
from corsproxy.watch.inspector.policy_view import policy_view, tried
from corsproxy.watch.inspector.rows import row
from corsproxy.watch.inspector.stream import ROWS_AT_ONCE, Stream
from corsproxy.watch.recent import Recent

PAGE = "index.html"
TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
MOST_STREAMS = 16
RELOAD_LOOKS, BETWEEN_LOOKS = 30, 0.1
UNKNOWN = "no exchange of this run has this id, or it is too long ago"


class Inspector:
    """Its routes. `token` is this run's; whoever changes anything must know it."""

    def __init__(self, recent: Recent, config: Callable[[], Config], token: str) -> None:
        self._recent = recent
        self._config = config
        folder = Path(__file__).parent / "page"
        self._files = {
            file.name: file.read_bytes() for file in folder.iterdir() if file.suffix in TYPES
        }
        self._stream = Stream(recent, token)
        self._readers: set[asyncio.Task[Any]] = set()

    def routes(self) -> list[web.RouteDef]:
        """What the admin address serves for the page."""
        return [
            web.get("/", self._file),
            web.get("/page/{name}", self._file),
            web.get("/exchanges", self._exchanges),
            web.get("/exchanges/{id}", self._exchange),
            web.get("/events", self._events),
            web.get("/policy", self._policy),
            web.get("/explain", self._explain),
            web.get("/har", self._har),
            web.post("/har", self._har_with_secrets),
            web.get("/allow/{id}", self._allow),
            web.post("/allow/{id}/{digest}", self._write_allow),
        ]

    def close(self) -> None:
        """End the streams; a page that is open connects again when the proxy is back."""
        for reader in self._readers:
            reader.cancel()

    async def _file(self, request: web.Request) -> web.Response:
        name = request.match_info.get("name", PAGE)
        content = self._files.get(name)
        if content is None:
            return refusal(404, "there is no such file")
        return web.Response(body=content, content_type=TYPES[Path(name).suffix], charset="utf-8")

    async def _exchanges(self, request: web.Request) -> web.Response:
        """The newest exchanges, newest first; at most `limit`."""
        limit = request.query.get("limit", "")
        most = min(int(limit), ROWS_AT_ONCE) if limit.isdecimal() else ROWS_AT_ONCE
        news = self._recent.since(0, most)
        rows = [row(exchange) for exchange in reversed(news.exchanges)]
        return web.json_response({"total": self._recent.total, "exchanges": rows})

    async def _exchange(self, request: web.Request) -> web.Response:
        found = self._recent.find(request.match_info["id"])
        if found is None:
            return refusal(404, UNKNOWN)
        return web.json_response(details(found, reversed(self._recent), time.time()))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Rows as they come; what is here already comes first."""
        if len(self._readers) >= MOST_STREAMS:
            return refusal(503, f"{MOST_STREAMS} inspectors are open: close one")
        response = web.StreamResponse()
        response.content_type = "text/event-stream"
        await response.prepare(request)
        reader = asyncio.current_task()
        assert reader is not None
        self._readers.add(reader)
        try:
            async for event in self._stream.events(request.headers.get("Last-Event-ID", "")):
                await response.write(event)
        finally:
            self._readers.discard(reader)
        return response

    async def _policy(self, _: web.Request) -> web.Response:
        return web.json_response(policy_view(self._config()))

    async def _explain(self, request: web.Request) -> web.Response:
        told = tried(self._config(), request.query, request.query.getall("name", []))
        return web.json_response(without_secrets(told), status=400 if "mistake" in told else 200)

    async def _allow(self, request: web.Request) -> web.Response:
        """The change that would grant an exchange; nothing is written."""
        found = self._recent.find(request.match_info["id"])
        if found is None:
            return refusal(404, UNKNOWN)
        try:
            proposed = change(self._config(), found)
        except PatchError as error:
            return web.json_response({"why": str(error)})
        return web.json_response(
            {
                "source": str(proposed.source),
                "lines": without_secrets(proposed.lines()),
                "digest": proposed.digest,
            }
        )

    async def _write_allow(self, request: web.Request) -> web.Response:
        """Write the change that the user has seen, and wait until the proxy serves by it."""
        found = self._recent.find(request.match_info["id"])
        if found is None:
            return refusal(404, UNKNOWN)
        before = self._config()
        try:
            proposed = change(before, found)
            if request.match_info["digest"] != proposed.digest:
                return refusal(409, "the file has changed meanwhile: look at the change again")
            proposed.write()
        except (PatchError, OSError) as error:
            return refusal(409, str(error))
        for _ in range(RELOAD_LOOKS):
            if self._config() is not before:
                break
            await asyncio.sleep(BETWEEN_LOOKS)
        return web.json_response({"served": self._config() is not before})

    async def _har(self, request: web.Request) -> web.StreamResponse:
        return await self._download(request, secrets=False)

    async def _har_with_secrets(self, request: web.Request) -> web.StreamResponse:
        """A POST, so that only our own page can ask for them."""
        return await self._download(request, secrets=True)

    async def _download(self, request: web.Request, *, secrets: bool) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_type = "application/json"
        response.headers["Content-Disposition"] = 'attachment; filename="corsproxy.har"'
        await response.prepare(request)
        async for piece in exported(self._recent, secrets=secrets):
            await response.write(piece)
        return response
