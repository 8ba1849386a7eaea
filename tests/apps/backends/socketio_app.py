"""socket.io on uvicorn: polling first, then a WebSocket; it answers to events."""

import sys

import socketio
import uvicorn

server = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins="*", cookie="io")


@server.event
async def add(_sid: str, numbers: list[int]) -> int:
    return sum(numbers)


app = socketio.ASGIApp(server)
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
