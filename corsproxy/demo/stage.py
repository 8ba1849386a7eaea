"""The stage: backend, page and proxy, each on a port of its own, in one process."""

import contextlib
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from aiohttp import web

from corsproxy.config.address import TcpAddress
from corsproxy.config.loading import load_text
from corsproxy.demo.backend import backend
from corsproxy.demo.explanations import Explanations
from corsproxy.demo.site import Site
from corsproxy.proxy.app import Gateway
from corsproxy.proxy.record import Watcher

POLICY = Path(__file__).parent / "policy.yaml"
HOST = "127.0.0.1"


class Ports(NamedTuple):
    """The ports that are wished for; 0 for any free one."""

    page: int = 5173
    backend: int = 8000
    proxy: int = 8080


ANY = Ports(0, 0, 0)


class Stage(NamedTuple):
    """The origins, and what was not as wished: (name, wished port, port taken instead)."""

    page: str
    backend: str
    proxy: str
    moved: tuple[tuple[str, int, int], ...] = ()


@contextlib.asynccontextmanager
async def stage(ports: Ports, watchers: Sequence[Watcher] = ()) -> AsyncIterator[Stage]:
    """Everything started; stopped at the end. A port that is taken is replaced by a free one."""
    async with contextlib.AsyncExitStack() as stack:
        api = await stack.enter_async_context(_serving(backend(), ports.backend))
        explanations = Explanations(_origin(api))
        site = Site(explanations.explain)
        page = await stack.enter_async_context(_serving(site.app(), ports.page))
        nobody = stack.enter_context(_bound(0))
        environ = {
            "PAGE_PORT": str(page),
            "BACKEND_PORT": str(api),
            "PROXY_PORT": str(ports.proxy if _free(ports.proxy) else 0),
            "NOBODY_PORT": str(nobody.getsockname()[1]),
        }
        proxy = await stack.enter_async_context(_proxy(environ, [explanations.memory, *watchers]))
        policy = _shown(environ | {"PROXY_PORT": str(proxy)})
        site.settings = {"backend": api, "proxy": proxy, "policy": policy}
        moved = _moved(ports, Ports(page, api, proxy))
        yield Stage(_origin(page), _origin(api), _origin(proxy), tuple(moved))


@contextlib.asynccontextmanager
async def _proxy(environ: Mapping[str, str], watchers: Sequence[Watcher]) -> AsyncIterator[int]:
    config = load_text(POLICY.read_bytes(), POLICY.name, environ, {}).config
    gateway = Gateway(config, watchers)
    await gateway.start()
    try:
        address = gateway.addresses[0]
        assert isinstance(address, TcpAddress)
        yield address.port
    finally:
        await gateway.stop()


def _origin(port: int) -> str:
    return f"http://{HOST}:{port}"


def _moved(wished: Ports, got: Ports) -> list[tuple[str, int, int]]:
    names = zip(Ports._fields, wished, got, strict=True)
    return [(name, wish, port) for name, wish, port in names if wish not in (0, port)]


@contextlib.asynccontextmanager
async def _serving(app: web.Application, port: int) -> AsyncIterator[int]:
    """`app` served on `port`, or on a free one where that is taken."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    sock = _bound(port if _free(port) else 0)
    try:
        await web.SockSite(runner, sock).start()
        yield sock.getsockname()[1]
    finally:
        await runner.cleanup()


def _bound(port: int) -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((HOST, port))
    return sock


def _free(port: int) -> bool:
    """Whether nobody answers there, on either loopback: a browser tries both for `localhost`."""
    for family, host in ((socket.AF_INET, HOST), (socket.AF_INET6, "::1")):
        with contextlib.suppress(OSError), socket.socket(family) as sock:
            sock.settimeout(1.0)
            if sock.connect_ex((host, port)) == 0:
                return False
    return True


def _shown(environ: Mapping[str, str]) -> str:
    """The policy file as it was read, the variables filled in."""
    text = POLICY.read_text("utf-8")
    for name, value in environ.items():
        text = text.replace(f"${{{name}}}", value)
    return text
