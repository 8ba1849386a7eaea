"""An app under test, served on a port of its own: ASGI by uvicorn, WSGI by the standard library.

Each is served on a thread, so that a test may block while it waits for the response.
"""

import inspect
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

App = str | Callable[..., Any]
"""The URL of a server that runs already, an ASGI app or a WSGI app."""

_NO_UVICORN = (
    "an ASGI app is served by uvicorn, which is not installed\n"
    "  fix: pip install uvicorn, or start a server for it yourself and pass its URL"
)

_PORTS = {"http": 80, "https": 443}


@contextmanager
def served(app: App) -> Iterator[str]:
    """The URL at which `app` answers while the block lasts.

    Raises TypeError for what is no app, OSError where nothing listens at a URL, RuntimeError where
    an ASGI app fails to start.
    """
    if isinstance(app, str):
        _check_reachable(app)
        yield app
        return
    with (_asgi if _is_asgi(app) else _wsgi)(app) as url:
        yield url


def _is_asgi(app: object) -> bool:
    """Whether it is called with scope, receive and send; TypeError where it is no app at all."""
    if callable(app) and not inspect.isclass(app):
        positional = [
            one
            for one in inspect.signature(app).parameters.values()
            if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)
            and one.default is one.empty
        ]
        if len(positional) in (2, 3):
            return len(positional) == 3
    message = f"expected an ASGI app, a WSGI app or a URL, not {app!r}"
    raise TypeError(f"{message}\n  fix: start a server for it yourself and pass its URL")


def _check_reachable(url: str) -> None:
    """Raise OSError unless something listens: the gateway's 502 would pass for a response."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        return  # as an upstream it is refused, and the message says what is wrong with it
    try:
        socket.create_connection((parts.hostname or "", port), timeout=5).close()
    except OSError as error:
        fix = "start the server first, or pass the app itself"
        raise OSError(error.errno, f"nothing answers at {url} ({error})\n  fix: {fix}") from error


class _WsgiServer(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Without asking for this machine's name, which takes seconds where no DNS answers."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]
        self.setup_environ()


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing: the test sees each response, and an error's traceback goes to stderr."""


@contextmanager
def _wsgi(app: Callable[..., Any]) -> Iterator[str]:
    with _WsgiServer(("127.0.0.1", 0), _Quiet) as server:
        server.set_app(app)
        serving = threading.Thread(
            target=server.serve_forever, args=(0.02,), name="corsproxy-wsgi", daemon=True
        )
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            serving.join()


@contextmanager
def _asgi(app: Callable[..., Any]) -> Iterator[str]:
    try:
        import uvicorn
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(_NO_UVICORN, name="uvicorn") from error

    settled = threading.Event()
    failures: list[Exception] = []

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            settled.set()

    # No log_config: uvicorn's own would take the log away from pytest, and from the user.
    server = Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            try:
                server.run(sockets=[listening])
            except SystemExit:
                pass  # uvicorn's way to say that the app did not start; its log says why
            except Exception as error:  # noqa: BLE001 - it is raised again, in the test
                failures.append(error)
            finally:
                settled.set()

        serving = threading.Thread(target=serve, name="corsproxy-asgi", daemon=True)
        serving.start()
        settled.wait()
        try:
            if not server.started:
                message = "the app fails at its start: the log of uvicorn says why"
                raise RuntimeError(message) from next(iter(failures), None)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            serving.join()
