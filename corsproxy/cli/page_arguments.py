"""What is asked on the command line: a URL, an origin, a method, headers; refused when no page can.

Callbacks for click's options. No message quotes the value of a header: it may be secret.
"""

import shlex
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import click

from corsproxy.cli import value_completion
from corsproxy.cors.fetch_standard import FORBIDDEN_METHODS, TOKEN
from corsproxy.cors.names import NameRejected, check_request_name
from corsproxy.cors.origin import OriginPattern, PatternError
from corsproxy.cors.secret_text import userinfo_dropped, without_userinfo


def read_url(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """An absolute http or https URL, as it goes on the wire.

    One with a user name or password is refused, as `fetch` throws a TypeError for it (Fetch,
    "Request" constructor, "includes credentials"): there is no outcome to tell. Empty ones, as in
    `http://@host`, are none to a URL parser, and pass here too.
    https://fetch.spec.whatwg.org/#dom-request
    """
    try:
        parts = urlsplit(value)
        known = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        known = None
    if not known or any(not "!" <= character <= "~" for character in value):
        hint = (
            "" if "://" in value else f"\n  fix: {shlex.quote('http://' + userinfo_dropped(value))}"
        )
        what = without_userinfo(value)
        raise click.BadParameter(f"{what!r} is not a URL: expected http://... or https://...{hint}")
    if parts.username or parts.password:
        bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        message = "fetch throws a TypeError for a URL with a user name or password"
        raise click.BadParameter(f"{message}\n  fix: {shlex.quote(bare)}")
    return value


def read_origin(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """One origin, spelled as a browser spells it."""
    if value is None:
        return None
    try:
        pattern = OriginPattern.parse(value)
    except PatternError as error:
        fix = f"\n  fix: {error.fix}" if error.fix else ""
        raise click.BadParameter(f"{without_userinfo(value)!r}: {error.message}{fix}") from None
    if not pattern.exact:
        raise click.BadParameter(f"{value!r} names many origins: expected the one of the page")
    return value


def read_method(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """A method that a page may use."""
    if not TOKEN.fullmatch(value):
        raise click.BadParameter(f"{value!r} is not a method: expected a token, such as PUT")
    if value.upper() in FORBIDDEN_METHODS:
        raise click.BadParameter(f"no browser lets a page use the method {value}")
    return value


def read_headers(
    _context: click.Context, _option: click.Parameter, values: tuple[str, ...]
) -> list[tuple[str, str]]:
    """`NAME: VALUE`, or the name alone, of headers that a page may set; and Cookie."""
    found = []
    for text in values:
        name, _, value = text.partition(":")
        if name.lower() != "cookie":
            try:
                check_request_name(name)
            except NameRejected as error:
                raise click.BadParameter(error.message) from None
        if not value.isprintable() or not value.isascii():
            raise click.BadParameter(f"the value of {name} has bytes that no page can send")
        found.append((name, value.strip()))
    return found


def server_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say how a live server is asked."""
    insecure = click.option(
        "--insecure", is_flag=True, help="Do not verify the server's certificate."
    )
    timeout = click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=30.0,
        show_default=True,
        help="Seconds for each response.",
    )
    return insecure(timeout(command))


def method_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the method of the page's call."""
    return click.option(
        "--method",
        default="GET",
        show_default=True,
        metavar="METHOD",
        shell_complete=value_completion.methods,
        help="The method that the page uses.",
    )(command)


def page_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say what a page asks, but for the method."""
    for option in (
        click.option("--credentials", is_flag=True, help="As fetch with credentials: 'include'."),
        click.option(
            "--header",
            "headers",
            multiple=True,
            callback=read_headers,
            metavar="NAME[: VALUE]",
            shell_complete=value_completion.request_names,
            help="A request header that the page sets; repeat for more. Values are never printed.",
        ),
        click.option(
            "--origin",
            callback=read_origin,
            shell_complete=value_completion.origins,
            metavar="ORIGIN",
            help="The page's origin: scheme://host[:port].",
        ),
    ):
        command = option(command)
    return command
