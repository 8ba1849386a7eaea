"""What the page shows of the policy: its text, and what it would say of a call ("try it")."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from corsproxy import __version__
from corsproxy.config.address import TcpAddress
from corsproxy.config.settings import Config
from corsproxy.config.writer import to_yaml
from corsproxy.cors.attempt import Attempt
from corsproxy.cors.explain.scene import scene
from corsproxy.cors.explain.scene_text import scene_json
from corsproxy.cors.origin import OriginPattern, PatternError
from corsproxy.watch.masking import masked_text

ANY_VALUE = "..."
"""For a field of which only the name is given: a value that is safelisted nowhere it matters."""


def policy_view(config: Config) -> dict[str, Any]:
    """The policy as it was written, line by line, or as YAML where it came from flags."""
    text = ""
    if config.source is not None:
        with suppress(OSError):
            text = config.source.read_text(errors="replace")
    return {
        "source": str(config.source) if config.source else None,
        "writable": config.source is not None and os.access(config.source, os.W_OK),
        "lines": [masked_text(line) for line in (text or to_yaml(config)).splitlines()],
        "listen": str(config.listen),
        "routes": [
            {
                "path": route.path,
                "host": route.host,
                "upstream": str(route.upstream),
                "mode": route.policy.mode.value,
            }
            for route in config.routes
        ],
        "version": __version__,
    }


def tried(config: Config, asked: Mapping[str, str], names: Sequence[str]) -> dict[str, Any]:
    """What would happen to a page's call: the scene of `corsproxy explain`.

    For an origin that no browser sends there is no scene; `mistake` says why, `fix` what to ask.
    """
    origin = asked.get("origin", "")
    try:
        OriginPattern.parse(origin)
    except PatternError as error:
        return {"mistake": error.message, "fix": error.fix}
    attempt = Attempt(
        origin,
        asked.get("method", "GET"),
        tuple(_field(name) for name in names),
        asked.get("credentials") == "true",
        asked.get("target", "/"),
    )
    policies = {route.path: route.policy for route in config.routes}
    policy = policies.get(asked.get("route", "/"), config.policy)
    return scene_json(scene(policy, attempt, _own_origin(config)))


def _field(text: str) -> tuple[str, str]:
    name, _, value = text.partition(":")
    return name.strip(), value.strip() or ANY_VALUE


def _own_origin(config: Config) -> str:
    """The proxy's own origin, as a page on this machine would name it."""
    port = f":{config.listen.port}" if isinstance(config.listen, TcpAddress) else ""
    return f"http://localhost{port}"
