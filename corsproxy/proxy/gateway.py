"""Gateway: a Config as a running server. Start, reload, drain, stop."""

import asyncio
import ssl
from collections.abc import Iterator, Sequence
from operator import attrgetter
from types import TracebackType
from typing import NamedTuple, Self

from corsproxy.accept import open_files, server_tls
from corsproxy.accept.connection_limit import RESERVED, ConnectionLimit, places
from corsproxy.accept.handshake import Secure
from corsproxy.accept.server_tls import ServerTls
from corsproxy.accept.sockets import CannotListen
from corsproxy.config.address import ListenAddress, TcpAddress, UpstreamAddress
from corsproxy.config.settings import Config, Route, UpstreamTls
from corsproxy.cors.tally import Counter
from corsproxy.limits import GRACE
from corsproxy.proxy.admission import Admission
from corsproxy.proxy.http1.forwarding import new_pseudonym
from corsproxy.proxy.listening import Listeners, OwnAddressInTheWay, Place, discard
from corsproxy.proxy.record import Watcher
from corsproxy.proxy.server import GatewayServer
from corsproxy.proxy.upstream import reachability, tls
from corsproxy.proxy.upstream.http_proxy import proxy_for
from corsproxy.proxy.upstream.pool import AllPools, UpstreamPool

UpstreamKey = tuple[UpstreamAddress, UpstreamTls, bytes]
"""Its address, how it is verified, and what the files said that this is read from."""


class _Prepared(NamedTuple):
    """A configuration made ready, with all that can go wrong behind it."""

    admission: Admission
    upstreams: dict[UpstreamKey, UpstreamPool]
    settings: tuple[object, ...]
    """What all pools depend on."""
    certificates: server_tls.Contexts | None


class ReloadRefused(Exception):
    """The new configuration asks for what only a restart can do; the old one keeps serving."""


class Gateway:
    """The server in front of the upstreams, in the running event loop.

    As a context manager it starts, and at the end lets requests under way finish, for at most ten
    seconds; after an exception it stops at once. Port 0 listens on any free port, which `url`
    names. Raises OSError where it cannot listen or a certificate cannot be read, RuntimeError where
    it is started twice. Once it has started, a changed certificate is read at `reload`.

    `watchers` get every finished exchange. With `counters` they need not: what goes well in a flood
    is then counted, and the counters get the tallies twice a second. `opened_watchers` get what has
    a response that goes on for more than half a second, with `open` true, before it ends.

    >>> import asyncio
    >>> from corsproxy import load
    >>> async def main() -> None:
    ...     config = load(
    ...         text="upstream: http://127.0.0.1:8000",
    ...         settings={"listen": "127.0.0.1:0", "cors.allow_origins": ("https://app.example",)},
    ...     )
    ...     async with Gateway(config) as gateway:
    ...         print(gateway.url.rpartition(":")[0])
    >>> asyncio.run(main())
    http://127.0.0.1
    """

    def __init__(
        self,
        config: Config,
        watchers: Sequence[Watcher] = (),
        counters: Sequence[Counter] = (),
        opened_watchers: Sequence[Watcher] = (),
    ) -> None:
        self._pseudonym = new_pseudonym()
        self._upstreams: dict[UpstreamKey, UpstreamPool] = {}
        self._settings: tuple[object, ...] = ()
        self._watchers = watchers
        self._counters = counters
        self._opened_watchers = opened_watchers
        self._listeners: Listeners | None = None
        self._reloading = asyncio.Lock()
        self._draining = False
        self._room = ConnectionLimit(config.limits.connections)
        self._together = AllPools()
        self._server: GatewayServer | None = None
        self._tls = ServerTls()
        self.config = config

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException as error:
            await self.stop()
            if isinstance(error, CannotListen):
                where = f"cannot listen on {error.address}"
                raise OSError(error.errno, f"{where}: {error.strerror}") from error
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                await self.drain()
        finally:
            await self.stop()

    @property
    def url(self) -> str:
        """Where clients on this machine reach it, without a slash at the end: "http://host:port".

        Of several addresses the first on a port, "https://..." where it speaks that. One that
        stands for all of the machine's (0.0.0.0, ::) is named by loopback. Raises RuntimeError
        unless it listens on a port: not before the start, and not on `unix:`.
        """
        for address in self.addresses:
            if isinstance(address, TcpAddress):
                return address.reachable.url
        raise RuntimeError("the gateway does not listen on a port: start it with `async with`")

    @property
    def addresses(self) -> tuple[ListenAddress, ...]:
        """Where it listens, port 0 resolved."""
        return self._listeners.addresses if self._listeners else ()

    @property
    def connections(self) -> int:
        """How many of clients may be open: the setting, or what the system has descriptors for."""
        return self._room.max_guests

    @property
    def start_notes(self) -> list[str]:
        """What to say of the certificates of `tls: auto`, as lines."""
        return self._tls.note

    @property
    def busy(self) -> bool:
        """Whether any request is under way, streams without an end not counted."""
        return self._server is not None and self._server.busy

    async def unreachable_upstreams(self) -> list[str]:
        """A sentence for each upstream that takes no connection now; none is sent a request."""
        return await reachability.unreachable(self._upstreams.values())

    async def start(self) -> None:
        """Listen and serve; raises OSError for an address in use and for an unreadable file."""
        if self._server is not None:
            raise RuntimeError("the gateway is running already")
        prepared = self._prepared(self.config)
        self._adopt(prepared)
        self._set_limits(self.config.limits.connections)
        server = self._server = GatewayServer(
            prepared.admission,
            self._room,
            self._watchers,
            self._counters,
            opened_watchers=self._opened_watchers,
        )
        secure = Secure(self._tls, server.plain_at_https)
        listeners = Listeners(server.connection, self._room, secure)
        listeners.use(await listeners.prepare(self.config.listen))
        self._listeners = listeners
        server.given_up = listeners.given_up

    async def reload(self, config: Config) -> None:
        """Serve by `config` from the next request on; raises ReloadRefused or OSError.

        A request under way keeps what it began with, and so do the connections it uses. New
        addresses of `listen` are bound before anything is given up: where one cannot be, or
        anything else is no good, all stays as it was.
        """
        async with self._reloading:
            if fixed := list(_fixed(self.config, config)):
                raise ReloadRefused(f"{'; '.join(fixed)} while the proxy runs: restart it")
            assert self._listeners is not None
            prepared = await asyncio.to_thread(self._prepared, config)
            try:
                places = await self._listeners.prepare(config.listen)
            except OwnAddressInTheWay as error:
                raise ReloadRefused(f"{error}: restart it") from error
            try:
                self._use(config, places, prepared)
            except BaseException:
                discard(places)
                raise

    def use_counters(self, counters: Sequence[Counter]) -> None:
        """Count for these from now on; with none, watchers get every exchange."""
        assert self._server is not None
        self._server.use_counters(counters)

    def _use(self, config: Config, places: Sequence[Place], prepared: _Prepared) -> None:
        if self._draining:
            raise ReloadRefused("the proxy is stopping")
        assert self._server is not None
        assert self._listeners is not None
        self._server.use_admission(prepared.admission)
        self._adopt(prepared)
        self._set_limits(config.limits.connections)
        self._listeners.use(places)
        self.config = config

    def _adopt(self, prepared: _Prepared) -> None:
        """Let go of the pools that are not used any more."""
        if prepared.certificates is not None:  # else handshakes under way keep what there was
            self._tls.use(prepared.certificates)
        for key, upstream in self._upstreams.items():
            if prepared.upstreams.get(key) is not upstream:
                upstream.close()
        self._upstreams, self._settings = prepared.upstreams, prepared.settings

    def _prepared(self, config: Config) -> _Prepared:
        """`config` made ready; pools whose settings stay the same stay. Nothing is changed.

        With thousands of routes it takes a while: at a reload it is done in a thread.
        """
        settings = (
            config.timeouts,
            config.upstream_proxy,
            config.limits.header_bytes,
        )
        kept = self._upstreams if settings == self._settings else {}
        trusts: dict[UpstreamTls, tuple[ssl.SSLContext, bytes]] = {}
        upstreams: dict[UpstreamKey, UpstreamPool] = {}

        def upstream_of(route: Route) -> UpstreamPool:
            """The one pool for its address and how that is verified."""
            address, trust = route.upstream, config.tls_of(route)
            secure = address.scheme == "https"
            if secure and trust not in trusts:
                trusts[trust] = tls.context(trust), tls.read(trust)
            context, files = trusts[trust] if secure else (None, b"")
            key = address, trust, files
            if key not in upstreams:
                upstreams[key] = kept.get(key) or UpstreamPool(
                    address,
                    config.timeouts,
                    context,
                    trust.server_name,
                    proxy=proxy_for(config.upstream_proxy, address),
                    max_head=config.limits.header_bytes,
                    together=self._together,
                )
            return upstreams[key]

        certificates = server_tls.prepared(config)
        admission = Admission.of(config, upstream_of, self._pseudonym)
        return _Prepared(admission, upstreams, settings, certificates)

    def _set_limits(self, limit: int) -> None:
        """Let as many connections be open as are wanted, or the system has descriptors for."""
        room = self._room
        room.max_guests, room.max_refused = places(limit, open_files.granted(2 * limit + RESERVED))
        self._together.max_connections = room.max_guests

    async def drain(self, grace: float = GRACE) -> None:
        """Accept no more connections, let requests under way end, for at most `grace` seconds."""
        self._draining = True
        if self._listeners is not None:
            await self._listeners.drain()
        if self._server is not None:
            await self._server.drain(grace)

    async def stop(self) -> None:
        """End whatever is left, at once."""
        self._draining = True
        if self._listeners is not None:
            self._listeners.close()
        if self._server is not None:
            await self._server.shutdown(0.1)
        for upstream in self._upstreams.values():
            upstream.abort()


def _fixed(old: Config, new: Config) -> Iterator[str]:
    """What changed that cannot while watchers and the admin address stand."""
    for setting in ("admin", "log.file", "har"):
        before, after = map(attrgetter(setting), (old, new))
        if before != after:
            yield f"{setting} cannot change from {before or 'off'} to {after or 'off'}"
