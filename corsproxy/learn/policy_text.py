"""policy_text: the settings as they were given, and the smallest policies for what was seen."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from corsproxy.config.yaml_text.tree import Listing, Node, Scalar, Settings
from corsproxy.cors.escape import printable
from corsproxy.cors.origin import OPAQUE
from corsproxy.cors.yaml_scalar import as_yaml
from corsproxy.learn.comments import WRITTEN, Comments
from corsproxy.learn.credentials import Credentials
from corsproxy.learn.given_text import node_lines, sections
from corsproxy.learn.observations import Observations
from corsproxy.learn.open_settings import OpenSettings
from corsproxy.learn.sightings import Seen, Sighting

MAX_PLACES = 3

NOT_KNOWN = (
    '# Not known: a page that asks for credentials ("include") needs this line, one that does not',
    "# works without. No cookie came, and browsers tell only where page and API are two sites: to",
    "# find out, learn with one of them at localhost and the other at 127.0.0.1, not in Safari.",
)


class _Grants(NamedTuple):
    """What a policy allows: its settings, in the file's order."""

    allow_origins: frozenset[str] = frozenset()
    allow_methods: frozenset[str] = frozenset()
    allow_headers: frozenset[str] = frozenset()
    expose_headers: frozenset[str] = frozenset()
    allow_credentials: bool = False


def policy_text(settings: OpenSettings, seen: Sequence[Observations]) -> str:
    """The policy file; each line of a policy says how often it was needed, and where.

    `seen` is by route, as in `settings.config`; the last is what no other takes, and the top's.
    """
    return "\n".join([*_lines(settings, seen), ""])


def _lines(settings: OpenSettings, seen: Sequence[Observations]) -> Iterator[str]:
    top = _shared(seen)
    found = sections(settings.given, settings.comments)
    kept = [line for line in found.pop("cors", []) if line.startswith(" ")]
    first = [line for name in ("listen", "tls", "upstream") for line in found.pop(name, ())]
    yield WRITTEN
    if first and first[0].startswith("#"):
        yield ""
    yield from first
    if cors := [*_cors(top, _Grants(), "  "), *kept]:
        yield from ("", *settings.comments.of_group("cors"), *cors)
    yield from _routes(settings, seen, _granted(top))
    yield from _set_apart(found.values())


def _set_apart(settings: Iterable[list[str]]) -> Iterator[str]:
    """All the lines; an empty one before and behind each setting that has several."""
    group_before = True  # routes, or a policy
    for lines in settings:
        group = len(lines) > 1
        if group or group_before:
            yield ""
        yield from lines
        group_before = group


def _shared(seen: Sequence[Observations]) -> Observations:
    """What the policy at the top is made of, which every route inherits.

    It is the last route's, and counts what others saw that need the same. But no route can take
    back that origins are allowed: where one needs none, the top allows nothing.
    """
    top = seen[-1]
    if not all(route.origins for route in seen):
        return Observations()
    for route in seen[:-1]:
        if _granted(route) == _granted(top):
            top.add(route)
    return top


def _routes(settings: OpenSettings, seen: Sequence[Observations], top: _Grants) -> Iterator[str]:
    node, comments = settings.given.nodes.get("routes"), settings.comments
    routes = node.items if isinstance(node, Listing) else ()
    if routes:
        yield from ("", *comments.of_group("routes"))
    # As in a Config: what takes all is the last, wherever it stands.
    by_place = sorted(range(len(routes)), key=lambda place: _takes_all(routes[place]))
    observed = dict(zip(by_place, seen, strict=False))
    for place, route in enumerate(routes):
        assert isinstance(route, Settings)
        yield from _route(route, observed[place], top, comments)
    if len(seen) == len(routes) + 1 and routes and (cors := [*_cors(seen[-1], top, "      ")]):
        yield from ("  - path: /", "    cors:", *cors)


def _route(route: Settings, seen: Observations, top: _Grants, comments: Comments) -> Iterator[str]:
    lines: list[str] = []
    for name, value in route.values.items():
        if name != "cors":
            lines += node_lines(name, value, route.keys[name], "    ", comments)
    cors = [*_cors(seen, top, "      ")]
    kept = route.values.get("cors")
    for name, value in kept.values.items() if isinstance(kept, Settings) else ():
        assert isinstance(kept, Settings)
        cors += node_lines(name, value, kept.keys[name], "      ", comments)
    lines += ["    cors:", *cors] if cors else []
    first = next(i for i, line in enumerate(lines) if not line.lstrip().startswith("#"))
    yield from (line[2:] for line in lines[:first])
    yield f"  - {lines[first][4:]}"
    yield from lines[first + 1 :]


def _takes_all(route: Node) -> bool:
    assert isinstance(route, Settings)
    path, host = route.values["path"], route.values.get("host")
    anywhere = host is None or (isinstance(host, Scalar) and host.type == "null")
    return anywhere and isinstance(path, Scalar) and path.text == "/"


def _granted(seen: Observations) -> _Grants:
    return _Grants(
        frozenset(seen.origins),
        frozenset(seen.methods),
        frozenset(seen.names),
        frozenset(seen.exposed),
        seen.credentials.needed is not False,
    )


def _cors(seen: Observations, inherited: _Grants, indent: str) -> Iterator[str]:
    """The settings of a policy that differ from the inherited ones."""
    granted = _granted(seen)
    if not granted.allow_origins:
        return
    lists = (seen.origins, seen.methods, seen.names, seen.exposed)
    for key, found in zip(_Grants._fields, lists, strict=False):
        if getattr(granted, key) != getattr(inherited, key):
            yield from _list(key, found, indent)
    if granted.allow_credentials != inherited.allow_credentials:
        yield from _credentials(seen.credentials, indent)


def _list(key: str, seen: Seen, indent: str) -> Iterator[str]:
    """The values, the most frequent first."""
    if key == "expose_headers" and seen:
        yield f"{indent}# What the pages could read; take out what they do not."
    yield f"{indent}{key}:" if seen else f"{indent}{key}: []"
    by_times = sorted(seen.items(), key=lambda item: (-item[1].times, item[0]))
    for value, sighting in by_times:
        spelled = f'"{OPAQUE}"' if value == OPAQUE else as_yaml(value)
        yield f"{indent}  - {spelled} # {_told(sighting)}"


def _credentials(found: Credentials, indent: str) -> Iterator[str]:
    if found.needed:
        yield f"{indent}allow_credentials: true # asked for {_told(found.used)}"
        return
    if found.needed is None:
        yield from (f"{indent}{line}" for line in NOT_KNOWN)
    if found.needed is None and found.cookies_set.times:
        yield f"{indent}# Responses set a cookie {_told(found.cookies_set)}."
    yield f"{indent}allow_credentials: {'false' if found.needed is False else 'true'}"


def _told(sighting: Sighting) -> str:
    """How often, and where most: `3 times: PUT /items, DELETE /items`."""
    times = {0: "by preflights only", 1: "once"}.get(sighting.times, f"{sighting.times} times")
    most = sighting.places.most_common(MAX_PLACES)
    places = [printable(place) for place, _ in most]
    if len(sighting.places) > MAX_PLACES:
        places.append("...")
    return f"{times}: {', '.join(places)}"
