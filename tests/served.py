"""A gateway in this process, on a thread and a loop of its own, with a policy as text."""

import asyncio
import queue
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

from corsproxy.config.address import TcpAddress
from corsproxy.config.loading import load_text
from corsproxy.config.settings import Config
from corsproxy.cors.exchange import Exchange
from corsproxy.proxy.gateway import Gateway
from tests.upstreams import Upstream
from tests.wire.messages import Message, Wire

T = TypeVar("T")


def config(policy: str, *, fast: bool = True) -> Config:
    """The settings that `policy` makes, listening on any port."""
    flags: dict[str, object] = {"fast_lane": fast}
    if "listen:" not in policy:
        flags["listen"] = "127.0.0.1:0"
    return load_text(policy.encode(), "policy.yaml", {}, flags).config


class Served:
    """A running gateway; `exchanges` has what it tells its watchers."""

    def __init__(self, settings: Config) -> None:
        self.exchanges: queue.Queue[Exchange] = queue.Queue()
        self.gateway = Gateway(settings, [self.exchanges.put])
        self._runner = asyncio.Runner()
        self._loop = self._runner.get_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.await_(self.gateway.start())

    def await_(self, what: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine of the gateway's loop."""
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(20)

    def call(self, what: Callable[[], T]) -> T:
        """The result of a function, called within the gateway's loop."""

        async def called() -> T:
            return what()

        return self.await_(called())

    def stop(self) -> None:
        self.await_(self.gateway.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._runner.close()

    @property
    def port(self) -> int:
        (address,) = self.gateway.addresses
        assert isinstance(address, TcpAddress)
        return address.port

    def connect(self) -> Wire:
        return Wire.to(self.port)

    def ask(
        self, method: bytes = b"GET", target: bytes = b"/", *lines: bytes, content: bytes = b""
    ) -> Message:
        """The response to one request on a connection of its own."""
        with self.connect() as client:
            client.send(request(method, target, *lines, content=content))
            return client.response(method)


@contextmanager
def served(policy: str, *, fast: bool = True) -> Iterator[Served]:
    """A gateway with that policy, as long as the block lasts."""
    running = Served(config(policy, fast=fast))
    try:
        yield running
    finally:
        running.stop()


Lanes = tuple[Upstream, Served, Served]


@contextmanager
def both_lanes(policy: str) -> Iterator[Lanes]:
    """An upstream, and two gateways to it: with the fast lane and without."""
    with ExitStack() as stack:
        upstream = Upstream()
        stack.callback(upstream.close)
        text = policy.format(upstream=upstream.url)
        fast, ordinary = (stack.enter_context(served(text, fast=fast)) for fast in (True, False))
        yield upstream, fast, ordinary


def request(
    method: bytes = b"GET", target: bytes = b"/", *lines: bytes, content: bytes = b""
) -> bytes:
    """The bytes of a request to localhost; `lines` may bring their own Host."""
    named = any(line.lower().startswith(b"host:") for line in lines)
    host = () if named else (b"Host: localhost",)
    head = (b"%b %b HTTP/1.1" % (method, target), *host, *lines, b"", b"")
    return b"\r\n".join(head) + content
