"""hypercorn, over TLS with the certificate that is given; it answers with what it was sent."""

import asyncio
import sys
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    content = b""
    while (message := await receive())["type"] == "http.request":
        content += message.get("body", b"")
        if not message.get("more_body"):
            break
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content or b"hello"})


config = Config()
config.bind = [f"127.0.0.1:{sys.argv[1]}"]
config.certfile = config.keyfile = sys.argv[2]
asyncio.run(serve(app, config))
