"""Which policy decides a path, and how JSON is printed: for all that `explain` is asked."""

import json
from typing import Any
from urllib.parse import SplitResult

import click

from corsproxy.config.address import own_origin
from corsproxy.config.settings import Config
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.escape import escaped
from corsproxy.cors.explain.patch import placed
from corsproxy.cors.explain.scene import Scene, scene
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

    def placed(self, found: Scene, host: str = "localhost") -> Scene:
        """The scene with its patch where the policy of its path stands: in a route, or at the top.

        What a route inherits is mended at the top, for all that inherit it.
        """
        route = self._routes.find(host, found.attempt.target)
        if route is None:
            return found
        top = self._otherwise
        return found._replace(patch=placed(found.patch, route.policy, top, route.path, route.host))


def scene_of(config: Config, attempt: Attempt) -> Scene:
    """What becomes of an attempt by the policy of its path; raises click.UsageError."""
    policies = Policies(config)
    policy = _found(policies, attempt.target, "localhost")
    return policies.placed(scene(policy, attempt, own_origin(config.listen, attempt.origin)))


def policy_for(config: Config, target: str, host: str) -> Policy:
    """The policy of one path that somebody typed; raises click.UsageError."""
    return _found(Policies(config), target, host)


def path_of(url: SplitResult) -> str:
    """What a request for `url` asks the server for."""
    return url._replace(scheme="", netloc="", fragment="").geturl() or "/"


def _found(policies: Policies, target: str, host: str) -> Policy:
    from corsproxy.proxy.routing import AmbiguousPath

    try:
        return policies.find(target, host)
    except AmbiguousPath as why:
        message = f'the path "{escaped(target)}" {why}'
        fix = "the path as the backend reads it, in the spelling of its route"
        raise click.UsageError(f"{message}\n  fix: {fix}") from None


def as_json(data: dict[str, Any]) -> str:
    """An object as every --format json prints it."""
    return json.dumps(data, indent=2) + "\n"
