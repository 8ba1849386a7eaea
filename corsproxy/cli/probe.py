"""corsproxy probe: CORS asked of a live server, judged as a browser judges."""

import asyncio
import sys
from typing import TYPE_CHECKING

import click

from corsproxy.cli import COULD_NOT_RUN, NO, page_arguments, value_completion
from corsproxy.cli.explanation_style import show
from corsproxy.cors.headers import Fields

if TYPE_CHECKING:
    from corsproxy.probe.client import ProbeClient
    from corsproxy.probe.judge import Call


@click.command("probe")
@click.argument("url", callback=page_arguments.read_url)
@page_arguments.page_options
@click.option(
    "--method",
    default="GET",
    show_default=True,
    metavar="METHOD",
    callback=page_arguments.read_method,
    shell_complete=value_completion.methods,
    help="The method that the page uses.",
)
@click.option(
    "--expect",
    type=click.Choice(["readable", "blocked"]),
    default="readable",
    show_default=True,
    help="The outcome that exits 0.",
)
@click.option(
    "--audit", is_flag=True, help="Try what attackers try, and grade the responses from A to F."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "junit", "github"]),
    default="text",
    show_default=True,
)
@page_arguments.server_options
def command(
    url: str,
    origin: str | None,
    method: str,
    headers: list[tuple[str, str]],
    *,
    credentials: bool,
    expect: str,
    audit: bool,
    form: str,
    insecure: bool,
    timeout: float,
) -> int:
    """Send the preflight and the request that a browser would send to URL, and judge the responses.

    Exits 0 when the page could read the response, 1 when the browser would block it (or the other
    way round under --expect blocked), 3 when the server cannot be reached. An audit exits 0 for
    the grades A and B; look-alikes are made of the URL's own origin and of --origin.
    """
    from corsproxy.probe.client import ProbeClient, UnreachableError

    client = ProbeClient(verify=not insecure, timeout=timeout)
    own, cookie = _split(headers, credentials=credentials)
    try:
        if audit:
            _no_part_in_audit(method, expect)
            carried = (*own, *([("Cookie", cookie)] if cookie else []))
            passed, output = asyncio.run(_audit(client, url, origin, carried, form))
        else:
            call = _call(url, origin, method, own, cookie, credentials=credentials)
            passed, output = asyncio.run(_judge(client, call, expect, form))
    except UnreachableError as error:
        print(f"corsproxy probe: {error}", file=sys.stderr)
        return COULD_NOT_RUN
    if form == "text":
        show(output)
    else:
        print(output, end="")
    return 0 if passed else NO


def _split(headers: list[tuple[str, str]], *, credentials: bool) -> tuple[Fields, str]:
    """The page's own headers, and the cookie, which only a browser sends."""
    cookie = "; ".join(value for name, value in headers if name.lower() == "cookie")
    if cookie and not credentials:
        raise click.UsageError("cookies go with credentials only\n  fix: --credentials")
    return tuple(pair for pair in headers if pair[0].lower() != "cookie"), cookie


def _no_part_in_audit(method: str, expect: str) -> None:
    if (method, expect) != ("GET", "readable"):
        raise click.UsageError("an audit asks its own questions\n  fix: no --method, no --expect")


def _call(
    url: str, origin: str | None, method: str, own: Fields, cookie: str, *, credentials: bool
) -> "Call":
    from corsproxy.cors.browser.verdict import Attempt
    from corsproxy.probe.judge import Call

    if origin is None:
        raise click.UsageError("no origin is given\n  fix: --origin http://localhost:5173")
    return Call(Attempt(origin, method, own, credentials), url, cookie)


async def _judge(client: "ProbeClient", call: "Call", expect: str, form: str) -> tuple[bool, str]:
    from corsproxy.probe import report
    from corsproxy.probe.judge import judge

    account = await judge(client, call)
    writers = {
        "text": lambda: report.report_text(account),
        "json": lambda: report.report_json(account),
        "junit": lambda: report.report_junit(account, expected=expect),
        "github": lambda: report.report_github(account, expected=expect),
    }
    return account.outcome == expect, writers[form]()


async def _audit(
    client: "ProbeClient", url: str, origin: str | None, own: Fields, form: str
) -> tuple[bool, str]:
    from corsproxy.probe import audit

    found = await audit.audit(client, url, origin, own)
    writers = {
        "text": audit.audit_text,
        "json": audit.audit_json,
        "junit": audit.audit_junit,
        "github": audit.audit_github,
    }
    return found.passed, writers[form](found)
