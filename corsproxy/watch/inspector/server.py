"""The inspector's server side: its page, and what the page asks for."""

import asyncio
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from aiohttp import web

from corsproxy.config.diagnostics import PatchError
from corsproxy.config.settings import Config
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.masking import masked_text
from corsproxy.cors.numbers import number
from corsproxy.watch.guard import problem_response
from corsproxy.watch.har import exported
from corsproxy.watch.inspector.allow import Change, Ways, change
from corsproxy.watch.inspector.details import details, without_secrets
from corsproxy.watch.inspector.policy_view import MAX_LINE, patch_of, policy_view, tried
from corsproxy.watch.inspector.rows import row
from corsproxy.watch.inspector.stream import ROWS_AT_ONCE, Stream
from corsproxy.watch.recent_exchanges import RecentExchanges

PAGE_FILE = "index.html"
TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
MAX_STREAMS = 16
MAX_OTHERS = 5
"""Routes that are named, of those that a change concerns as well."""
LAST_LINE = 10**9
RELOAD_LOOKS, BETWEEN_LOOKS = 30, 0.1
UNKNOWN = "no exchange of this run has this id, or it is too long ago"


class Inspector:
    """Its routes. `token` is this run's; whoever changes anything must know it."""

    def __init__(
        self,
        recent: RecentExchanges,
        config: Callable[[], Config],
        token: str,
        ways: Ways | None = None,
    ) -> None:
        self._recent = recent
        self._config = config
        self._ways = ways
        folder = Path(__file__).parent / "page"
        self._files = {
            file.name: file.read_bytes() for file in folder.iterdir() if file.suffix in TYPES
        }
        self._stream = Stream(recent, token)
        self._readers: dict[asyncio.Task[Any], None] = {}
        """The streams, the oldest first."""

    @property
    def streams(self) -> int:
        """How many are open."""
        return len(self._readers)

    def routes(self) -> list[web.RouteDef]:
        """What the admin address serves for the page."""
        return [
            web.get("/", self._file),
            web.get("/page/{name}", self._file),
            web.get("/exchanges", self._exchanges),
            web.get("/exchanges/{id}", self._exchange),
            web.get("/exchanges/{id}/elsewhere", self._elsewhere),
            web.get("/events", self._events, allow_head=False),
            web.get("/policy", self._policy),
            web.get("/explain", self._explain),
            web.get("/har", self._har),
            web.post("/har", self._har_with_secrets),
            web.get("/har/{id}", self._har_of_one),
            web.get("/allow/{id}", self._allow),
            web.post("/allow/{id}/{digest}", self._write_allow),
        ]

    def close(self) -> None:
        """End the streams; a page that is open connects again when the proxy is back."""
        for reader in tuple(self._readers):
            reader.cancel()

    async def _file(self, request: web.Request) -> web.Response:
        name = request.match_info.get("name", PAGE_FILE)
        content = self._files.get(name)
        if content is None:
            return problem_response(404, "there is no such file")
        return web.Response(body=content, content_type=TYPES[Path(name).suffix], charset="utf-8")

    async def _exchanges(self, request: web.Request) -> web.Response:
        """The newest exchanges, newest first; at most `limit`."""
        limit = request.query.get("limit", "")
        max_rows = number(limit, ROWS_AT_ONCE)
        news = self._recent.since(0, ROWS_AT_ONCE if max_rows is None else max_rows)
        newest = {exchange.id: exchange for exchange in news.exchanges}  # an open one has ended
        rows = [row(exchange) for exchange in reversed(newest.values())]
        return web.json_response({"total": self._recent.total, "exchanges": rows})

    async def _exchange(self, request: web.Request) -> web.Response:
        found = self._recent.find(request.match_info["id"])
        if found is None:
            return problem_response(404, UNKNOWN)
        told = details(found, reversed(self._recent), time.time())
        return web.json_response(told | {"patch": patch_of(self._config(), found, told["patch"])})

    async def _elsewhere(self, request: web.Request) -> web.Response:
        """What becomes of the call at other gateways, which are loaded only now."""
        found = self._recent.find(request.match_info["id"])
        if found is None:
            return problem_response(404, UNKNOWN)
        from corsproxy.watch.inspector.elsewhere import elsewhere

        return web.json_response(without_secrets(await asyncio.to_thread(elsewhere, found)))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Rows as they come; what is here already comes first.

        One stream too many takes the place of the oldest. A page that is there comes back and goes
        on where it was; one that has stopped reading does not, and so never keeps a place.
        """
        while len(self._readers) >= MAX_STREAMS:
            oldest = next(iter(self._readers))
            del self._readers[oldest]
            oldest.cancel()
        response = web.StreamResponse()
        response.content_type = "text/event-stream"
        await response.prepare(request)
        reader = asyncio.current_task()
        assert reader is not None
        self._readers[reader] = None
        try:
            async for event in self._stream.events(request.headers.get("Last-Event-ID", "")):
                await response.write(event)
        finally:
            self._readers.pop(reader, None)
        return response

    async def _policy(self, request: web.Request) -> web.Response:
        line = number(request.query.get("line", ""), LAST_LINE) or 1
        view = await asyncio.to_thread(policy_view, self._config(), line)
        return web.json_response(view)

    async def _explain(self, request: web.Request) -> web.Response:
        answer = tried(self._config(), request.query, request.query.getall("name", []))
        return web.json_response(without_secrets(answer), status=400 if "error" in answer else 200)

    async def _allow(self, request: web.Request) -> web.Response:
        """The change that would grant an exchange; nothing is written."""
        found = self._recent.find(request.match_info["id"])
        if found is None:
            return problem_response(404, UNKNOWN)
        try:
            proposed = await self._change(found)
            return web.json_response(_proposal(proposed, self._possible(proposed)))
        except PatchError as error:
            return web.json_response({"why": str(error)})

    async def _change(self, exchange: Exchange) -> Change:
        read = self._ways.read if self._ways else None
        return await asyncio.to_thread(change, self._config(), exchange, read)

    def _possible(self, proposed: Change) -> list[str]:
        """What can be done with it, in the words of `way`; raises PatchError for nothing."""
        if proposed.source is not None:
            return ["write"]
        if self._ways is None:
            raise PatchError("the policy stands in no file: change it where it comes from")
        return ["run", "save"] if self._ways.save else ["run"]

    async def _write_allow(self, request: web.Request) -> web.Response:
        """Make the change that the user has seen, and wait until the proxy serves by it."""
        found = self._recent.find(request.match_info["id"])
        if found is None:
            return problem_response(404, UNKNOWN)
        before = self._config()
        try:
            how = await self._make(await self._change(found), request)
        except PatchError as error:
            return problem_response(409, str(error))
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            return problem_response(409, f"nothing was written: {where}{error.strerror or error}")
        for _ in range(RELOAD_LOOKS):
            if self._config() is not before:
                break
            await asyncio.sleep(BETWEEN_LOOKS)
        return web.json_response({"served": self._config() is not before, "next": how})

    async def _make(self, proposed: Change, request: web.Request) -> str:
        """Write it, serve by it for this run, or save it: how to start it the next time.

        Raises PatchError, OSError.
        """
        way = request.query.get("way", "write")
        seen = request.match_info["digest"] == proposed.digest
        if not seen or way not in self._possible(proposed):
            raise PatchError("the policy has changed meanwhile: look at the change again")
        if self._ways is not None and self._ways.save is not None and way == "save":
            return await self._ways.save(proposed.after)
        if way == "write":
            await asyncio.to_thread(proposed.write)
        elif self._ways is not None:
            await self._ways.use(proposed.config)
        return ""

    async def _har(self, request: web.Request) -> web.StreamResponse:
        return await self._download(self._recent, request, secrets=False)

    async def _har_of_one(self, request: web.Request) -> web.StreamResponse:
        """One exchange that has ended; its secrets are masked."""
        found = self._recent.find(request.match_info["id"])
        if found is None:
            return problem_response(404, UNKNOWN)
        return await self._download([found], request, secrets=False)

    async def _har_with_secrets(self, request: web.Request) -> web.StreamResponse:
        """A POST, so that only our own page can ask for them."""
        return await self._download(self._recent, request, secrets=True)

    async def _download(
        self, exchanges: Iterable[Exchange], request: web.Request, *, secrets: bool
    ) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_type = "application/json"
        response.headers["Content-Disposition"] = 'attachment; filename="corsproxy.har"'
        await response.prepare(request)
        async for piece in exported(exchanges, secrets=secrets):
            await response.write(piece)
        return response


def _proposal(proposed: Change, ways: list[str]) -> dict[str, Any]:
    """The change, as the page shows it, and what can be done with it."""
    return {
        "source": str(proposed.source) if proposed.source else None,
        "ways": ways,
        "others": proposed.others[:MAX_OTHERS],
        "more_others": max(0, len(proposed.others) - MAX_OTHERS),
        "lines": [[sign, masked_text(text, MAX_LINE)] for sign, text in proposed.lines()],
        "digest": proposed.digest,
    }
