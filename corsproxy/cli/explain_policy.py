"""Which policy decides a path, and how JSON is printed: for all that `explain` is asked."""

import json
from typing import Any

import click

from corsproxy.config.settings import Config
from corsproxy.cors.escape import escaped
from corsproxy.cors.policy import Policy


class Policies:
    """The policies of the routes, found by host and path."""

    def __init__(self, config: Config) -> None:
        from corsproxy.proxy.routing import Routes

        self._routes = Routes(config.routes)
        self._otherwise = config.policy

    def find(self, target: str, host: str = "localhost") -> Policy:
        """The policy of the route that a request for `target` takes; raises AmbiguousPath."""
        route = self._routes.find(host, target)
        return route.policy if route is not None else self._otherwise


def policy_for(config: Config, target: str, host: str = "localhost") -> Policy:
    """The policy of one path that somebody typed; raises click.UsageError."""
    from corsproxy.proxy.routing import AmbiguousPath

    try:
        return Policies(config).find(target, host)
    except AmbiguousPath as why:
        message = f'the path "{escaped(target)}" {why}'
        fix = "the path as the backend reads it, in the spelling of its route"
        raise click.UsageError(f"{message}\n  fix: {fix}") from None


def as_json(data: dict[str, Any]) -> str:
    """An object as every --format json prints it."""
    return json.dumps(data, indent=2) + "\n"
