"""policy_text: the smallest policy that would have allowed what was seen, as a file."""

from collections.abc import Iterator, Sequence

from corsproxy.cors.escape import printable
from corsproxy.cors.origin import OPAQUE
from corsproxy.cors.yaml_scalar import as_yaml
from corsproxy.learn.observations import Observations, Seen, Sighting

MAX_PLACES = 3


def policy_text(seen: Observations, listen: Sequence[str], upstream: str) -> str:
    """The policy file; each line says how often it was needed, and where."""
    return "\n".join([*_lines(seen, listen, upstream), ""])


def _lines(seen: Observations, listen: Sequence[str], upstream: str) -> Iterator[str]:
    yield "# Written by corsproxy learn: the smallest policy that allows what the pages did."
    addresses = ", ".join(map(as_yaml, listen))
    yield f"listen: {addresses if len(listen) == 1 else f'[{addresses}]'}"
    yield f"upstream: {as_yaml(upstream)}"
    yield "cors:"
    yield from _setting("allow_origins", seen.origins)
    yield from _setting("allow_methods", seen.methods)
    yield from _setting("allow_headers", seen.names)
    if seen.exposed:
        yield "  # What the pages could read; take out what they do not."
    yield from _setting("expose_headers", seen.exposed)
    if seen.credentials.times:
        yield f"  allow_credentials: true # cookies sent {_told(seen.credentials)}"
    elif seen.cookies_set.times:
        yield f"  # No request carried a cookie, and responses set one {_told(seen.cookies_set)}."
        yield "  # allow_credentials: true"


def _setting(key: str, seen: Seen) -> Iterator[str]:
    """The values, the most frequent first."""
    if not seen:
        return
    yield f"  {key}:"
    by_times = sorted(seen.items(), key=lambda item: (-item[1].times, item[0]))
    for value, sighting in by_times:
        spelled = f'"{OPAQUE}"' if value == OPAQUE else as_yaml(value)
        yield f"    - {spelled} # {_told(sighting)}"


def _told(sighting: Sighting) -> str:
    """How often, and where most: `3 times: PUT /items, DELETE /items`."""
    times = {0: "by preflights only", 1: "once"}.get(sighting.times, f"{sighting.times} times")
    most = sighting.places.most_common(MAX_PLACES)
    places = [printable(place) for place, _ in most]
    if len(sighting.places) > MAX_PLACES:
        places.append("...")
    return f"{times}: {', '.join(places)}"
