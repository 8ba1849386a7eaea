"""All that listens to the exchanges of one running proxy, made from its settings."""

import asyncio
from collections.abc import Callable
from typing import TextIO

from corsproxy.config.settings import Config
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.tally import Counter
from corsproxy.watch.har import HarWatcher
from corsproxy.watch.har_file import HarFile
from corsproxy.watch.log.log_file import LogFile
from corsproxy.watch.log.watcher import LogWatcher
from corsproxy.watch.metrics.watcher import MetricsWatcher
from corsproxy.watch.readiness import Readiness
from corsproxy.watch.recent_exchanges import RecentExchanges


class Watchers:
    """Log, metrics, the inspector's memory and, where asked for, the HAR file.

    Raises OSError where the HAR or the log's file cannot be opened, or is not to be written;
    `force` replaces what is no HAR. Without an admin address nobody could look at metrics and
    memory, so there are none. `busy` is as LogWatcher wants it.
    """

    def __init__(
        self,
        config: Config,
        stream: TextIO,
        busy: Callable[[], bool] = lambda: False,
        *,
        force: bool = False,
    ) -> None:
        har = HarFile(config.har, force=force, policy=config.source) if config.har else None
        path, others = config.log.file, (config.source, config.har)
        self.log_file = LogFile(path, others) if path else None
        """Where the log goes, unless that is `stream`."""
        self.log = LogWatcher(
            self.log_file.stream if self.log_file else stream,
            config.log.format,
            config.log.level,
            busy=busy,
            beside=stream if self.log_file else None,
        )
        self.faults = self.log.faults
        self.readiness = Readiness()
        self.metrics = MetricsWatcher(self.faults.counts, self.readiness)
        self.recent = RecentExchanges()
        self.har = HarWatcher(har, tell=self.log.tell, faults=self.faults) if har else None
        inspected = config.admin is not None
        called: dict[str, Callable[[Exchange], None]] = {"log": self.log}
        if inspected:
            called |= {"metrics": self.metrics, "inspector": self.recent}
        self.opened = (self.faults.shielded(**called),)
        """What to call with an exchange whose response goes on."""
        if self.har is not None:
            called["har"] = self.har
        self.called = (self.faults.shielded(**called),)
        """What to call with each finished exchange."""
        self._inspected = inspected

    @property
    def counting(self) -> tuple[Counter, ...]:
        """What to call with tallies; empty where somebody must see every exchange."""
        if self.log.complete or self.har is not None:
            return ()
        counting: dict[str, Counter] = {"log": self.log.count}
        if self._inspected:
            counting |= {"metrics": self.metrics.count, "inspector": self.recent.count}
        return (self.faults.shielded(**counting),)

    def use(self, config: Config) -> None:
        """Log as `config` says from now on; `counting` may be another."""
        self.log.use(config.log.format, config.log.level)

    async def run(self) -> None:
        """Write what there is to write, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.faults.supervised("log", self.log.run))
            if self.har is not None:
                tasks.create_task(self.faults.supervised("har", self.har.run))

    def close(self) -> None:
        """Write what is left."""
        for name, watcher in (("har", self.har), ("log", self.log)):
            if watcher is not None:
                with self.faults.caught(name):
                    watcher.close()
        if self.log_file is not None:
            self.log_file.close()
