"""The proxy that everybody writes first: aiohttp's Application and ClientSession, CORS by hand."""

import sys

from aiohttp import ClientSession, web

UPSTREAM, PORT = sys.argv[1], int(sys.argv[2])
HOP = {"connection", "keep-alive", "transfer-encoding", "host", "upgrade"}
ORIGINS = {"http://localhost:5173"}


def cors(request: web.Request) -> dict[str, str]:
    origin = request.headers.get("Origin", "")
    if origin not in ORIGINS:
        return {}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        "Vary": "Origin",
    }


async def proxy(request: web.Request) -> web.StreamResponse:
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        preflight = {
            "Access-Control-Allow-Methods": "GET, PUT, DELETE",
            "Access-Control-Allow-Headers": "authorization, content-type",
            "Access-Control-Max-Age": "600",
        }
        return web.Response(status=204, headers={**cors(request), **preflight})
    fields = {k: v for k, v in request.headers.items() if k.lower() not in HOP}
    content = request.content if request.body_exists else None
    async with request.app["session"].request(
        request.method, UPSTREAM + request.path_qs, headers=fields, data=content
    ) as answer:
        kept = {k: v for k, v in answer.headers.items() if k.lower() not in HOP}
        response = web.StreamResponse(status=answer.status, headers={**kept, **cors(request)})
        await response.prepare(request)
        async for data in answer.content.iter_any():
            await response.write(data)
        return response


async def session(app: web.Application):  # noqa: ANN201 - aiohttp's own type is long
    async with ClientSession() as app["session"]:
        yield


def main() -> None:
    app = web.Application(client_max_size=1 << 40)
    app.cleanup_ctx.append(session)
    app.router.add_route("*", "/{path:.*}", proxy)
    web.run_app(app, host="127.0.0.1", port=PORT, access_log=None, print=None)


main()
