"""corsproxy explain: what would happen to a page's call, or what did, and why."""

import json
import re
import shlex
import sys
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

import click

from corsproxy.cli import COULD_NOT_RUN, NO, page_arguments
from corsproxy.cli.options import Sources, settings
from corsproxy.config.address import own_origin
from corsproxy.config.settings import Config
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.escape import escaped
from corsproxy.cors.explain.exchange_text import exchange_text
from corsproxy.cors.explain.pasted_text import pasted_json, pasted_text
from corsproxy.cors.explain.scene import Scene, scene
from corsproxy.cors.explain.scene_text import scene_json, scene_text
from corsproxy.cors.origin import OriginPattern, PatternError
from corsproxy.cors.policy import Policy
from corsproxy.cors.reasons import recognise
from corsproxy.cors.reasons.pasted import MAX_LENGTH, Pasted

_ID = re.compile(r"[0-9a-z]+-[0-9]+")


@click.command("explain")
@click.argument("what", metavar="PATH|ID", required=False)
@click.option("--console", metavar="TEXT", help="A browser's message instead; - reads it here.")
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
    what: str | None,
    console: str | None,
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

    With --console, it is said what a message from a browser's console means; exits 1 if no browser
    says so. With -c as well, what the policy says of that call is added.
    """
    if console is not None:
        return _of_console(sys.stdin.read(MAX_LENGTH) if console == "-" else console, sources, form)
    if what is None:
        raise click.UsageError("nothing is asked\n  fix: a path, an id, or --console TEXT")
    _refuse_url(what)
    config = sources.load(offline=True).config
    if not what.startswith("/") and not _ID.fullmatch(what):
        shown = escaped(what)
        message = f'"{shown}" is neither a path, which begins with a slash, nor an id'
        raise click.UsageError(f"{message}\n  fix: {shlex.quote(f'/{shown}')}")
    if not what.startswith("/"):
        return _recall(config, what, form)
    if origin is None:
        raise click.UsageError("no origin is given\n  fix: --origin http://localhost:5173")
    attempt = Attempt(origin, method, tuple(headers), credentials, what)
    found = scene(_policy(config, what), attempt, own_origin(config.listen, origin))
    print(_scene(found, form), end="")
    return 0 if found.readable else NO


def _of_console(text: str, sources: Sources, form: str) -> int:
    """What a message of a browser's console means; by the policy, where one is given."""
    found = recognise(text)
    if found is None:
        message = "this is nothing that Chromium, Firefox or WebKit say of CORS"
        print(
            f"corsproxy: {message}\n  fix: the whole line, as the console has it", file=sys.stderr
        )
        return NO
    here = _scene_of(found, sources)
    if form == "json":
        print(_json(pasted_json(found) | {"scene": scene_json(here) if here else None}), end="")
    else:
        print(pasted_text(found), end="")
        if here is not None:
            print(f"\nby the policy:\n\n{scene_text(here)}", end="")
    return 0


def _scene_of(found: Pasted, sources: Sources) -> Scene | None:
    """What the policy that is given says of the call that the message is about, if it tells."""
    origin, url = found.values.get("origin", ""), found.values.get("url", "")
    if sources.path is None and not sources.flags:
        return None
    config = sources.load(offline=True).config
    try:
        exact = OriginPattern.parse(origin).exact
    except PatternError:
        return None
    if not exact or not url:
        return None
    path = urlsplit(url)._replace(scheme="", netloc="", fragment="").geturl() or "/"
    names = tuple((name, "") for name in [found.values.get("names", "")] if name)
    attempt = Attempt(origin, found.values.get("method", "GET"), names, target=path)
    return scene(_policy(config, path), attempt, own_origin(config.listen, origin))


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
