"""open_settings: what `run` would be given, with a policy that lets everything pass meanwhile.

The policy is what is to be found out, so that of a file or a variable is left aside, but for
settings that grant nothing: those are kept for the policy that is written.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from corsproxy.config import policy_file
from corsproxy.config.diagnostics import Diagnostic
from corsproxy.config.inputs import Given
from corsproxy.config.loading import build, gather
from corsproxy.config.settings import Config
from corsproxy.config.yaml_text.tree import Listing, Node, Notes, Settings
from corsproxy.cors.policy import Policy
from corsproxy.cors.span import Span
from corsproxy.learn.comments import Comments

OPEN = Policy.from_lists(
    origins=["*"],
    methods=["*"],
    headers=["*", "authorization"],
    expose_headers=["*"],
    credentials=True,
    max_age=-1,
    dangerously_reflect_any_origin=True,
)
"""Everything passes, and every preflight is seen."""

KEPT = ("max_age", "refused_preflight", "refused_request")
"""Settings of a policy that say how it answers and not what it grants."""


class OpenSettings(NamedTuple):
    """The settings to learn with, and what of them a policy file will say.

    In `config` each route has a policy object of its own, by which an exchange tells its route.
    `given` has no more of a policy than what is kept.
    """

    config: Config
    given: Given
    comments: Comments
    """Those of the file."""
    left_aside: list[Span]
    """Where the policy stands that does not hold meanwhile."""
    warnings: list[Diagnostic]


def open_settings(
    path: Path | None, environ: Mapping[str, str], flags: Mapping[str, Any]
) -> OpenSettings:
    """As `load`, but for the policy. Raises what `load` raises."""
    notes = Notes(str(path or ""))
    content = None if path is None else policy_file.read(path)
    gathered = gather(content, notes, environ, flags)
    given, left_aside = _without_policy(gathered)
    config = build(given, notes, path)
    routes = tuple(
        dataclasses.replace(route, policy=dataclasses.replace(OPEN)) for route in config.routes
    )
    opened = dataclasses.replace(config, policy=routes[-1].policy, routes=routes, admin=None)
    return OpenSettings(opened, given, Comments(notes.lines), left_aside, notes.sorted)


def _without_policy(given: Given) -> tuple[Given, list[Span]]:
    """What was given but for the policies, and where these stand."""
    rest, left_aside = Given(), []
    for key, node in given.nodes.items():
        place = given.places[key]
        group, _, name = key.rpartition(".")
        if group == "cors" and name not in KEPT:
            left_aside.append(place)
        elif key == "routes":
            rest.put(key, _granting_nothing(node), place)
            left_aside += _policies_of(node)
        else:
            rest.put(key, node, place)
    return rest, left_aside


def _granting_nothing(routes: Node) -> Node:
    if not isinstance(routes, Listing):
        return routes
    return Listing(tuple(map(_route_granting_nothing, routes.items)), routes.span)


def _route_granting_nothing(route: Node) -> Node:
    cors = route.values.get("cors") if isinstance(route, Settings) else None
    if not isinstance(route, Settings) or not isinstance(cors, Settings):
        return route
    kept = Settings({k: v for k, v in cors.values.items() if k in KEPT}, cors.keys, cors.span)
    return Settings({**route.values, "cors": kept}, route.keys, route.span)


def _policies_of(routes: Node) -> Iterator[Span]:
    for route in routes.items if isinstance(routes, Listing) else ():
        cors = route.values.get("cors") if isinstance(route, Settings) else None
        if isinstance(cors, Settings):
            yield from (cors.keys[name] for name in cors.values if name not in KEPT)
