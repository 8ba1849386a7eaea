"""corsproxy explain: what would happen to a page's call, or what did, and why."""

import json
import shlex
import sys
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import click

from corsproxy.cli import COULD_NOT_RUN, NO, page_arguments
from corsproxy.cli.options import Sources, settings
from corsproxy.config.address import own_origin
from corsproxy.config.settings import Config
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.escape import escaped
from corsproxy.cors.explain.exchange_text import exchange_text
from corsproxy.cors.explain.scene import Scene, scene
from corsproxy.cors.explain.scene_text import scene_json, scene_text
from corsproxy.cors.policy import Policy


@click.command("explain")
@click.argument("what", metavar="PATH|ID")
@page_arguments.page_options
@click.option("--method", default="GET", show_default=True, help="The method that the page uses.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
)
@settings
def command(
    what: str,
    origin: str | None,
    method: str,
    headers: list[tuple[str, str]],
    *,
    credentials: bool,
    form: str,
    sources: Sources,
) -> int:
    """Say what would happen to a page's call of PATH, step by step, and which line settles it.

    No socket is opened. Exits 0 when the page could read the response, 1 when not.

    With the ID of a decision (from the log, or the header X-Corsproxy-Decision) instead of a path,
    the running proxy is asked, at its admin address, what did happen; exits 1 if it was refused.
    """
    _refuse_url(what)
    config = sources.load(offline=True).config
    if not what.startswith("/"):
        return _recall(config, what, form)
    if origin is None:
        raise click.UsageError("no origin is given\n  fix: --origin http://localhost:5173")
    attempt = Attempt(origin, method, tuple(headers), credentials, what)
    found = scene(_policy(config, what), attempt, own_origin(config.listen, origin))
    print(_scene(found, form), end="")
    return 0 if found.readable else NO


def _refuse_url(what: str) -> None:
    """A URL is neither: the origin that it names is the proxy's, or it is another server's."""
    _, mark, rest = what.partition("://")
    if mark:
        path = f"/{rest.rpartition('@')[2].partition('/')[2]}"
        message = "expected a path, or the id of a decision, and not a URL"
        raise click.UsageError(f"{message}\n  fix: {shlex.quote(path)}")


def _scene(found: Scene, form: str) -> str:
    return _json(scene_json(found)) if form == "json" else scene_text(found)


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, indent=2) + "\n"


def _policy(config: Config, target: str) -> Policy:
    """The policy of the route that a request for `target` takes."""
    from corsproxy.proxy.routing import AmbiguousPath, Routes

    routes = Routes(config.routes)
    try:
        route = routes.find("localhost", target)
    except AmbiguousPath as why:
        message = f'the path "{escaped(target)}" {why}'
        fix = "the path as the backend reads it, in the spelling of its route"
        raise click.UsageError(f"{message}\n  fix: {fix}") from None
    return route.policy if route is not None else config.policy


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
    print(_json(data) if form == "json" else exchange_text(data), end="")
    return NO if data["refused"] else 0


def _unanswered(message: str, fix: str) -> int:
    print(f"corsproxy: {message}\n  fix: {fix}", file=sys.stderr)
    return COULD_NOT_RUN
