"""corsproxy run: the proxy itself, until it is told to stop."""

import asyncio
import errno
import gc
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from corsproxy.cli import COULD_NOT_RUN, NO, announcements, reason, start_errors
from corsproxy.cli.file_watch import Changes
from corsproxy.cli.help_text import Command
from corsproxy.cli.listen_errors import explained, start
from corsproxy.cli.options import Sources, settings
from corsproxy.cli.worker_thread import aside
from corsproxy.config import atomic_save, policy_file
from corsproxy.config.config_writer import secrets_of
from corsproxy.config.diagnostics import ConfigError, Diagnostic
from corsproxy.config.listen_scheme import speaks_https
from corsproxy.config.loading import Loaded, load_text
from corsproxy.config.schema import VARIABLES
from corsproxy.config.settings import Config
from corsproxy.limits import GRACE


@click.command("run", cls=Command)
@click.option("--force", is_flag=True, help="Replace the file of --har even if it is not a HAR.")
@settings
def command(sources: Sources, *, force: bool) -> int:
    """Run the proxy; the command that is meant when none is named.

    Any change of the file, and SIGHUP, makes it read its settings anew. SIGTERM and SIGINT let
    requests under way end; a second one ends them at once.
    """
    try:
        return _run(sources, force=force)
    except (ConfigError, OSError) as error:
        if not start_errors.told(sources, error):
            raise
        return NO if isinstance(error, ConfigError) else COULD_NOT_RUN


def _run(sources: Sources, *, force: bool) -> int:
    gc.disable()  # what start-up makes stays; from `system.settle` on it is collected
    once = policy_file.once(sources.path)
    # Looked at before it is read: what is written while the program starts is seen afterwards.
    changes = Changes(None if once else sources.path)
    loaded = sources.load()
    from corsproxy.proxy import system

    system.import_aiohttp()  # not before the settings are sound
    try:
        program = Program(sources, loaded, changes, force=force)
    except OSError as error:
        raise OSError(error.errno, f"cannot write {reason(error)}") from None
    return system.run(program.run())


SAVED = Path("policy.yaml")
"""The file that a policy of flags and variables is saved as, where the program was started."""


class Program:
    """The gateway, its watchers and its admin address, as one process."""

    def __init__(
        self, sources: Sources, loaded: Loaded, changes: Changes, *, force: bool = False
    ) -> None:
        from corsproxy.proxy.gateway import Gateway
        from corsproxy.watch.admin import Admin
        from corsproxy.watch.inspector.allow import Ways
        from corsproxy.watch.watchers import Watchers

        config = loaded.config
        self._sources = sources
        self._loaded = loaded
        self._watchers = Watchers(config, sys.stderr, self._busy, force=force)
        self._gateway = Gateway(
            config, self._watchers.called, self._watchers.counting, self._watchers.opened
        )
        self._readiness = self._watchers.readiness
        self._readiness.unreachable = self._gateway.unreachable_upstreams
        faults, recent = self._watchers.faults, self._watchers.recent
        metrics = self._watchers.metrics
        ways = Ways(self._use, self._save_as, self._read)
        self._admin = Admin(
            lambda: self._gateway.config, faults, recent, metrics, self._readiness, ways=ways
        )
        self._changes = changes
        self._stopping = asyncio.Event()

    async def run(self) -> int:
        """Serve until a signal comes; the exit code."""
        from corsproxy.watch.library_logging import led_through

        with led_through(self._watchers.log.tell, self._watchers.faults):
            return await self._serve()

    async def _serve(self) -> int:
        from corsproxy.accept.inherited import demand_that_each_is_used
        from corsproxy.proxy import system

        try:
            await start(self._gateway)
            await start(self._admin, "--admin")
            demand_that_each_is_used()
        except OSError as error:
            self._say(announcements.told("error", *f"corsproxy: {error}".splitlines()))
            await self._gateway.stop()
            self._watchers.log.close()  # and not the HAR: nothing was recorded
            return COULD_NOT_RUN
        system.on_signals("SIGTERM SIGINT", self._stop)
        system.on_signals("SIGHUP", self._changes.look_now)
        self._say(*self._start())
        system.settle()
        faults = self._watchers.faults
        async with asyncio.TaskGroup() as tasks:
            parts = self._watchers.run(), faults.supervised("reload", self._reload)
            running = [tasks.create_task(part) for part in parts]
            await self._stopping.wait()
            with faults.caught("drain"):
                await self._gateway.drain()
            for task in running:
                task.cancel()
        for stop in (self._gateway.stop, self._admin.stop):
            with faults.caught("stop"):
                await stop()
        self._watchers.close()
        return 0

    def _busy(self) -> bool:
        return self._gateway.busy

    def _start(self) -> Iterator[announcements.Announcement]:
        config, warnings = self._loaded
        gateway, path = self._gateway, self._sources.path
        yield announcements.started(config, path, gateway.addresses, self._admin.address)
        yield from announcements.warnings(warnings, colour=self._watchers.log.style.colour)
        if notes := gateway.start_notes:
            yield announcements.told("note", *notes)
        yield from announcements.crowded(config, gateway.connections)

    def _stop(self) -> None:
        if self._stopping.is_set():
            os._exit(130)  # as a shell reports SIGINT
        self._stopping.set()
        self._readiness.stopping = True
        self._say(announcements.stopping(GRACE, busy=self._gateway.busy))

    def _say(self, *told: announcements.Announcement) -> None:
        """Tell by way of the log: a terminal that is stuck or gone must not hold up a request."""
        for announcement in told:
            self._watchers.log.announce(*announcement)

    async def _reload(self) -> None:
        """Serve by what the file says now, whenever it changes; by the old, if that is no good."""
        from corsproxy.proxy.gateway import ReloadRefused

        while True:
            await self._changes.next()
            await self._reopen_log()
            old = self._gateway.config
            try:
                loaded = await aside(self._loaded_anew)
                await self._gateway.reload(loaded.config)
            except ConfigError as error:
                self._not_reloaded("", error.diagnostics)
            except OSError as error:
                self._not_reloaded(explained(error) or reason(error))
            except ReloadRefused as error:
                self._not_reloaded(str(error))
            except Exception as error:  # noqa: BLE001 - ours; it is told each time, too
                self._watchers.faults.note("reload", error)
                self._not_reloaded("internal error")
            else:
                self._readiness.reload_succeeded()
                self._watchers.use(loaded.config)
                self._gateway.use_counters(self._watchers.counting)
                self._say(*self._reloaded(old, loaded))

    async def _reopen_log(self) -> None:
        """Whoever has moved the log's file away says so by SIGHUP."""
        file = self._watchers.log_file
        if file is None:
            return
        try:
            await aside(file.reopen)
        except OSError as error:
            self._say(announcements.not_reopened(reason(error)))

    def _not_reloaded(self, why: str, errors: Iterable[Diagnostic] = ()) -> None:
        self._readiness.last_reload_good = False
        self._say(announcements.not_reloaded(why, errors))

    def _reloaded(self, old: Config, loaded: Loaded) -> Iterator[announcements.Announcement]:
        known = {(warning.id, warning.message) for warning in self._loaded.warnings}
        new = [one for one in loaded.warnings if (one.id, one.message) not in known]
        self._loaded = loaded
        yield from announcements.warnings(new, colour=self._watchers.log.style.colour)
        yield from announcements.reloaded(old, loaded.config, self._gateway.addresses)
        if not speaks_https(old.listen) and (notes := self._gateway.start_notes):
            yield announcements.told("note", *notes)
        yield from announcements.crowded(loaded.config, self._gateway.connections)

    async def _use(self, config: Config) -> None:
        """Serve by `config`, which a click in the inspector has made, until the next reload."""
        old = self._gateway.config
        await self._gateway.reload(config)
        self._say(*announcements.reloaded(old, config, self._gateway.addresses))

    def _read(self, text: str) -> Config:
        """What would be served by if the policy file had that text."""
        source, flags = str(self._sources.path), self._sources.flags
        return load_text(text.encode(), source, self._sources.environ, flags).config

    async def _save_as(self, text: str) -> str:
        """Make a policy file of what flags and variables said; from now on that is what counts."""
        path = await aside(SAVED.absolute)
        await aside(lambda: atomic_save.create(path, text.encode()))
        secrets = secrets_of(self._gateway.config)
        environ = self._sources.environ
        others = {name: value for name, value in environ.items() if name not in VARIABLES}
        self._sources = Sources(SAVED, {}, others | secrets)
        self._changes.follow(SAVED)
        saved = announcements.saved(path, sorted(secrets), sorted(VARIABLES & environ.keys()))
        self._say(saved)
        return str(saved.data["text"])

    def _loaded_anew(self) -> Loaded:
        """The settings as they are now; raises OSError for what can be read once only."""
        if policy_file.once(self._sources.path):
            once = not self._changes.watched
            why = "came through a pipe, which is read once" if once else "is no longer a file"
            raise OSError(errno.EINVAL, f"the policy {why}", str(self._sources.path))
        if self._sources.path is None:  # flags do not change; files of certificates may
            return Loaded(self._gateway.config, [])
        return self._sources.load()
