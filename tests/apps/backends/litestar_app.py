"""Litestar on uvicorn: its CSRF guard by a cookie that the page may read, and a WebSocket."""

import sys

import uvicorn
from litestar import Litestar, get, post, websocket_listener
from litestar.config.csrf import CSRFConfig


@get("/items")
async def items() -> list[int]:
    return [1, 2]


@post("/items")
async def create(data: dict[str, str]) -> dict[str, str]:
    return data


@websocket_listener("/ws")
async def echo(data: str) -> str:
    return f"heard {data}"


app = Litestar([items, create, echo], csrf_config=CSRFConfig(secret="for the test alone"))
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
