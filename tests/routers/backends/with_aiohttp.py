"""aiohttp's own router."""

import asyncio

from aiohttp import web


async def admin(_: web.Request) -> web.Response:
    return web.Response(text="admin")


async def open_to_all(_: web.Request) -> web.Response:
    return web.Response(text="open")


async def main() -> None:
    app = web.Application()
    app.router.add_get("/admin", admin)
    app.router.add_get("/admin/{rest:.*}", admin)
    app.router.add_get("/{rest:.*}", open_to_all)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
