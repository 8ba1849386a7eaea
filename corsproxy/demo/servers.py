"""The demo's servers: backend, page and proxy, each on a port of its own, in one process."""

import asyncio
import contextlib
import dataclasses
import io
import os
import socket
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import NamedTuple, TextIO

from aiohttp import web

from corsproxy.config.address import ListenAddress, TcpAddress
from corsproxy.config.loading import load_text
from corsproxy.demo.backend import backend
from corsproxy.demo.explanations import Explanations
from corsproxy.demo.site import Site
from corsproxy.proxy.gateway import Gateway
from corsproxy.proxy.record import Watcher
from corsproxy.watch.admin import Admin
from corsproxy.watch.inspector.allow import Ways
from corsproxy.watch.watchers import Watchers

POLICY = Path(__file__).parent / "policy.yaml"
LOOPBACK_ADDRESS = "127.0.0.1"


class Ports(NamedTuple):
    """The ports that are wished for; 0 for any free one."""

    page: int = 5173
    backend: int = 8000
    proxy: int = 8080
    inspector: int = 8081


ANY = Ports(0, 0, 0, 0)


class DemoServers(NamedTuple):
    """The origins, and what was not as wished: (name, wished port, port taken instead)."""

    page: str
    backend: str
    proxy: str
    inspector: str
    moved: tuple[tuple[str, int, int], ...] = ()


@contextlib.asynccontextmanager
async def demo_servers(ports: Ports, log: TextIO | None = None) -> AsyncIterator[DemoServers]:
    """Everything started; stopped at the end. A port that is taken is replaced by a free one.

    The proxy's log goes to `log`, where one is given.
    """
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
            "INSPECTOR_PORT": str(ports.inspector if _free(ports.inspector) else 0),
            "NOBODY_PORT": str(nobody.getsockname()[1]),
        }
        proxy, inspector = await stack.enter_async_context(
            _proxy(environ, explanations.memory, log)
        )
        got = Ports(page, api, proxy, inspector)
        shown = {"PROXY_PORT": str(proxy), "INSPECTOR_PORT": str(inspector)}
        site.settings = got._asdict() | {"policy": _shown(environ | shown)}
        yield DemoServers(
            _origin(page),
            _origin(api),
            _origin(proxy),
            _origin(inspector),
            tuple(_moved(ports, got)),
        )


@contextlib.asynccontextmanager
async def _proxy(
    environ: Mapping[str, str], memory: Watcher, log: TextIO | None
) -> AsyncIterator[tuple[int, int]]:
    """The proxy with its inspector, as `corsproxy run` has them; their ports."""
    loaded = load_text(_shown(environ).encode(), POLICY.name, {}, {}).config
    # The file belongs to the package: nobody may write to it, the inspector's buttons neither.
    config = dataclasses.replace(loaded, source=None)
    watchers = Watchers(config, log or io.StringIO())
    called = [watchers.faults.shielded(page=memory), *watchers.called]
    gateway = Gateway(config, called, opened_watchers=watchers.opened)
    admin = Admin(
        lambda: gateway.config,
        watchers.faults,
        watchers.recent,
        watchers.metrics,
        ways=Ways(gateway.reload),
    )
    await gateway.start()
    await admin.start()
    writing = asyncio.create_task(watchers.run())
    try:
        yield _port(gateway.addresses[0]), _port(admin.address)
    finally:
        writing.cancel()
        await gateway.stop()
        await admin.stop()
        watchers.close()


def _port(address: ListenAddress | None) -> int:
    assert isinstance(address, TcpAddress)
    return address.port


def _origin(port: int) -> str:
    return f"http://{LOOPBACK_ADDRESS}:{port}"


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
    """A socket that owns the port, and does not listen yet; raises OSError."""
    sock = socket.socket()
    if os.name == "posix":  # on Windows the option would let two programs share the port
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((LOOPBACK_ADDRESS, port))
    except OSError:
        sock.close()
        raise
    return sock


def _free(port: int) -> bool:
    """Whether we can listen there, and nobody else answers on either loopback.

    A browser tries both for `localhost`; and some systems let two programs share a port.
    """
    for family, host in ((socket.AF_INET, LOOPBACK_ADDRESS), (socket.AF_INET6, "::1")):
        with contextlib.suppress(OSError), socket.socket(family) as sock:
            sock.settimeout(1.0)
            if sock.connect_ex((host, port)) == 0:
                return False
    try:
        _bound(port).close()
    except OSError:
        return False
    return True


def _shown(environ: Mapping[str, str]) -> str:
    """The policy file as it was read, the variables filled in."""
    text = POLICY.read_text("utf-8")
    for name, value in environ.items():
        text = text.replace(f"${{{name}}}", value)
    return text
