"""Policies alone as a policy file: of upstreams only what is known, or none."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from corsproxy.config.address import UpstreamAddress
from corsproxy.config.config_writer import differences, route_opening, setting_lines
from corsproxy.config.schema import CORS, GROUPS, Setting, default_of
from corsproxy.cors.policy import Policy
from corsproxy.cors.yaml_scalar import as_yaml


class PolicyRoute(NamedTuple):
    """A route of a policy file; without an upstream it goes where all other paths go."""

    path: str
    policy: Policy
    host: str | None = None
    upstream: UpstreamAddress | None = None
    strip_path: bool = False


def policy_text(
    policy: Policy,
    title: str,
    upstream: UpstreamAddress | None = None,
    routes: Sequence[PolicyRoute] = (),
) -> str:
    """What `load` makes `policy` of again, with the routes, below the comment `title`.

    A route that lets nobody in inherits from a policy without origins: there is no empty list.
    """
    lines = [f"# {title}"]
    if policy.allow_origins and not all(route.policy.allow_origins for route in routes):
        routes, policy = [*routes, PolicyRoute("/", policy, None, upstream)], Policy()
    if upstream is not None:
        lines.append(f"upstream: {as_yaml(str(upstream))}")
    lines.append(f"# {GROUPS['cors']}")
    settings = [line for setting in CORS for line in _setting(setting, policy)]
    lines += ["cors:", *settings] if settings else ["cors: {}"]
    return "\n".join([*lines, *_routes(routes, policy, upstream)]) + "\n"


def _setting(setting: Setting, policy: Policy) -> Iterator[str]:
    name = setting.key.removeprefix("cors.")
    value = getattr(policy, name)
    if value != default_of(setting):
        yield f"  # {setting.help}"
        yield from setting_lines(name, value, "  ")


def _routes(
    routes: Sequence[PolicyRoute], policy: Policy, upstream: UpstreamAddress | None
) -> Iterator[str]:
    if routes:
        yield from ("", f"# {GROUPS['routes']}", "routes:")
    for route in routes:
        own = None if route.upstream == upstream else route.upstream
        yield from route_opening(route.path, route.host, own, strip_path=route.strip_path)
        yield from differences(route.policy, policy)
