"""corsproxy run: the proxy itself, until it is told to stop."""

import asyncio
import errno
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import click

from corsproxy import __version__
from corsproxy.cli import COULD_NOT_RUN, reason
from corsproxy.cli.file_watch import Changes
from corsproxy.cli.listen_errors import start
from corsproxy.cli.options import Sources, settings
from corsproxy.cli.worker_thread import aside
from corsproxy.config import policy_file
from corsproxy.config.address import ListenAddress, TcpAddress, UnixAddress
from corsproxy.config.colour import wants_colour
from corsproxy.config.config_writer import to_yaml
from corsproxy.config.diagnostics import ConfigError, Diagnostic, render
from corsproxy.config.loading import Loaded
from corsproxy.config.settings import Config
from corsproxy.cors.fetch_standard import DEFAULT_MAX_AGE


@click.command("run")
@click.option("--force", is_flag=True, help="Replace the file of --har even if it is not a HAR.")
@settings
def command(sources: Sources, *, force: bool) -> int:
    """Run the proxy; the command that is meant when none is named.

    Any change of the file, and SIGHUP, makes it read its settings anew. SIGTERM and SIGINT let
    requests under way end; a second one ends them at once.
    """
    once = policy_file.once(sources.path)
    # Looked at before it is read: what is written while the program starts is seen afterwards.
    changes = Changes(None if once else sources.path)
    loaded = sources.load()
    from corsproxy.proxy import system

    system.import_aiohttp()  # not before the settings are sound
    try:
        program = Program(sources, loaded, changes, force=force)
    except OSError as error:
        _tell([f"corsproxy: cannot write {reason(error)}"])
        return COULD_NOT_RUN
    return system.run(program.run())


class Program:
    """The gateway, its watchers and its admin address, as one process."""

    def __init__(
        self, sources: Sources, loaded: Loaded, changes: Changes, *, force: bool = False
    ) -> None:
        from corsproxy.proxy.gateway import Gateway
        from corsproxy.watch.admin import Admin
        from corsproxy.watch.watchers import Watchers

        config = loaded.config
        self._sources = sources
        self._loaded = loaded
        self._watchers = Watchers(config, sys.stderr, self._busy, force=force)
        self._gateway = Gateway(
            config, self._watchers.called, self._watchers.counting, self._watchers.opened
        )
        faults, recent = self._watchers.faults, self._watchers.recent
        metrics = self._watchers.metrics
        self._admin = Admin(lambda: self._gateway.config, faults, recent, metrics, self._unready)
        self._changes = changes
        self._stopping = asyncio.Event()

    async def run(self) -> int:
        """Serve until a signal comes; the exit code."""
        from corsproxy.watch.library_logging import led_through

        with led_through(self._watchers.log.tell, self._watchers.faults):
            return await self._serve()

    async def _serve(self) -> int:
        from corsproxy.proxy import system

        try:
            await start(self._gateway)
            await start(self._admin, "--admin")
        except OSError as error:
            _tell([f"corsproxy: {error}"])
            await self._gateway.stop()
            return COULD_NOT_RUN
        system.on_signals("SIGTERM SIGINT", self._stop)
        system.on_signals("SIGHUP", self._changes.look_now)
        started = start_lines(self._loaded, self._gateway.addresses, self._admin.address)
        crowd = crowded(self._loaded.config, self._gateway.connections)
        self._watchers.log.say([*started, *self._gateway.start_notes, *crowd])
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

    def _unready(self) -> str:
        """Why no new request should come here; nothing where it may."""
        return "stopping: requests in flight may finish" if self._stopping.is_set() else ""

    def _stop(self) -> None:
        if self._stopping.is_set():
            os._exit(130)  # as a shell reports SIGINT
        self._stopping.set()
        self._say(["corsproxy: stopping; requests in flight may finish"])

    def _say(self, lines: Iterable[str]) -> None:
        """Tell by way of the log: a terminal that is stuck or gone must not hold up a request."""
        for line in lines:
            self._watchers.log.tell(line)

    async def _reload(self) -> None:
        """Serve by what the file says now, whenever it changes; by the old, if that is no good."""
        from corsproxy.proxy.gateway import ReloadRefused

        while True:
            await self._changes.next()
            old = self._gateway.config
            try:
                loaded = await aside(self._loaded_anew)
                self._gateway.reload(loaded.config)
            except ConfigError as error:
                self._say(render(error.diagnostics, colour=False).splitlines())
            except OSError as error:
                self._say([f"corsproxy: {reason(error)}"])
            except ReloadRefused as error:
                self._say([f"corsproxy: {error}"])
            except Exception as error:  # noqa: BLE001 - ours; it is told each time, too
                self._watchers.faults.note("reload", error)
            else:
                self._say(render(loaded.warnings, colour=False).splitlines())
                self._say(["corsproxy: the settings were reloaded"])
                self._say(crowded(loaded.config, self._gateway.connections))
                self._say(still_cached(old, loaded.config))
                continue
            self._say(["corsproxy: the old settings stay in use"])

    def _loaded_anew(self) -> Loaded:
        """The settings as they are now; raises OSError for what can be read once only."""
        if policy_file.once(self._sources.path):
            once = not self._changes.watched
            why = "came through a pipe, which is read once" if once else "is no longer a file"
            raise OSError(errno.EINVAL, f"the policy {why}", str(self._sources.path))
        return self._sources.load()


def start_lines(
    loaded: Loaded, addresses: Sequence[ListenAddress], admin: ListenAddress | None
) -> Iterator[str]:
    """What start-up says: where it listens, what it serves, and what is unwise about it."""
    config = loaded.config
    where = ", ".join(map(url_text, addresses))
    yield f"corsproxy {__version__} listening on {where} -> {config.upstream}"
    for route in config.routes[:-1]:
        yield f"  {route.host or ''}{route.path} -> {route.upstream}"
    yield f"  admin on {url_text(admin)}" if admin else "  admin is off"
    if call := _where_to_call(config, addresses):
        yield f"  a page calls {call} in place of {config.upstream}"
    if config.source is None:
        yield "  the policy, as a file (--print-config prints it):"
        yield from (f"    {line}" for line in to_yaml(config).splitlines())
    yield from rendered(loaded.warnings)


def _where_to_call(config: Config, addresses: Sequence[ListenAddress]) -> str:
    """The URL for pages: on localhost where they are, as 127.0.0.1 is another site to cookies."""
    ports = [one for one in addresses if isinstance(one, TcpAddress) and one.loopback]
    if not ports:
        return ""
    patterns = [str(one) for policy in config.policies for one in policy.allow_origins.patterns]
    schemes = {pattern.partition("://")[0] for pattern in patterns}
    # Pages on https may call no http.
    port = next((one for one in ports if {one.scheme} == schemes), ports[0])
    on_localhost = any(pattern.partition("://")[2].startswith("localhost") for pattern in patterns)
    host = "localhost" if on_localhost and port.host == "127.0.0.1" else ""
    return url_text(replace(port, host=host) if host else port)


def crowded(config: Config, connections: int) -> list[str]:
    """What to say where the system has descriptors for fewer `connections` than are wanted."""
    wanted = config.limits.connections
    if connections >= wanted:
        return []
    from corsproxy.accept.connection_limit import needed

    files = f"{needed(wanted)} open files"
    in_file = f"limits: {{connections: {connections}}}"
    setting = in_file if config.source else f"--limit-connections {connections}"
    served = f"only {connections} of limits.connections={wanted} are served at the same time"
    return [
        f"corsproxy: {served}: {wanted} need {files}, and the system allows fewer (ulimit -Hn)",
        f"  fix: {setting}, or a system that allows {files}",
    ]


def still_cached(old: Config, new: Config) -> list[str]:
    """What to say of browsers that keep an old preflight response when the policy changes."""
    from corsproxy.cors.explain import preflights_still_cached

    known = {policy.max_age for policy in old.policies} - {None, DEFAULT_MAX_AGE}
    longest = max((age for age in known if age is not None), default=0)
    reason = None if old.policies == new.policies else preflights_still_cached(longest, 0.0)
    return [f"corsproxy: {reason.text}", f"  fix: {reason.fix}"] if reason else []


def url_text(address: ListenAddress) -> str:
    """Where a browser or curl finds `address`."""
    return str(address) if isinstance(address, UnixAddress) else address.url


def rendered(diagnostics: Iterable[Diagnostic]) -> list[str]:
    """Their lines, for the terminal that this is."""
    return render(diagnostics, colour=wants_colour(sys.stderr, os.environ)).splitlines()


def _tell(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, file=sys.stderr)
    sys.stderr.flush()
