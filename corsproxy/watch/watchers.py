"""All that listens to the exchanges of one running proxy, made from its settings."""

import asyncio
from collections.abc import Callable
from typing import TextIO

from corsproxy.config.settings import Config
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.tally import Counter
from corsproxy.watch.har import HarWatcher
from corsproxy.watch.log import LogWatcher
from corsproxy.watch.metrics import MetricsWatcher
from corsproxy.watch.recent import Recent


class Watchers:
    """Log, metrics, the inspector's memory and, where asked for, the HAR file.

    Raises OSError where the HAR file cannot be opened. Without an admin address nobody could look
    at metrics and memory, so there are none. `busy` is as LogWatcher wants it.
    """

    def __init__(
        self, config: Config, stream: TextIO, busy: Callable[[], bool] = lambda: False
    ) -> None:
        self.log = LogWatcher(stream, config.log.format, config.log.level, busy=busy)
        self.metrics = MetricsWatcher()
        self.recent = Recent()
        self.har = HarWatcher(config.har, tell=self.log.tell) if config.har else None
        called: list[Callable[[Exchange], None]] = [self.log]
        if config.admin is not None:
            called += [self.metrics, self.recent]
        if self.har is not None:
            called.append(self.har)
        self.called = tuple(called)
        """What to call with each finished exchange."""
        self.counting: tuple[Counter, ...] = ()
        """What to call with tallies; empty where somebody must see every exchange."""
        if not self.log.complete and self.har is None:
            inspected = (self.metrics.count, self.recent.count) if config.admin is not None else ()
            self.counting = (self.log.count, *inspected)

    async def run(self) -> None:
        """Write what there is to write, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.log.run())
            if self.har is not None:
                tasks.create_task(self.har.run())

    def close(self) -> None:
        """Write what is left."""
        if self.har is not None:
            self.har.close()
        self.log.close()
