"""Which route a request takes: the longest matching path prefix, cut at segment borders.

The raw path counts, byte for byte and case-sensitive. But a backend may read a path otherwise than
it was sent (`readings`), and may take /Admin for /admin. Where that leads to a route of another
effect, the request would slip past the policy of one of the two; it is refused.

Routes stand in trees of segments: finding one takes as long as its path is deep, however many there
are. `written` has each route where its prefix puts it. `read` has it under every reading of its
prefix as well, unless another route is written so. In `folded`, where case does not count, several
routes may share a node.
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import Generic, Protocol, TypeVar

from corsproxy.cors.escape import escaped
from corsproxy.proxy.path_readings import Done, TooManyReadings, folded, plain, readings


class Routed(Protocol):
    """What a table of routes is made of."""

    @property
    def path(self) -> str: ...

    @property
    def host(self) -> str | None: ...

    @property
    def effect(self) -> Hashable:
        """Equal for two routes where it makes no difference which of them a request takes."""


R = TypeVar("R", bound=Routed)

_Found = list[tuple[str, R]]
"""Routes, each with its prefix, which ends without a slash."""

_CASE = "upper and lower case are not distinguished"


class AmbiguousPath(Exception):
    """The path leads to a route of another effect once a backend has read it in its way.

    The text says which, and why: what follows on "the path ...".
    """


class _Node(Generic[R]):
    """A segment in a tree: those below it, and the routes that end here, by host."""

    __slots__ = ("below", "everywhere", "hosts")

    def __init__(self) -> None:
        self.below: dict[str, _Node[R]] = {}
        self.everywhere: _Found[R] = []
        self.hosts: dict[str, _Found[R]] = {}


class _Tree(Generic[R]):
    """Routes, each with its prefix, by the segments of a path."""

    def __init__(self) -> None:
        self._root: _Node[R] = _Node()
        self._depth = 0

    def add(self, path: str, entry: tuple[str, R], *, unless_taken: bool = False) -> None:
        """Put a route at `path`, after those that are there."""
        segments = path.rstrip("/").split("/")[1:]
        node = self._root
        for segment in segments:
            node = node.below.setdefault(segment, _Node())
        host = entry[1].host
        here = node.everywhere if host is None else node.hosts.setdefault(host, [])
        if not (here and unless_taken) and entry not in here[-1:]:
            here.append(entry)
        self._depth = max(self._depth, len(segments))

    def find(self, host: str, path: str) -> _Found[R]:
        """The routes that are deepest on the way of `path`; where several are, those for `host`."""
        node = self._root
        found = (node.hosts and node.hosts.get(host)) or node.everywhere
        for segment in path[1:].split("/", self._depth):  # nothing lies below what is left over
            below = node.below.get(segment)
            if below is None:
                break
            node = below
            found = (node.hosts and node.hosts.get(host)) or node.everywhere or found
        return found


class Routes(Generic[R]):
    """Routes, found by host and path. The longest path wins; of two equal ones that with a host."""

    def __init__(self, routes: Iterable[R]) -> None:
        table = [(route.path.rstrip("/"), route) for route in routes]
        catch_all = next((route for prefix, route in table if not prefix and not route.host), None)
        self.only = catch_all if len(table) == 1 else None
        """The one route that every request takes; None where there is a choice."""
        self._alike = catch_all is not None and all(
            route.effect == catch_all.effect for _, route in table
        )
        self._plain = all(plain(f"{path}/") and path == folded(path) for path, _ in table)
        self._written: _Tree[R] = _Tree()
        for entry in table:
            self._written.add(entry[0], entry)
        self._read, in_one_case = self._written, self._written
        if not self._plain:
            self._read, in_one_case = _read_trees(table)
        self._find_folded = in_one_case.find

    def find(self, host: str, target: str) -> R | None:
        """The route of a request; `host` without port. Raises AmbiguousPath."""
        if self.only is not None:
            return self.only
        path = target.partition("?")[0]
        if self._plain and plain(path):
            # Nearly every request. What is found without regard to case is what is found with it
            # if the path has its prefix as it is written: the longest of few is the longest of all.
            found = self._find_folded(host, path.lower())
            if found and path.startswith(found[0][0]):
                return found[0][1]
        return self._find_carefully(host, path)

    def _find_carefully(self, host: str, path: str) -> R | None:
        found = self._written.find(host, path) if path[:1] in ("", "/") else None
        if not found:
            return None
        if not self._alike:
            self._check(host, path, found)
        return found[0][1]

    def _check(self, host: str, path: str, found: _Found[R]) -> None:
        try:
            texts = readings(path)
        except TooManyReadings:
            message = "can be read in too many ways to say which route it leads to"
            raise AmbiguousPath(message) from None
        for text, done in texts.items():
            if (others := self._read.find(host, text)) is not found:
                _compare(found[0][1], others, text, done)
            if (others := self._find_folded(host, folded(text))) is not found:
                _compare(found[0][1], others, text, (*done, _CASE))


def _read_trees(table: _Found[R]) -> tuple[_Tree[R], _Tree[R]]:
    """The trees `read` and `folded`."""
    read: _Tree[R] = _Tree()
    in_one_case: _Tree[R] = _Tree()
    for entry in table:
        read.add(entry[0], entry)
    for entry in table:
        for reading in _readings(entry[0]):
            read.add(reading, entry, unless_taken=True)
            in_one_case.add(folded(reading), entry)
    return read, in_one_case


def _readings(prefix: str) -> Iterable[str]:
    try:
        return readings(prefix)
    except TooManyReadings:
        return (prefix,)


def _compare(route: Routed, others: Sequence[tuple[str, Routed]], reading: str, done: Done) -> None:
    """Raise AmbiguousPath where none of `others`, which `reading` leads to, is as good."""
    if any(other is route or other.effect == route.effect for _, other in others):
        return
    leads = f"to the route {_named(others[0][1])}" if others else "to no route"
    raise AmbiguousPath(
        f"takes the route {_named(route)} as it is written, but leads {leads}, which has another "
        f'policy or upstream, where {" and ".join(done)}: "{escaped(reading)}"'
    )


def _named(route: Routed) -> str:
    return f"{route.host or ''}{escaped(route.path)}"


def without_prefix(target: str, prefix: str) -> str:
    """`target` as the upstream of a route with `strip_path` gets it."""
    rest = target[len(prefix.rstrip("/")) :]
    return rest if rest.startswith("/") else f"/{rest}"
