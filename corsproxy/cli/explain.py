"""corsproxy explain: what would happen to a page's call, or what did, and why."""

import json
import re
import shlex
import sys
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import click
from click.core import ParameterSource

from corsproxy.cli import COULD_NOT_RUN, NO, page_arguments, value_completion
from corsproxy.cli.explain_console import explain_console
from corsproxy.cli.explain_har import explain_har
from corsproxy.cli.explain_policy import as_json, scene_of
from corsproxy.cli.explanation_style import show
from corsproxy.cli.help_text import Command
from corsproxy.cli.options import Sources, settings
from corsproxy.config.settings import Config
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.escape import escaped
from corsproxy.cors.explain.exchange_text import exchange_text
from corsproxy.cors.explain.scene_text import scene_json, scene_text

_OF_CALL = ("origin", "method", "header", "credentials")
_ID = re.compile(r"[0-9a-z]+-[0-9]+")


@click.command("explain", cls=Command)
@click.argument("what", metavar="PATH|ID", required=False, shell_complete=value_completion.paths)
@click.option("--console", metavar="TEXT", help="A browser's message instead; - reads it here.")
@click.option(
    "--har",
    metavar="FILE",
    shell_complete=value_completion.files,
    help="A HAR that a browser saved; - reads it here.",
)
@page_arguments.page_options
@page_arguments.method_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
)
@partial(settings, own=("har",), shown=("cors", "listen", "admin"))
def command(
    what: str | None,
    *,
    console: str | None,
    har: str | None,
    origin: str | None,
    method: str,
    headers: list[tuple[str, str]],
    credentials: bool,
    form: str,
    sources: Sources,
) -> int:
    """Say what would happen to a page's call of PATH, step by step, and which line settles it.

    No socket is opened. Exits 0 when the page could read the response, 1 when not.

    With the ID of a decision (from the log, or the header X-Corsproxy-Decision) instead of a path,
    the running proxy is asked, at its admin address, what did happen; exits 1 if it was refused.

    With --console, it is said what a message from a browser's console means; exits 1 if no browser
    says so. With -c as well, what the policy says of that call is added.

    With --har, each call in what a browser's network panel saved is judged; exits 1 if one of them
    was blocked, 2 for what is no HAR. With -c as well, what the policy would say of each.
    """
    asked = [one for one in (what, console, har) if one is not None]
    if len(asked) != 1:
        amount = "more than one thing" if asked else "nothing"
        fix = "one of a path, an id, --console TEXT or --har FILE"
        raise click.UsageError(f"{amount} is asked\n  fix: {fix}")
    if what is not None:
        _refuse_what_is_neither(what)
    if what is None or not what.startswith("/"):
        _refuse_call(click.get_current_context())
    if console is not None:
        return explain_console(console, sources, form)
    if har is not None:
        return explain_har(har, sources, form)
    [what] = asked
    config = sources.load(offline=True).config
    if not what.startswith("/"):
        return _recall(config, what, form)
    if origin is None:
        raise click.UsageError("no origin is given\n  fix: --origin http://localhost:5173")
    attempt = Attempt(origin, method, tuple(headers), credentials, what)
    found = scene_of(config, attempt)
    _print(scene_json(found), scene_text(found), form)
    return 0 if found.readable else NO


def _refuse_what_is_neither(what: str) -> None:
    """A URL is neither path nor id: its origin is the proxy's, or it is another server's."""
    _, mark, rest = what.partition("://")
    if mark:
        path = f"/{rest.rpartition('@')[2].partition('/')[2]}"
        message = "expected a path, or the id of a decision, and not a URL"
        raise click.UsageError(f"{message}\n  fix: {shlex.quote(path)}")
    if not what.startswith("/") and not _ID.fullmatch(what):
        shown = escaped(what)
        message = f'"{shown}" is neither a path, which begins with a slash, nor an id'
        raise click.UsageError(f"{message}\n  fix: {shlex.quote(f'/{shown}')}")


def _refuse_call(context: click.Context) -> None:
    """Raise UsageError for flags of a call, where it is not a call of ours that is asked about."""
    given = [f"--{name}" for name in _OF_CALL if _stands(context, name)]
    if given:
        flags = ", ".join(given)
        message = f"{flags} goes with a PATH: what is asked about here says it itself"
        raise click.UsageError(f"{message}\n  fix: leave {flags} out")


def _stands(context: click.Context, flag: str) -> bool:
    parameter = "headers" if flag == "header" else flag
    return context.get_parameter_source(parameter) is ParameterSource.COMMANDLINE


def _print(data: dict[str, Any], text: str, form: str) -> None:
    if form == "json":
        print(as_json(data), end="")
    else:
        show(text)


def _recall(config: Config, identity: str, form: str) -> int:
    from corsproxy.cli.admin_client import ask

    if config.admin is None:
        return _unanswered("admin is off: there is nobody to ask", "admin: 127.0.0.1:8081")
    try:
        response = ask(config.admin, f"/exchanges/{quote(identity, safe='')}")
    except OSError as error:
        why = f"{config.admin} gives no response: {error.strerror or error}"
        return _unanswered(why, "corsproxy run, or -c with the file that it runs with")
    if response.status != HTTPStatus.OK:
        why = f"{config.admin} knows no exchange {escaped(identity)!r}"
        return _unanswered(why, "take the id from X-Corsproxy-Decision; a path begins with /")
    data = json.loads(response.content)
    _print(data, exchange_text(data), form)
    return NO if data["refused"] else 0


def _unanswered(message: str, fix: str) -> int:
    print(f"corsproxy: {message}\n  fix: {fix}", file=sys.stderr)
    return COULD_NOT_RUN
