"""corsproxy healthcheck: whether the running proxy is well; for a container's HEALTHCHECK."""

import sys
from functools import partial
from http import HTTPStatus

import click

from corsproxy.cli import NO
from corsproxy.cli.admin_client import ask
from corsproxy.cli.help_text import Command
from corsproxy.cli.options import Sources, settings


@click.command("healthcheck", cls=Command)
@partial(settings, shown=("admin",))
def command(sources: Sources) -> int:
    """Ask the running proxy whether it is well.

    It is asked at its admin address, read from the same settings as `run` reads. Exits 0 if it
    says so, 1 if not.
    """
    address = sources.load(offline=True).config.admin
    if address is None:
        return _unwell("admin is off: there is nobody to ask", "set admin: 127.0.0.1:8081")
    try:
        status = ask(address, "/healthz").status
    except OSError as error:
        return _unwell(f"{address} gives no response: {error.strerror or error}", "corsproxy run")
    return 0 if status == HTTPStatus.OK else _unwell(f"{address} answers {status}", "")


def _unwell(message: str, fix: str) -> int:
    print(f"corsproxy: {message}", *([f"  fix: {fix}"] if fix else []), sep="\n", file=sys.stderr)
    return NO
