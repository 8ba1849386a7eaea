"""What the page shows of the policy: its text, and what it would say of a call ("try it")."""

import os
from collections.abc import Mapping, Sequence
from io import StringIO
from itertools import islice
from typing import Any, TextIO

from corsproxy import __version__
from corsproxy.config.address import TcpAddress, own_origin
from corsproxy.config.config_writer import lines_by_key, to_yaml
from corsproxy.config.schema import SETTINGS
from corsproxy.config.settings import Config, Route
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.explain.patch import placed
from corsproxy.cors.explain.scene import scene
from corsproxy.cors.explain.scene_text import scene_json
from corsproxy.cors.masking import masked_text
from corsproxy.cors.origin import OriginPattern, PatternError

ANY_VALUE = "..."
"""For a header of which only the name is given: a value that is safelisted nowhere it matters."""

MAX_POLICY_LINES = 2000
MAX_LINE = 1000
MAX_ROUTES = 500
MAX_ASKED = 4096
"""What is shown of a large policy, in lines around the one that is asked for, in characters of a
line, and in routes; and characters of what is tried."""


def policy_view(config: Config, line: int = 1) -> dict[str, Any]:
    """The policy as it was read, line by line, or as YAML where it came from flags.

    As it was read, and not as the file is now: these are the lines that reasons cite. Of a long one
    the neighbourhood of `line`; `first` is the number of the first that is there, `cut` says
    whether there are more; `flags` are the lines that stand for what a reason cites as a flag or a
    variable. It asks the system about a file: call it in a thread.
    """
    first = max(1, line - MAX_POLICY_LINES // 2)
    text = to_yaml(config) if config.text is None else config.text
    lines = _lines(StringIO(text), first)
    return {
        "source": str(config.source) if config.source else None,
        "read": config.text is not None,
        "writable": config.source is not None and os.access(config.source, os.W_OK),
        "flags": _lines_by_flag(text) if config.text is None else {},
        "first": first,
        "cut": len(lines) > MAX_POLICY_LINES,
        "lines": [masked_text(text) for text in lines[:MAX_POLICY_LINES]],
        "listen": [
            address.url if isinstance(address, TcpAddress) else str(address)
            for address in config.listen
        ],
        "routes": [
            {
                "path": route.path,
                "host": route.host,
                "upstream": str(route.upstream),
                "mode": route.policy.mode.value,
            }
            for route in config.routes[:MAX_ROUTES]
        ],
        "more_routes": max(0, len(config.routes) - MAX_ROUTES),
        "version": __version__,
    }


def _lines_by_flag(text: str) -> dict[str, int]:
    lines = lines_by_key(text)
    return {
        name: lines[setting.key]
        for setting in SETTINGS
        if setting.key in lines
        for name in (f"--{setting.flag}", setting.variable)
    }


def _lines(text: TextIO, first: int) -> list[str]:
    """One more than are shown, where there are so many."""
    taken = islice(text, first - 1, first + MAX_POLICY_LINES)
    return [line.rstrip("\r\n")[:MAX_LINE] for line in taken]


def tried(config: Config, asked: Mapping[str, str], names: Sequence[str]) -> dict[str, Any]:
    """What would happen to a page's call: the scene of `corsproxy explain`.

    For an origin that no browser sends there is no scene; `mistake` says why, `fix` what to ask.
    """
    if max(map(len, (*asked.values(), *names)), default=0) > MAX_ASKED:
        return {"error": f"longer than {MAX_ASKED} characters", "fix": "ask for less"}
    origin = asked.get("origin", "")
    try:
        if not OriginPattern.parse(origin).exact:
            fix = "the origin of one page"
            return {"error": "this is a pattern: it names many origins", "fix": fix}
    except PatternError as error:
        return {"error": error.message, "fix": error.fix}
    attempt = Attempt(
        origin,
        asked.get("method", "GET"),
        tuple(_field(name) for name in names),
        asked.get("credentials") == "true",
        asked.get("target", "/"),
    )
    routes = {route.path: route for route in config.routes}
    route = routes.get(asked.get("route", "/"))
    policy = route.policy if route is not None else config.policy
    found = scene(policy, attempt, own_origin(config.listen, origin))
    return scene_json(found._replace(patch=_placed(config, route, found.patch)))


def patch_of(config: Config, exchange: Exchange, patch: str) -> str:
    """The patch of an exchange where its route's policy stands, if the route is still there."""
    taken = (route for route in config.routes if route.path == exchange.route)
    return _placed(
        config, next((one for one in taken if one.policy == exchange.policy), None), patch
    )


def _placed(config: Config, route: Route | None, patch: str) -> str:
    if route is None:
        return patch
    return placed(patch, route.policy, config.policy, route.path, route.host)


def _field(text: str) -> tuple[str, str]:
    name, _, value = text.partition(":")
    return name.strip(), value.strip() or ANY_VALUE
