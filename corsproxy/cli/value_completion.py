"""What may stand behind a flag, for shells to complete; nothing is read before one asks.

Callbacks for click's `shell_complete`. A policy that cannot be read completes nothing.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import click

from corsproxy.config.schema import Setting

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from corsproxy.config.settings import Config

Completer = Callable[[click.Context, click.Parameter, str], "list[CompletionItem[str]]"]

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_REQUEST_NAMES = ("authorization", "content-type", "x-csrf-token", "x-requested-with")
_EXPOSED_NAMES = ("etag", "link", "location", "retry-after", "x-request-id", "x-total-count")
_ORIGINS = ("http://localhost:3000", "http://localhost:5173", "http://localhost:8080")


def files(_context: click.Context, _option: click.Parameter, typed: str) -> "list[CompletionItem]":
    """Let the shell list files."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(typed, type="file")]


def words(known: Iterable[str]) -> Completer:
    """Complete one of a few words."""
    return lambda _context, _option, typed: _items(known, typed)


methods = words(_METHODS)
request_names = words(_REQUEST_NAMES)


def gateways(
    _context: click.Context, _option: click.Parameter, typed: str
) -> "list[CompletionItem]":
    """Complete the name of a gateway."""
    from corsproxy.gateways.conversion import registry

    return _items(registry.names(), typed)


def emulated(
    _context: click.Context, _option: click.Parameter, typed: str
) -> "list[CompletionItem]":
    """Complete the name of a gateway that can be emulated."""
    from corsproxy.gateways.emulation.gateway_emulation import names

    return _items(names(), typed)


def forms(context: click.Context, _option: click.Parameter, typed: str) -> "list[CompletionItem]":
    """Complete a form of the gateway that is named already."""
    gateway = context.params.get("gateway")
    return _items(getattr(gateway, "forms", ()), typed)


def origins(context: click.Context, _option: click.Parameter, typed: str) -> "list[CompletionItem]":
    """Complete an origin of the policy's, or one that development servers have."""
    listed = [
        str(pattern)
        for config in _policies(context)
        for policy in config.policies
        for pattern in policy.allow_origins.patterns
        if getattr(pattern, "exact", False)
    ]
    return _items(listed or _ORIGINS, typed)


def paths(context: click.Context, _option: click.Parameter, typed: str) -> "list[CompletionItem]":
    """Complete the path of one of the policy's routes."""
    routed = [route.path for config in _policies(context) for route in config.listed_routes]
    return _items(routed or ["/"], typed)


def of_setting(setting: Setting) -> Completer:
    """Complete what the flag of a setting takes."""
    known = {
        "cors.allow_origins": words(_ORIGINS),
        "cors.allow_methods": methods,
        "cors.allow_headers": request_names,
        "cors.expose_headers": words(_EXPOSED_NAMES),
        "cors.emulate": emulated,
        "tls": words(["auto"]),
    }
    if setting.key in known:
        return known[setting.key]
    if setting.kind.metavar == "FILE":
        return files
    parts = setting.kind.metavar.split("|")
    return words([part for part in parts if part.islower()])


def _policies(context: click.Context) -> "Iterator[Config]":
    """The policy that the words so far give; none where it cannot be read."""
    import os

    from corsproxy.config.diagnostics import ConfigError
    from corsproxy.config.loading import load
    from corsproxy.config.policy_file import once

    path = context.params.get("config")
    if path is not None and not once(path):
        with contextlib.suppress(ConfigError, OSError):
            yield load(path, os.environ, {}, offline=True).config


def _items(known: Iterable[str], typed: str) -> "list[CompletionItem]":
    from click.shell_completion import CompletionItem

    return [CompletionItem(word) for word in dict.fromkeys(known) if word.startswith(typed)]
