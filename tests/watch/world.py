"""An admin address with exchanges behind it, and ways to ask it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import aiohttp

from corsproxy.config.address import TcpAddress, UpstreamAddress
from corsproxy.config.loading import load_text
from corsproxy.config.settings import Config
from corsproxy.watch.admin import Admin
from corsproxy.watch.metrics.watcher import MetricsWatcher
from corsproxy.watch.readiness import Readiness
from corsproxy.watch.recent_exchanges import RecentExchanges
from corsproxy.watch.watcher_errors import WatcherErrors
from tests.watch.exchanges import POLICY

CONFIG = Config(
    UpstreamAddress("http", "127.0.0.1", 8000), POLICY, admin=TcpAddress("127.0.0.1", 0)
)


@dataclass
class World:
    """A running Admin; `config` may be replaced, as a reload does."""

    config: Config
    recent: RecentExchanges
    metrics: MetricsWatcher
    admin: Admin
    session: aiohttp.ClientSession
    told: list[str]
    """What the log was told of what failed."""
    readiness: Readiness = field(default_factory=Readiness)
    responses: list[aiohttp.ClientResponse] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{self.admin.address}"

    @property
    def trusted(self) -> dict[str, str]:
        """What our own page sends with a POST."""
        return {"Origin": self.url, "X-Corsproxy-Token": self.admin.guard.token}

    async def get(self, path: str, **fields: str) -> aiohttp.ClientResponse:
        response = await self.session.get(self.url + path, headers=fields)
        self.responses.append(response)
        return response


@asynccontextmanager
async def world(config: Config = CONFIG) -> AsyncIterator[World]:
    """Start an Admin on a free port; end it afterwards."""
    told: list[str] = []
    faults = WatcherErrors(told.append)
    readiness = Readiness()
    recent, metrics = RecentExchanges(), MetricsWatcher(faults.counts, readiness)
    made: World
    admin = Admin(lambda: made.config, faults, recent, metrics, readiness)
    async with aiohttp.ClientSession() as session:
        made = World(config, recent, metrics, admin, session, told, readiness)
        await admin.start()
        yield made
        for response in made.responses:
            response.close()
        await admin.stop()


def from_file(path: Path, text: str) -> Config:
    """The config that `text`, written to `path`, says; the admin address on a free port."""
    path.write_text(text)
    config = load_text(text.encode(), str(path), {}, {}, offline=True).config
    return replace(config, admin=TcpAddress("127.0.0.1", 0))
