"""The few patterns of a long list that could be near an origin, found without looking at the rest.

Near are those of the same host, of one below or above it, and of one that is spelled alike. Each
kind has an index, and of each only a few are taken: what a refusal costs depends neither on the
length of the list nor on what was sent. The indexes are made once, with the list.
"""

from collections.abc import Iterable, Iterator, Sequence
from heapq import nlargest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corsproxy.cors.origin import OriginPattern

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
MAX_OF_A_HOST = 8
MAX_BELOW = 8
MAX_SCHEMES = 4
MAX_ALIKE = 6
"""Hosts that are compared letter by letter."""
MAX_COMPARED = 64
"""Characters of a host that is compared letter by letter: the cost grows with their square."""
MAX_POSTED = 64
MAX_GRAMS = 16

Placed = tuple[int, "OriginPattern"]
"""A pattern, and its place in the list."""


class Neighbours:
    """The indexes of one list of patterns. Of two that are alike the first counts."""

    __slots__ = ("_below", "_by_gram", "_by_host", "_schemes", "_spelled")

    def __init__(self, patterns: Sequence["OriginPattern"]) -> None:
        self._spelled: dict[tuple[str, str, str, bool], Placed] = {}
        self._by_host: dict[tuple[str, bool], list[Placed]] = {}
        self._below: dict[str, list[Placed]] = {}
        self._by_gram: dict[str, list[str]] = {}
        for place, pattern in enumerate(patterns):
            key = (pattern.scheme, pattern.host, pattern.port, pattern.subdomains)
            if self._spelled.setdefault(key, (place, pattern))[0] == place:
                self._note(place, pattern)
        self._schemes = tuple(dict.fromkeys(pattern.scheme for pattern in patterns))[:MAX_SCHEMES]

    def _note(self, place: int, pattern: "OriginPattern") -> None:
        known = self._by_host.setdefault((pattern.host, pattern.subdomains), [])
        if len(known) < MAX_OF_A_HOST:
            known.append((place, pattern))
        if pattern.subdomains:
            return
        for above in parents(pattern.host):
            below = self._below.setdefault(above, [])
            if len(below) < MAX_BELOW:
                below.append((place, pattern))
        if len(known) == 1 and len(pattern.host) <= MAX_COMPARED:
            for gram in _grams(pattern.host):
                posted = self._by_gram.setdefault(gram, [])
                if len(posted) < MAX_POSTED:
                    posted.append(pattern.host)

    def related(self, scheme: str, host: str, port: str) -> Iterator[Placed]:
        """Patterns whose host is `host`, or one above or below it."""
        same = LOOPBACK if host in LOOPBACK else (host,)
        for other in same:
            yield from self._of(scheme, other, port, subdomains=False)
        yield from self._of(scheme, host, port, subdomains=True)
        for above in parents(host):
            yield from self._of(scheme, above, port, subdomains=False)
            yield from self._of(scheme, above, port, subdomains=True)
        yield from self._below.get(host, ())

    def alike(self, scheme: str, host: str, port: str) -> Iterator[Placed]:
        """Patterns with a host that shares the most, and the rarest, letters in a row with it."""
        if len(host) > MAX_COMPARED:
            return
        posted = [found for gram in _grams(host) if (found := self._by_gram.get(gram))]
        posted.sort(key=len)
        scores: dict[str, float] = {}
        for hosts in posted[:MAX_GRAMS]:
            for other in hosts:
                scores[other] = scores.get(other, 0) + 1 / len(hosts)
        for other in nlargest(MAX_ALIKE, scores, key=scores.__getitem__):
            yield from self._of(scheme, other, port, subdomains=False)

    def _of(self, scheme: str, host: str, port: str, *, subdomains: bool) -> Iterable[Placed]:
        """Patterns of one host: a few, and those that differ in the scheme alone, or the port."""
        few = self._by_host.get((host, subdomains))
        if few is None or len(few) < MAX_OF_A_HOST:
            return few or ()
        keys = (
            (one, host, other, subdomains)
            for one in (scheme, *self._schemes)
            for other in (port, "*")
        )
        return [*few, *(found for key in keys if (found := self._spelled.get(key)))]


def parents(host: str) -> Iterator[str]:
    """The hosts above `host`: `b.c` and `c` for `a.b.c`."""
    at = host.find(".")
    while at >= 0:
        yield host[at + 1 :]
        at = host.find(".", at + 1)


def _grams(host: str) -> set[str]:
    """Three letters in a row, the edges among them."""
    edged = f"^{host}$"
    return {edged[at : at + 3] for at in range(len(edged) - 2)}
