"""Admin: the HTTP server on the `admin` address, another origin than the API on purpose."""

from collections.abc import Callable

from aiohttp import web

from corsproxy.accept import listener
from corsproxy.accept.connection_limit import ConnectionLimit
from corsproxy.accept.listener import Listener
from corsproxy.config.address import ListenAddress
from corsproxy.config.settings import Config
from corsproxy.watch import guard
from corsproxy.watch.guard import problem_response
from corsproxy.watch.inspector.allow import Ways
from corsproxy.watch.inspector.server import Inspector
from corsproxy.watch.listener import AdminServer, note_begun
from corsproxy.watch.metrics.watcher import CONTENT_TYPE, MetricsWatcher
from corsproxy.watch.readiness import STRICT, Readiness
from corsproxy.watch.recent_exchanges import RecentExchanges
from corsproxy.watch.watcher_errors import WatcherErrors

SHUTDOWN_SECONDS = 1.0
MAX_CONNECTIONS, MAX_REFUSED = 100, 16


class Admin:
    """Health, metrics and inspector. `readiness` says whether the proxy is ready.

    `ways` are those of changing a policy that stands in no file. What fails in a handler is noted
    in `faults`.
    """

    def __init__(
        self,
        config: Callable[[], Config],
        faults: WatcherErrors,
        recent: RecentExchanges | None = None,
        metrics: MetricsWatcher | None = None,
        readiness: Readiness | None = None,
        *,
        ways: Ways | None = None,
    ) -> None:
        self._config = config
        self._faults = faults
        self._metrics = MetricsWatcher() if metrics is None else metrics
        self._readiness = Readiness() if readiness is None else readiness
        self.guard = guard.Guard(lambda: config().allowed_hosts)
        self._inspector = Inspector(
            RecentExchanges() if recent is None else recent, config, self.guard.token, ways
        )
        self._runners: list[web.BaseRunner] = []
        self._listener: Listener | None = None
        self.room = ConnectionLimit(MAX_CONNECTIONS, MAX_REFUSED)
        """Who is connected."""
        self.address: ListenAddress | None = None
        """Where it listens, port 0 resolved; None before `start` and where it is switched off."""

    @property
    def streams(self) -> int:
        """How many pages follow what comes."""
        return self._inspector.streams

    async def start(self) -> None:
        """Listen on the configured address, if there is one; raises OSError."""
        address = self._config().admin
        if address is None:
            return
        application = web.AppRunner(self._application())
        await application.setup()
        assert application.server is not None
        limits = lambda: self._config().limits.header_bytes  # noqa: E731
        server = AdminServer(application.server, self.guard, self._faults, self.room, limits)
        runner = web.ServerRunner(server, shutdown_timeout=SHUTDOWN_SECONDS)
        await runner.setup()
        self._runners = [runner, application]
        listening, self.address = await listener.listen(server.connection, address, self.room)
        self._listener = listening

    async def stop(self) -> None:
        """End every stream and stop listening."""
        self._inspector.close()
        if self._listener is not None and self.address is not None:
            listener.stop(self._listener, self.address)
        for runner in self._runners:
            await runner.cleanup()
        self._runners, self._listener = [], None

    def _application(self) -> web.Application:
        application = web.Application()
        application.on_response_prepare.extend([guard.add_headers, note_begun])
        application.add_routes(
            [
                web.get("/healthz", self._healthz),
                web.get("/readyz", self._readyz),
                web.get("/metrics", self._metrics_text),
                *self._inspector.routes(),
            ]
        )
        return application

    async def _healthz(self, _: web.Request) -> web.Response:
        """The process answers: all there is to liveness. The upstream has no say."""
        return web.Response(text="ok\n")

    async def _readyz(self, request: web.Request) -> web.Response:
        """For whoever sends requests; a misspelled question must not look like a yes."""
        if unknown := request.query.keys() - STRICT:
            known = " and ".join(f"?{name}" for name in STRICT)
            asked = "&".join(sorted(unknown))
            return problem_response(400, f"/readyz can be asked for {known}, not for ?{asked}")
        if problems := await self._readiness.problems(request.query):
            return web.Response(status=503, text=_lines(*problems))
        return web.Response(text=_lines("ready", *self._readiness.notes))

    async def _metrics_text(self, _: web.Request) -> web.Response:
        return web.Response(body=self._metrics.text(), headers={"Content-Type": CONTENT_TYPE})


def _lines(*sentences: str) -> str:
    return "".join(f"{sentence}\n" for sentence in sentences)
