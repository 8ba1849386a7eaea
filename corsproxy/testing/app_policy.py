"""The policy that a test names, in front of the app that it tests."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from corsproxy.config import loading
from corsproxy.config.address import TcpAddress
from corsproxy.config.settings import Config, Route
from corsproxy.cors.policy import Policy

PolicySource = str | os.PathLike[str] | Mapping[str, Any] | Policy
"""A file's path, a file's content as text (of several lines) or as a mapping, or a Policy."""

_ANY_PORT = (TcpAddress("127.0.0.1", 0),)


def config_for(policy: PolicySource, url: str) -> Config:
    """The settings of `policy`, each route of which leads to the app at `url`.

    `${NAME}` and `CORSPROXY_...` are looked up in the environment, as the command does. Raises
    ConfigError with every error, OSError for a file that cannot be read.
    """
    config = _loaded(policy, {"upstream": url})
    # What a file says of addresses is for the machine that it is deployed to.
    config = replace(config, listen=_ANY_PORT)
    if isinstance(policy, Policy):
        config = replace(config, policy=policy, routes=(Route("/", config.upstream, policy),))
    routes = tuple(
        replace(route, upstream=config.upstream, upstream_tls=None) for route in config.routes
    )
    return replace(config, routes=routes)


def _loaded(policy: PolicySource, ours: Mapping[str, str]) -> Config:
    if isinstance(policy, Policy):
        return loading.load(None, {}, ours).config
    if isinstance(policy, Mapping):
        import yaml

        policy = yaml.safe_dump(dict(policy), sort_keys=False)
    if isinstance(policy, str) and "\n" in policy:
        return loading.load_text(policy.encode(), "<policy>", os.environ, ours).config
    return loading.load(Path(policy), os.environ, ours).config
