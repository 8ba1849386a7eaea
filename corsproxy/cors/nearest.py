"""The allowed origin nearest to one that is not, and in what the two differ.

Almost every refused origin is one slip away from an allowed one: a port, a scheme, `localhost`
for `127.0.0.1`. To name the slip is to name the fix.
"""

import difflib
import re
from typing import NamedTuple

from corsproxy.cors.origin import DEFAULT_PORTS, OPAQUE, OriginPattern, Origins
from corsproxy.cors.span import Span

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
LEAST_ALIKE = 0.8
"""The ratio of difflib from which two hosts pass for a slip of the pen."""
MOST_PATTERNS = 1000
"""Beyond these none is compared: an explanation must not cost more than the request."""

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


def nearest(origins: Origins, origin: str) -> Nearest | None:
    """The pattern that differs least from `origin`; None where none is near."""
    best: tuple[int, Nearest] | None = None
    for pattern in origins.patterns[:MOST_PATTERNS]:
        if not isinstance(pattern, OriginPattern) or pattern.scheme == OPAQUE:
            continue
        gaps = _gaps(pattern, origin)
        if gaps is None:
            continue
        weight = sum(gap.weight for gap in gaps)
        if best is None or weight < best[0]:
            best = weight, Nearest(str(pattern), _and(gaps), pattern.span)
    return best[1] if best else None


def canonical(text: str) -> str:
    """`text` spelled as a browser would: no capitals, slash, path or default port."""
    shape = _URL.fullmatch(text)
    if shape is None:
        return text
    scheme, host, port = shape[1].lower(), shape[2].lower(), shape[3] or ""
    return f"{scheme}://{host}{f':{port}' if port != DEFAULT_PORTS.get(scheme) and port else ''}"


def how_it_differs(said: str, origin: str) -> str:
    """What `said` has that `origin`, as a browser spells it, has not."""
    if said == OPAQUE:
        return "it is the opaque origin"
    if _URL.fullmatch(said) is None:
        return "it has no scheme://"
    gaps = _misspelled(said)
    correct = canonical(said)
    if correct != origin:
        gaps += _gaps(_exact(correct), origin) or [Gap(9, "another host")]
    return f"it has {_and(gaps)}"


def _exact(origin: str) -> OriginPattern:
    shape = _URL.fullmatch(origin)
    assert shape is not None
    return OriginPattern(shape[1], shape[2], shape[3] or "")


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


def _gaps(pattern: OriginPattern, origin: str) -> list[Gap] | None:
    """What `pattern` has that `origin` has not; None where the two have nothing in common."""
    shape = _URL.fullmatch(canonical(origin))
    if shape is None:
        return None
    scheme, host, port = shape[1], shape[2], shape[3] or ""
    host_gap = _host_gap(pattern, host)
    if host_gap is None:
        return None
    gaps = [host_gap] if host_gap.words else []
    if pattern.scheme != scheme:
        gaps.append(Gap(1, f"the scheme {pattern.scheme}"))
    if pattern.port not in ("*", port):
        gaps.append(Gap(1, f"the port {pattern.port}" if pattern.port else "no port"))
    return gaps


def _host_gap(pattern: OriginPattern, host: str) -> Gap | None:
    """The difference of the hosts: without words where there is none, None where it is all."""
    if pattern.subdomains:
        if host.endswith(f".{pattern.host}"):
            return Gap(0, "")
        return Gap(2, "a subdomain more") if host == pattern.host else None
    if host == pattern.host:
        return Gap(0, "")
    if {host, pattern.host} <= LOOPBACK:
        return Gap(1, f"the host {pattern.host}, not {host}")
    if pattern.host.endswith(f".{host}") or host.endswith(f".{pattern.host}"):
        return Gap(2, f"a subdomain {'more' if len(pattern.host) > len(host) else 'less'}")
    alike = difflib.SequenceMatcher(None, pattern.host, host).ratio()
    return Gap(3, f"the host {pattern.host}") if alike >= LEAST_ALIKE else None
