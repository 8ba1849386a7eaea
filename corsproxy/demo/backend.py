"""The demo's backend: a small JSON API that has never heard of CORS.

It answers OPTIONS with 405 and sends no Access-Control-* header: to a page on another origin it is
out of reach, as most backends are.
"""

import asyncio
import contextlib

from aiohttp import web

COOKIE = "session"
USER = "ada"
EVENTS = 5
SECONDS_BETWEEN_EVENTS = 0.2
SLOW_SECONDS = 2.0


def backend() -> web.Application:
    """The API, ready to be served."""
    app = web.Application()
    app.add_routes(
        [
            web.get("/dev/cors", hello),
            web.put("/dev/items/{item}", store),
            web.delete("/dev/items/{item}", remove),
            web.patch("/dev/items/{item}", store),
            web.post("/dev/login", login),
            web.get("/dev/me", me),
            web.get("/dev/events", serve_events),
            web.get("/dev/slow", slow),
            web.get("/dev/fail", fail),
        ]
    )
    return app


async def hello(_: web.Request) -> web.Response:
    """One of the two extra headers is exposed by the demo's policy, the other is not."""
    extra = {"ETag": '"demo-1"', "X-Total-Count": "42", "X-Internal": "db-7"}
    return web.json_response("Hello from CORS!", headers=extra)


async def store(request: web.Request) -> web.Response:
    """What was sent, said back."""
    stored = {"item": request.match_info["item"], "stored": await request.text()}
    return web.json_response(stored)


async def remove(_: web.Request) -> web.Response:
    """Gone, without content."""
    return web.Response(status=204)


async def login(_: web.Request) -> web.Response:
    """A cookie that no script can read."""
    response = web.json_response({"user": USER})
    response.set_cookie(COOKIE, "demo", httponly=True, samesite="Lax")
    return response


async def me(request: web.Request) -> web.Response:
    """Who is logged in; 401 without the cookie."""
    if COOKIE not in request.cookies:
        return web.json_response({"error": "nobody is logged in"}, status=401)
    return web.json_response({"user": USER})


async def serve_events(request: web.Request) -> web.StreamResponse:
    """A short stream of server-sent events; the last one says that it is the last."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    with contextlib.suppress(ConnectionError):  # whoever listened has left
        for number in range(1, EVENTS + 1):
            await response.write(f"data: {number} of {EVENTS}\n\n".encode())
            await asyncio.sleep(SECONDS_BETWEEN_EVENTS)
        await response.write(b"event: done\ndata: end\n\n")
    return response


async def slow(_: web.Request) -> web.Response:
    """A response that takes its time."""
    await asyncio.sleep(SLOW_SECONDS)
    return web.json_response({"took": SLOW_SECONDS})


async def fail(_: web.Request) -> web.Response:
    """A crash, as a backend would have it."""
    return web.json_response({"error": "the backend crashed"}, status=500)
