"""Apps under test: the same responses by ASGI, by WSGI, and by a server of its own."""

from collections.abc import Callable, Iterable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route


async def _users(request: Request) -> Response:
    content = await request.body()
    return PlainTextResponse(content or b"hello", headers={"X-Total": "3", "X-Hidden": "4"})


async def _fails(request: Request) -> Response:
    return PlainTextResponse("no", 500)


ASGI = Starlette(
    routes=[
        Route("/users", _users, methods=["GET", "PUT", "POST"]),
        Route("/cookie", lambda request: PlainTextResponse(request.headers.get("cookie", "none"))),
        Route("/fails", _fails),
        Route("/leave", lambda request: RedirectResponse("/users")),
    ]
)


def wsgi(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    content = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Total", str(len(content)))])
    return [content or b"hello"]
