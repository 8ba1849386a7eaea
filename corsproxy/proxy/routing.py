"""Which route a request takes: the longest matching path prefix, cut at segment borders.

The raw path counts, byte for byte and case-sensitive. But a backend may read a path otherwise than
it was sent: dot segments, percent-encodings, doubled slashes and backslashes resolved. Where such a
reading leads to another route, the request would slip past that route's policy; it is refused.
"""

import re
from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar
from urllib.parse import unquote


class Routed(Protocol):
    """What a table of routes is made of."""

    @property
    def path(self) -> str: ...

    @property
    def host(self) -> str | None: ...


R = TypeVar("R", bound=Routed)

_ODD = re.compile(r"%|//|\\|/\.|;")


class AmbiguousPath(Exception):
    """The path names another route once a backend has resolved it."""


class Routes(Generic[R]):
    """Routes, found by host and path. The longest path wins; of two equal ones that with a host."""

    def __init__(self, routes: Iterable[R]) -> None:
        ranked = sorted(routes, key=lambda route: (-len(route.path.rstrip("/")), not route.host))
        self._table = [(route.path.rstrip("/"), route.host, route) for route in ranked]
        self.only = ranked[0] if len(ranked) == 1 and self._table[0][:2] == ("", None) else None
        """The one route that every request takes; None where there is a choice."""

    def find(self, host: str, target: str) -> R | None:
        """The route of a request; `host` without port. Raises AmbiguousPath."""
        if self.only is not None:
            return self.only
        path = target.partition("?")[0]
        route = self._match(host, path)
        if _ODD.search(path) and any(
            self._match(host, reading) is not route for reading in readings(path)
        ):
            raise AmbiguousPath
        return route

    def _match(self, host: str, path: str) -> R | None:
        for prefix, wanted, route in self._table:
            if wanted is not None and wanted != host:
                continue
            if path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in ("", "/"):
                return route
        return None


def readings(path: str) -> tuple[str, str]:
    """The path as backends may come to read it: dot segments resolved, and everything resolved."""
    decoded = unquote(path, encoding="latin-1").replace("\\", "/")
    without_parameters = re.sub(r";[^/]*", "", decoded)
    return resolved(path), resolved(re.sub(r"/+", "/", without_parameters))


def resolved(path: str) -> str:
    """`path` without its dot segments (RFC 3986, 5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept) or "/"


def without_prefix(target: str, prefix: str) -> str:
    """`target` as the upstream of a route with `strip_path` gets it."""
    rest = target[len(prefix.rstrip("/")) :]
    return rest if rest.startswith("/") else f"/{rest}"
