"""Many regexes asked at once: which is the first that matches the whole of a text?

Joined by `|`, a few hundred cost RE2 as much as one. A joined expression that meets hostile texts
fills a cache of its own, so each gets a small one; without room there RE2 is slower, never wrong.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

MAX_JOINED = 200
MAX_CACHE = 4 << 20
"""Bytes that RE2 may spend on one joined expression; with a quarter it is ten times as slow."""


class _Group(NamedTuple):
    joined: Any
    first: int
    members: Sequence[Any]


class Alternation:
    """Compiled RE2 expressions in their order."""

    __slots__ = ("_groups",)

    def __init__(self, compiled: Sequence[Any]) -> None:
        self._groups = list(_groups(compiled, 0))

    def first(self, text: str) -> int | None:
        """The place of the first expression that matches the whole of `text`; None without one."""
        for joined, first, members in self._groups:
            if joined.fullmatch(text) is not None:
                places = enumerate(members, first)
                return next(place for place, member in places if member.fullmatch(text))
        return None


def _groups(compiled: Sequence[Any], first: int) -> list[_Group]:
    """The expressions in groups; one that RE2 finds too large is halved."""
    groups: list[_Group] = []
    for start in range(0, len(compiled), MAX_JOINED):
        members = compiled[start : start + MAX_JOINED]
        groups += _joined(members, first + start)
    return groups


def _joined(members: Sequence[Any], first: int) -> list[_Group]:
    if len(members) == 1:
        return [_Group(members[0], first, members)]
    import re2  # loaded by whoever compiled the members

    options = re2.Options()
    options.log_errors = False
    options.max_mem = MAX_CACHE
    text = "|".join(f"(?:{member.pattern})" for member in members)
    try:
        if "\\Q" not in text:  # quotes to the end of the text, the next members included
            return [_Group(re2.compile(text, options), first, members)]
    except re2.error:
        pass
    half = len(members) // 2
    return _joined(members[:half], first) + _joined(members[half:], first + half)
