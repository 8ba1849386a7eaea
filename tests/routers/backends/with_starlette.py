"""Starlette, as uvicorn serves it."""

import socket

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route


async def admin(_: Request) -> PlainTextResponse:
    return PlainTextResponse("admin")


async def open_to_all(_: Request) -> PlainTextResponse:
    return PlainTextResponse("open")


below = Starlette(routes=[Route("/{rest:path}", admin)])
app = Starlette(
    routes=[Route("/admin", admin), Mount("/admin", below), Route("/{rest:path}", open_to_all)]
)
with socket.create_server(("127.0.0.1", 0)) as listener:
    print(listener.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="critical")).run([listener])
