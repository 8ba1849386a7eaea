"""corsproxy lint: every error and warning of policy files."""

import os
import sys
from pathlib import Path

import click

from corsproxy.cli import COULD_NOT_RUN, NO, value_completion
from corsproxy.config import diagnostics as d
from corsproxy.config import policy_file
from corsproxy.config.colour import wants_colour
from corsproxy.config.loading import load_text
from corsproxy.limits import LARGEST_FILE


@click.command("lint")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", shell_complete=value_completion.files
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="For people, for programs, or as annotations in GitHub Actions.",
)
def command(files: tuple[str, ...], style: str) -> int:
    """Check policy files (- for standard input): every error and warning, with its fix.

    Each file is judged alone, whatever flags or CORSPROXY_ variables a run would add; only ${NAME}
    is read from the environment. Exits 0 with warnings only, 1 with errors, 3 for a file that
    cannot be read.
    """
    found: list[d.Diagnostic] = []
    unreadable = False
    for name in files:
        try:
            found += _judged(name)
        except OSError as error:
            print(f"{d.shown(name)}: {error.strerror}", file=sys.stderr)
            unreadable = True
    print(_rendered(found, style), end="")
    failed = any(one.severity is d.Severity.ERROR for one in found)
    return COULD_NOT_RUN if unreadable else NO if failed else 0


def _judged(name: str) -> list[d.Diagnostic]:
    if name == "-":
        content, source = sys.stdin.buffer.read(LARGEST_FILE + 1), "<stdin>"
    else:
        content, source = policy_file.read(Path(name)), name
    environ = {key: value for key, value in os.environ.items() if not key.startswith("CORSPROXY_")}
    try:
        return load_text(content, source, environ, {}, offline=True).warnings
    except d.ConfigError as error:
        return list(error.diagnostics)


def _rendered(found: list[d.Diagnostic], style: str) -> str:
    if style == "json":
        return d.render_json(found)
    if style == "github":
        return d.render_github(found)
    return d.render(found, colour=wants_colour(sys.stdout, os.environ))
