"""Gateway: a Config as a running server. Start, reload, drain, stop."""

import asyncio
import ssl
from collections.abc import Sequence
from operator import attrgetter

from corsproxy.config.address import ListenAddress, UpstreamAddress
from corsproxy.config.settings import Config
from corsproxy.cors.tally import Counter
from corsproxy.proxy import system, tls
from corsproxy.proxy.forwarding import new_pseudonym
from corsproxy.proxy.front import Front
from corsproxy.proxy.record import Watcher
from corsproxy.proxy.serving import Serving
from corsproxy.proxy.upstream import Upstream

GRACE = 10.0
"""Seconds that requests under way get to end when the program is told to."""


class ReloadRefused(Exception):
    """The new configuration asks for what only a restart can do; the old one keeps serving."""


class Gateway:
    """The server in front of the upstreams.

    `watchers` get every finished exchange. With `counters` they need not: what goes well in a flood
    is then counted, and the counters get the tallies twice a second.
    """

    def __init__(
        self,
        config: Config,
        watchers: Sequence[Watcher] = (),
        counters: Sequence[Counter] = (),
    ) -> None:
        self._pseudonym = new_pseudonym()
        self._upstreams: dict[UpstreamAddress, Upstream] = {}
        self._settings: tuple[object, ...] = ()
        self._watchers = watchers
        self._counters = counters
        self._servers: list[tuple[asyncio.AbstractServer, ListenAddress]] = []
        self._front: Front | None = None
        self.config = config

    @property
    def addresses(self) -> tuple[ListenAddress, ...]:
        """Where it listens, port 0 resolved."""
        return tuple(address for _, address in self._servers)

    @property
    def busy(self) -> bool:
        """Whether any request is under way, streams without an end not counted."""
        return self._front is not None and self._front.busy

    async def start(self) -> None:
        """Listen and serve; raises OSError for an address that is taken, a file that is no good."""
        self._front = Front(self._serving(self.config), self._watchers, self._counters)
        self._servers.append(await system.listen(self._front, self.config.listen))

    def reload(self, config: Config) -> None:
        """Serve by `config` from the next request on; raises ReloadRefused or OSError.

        A request under way keeps what it began with, and so do the connections it uses.
        """
        for setting in ("listen", "admin", "log.format", "log.level", "har"):
            old, new = map(attrgetter(setting), (self.config, config))
            if old != new:
                message = f"{setting} cannot change from {old or 'off'} to {new or 'off'}"
                raise ReloadRefused(f"{message} while the proxy runs: restart it")
        assert self._front is not None
        self._front.serve_by(self._serving(config))
        self.config = config

    def _serving(self, config: Config) -> Serving:
        """`config` made ready; pools whose settings stay the same stay."""
        settings = (config.timeouts, config.upstream_tls, config.limits.header_bytes)
        addresses = {config.upstream, *(route.upstream for route in config.routes)}
        kept = self._upstreams if settings == self._settings else {}
        context: ssl.SSLContext | None = None
        if any(address.scheme == "https" for address in addresses):
            context = tls.context(config.upstream_tls)
        upstreams = {
            address: kept.get(address)
            or Upstream(
                address,
                config.timeouts,
                context if address.scheme == "https" else None,
                config.upstream_tls.server_name,
                most_head=config.limits.header_bytes,
            )
            for address in addresses
        }
        for address, upstream in self._upstreams.items():
            if upstreams.get(address) is not upstream:
                upstream.close()
        self._upstreams, self._settings = upstreams, settings
        return Serving.of(config, upstreams.__getitem__, self._pseudonym)

    async def drain(self, grace: float = GRACE) -> None:
        """Accept nobody else, let requests under way end, for at most `grace` seconds."""
        for server, address in self._servers:
            system.stop_listening(server, address)
        if self._front is not None:
            await self._front.drain(grace)

    async def stop(self) -> None:
        """End whatever is left, at once."""
        for server, address in self._servers:
            system.stop_listening(server, address)
        self._servers.clear()
        if self._front is not None:
            await self._front.shutdown(0.1)
        for upstream in self._upstreams.values():
            upstream.abort()
