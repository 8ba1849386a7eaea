"""corsproxy lint: every error and warning of policy files."""

import os
import shlex
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from corsproxy.cli import COULD_NOT_RUN, NO, value_completion
from corsproxy.config import diagnostics as d
from corsproxy.config import policy_file
from corsproxy.config.colour import wants_colour
from corsproxy.config.loading import load_text
from corsproxy.limits import LARGEST_FILE


class Judged(NamedTuple):
    """One file's content, and what is wrong with it."""

    name: str
    content: bytes
    found: list[d.Diagnostic]


@click.command("lint")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", shell_complete=value_completion.files
)
@click.option("--fix", is_flag=True, help="Make the safe edits: none changes what is allowed.")
@click.option("--diff", is_flag=True, help="Print what --fix would change, and change nothing.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
    help="For people; for programs; as annotations in GitHub Actions; for code scanning.",
)
def command(files: tuple[str, ...], *, fix: bool, diff: bool, style: str) -> int:
    """Check policy files (- for standard input): every error and warning, with its fix.

    Each file is judged alone, whatever flags or CORSPROXY_ variables a run would add; only ${NAME}
    is read from the environment. Exits 0 with warnings only, 1 with errors, 3 for a file that
    cannot be read or written.

    With --fix, spellings are put right and what another entry covers is taken out; comments and
    order stay, and what is left is told. With --diff, exits 1 if there is something to change.
    """
    if fix and diff:
        raise click.UsageError("--diff changes nothing, and --fix does: give one of them")
    if fix and "-" in files:
        raise click.UsageError("standard input cannot be written to\n  fix: --diff")
    judged, unreadable = _read(files)
    if fix or diff:
        from corsproxy.cli import lint_fix

        if diff:
            return max(lint_fix.print_diff(judged, judge), COULD_NOT_RUN if unreadable else 0)
        judged, unwritten = lint_fix.mend(judged, judge)
        unreadable |= unwritten
    elif style == "text" and any(file.found for file in judged):
        _tell_what_can_be_fixed(judged)
    print(_rendered(judged, style), end="")
    failed = any(one.severity is d.Severity.ERROR for one in _all(judged))
    return COULD_NOT_RUN if unreadable else NO if failed else 0


def _read(files: Iterable[str]) -> tuple[list[Judged], bool]:
    """The files that can be read, and whether one cannot."""
    judged, unreadable = [], False
    for name in files:
        try:
            content = _content(name)
        except OSError as error:
            print(f"{d.shown(name)}: {error.strerror}", file=sys.stderr)
            unreadable = True
        else:
            judged.append(Judged(name, content, judge(name, content)))
    return judged, unreadable


def _content(name: str) -> bytes:
    return sys.stdin.buffer.read(LARGEST_FILE + 1) if name == "-" else policy_file.read(Path(name))


def judge(name: str, content: bytes) -> list[d.Diagnostic]:
    """What is wrong or unwise in the content of the file called `name`."""
    source = "<stdin>" if name == "-" else name
    environ = {key: value for key, value in os.environ.items() if not key.startswith("CORSPROXY_")}
    try:
        return load_text(content, source, environ, {}, offline=True).warnings
    except d.ConfigError as error:
        return list(error.diagnostics)


def _all(judged: Iterable[Judged]) -> list[d.Diagnostic]:
    return [one for file in judged for one in file.found]


def _rendered(judged: Sequence[Judged], style: str) -> str:
    found = _all(judged)
    if style == "github":
        return d.render_github(found)
    if style == "text":
        told = d.render(found, colour=wants_colour(sys.stdout, os.environ))
        return told or (f"no mistakes in {_files(judged)}\n" if judged else "")
    from corsproxy.config import lint_report
    from corsproxy.config.repair import replacements

    results = [
        lint_report.LintResult(*pair)
        for file in judged
        for pair in zip(file.found, replacements(file.content, file.found), strict=True)
    ]
    return (
        lint_report.render_json(results) if style == "json" else lint_report.render_sarif(results)
    )


def _tell_what_can_be_fixed(judged: Iterable[Judged]) -> None:
    from corsproxy.config.repair import replacements

    fixable = {
        file.name: sum(edit is not None and edit.safe for edit in edits)
        for file in judged
        if file.name != "-" and (edits := list(replacements(file.content, file.found)))
    }
    names = [shlex.quote(name) for name, amount in fixable.items() if amount]
    if names:
        amount = sum(fixable.values())
        told = d.shown(f"corsproxy lint --fix {' '.join(names)}")
        print(f"{amount} can be fixed: {told}", file=sys.stderr)


def _files(judged: Sequence[Judged]) -> str:
    return d.shown(judged[0].name) if len(judged) == 1 else f"{len(judged)} files"
