"""corsproxy verify: a deployed server asked for what the policy says, and compared with it."""

import asyncio
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import click

from corsproxy.cli import COULD_NOT_RUN, NO, page_arguments, value_completion
from corsproxy.cli.explain_policy import policy_for
from corsproxy.cli.explanation_style import show
from corsproxy.cli.gateway_argument import EmulationName
from corsproxy.cli.help_text import Command
from corsproxy.cli.options import Sources, settings
from corsproxy.config.settings import Config
from corsproxy.cors.emulated import Emulation
from corsproxy.cors.headers import Fields
from corsproxy.limits import VERIFY_MAX_PER_SECOND, VERIFY_MAX_REQUESTS

if TYPE_CHECKING:
    from corsproxy.probe.client import ProbeClient
    from corsproxy.probe.verify.findings import Findings
    from corsproxy.probe.verify.questions import Plan, Subject


def _read_origins(
    context: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> list[str]:
    read = [page_arguments.read_origin(context, option, value) for value in values]
    return [origin for origin in read if origin is not None]


def _read_paths(
    _context: click.Context, _option: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    for value in values:
        if not value.startswith("/") or value.startswith("//"):
            raise click.BadParameter(f"{value!r} is not a path: expected /missing, of URL's server")
    return values


@click.command("verify", cls=Command)
@click.argument("url", callback=page_arguments.read_url)
@click.option(
    "--origin",
    "origins",
    multiple=True,
    callback=_read_origins,
    metavar="ORIGIN",
    shell_complete=value_completion.origins,
    help="One more origin to ask for, whatever the policy says of it. Repeat for more.",
)
@click.option(
    "--path",
    "paths",
    multiple=True,
    callback=_read_paths,
    metavar="PATH",
    help="A path of the server that answers with an error, which pages should be able to read. "
    "Repeat for more.",
)
@click.option(
    "--header",
    "headers",
    multiple=True,
    callback=page_arguments.read_headers,
    metavar="NAME: VALUE",
    help="Sent with each GET, for what is behind a login. Repeat for more; never printed.",
)
@click.option(
    "--as",
    "gateway",
    type=EmulationName(),
    metavar="NAME",
    shell_complete=value_completion.emulated,
    help="The server is this gateway: what it does otherwise than the policy, given the policy, "
    "is harmless. See formats.",
)
@click.option("--dry-run", is_flag=True, help="List the requests, and send none.")
@click.option(
    "--max-requests",
    type=click.IntRange(min=1),
    default=VERIFY_MAX_REQUESTS,
    show_default=True,
    help="Send no more; the rest is counted.",
)
@click.option(
    "--rate",
    type=click.FloatRange(min=0, min_open=True),
    default=VERIFY_MAX_PER_SECOND,
    show_default=True,
    help="Requests in a second, at most.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "junit", "github"]),
    default="text",
    show_default=True,
)
@page_arguments.server_options
@partial(settings, shown=("cors",))
def command(
    url: str,
    *,
    origins: list[str],
    paths: tuple[str, ...],
    headers: list[tuple[str, str]],
    gateway: Emulation | None,
    dry_run: bool,
    max_requests: int,
    rate: float,
    form: str,
    insecure: bool,
    timeout: float,
    sources: Sources,
) -> int:
    """Ask the server at URL for all that the policy says, and list where the two differ.

    The requests are made of the policy: each allowed origin, samples of its patterns, look-alikes,
    each method and header name, and some that are not listed. Only GET and OPTIONS are sent.

    Each difference is too open, too closed, or different but harmless. Exits 0 when none matters,
    1 when one does, 3 when the server cannot be reached.
    """
    plan = _plan(sources.load(offline=True).config, url, paths, origins)
    if dry_run:
        return _list_requests(plan, max_requests, form)
    from corsproxy.probe.client import ProbeClient, UnreachableError

    client = ProbeClient(verify=not insecure, timeout=timeout)
    try:
        findings = asyncio.run(
            _verify(client, plan._replace(gateway=gateway), rate, max_requests, headers)
        )
    except UnreachableError as error:
        print(f"corsproxy verify: {error}", file=sys.stderr)
        return COULD_NOT_RUN
    _print(findings, form)
    return 0 if findings.passed else NO


def _plan(config: Config, url: str, paths: tuple[str, ...], origins: list[str]) -> "Plan":
    from corsproxy.probe.verify.questions import Plan

    main = _subject(config, url)
    return Plan(main, [_subject(config, urljoin(url, path)) for path in paths], origins)


def _subject(config: Config, url: str) -> "Subject":
    from corsproxy.probe.verify.questions import Subject

    parts = urlsplit(url)
    policy = policy_for(config, parts.path or "/", parts.hostname or "")
    if not policy.judges:
        message = f"the mode {policy.mode} says nothing of who may read: there is nothing to verify"
        raise click.UsageError(f"{message}\n  fix: --mode enforce")
    return Subject(url, policy)


def _list_requests(plan: "Plan", at_most: int, form: str) -> int:
    from corsproxy.probe.verify import report

    if form not in ("text", "json"):
        raise click.UsageError(f"--dry-run finds nothing to tell as {form}\n  fix: --format json")
    questions = plan.questions()[:at_most]
    if form == "json":
        print(report.dry_run_json(questions), end="")
    else:
        show(report.dry_run_text(questions))
    return 0


async def _verify(
    client: "ProbeClient", plan: "Plan", rate: float, at_most: int, headers: Fields
) -> "Findings":
    from corsproxy.probe.verify.asking import Asker, Pace

    asker = Asker(client, Pace(rate), at_most, page_headers=headers, progress=_progress())
    try:
        return await asker.verify(plan)
    finally:
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def _progress() -> Callable[[int, int], None]:
    """On a terminal a line that counts; nothing where standard error is kept."""
    if not sys.stderr.isatty():
        return lambda _done, _all: None

    def tell(done: int, total: int) -> None:
        bar = "#" * (30 * done // total)
        print(f"\r{bar:<30} {done} of {total} requests", end="", file=sys.stderr, flush=True)

    return tell


def _print(findings: "Findings", form: str) -> None:
    from corsproxy.probe.verify import report

    writers = {
        "json": report.verify_json,
        "junit": report.verify_junit,
        "github": report.verify_github,
    }
    if form == "text":
        show(report.verify_text(findings))
    else:
        print(writers[form](findings), end="")
