"""corsproxy learn: let everything pass, and write the policy that would have sufficed."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corsproxy.cli import COULD_NOT_RUN, NO
from corsproxy.cli.listen_errors import start

if TYPE_CHECKING:
    from corsproxy.config.settings import Config
    from corsproxy.learn.observations import Observations

OPEN = {
    "admin": "off",
    "cors.allow_origins": ("*",),
    "cors.allow_methods": ("*",),
    "cors.allow_headers": ("*", "authorization"),
    "cors.expose_headers": ("*",),
    "cors.allow_credentials": True,
    "cors.dangerously_reflect_any_origin": True,
    "cors.max_age": "-1",
}
"""Everything passes, and every preflight is seen."""


@click.command("learn")
@click.option("--upstream", required=True, envvar="CORSPROXY_UPSTREAM", help="The API to learn.")
@click.option(
    "--listen",
    default="127.0.0.1:8080",
    show_default=True,
    envvar="CORSPROXY_LISTEN",
    help="Where pages reach it meanwhile.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The policy file to write; standard output when it is left out.",
)
@click.option("--force", is_flag=True, help="Replace a policy file that exists.")
def command(upstream: str, listen: str, output: Path | None, *, force: bool) -> int:
    """Let everything pass to the upstream; on Ctrl-C, write the smallest policy for it.

    What counts is what the pages did meanwhile: click through all of it. Every origin is let in,
    so do not leave this running.
    """
    from corsproxy.config.loading import load
    from corsproxy.learn.observations import Observations

    if output is not None and output.exists() and not force:
        message = f"{output} exists\n  fix: --force to replace it, or another name"
        raise click.UsageError(message)
    config = load(None, {}, {"upstream": upstream, "listen": listen, **OPEN}).config
    from corsproxy.proxy import system  # imports aiohttp: not before the settings are sound

    seen = Observations()
    return system.run(_watch(config, seen)) or _write(config, seen, output, force=force)


async def _watch(config: "Config", seen: "Observations") -> int:
    """Serve until a signal comes; the exit code."""
    from corsproxy.cli.announcements import url_text
    from corsproxy.proxy import system
    from corsproxy.proxy.gateway import Gateway
    from corsproxy.watch.library_logging import led_through
    from corsproxy.watch.log.watcher import LogWatcher

    log = LogWatcher(sys.stderr)
    gateway = Gateway(config, [log.faults.shielded(learn=seen, log=log)])
    try:
        await start(gateway)
    except OSError as error:
        _tell(f"corsproxy learn: {error}")
        return COULD_NOT_RUN
    ended = asyncio.Event()
    system.on_signals("SIGINT SIGTERM", ended.set)
    where = ", ".join(map(url_text, gateway.addresses))
    _tell(f"corsproxy learn: listening on {where} -> {config.upstream}")
    for line in gateway.start_notes:
        _tell(line)
    _tell("Every origin is let in. Use the pages now; Ctrl-C writes the policy.")
    with led_through(log.tell, log.faults):
        async with asyncio.TaskGroup() as tasks:
            writing = tasks.create_task(log.faults.supervised("log", log.run))
            await ended.wait()
            await gateway.drain(1.0)
            writing.cancel()
        await gateway.stop()
    log.close()
    return 0


def _write(config: "Config", seen: "Observations", output: Path | None, *, force: bool) -> int:
    from corsproxy.learn.policy_text import policy_text

    for reason, sighting in seen.strange.items():
        _tell(f"corsproxy learn: left out {sighting.times} requests: {reason}")
    if not seen.origins:
        _tell("corsproxy learn: no page of another origin called, so there is no policy to write")
        return NO
    text = policy_text(seen, list(map(str, config.listen)), str(config.upstream))
    try:
        _put(text, output, force=force)
    except OSError as error:
        print(text, end="")
        why = error.strerror or error
        _tell(f"corsproxy learn: {output} cannot be written ({why}); here it is")
        return COULD_NOT_RUN
    return 0


def _put(text: str, output: Path | None, *, force: bool) -> None:
    """Write it whole or not at all; without `force` never over a file that came meanwhile."""
    from corsproxy.config import atomic_save

    if output is None:
        print(text, end="")
        return
    if not force or not output.exists():
        atomic_save.create(output, text.encode())
    elif output.is_file():
        atomic_save.replace(output, output.read_bytes(), text.encode())
    else:
        output.write_text(text, "utf-8")  # a pipe or a device: nothing of it is lost
    _tell(f"corsproxy learn: wrote {output}; next: corsproxy run -c {output}")


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
