"""corsproxy learn: let everything pass, and write the policy that would have sufficed."""

import asyncio
import dataclasses
import os
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corsproxy.cli import COULD_NOT_RUN, NO, announcements, reason
from corsproxy.cli.help_text import Command, group_of
from corsproxy.cli.listen_errors import start
from corsproxy.cli.options import Sources, settings
from corsproxy.config.colour import wants_colour
from corsproxy.config.diagnostics import render
from corsproxy.config.schema import CORS, SETTINGS

if TYPE_CHECKING:
    from corsproxy.config.settings import Config
    from corsproxy.cors.span import Span
    from corsproxy.learn.observations import SeenByRoute
    from corsproxy.learn.open_settings import OpenSettings
    from corsproxy.proxy.gateway import Gateway
    from corsproxy.watch.watchers import Watchers


MAX_PLACES = 3
"""Of a policy that does not hold: as many are told."""

_GROUPS = {group_of(setting) for setting in SETTINGS} - {"cors"}
"""Of settings that it takes: the policy is what it finds out."""


@click.command("learn", cls=Command)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The policy file to write; standard output when it is left out.",
)
@click.option("--force", is_flag=True, help="Replace a policy file that exists.")
@partial(settings, shown=_GROUPS)
def command(sources: Sources, output: Path | None, *, force: bool) -> int:
    """Let everything pass to the upstream; on Ctrl-C, write the smallest policy for it.

    What counts is what the pages did meanwhile: click through all of it. Every origin is let in,
    so do not leave this running. Settings are those of `run`, and stand in what is written; only
    the policy is not given but found out, one for each route.
    """
    _refuse_policy(sources)
    if output is not None and output.exists() and not force:
        message = f"{output} exists\n  fix: --force to replace it, or another name"
        raise click.UsageError(message)
    from corsproxy.learn.observations import SeenByRoute
    from corsproxy.learn.open_settings import open_settings

    opened = open_settings(sources.path, sources.environ, sources.flags)
    from corsproxy.proxy import system  # imports aiohttp: not before the settings are sound

    seen = SeenByRoute(opened.config)
    return system.run(_watch(opened, seen)) or _write(opened, seen, output, force=force)


def _refuse_policy(sources: Sources) -> None:
    """Flags of the policy are a mistake: it is what is to be found out."""
    given = [f"--{setting.flag}" for setting in CORS if setting.key in sources.flags]
    if given:
        flags = ", ".join(given)
        message = f"{flags}: learn finds out the policy\n  fix: leave {flags} out"
        raise click.UsageError(message)


async def _watch(opened: "OpenSettings", seen: "SeenByRoute") -> int:
    """Serve until a signal comes; the exit code."""
    from corsproxy.proxy import system
    from corsproxy.proxy.gateway import Gateway
    from corsproxy.watch.library_logging import led_through
    from corsproxy.watch.watchers import Watchers

    try:
        watchers = Watchers(opened.config, sys.stderr)
    except OSError as error:
        _tell(f"corsproxy learn: cannot write {reason(error)}")
        return COULD_NOT_RUN
    learning = watchers.faults.shielded(learn=seen)
    gateway = Gateway(opened.config, [learning, *watchers.called], (), watchers.opened)
    try:
        await start(gateway)
    except OSError as error:
        _tell(f"corsproxy learn: {error}")
        return COULD_NOT_RUN
    ended = asyncio.Event()
    system.on_signals("SIGINT SIGTERM", ended.set)
    for line in _start_lines(opened, gateway):
        _tell(line)
    with led_through(watchers.log.tell, watchers.faults):
        await _until(ended, gateway, watchers)
    watchers.close()
    return 0


async def _until(ended: asyncio.Event, gateway: "Gateway", watchers: "Watchers") -> None:
    async with asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(watchers.run())
        await ended.wait()
        await gateway.drain(1.0)
        writing.cancel()
    await gateway.stop()


def _start_lines(opened: "OpenSettings", gateway: "Gateway") -> Iterator[str]:
    config = opened.config
    colour = wants_colour(sys.stderr, os.environ)
    yield from render(opened.warnings, colour=colour).splitlines()
    where = ", ".join(map(announcements.url_text, gateway.addresses))
    yield f"corsproxy learn: listening on {where} -> {config.upstream}"
    if url := _url_for_pages(gateway):
        yield f"  call       {url} in place of {config.upstream}, on pages of localhost"
    yield from announcements.routes(config)
    yield from gateway.start_notes
    yield from _left_aside(opened.left_aside)
    yield "Every origin is let in. Use the pages now; Ctrl-C writes the policy."


def _url_for_pages(gateway: "Gateway") -> str:
    """On localhost, as 127.0.0.1 is another site to cookies; "" where it listens elsewhere."""
    from corsproxy.config.address import TcpAddress

    for address in gateway.addresses:
        if isinstance(address, TcpAddress) and address.host == "127.0.0.1":
            return dataclasses.replace(address, host="localhost").url
    return ""


def _left_aside(places: Sequence["Span"]) -> Iterator[str]:
    """Where the policy stands that does not hold meanwhile, and what becomes of it."""
    in_file = [str(place) for place in places if place.line]
    variables = ", ".join(str(place) for place in places if not place.line)
    if in_file:
        more = ", ..." if len(in_file) > MAX_PLACES else ""
        where = f"{', '.join(in_file[:MAX_PLACES])}{more}"
        yield f"  the policy does not hold meanwhile ({where}); what is learned takes its place"
    if variables:
        yield f"  {variables}: not used; unset for `corsproxy run`, or it wins over what is learned"


def _write(opened: "OpenSettings", seen: "SeenByRoute", output: Path | None, *, force: bool) -> int:
    from corsproxy.learn.policy_text import policy_text

    for line in _left_out(seen):
        _tell(f"corsproxy learn: {line}")
    if not any(route.origins for route in seen.routes):
        _tell("corsproxy learn: no page of another origin called, so there is no policy to write")
        return NO
    text = policy_text(opened, seen.routes)
    try:
        _put(text, output, force=force)
        if output is not None:
            _tell(f"corsproxy learn: wrote {output}; next: {_next(opened.config, output)}")
    except OSError as error:
        print(text, end="")
        why = error.strerror or error
        _tell(f"corsproxy learn: {output} cannot be written ({why}); here it is")
        return COULD_NOT_RUN
    return 0


def _left_out(seen: "SeenByRoute") -> Iterator[str]:
    """What is not in the policy, and why."""
    for route in seen.routes:
        for why, sighting in route.strange.items():
            yield f"left out {sighting.times} requests: {why}"
    if unasked := sum(route.unasked.times for route in seen.routes):
        came = f"{unasked} requests" if unasked > 1 else "one request"
        yield f"{came} had no preflight: the browser had kept what an earlier one was told"
        yield "  names of request headers may be missing; fix: learn again in a new private window"


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


def _next(config: "Config", output: Path) -> str:
    from corsproxy.config.config_writer import secrets_of

    unset = ", ".join(name for name in secrets_of(config) if name not in os.environ)
    return f"corsproxy run -c {output}{f', with {unset} set' if unset else ''}"


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
