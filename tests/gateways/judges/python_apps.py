"""Applications of one library, each with a snippet that was exported for it: a process and a port.

Reads `{"library": NAME, "snippets": [...]}`, writes the ports as one line, and serves until its
input ends. An application answers everything alike, and says by a header that it was reached.
"""

import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

HEADERS = {"ETag": '"1"', "X-Total-Count": "1", "X-Secret": "1", "X-Reached": "1"}


def status_of(path: str) -> int:
    return 500 if path == "/error" else 200


def starlette(snippet: str, sock: socket.socket) -> None:
    from starlette.applications import Starlette
    from starlette.responses import Response
    from starlette.routing import Mount

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        response = Response(status_code=status_of(scope["path"]), headers=HEADERS)
        await response(scope, receive, send)

    app = Starlette(routes=[Mount("/", app=answer)])
    exec(snippet, {"app": app})
    with_uvicorn(app, sock)


def django(snippet: str, sock: socket.socket) -> None:
    import types

    from django.conf import settings
    from django.core.asgi import get_asgi_application
    from django.core.checks import run_checks
    from django.http import HttpResponse
    from django.urls import re_path

    async def answer(request: Any) -> Any:
        return HttpResponse(status=status_of(request.path), headers=HEADERS)

    urls = types.ModuleType("urls")
    urls.urlpatterns = [re_path("", answer)]  # type: ignore[attr-defined]
    sys.modules["urls"] = urls
    given: dict[str, Any] = {}
    exec(snippet, given)
    settings.configure(
        ALLOWED_HOSTS=["*"],
        INSTALLED_APPS=["corsheaders"],
        MIDDLEWARE=["corsheaders.middleware.CorsMiddleware"],
        ROOT_URLCONF="urls",
        LOGGING_CONFIG=None,
        **{key: value for key, value in given.items() if key.isupper()},
    )
    app = get_asgi_application()
    assert run_checks() == []
    with_uvicorn(app, sock)


def with_uvicorn(app: Any, sock: socket.socket) -> None:
    import uvicorn

    config = uvicorn.Config(app, log_level="error", lifespan="off", access_log=False)
    uvicorn.Server(config).run(sockets=[sock])


def flask(snippet: str, sock: socket.socket) -> None:
    import logging

    from flask import Flask, Response, request
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Persistent(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

    app = Flask(__name__)
    for path in ("/", "/error"):
        app.add_url_rule(path, path, lambda: "")  # OPTIONS is answered by Flask itself

    @app.before_request
    def answer() -> Response | None:
        if request.method == "OPTIONS":
            return None
        return Response(status=status_of(request.path), headers=HEADERS)

    exec(snippet, {"app": app})
    logging.getLogger("werkzeug").disabled = True
    served = {"threaded": True, "request_handler": Persistent, "fd": sock.fileno()}
    make_server("127.0.0.1", 0, app, **served).serve_forever()


def aiohttp(snippet: str, sock: socket.socket) -> None:
    from aiohttp import web

    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status_of(request.path), headers=HEADERS)

    app = web.Application()
    resource = app.router.add_resource("/{path:.*}")
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "PURGE"):
        resource.add_route(method, answer)
    exec(snippet, {"app": app})
    web.run_app(app, sock=sock, print=None, access_log=None)


LIBRARIES: dict[str, Callable[[str, socket.socket], None]] = {
    "starlette": starlette,
    "django": django,
    "flask-cors": flask,
    "aiohttp-cors": aiohttp,
}
MODULES = {
    "starlette": "starlette.applications",
    "django": "django.http",
    "flask-cors": "flask",
    "aiohttp-cors": "aiohttp_cors",
}


def main() -> None:
    given = json.loads(sys.stdin.readline())
    serve = LIBRARIES[given["library"]]
    __import__(MODULES[given["library"]])
    children, ports = [], []
    for snippet in given["snippets"]:
        sock = socket.create_server(("127.0.0.1", 0), backlog=64)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ports.append(sock.getsockname()[1])
        if (child := os.fork()) == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            serve(snippet, sock)
            os._exit(0)
        children.append(child)
        sock.close()
    print(json.dumps(ports), flush=True)
    sys.stdin.read()
    for child in children:
        os.kill(child, signal.SIGKILL)


main()
