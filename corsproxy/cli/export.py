"""corsproxy export: the policy as a gateway's own configuration."""

from functools import partial
from pathlib import Path

import click

from corsproxy.cli.gateway_argument import gateway_argument
from corsproxy.cli.help_text import Command
from corsproxy.cli.options import Sources, settings
from corsproxy.cli.value_completion import forms
from corsproxy.gateways.conversion.gateway import Gateway


@click.command("export", cls=Command)
@gateway_argument
@click.option(
    "--as",
    "form",
    metavar="FORM",
    shell_complete=forms,
    help="One of the gateway's forms; see formats.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write; standard output when it is left out.",
)
@click.option("--allow-lossy", is_flag=True, help="Write it whatever is lost.")
@partial(settings, shown=("cors", "upstream", "listen", "forward"))
def command(
    sources: Sources, gateway: Gateway, form: str | None, output: Path | None, *, allow_lossy: bool
) -> int:
    """Write the policy as the configuration of the gateway NAME.

    What the gateway cannot say is left out and reported, each with its place, what happens in its
    place and a fix. Nothing is ever widened. Exits 1, and writes nothing, where something is lost
    and --allow-lossy is not given.
    """
    if output is not None and sources.path is not None and _same(output, sources.path):
        raise click.UsageError(f"{output} is the policy itself\n  fix: another file after -o")
    from corsproxy.cli.conversion_report import deliver, report

    if gateway.write is None:
        raise click.UsageError(f"{gateway.title} cannot be written: see formats")
    form = form or next(iter(gateway.forms))
    if form not in gateway.forms:
        raise click.UsageError(f"no form is called {form!r}: expected {', '.join(gateway.forms)}")
    config = sources.load(offline=not gateway.forwards).config
    written = gateway.write(config, form)
    report(written.losses, config.text, accepted=allow_lossy)
    return deliver(written.text, output, lossy=bool(written.losses), accepted=allow_lossy)


def _same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)
