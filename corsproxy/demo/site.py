"""The demo's page and what its scripts ask of their own origin: settings and explanations."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from aiohttp import web

from corsproxy.demo.scenes import PAGE_FILES, DemoScene, scenes

_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; "
        "connect-src 'self' http://127.0.0.1:* http://localhost:*"
    ),
}


Explain = Callable[[DemoScene, str, str, str], Awaitable[list["Line"]]]
"""Scene, way ("direct" or "through"), name of the call, origin of the page: the lines."""


class Line(NamedTuple):
    """One line of an explanation, as the page shows it: "passed", "refused" or "note"."""

    mark: str
    text: str
    fix: str = ""


class Site:
    """The page, the `settings` that its scripts read, and the explanation of each call."""

    def __init__(self, explain: Explain) -> None:
        self.settings: dict[str, object] = {}
        self._explain = explain

    def app(self) -> web.Application:
        """The site, ready to be served."""
        app = web.Application()
        app.on_response_prepare.append(_guard)
        app.add_routes(
            [
                web.get("/", _index),
                web.get("/settings.json", self._settings),
                web.get("/explained", self._explained),
                web.static("/", PAGE_FILES),
            ]
        )
        return app

    async def _settings(self, _: web.Request) -> web.Response:
        return web.json_response(self.settings)

    async def _explained(self, request: web.Request) -> web.Response:
        scene = scenes().get(request.query.get("scene", ""))
        if scene is None:
            raise web.HTTPNotFound(text="no scene has this id")
        way, call = request.query.get("way", ""), request.query.get("call", "")
        lines = await self._explain(scene, way, call, f"http://{request.host}")
        return web.json_response([line._asdict() for line in lines])


async def _guard(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)


async def _index(_: web.Request) -> web.FileResponse:
    return web.FileResponse(PAGE_FILES / "index.html")
