"""An app under test is served, whatever it is written for, and what is none is refused."""

import functools
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any
from urllib.request import Request, urlopen

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from flask import Flask
from starlette.applications import Starlette

from corsproxy.testing.served_app import _is_asgi, served
from tests.testing.apps import ASGI, wsgi


async def _asgi_function(scope: object, receive: object, send: object) -> None:
    """An app as a function."""


def _asgi_middleware(scope: object, receive: object, send: object) -> object:
    return _asgi_function(scope, receive, send)


def _with_defaults(environ: object, start_response: object, name: str = "") -> None:
    """A WSGI app with a setting of its own."""


@pytest.mark.parametrize(
    ("app", "asgi"),
    [
        (ASGI, True),
        (_asgi_function, True),
        (_asgi_middleware, True),
        (object.__new__(ASGIHandler), True),
        (wsgi, False),
        (_with_defaults, False),
        (functools.partial(wsgi), False),
        (Flask("app"), False),
        (object.__new__(WSGIHandler), False),
    ],
    ids=[
        *("starlette", "asgi function", "asgi middleware", "django asgi"),
        *("wsgi function", "wsgi with a default", "wsgi partial", "flask", "django wsgi"),
    ],
)
def test_an_app_is_known_by_what_it_is_called_with(app: Callable[..., Any], asgi: bool) -> None:
    assert _is_asgi(app) is asgi


@pytest.mark.parametrize("app", [Starlette, 8000, len], ids=["class", "port", "of one argument"])
def test_what_is_no_app_is_refused_with_a_fix(app: Any) -> None:
    with pytest.raises(TypeError, match=r"(?s)expected an ASGI app.*\n  fix: .*URL"), served(app):
        pass


@pytest.mark.parametrize("app", [ASGI, wsgi], ids=["asgi", "wsgi"])
def test_an_app_answers_with_what_it_was_sent_and_its_threads_end(app: Callable[..., Any]) -> None:
    before = set(threading.enumerate())
    with served(app) as url:
        request = Request(f"{url}/users", data=b"content", method="PUT")
        with urlopen(request) as response:
            assert response.read() == b"content"
    left = {thread for thread in threading.enumerate() if not thread.daemon} - before
    assert left == set()
    with pytest.raises(OSError, match="refused"):
        urlopen(f"{url}/users")


def test_a_server_that_runs_is_named_by_its_url() -> None:
    with served(wsgi) as url, served(url) as same:
        assert same == url


def test_a_url_where_nothing_listens_is_refused_with_a_fix() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        with pytest.raises(OSError, match=r"nothing answers at .*\n  fix: start"), served(url):
            pass


def test_a_lifespan_runs_and_one_that_fails_is_told() -> None:
    seen: list[str] = []

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        for step in ("startup", "shutdown"):
            assert (await receive())["type"] == f"lifespan.{step}"
            seen.append(step)
            await send({"type": f"lifespan.{step}.complete"})

    async def failing(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    with served(app):
        assert seen == ["startup"]
    assert seen == ["startup", "shutdown"]
    with pytest.raises(RuntimeError, match="fails at its start"), served(failing):
        pass


def test_without_uvicorn_an_asgi_app_is_refused_with_a_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(ModuleNotFoundError, match="fix: pip install uvicorn"), served(ASGI):
        pass
    with served(wsgi):
        pass
