"""The allowed origin nearest to one that is not, and in what the two differ.

Almost every refused origin is one slip away from an allowed one: a port, a scheme, `localhost`
for `127.0.0.1`. To name the slip is to name the fix.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from corsproxy.cors.nearest_candidates import LOOPBACK, MAX_COMPARED, Placed
from corsproxy.cors.origin import DEFAULT_PORTS, MAX_ORIGIN_LENGTH, OPAQUE, OriginPattern, Origins
from corsproxy.cors.origin_spelling import Spelled
from corsproxy.cors.span import Span

LEAST_ALIKE = 0.8
"""The ratio of difflib from which two hosts pass for a slip of the pen."""
SURE_WEIGHT = 3
"""What weighs no more is nearer than any slip of the pen could be."""

_URL = re.compile(
    r"([A-Za-z][A-Za-z0-9+.\-]*)://([^/?#:\[\]]*|\[[^\]]*\])(?::([0-9*]*))?(.*)", re.DOTALL
)


class Gap(NamedTuple):
    """One difference: how far it is, and what the one origin has that the other has not."""

    weight: int
    words: str


class Nearest(NamedTuple):
    """An allowed origin (or pattern), and `words` for what it has that the asking one has not."""

    pattern: str
    words: str
    span: Span | None


def nearest_pattern(origins: Origins, origin: str) -> Nearest | None:
    """The pattern that differs least from `origin`; None where none is near.

    One that names it is none: then a gateway has refused it that cannot say the pattern.

    A few candidates are compared, however many patterns there are and whatever was sent.
    """
    shape = _URL.fullmatch(canonical(origin)) if len(origin) <= MAX_ORIGIN_LENGTH else None
    if shape is None:
        return None
    asked = shape[1], shape[2], shape[3] or ""
    found = _least(origins.neighbours.related(*asked), asked)
    if found is None or found[0] > SURE_WEIGHT:
        alike = _least(origins.neighbours.alike(*asked), asked)
        found = min(filter(None, (found, alike)), key=lambda one: one[:2], default=None)
    return found[2] if found else None


def _least(
    candidates: Iterable[Placed], asked: tuple[str, str, str]
) -> tuple[int, int, Nearest] | None:
    """The weight and the place of the candidate that differs least, of several the first."""
    best: tuple[int, int, OriginPattern, list[Gap]] | None = None
    host_gaps: dict[tuple[str, bool], Gap | None] = {}
    for place, pattern in candidates:
        key = pattern.host, pattern.subdomains
        if key not in host_gaps:
            host_gaps[key] = _host_gap(pattern, asked[1])
        gaps = _gaps(pattern, asked, host_gaps[key])
        if not gaps:
            continue
        weight = sum(gap.weight for gap in gaps)
        if best is None or (weight, place) < best[:2]:
            best = weight, place, pattern, gaps
    if best is None:
        return None
    weight, place, pattern, gaps = best
    return weight, place, Nearest(str(pattern), _and(gaps), pattern.span)


def canonical(text: str) -> str:
    """`text` spelled as a browser would: no capitals, slash, path or default port."""
    shape = _URL.fullmatch(text)
    if shape is None:
        return text
    scheme, host, port = shape[1].lower(), shape[2].lower(), shape[3] or ""
    return f"{scheme}://{host}{f':{port}' if port != DEFAULT_PORTS.get(scheme) and port else ''}"


def how_it_differs(value: str, origin: str) -> str:
    """What `value` has that `origin`, as a browser spells it, has not."""
    if value == OPAQUE:
        return "it is the opaque origin"
    if _URL.fullmatch(value) is None:
        return "it has no scheme://"
    gaps = _misspelled(value)
    correct = canonical(value)
    if correct != origin:
        gaps += _between(correct, origin) or [Gap(9, "another host")]
    return f"it has {_and(gaps)}"


def _between(correct: str, origin: str) -> list[Gap] | None:
    """What `correct` has that `origin` has not, both spelled as a browser would."""
    here, there = _URL.fullmatch(correct), _URL.fullmatch(canonical(origin))
    assert here is not None
    if there is None:
        return None
    named = Spelled(here[1], here[2], here[3] or "")
    gap = _host_gap(named, there[2])
    return _gaps(named, (there[1], there[2], there[3] or ""), gap)


def _and(gaps: list[Gap]) -> str:
    return " and ".join(gap.words for gap in gaps)


def _misspelled(text: str) -> list[Gap]:
    shape = _URL.fullmatch(text)
    assert shape is not None
    scheme, host, port, rest = shape.groups()
    gaps = []
    if (scheme + host) != (scheme + host).lower():
        gaps.append(Gap(0, "capitals"))
    if port is not None and port == DEFAULT_PORTS.get(scheme.lower(), ""):
        gaps.append(Gap(0, "the default port"))
    if rest:
        gaps.append(Gap(0, "a slash at its end" if rest == "/" else "a path"))
    return gaps


def _gaps(
    pattern: OriginPattern | Spelled, asked: tuple[str, str, str], host_gap: Gap | None
) -> list[Gap] | None:
    """What `pattern` has that was not asked for; None where the two have nothing in common."""
    if host_gap is None:
        return None
    scheme, _, port = asked
    gaps = [host_gap] if host_gap.words else []
    if pattern.scheme != scheme:
        gaps.append(Gap(1, f"the scheme {pattern.scheme}"))
    if pattern.port not in ("*", port):
        gaps.append(Gap(1, f"the port {pattern.port}" if pattern.port else "no port"))
    return gaps


def _host_gap(pattern: OriginPattern | Spelled, host: str) -> Gap | None:
    """The difference of the hosts: without words where there is none, None where it is all."""
    if pattern.subdomains:
        if host.endswith(f".{pattern.host}"):
            return Gap(0, "")
        return Gap(2, "a subdomain more") if host == pattern.host else None
    if host == pattern.host:
        return Gap(0, "")
    if host in LOOPBACK and pattern.host in LOOPBACK:
        return Gap(1, f"the host {pattern.host}, not {host}")
    if pattern.host.endswith(f".{host}") or host.endswith(f".{pattern.host}"):
        return Gap(2, f"a subdomain {'more' if len(pattern.host) > len(host) else 'less'}")
    return Gap(3, f"the host {pattern.host}") if _alike(pattern.host, host) else None


def _alike(one: str, other: str) -> bool:
    """Whether one is a slip of the pen away from the other; never for what is very long."""
    if max(len(one), len(other)) > MAX_COMPARED:
        return False
    import difflib  # for an origin that was refused, and for none before

    matcher = difflib.SequenceMatcher(None, one, other)
    bounds = matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio
    return all(bound() >= LEAST_ALIKE for bound in bounds)
