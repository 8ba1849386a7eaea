r"""One text that a regex matches, for the plain ones that policies have.

Read are letters, `\.` and its like, `\d` and `\w`, `.`, sets, groups, `|` and every repetition; of
a choice the first is taken, of a repetition the least that is not nothing. For all else there is no
sample, and whoever asks for one has to let the regex judge it: what is read here is no whole regex.
"""

import re
from collections.abc import Iterator

from corsproxy.cors.numbers import number

_PIECE = re.compile(
    r"""
      (?P<open>\((?:\?:|\?P?<\w+>)?)      # a group, named or not
    | (?P<close>\))
    | (?P<either>\|)
    | (?P<edge>\^|\$|\\[AzbZ])            # matches nothing but a place
    | (?P<set>\[(?:\\.|[^\]\\^])(?:\\.|[^\]\\])*\])
    | (?P<escaped>\\.)
    | (?P<any>\.)
    | (?P<plain>[^\\()\[\]|^$.*+?{}])
    """,
    re.VERBOSE,
)
_REPEATED = re.compile(r"(?:(?P<maybe>[*?+])|\{(?P<least>[0-9]+)(?:,[0-9]*)?\})\??")
_MAX_REPEATED = 1000
"""As often as RE2 lets a piece be repeated."""
_CLASSES = {"d": "7", "w": "a", "S": "a", "D": "a"}


def regex_sample(text: str) -> str | None:
    """What `text` might match; None where it has what is not read here."""
    try:
        found, rest = _alternatives(text)
    except _UnreadError:
        return None
    return None if rest else found


class _UnreadError(Exception):
    """Something that is not read here."""


def _alternatives(text: str) -> tuple[str, str]:
    """The first of the alternatives up to a closing bracket, and what is behind it."""
    first: str | None = None
    taken = ""
    while text and not text.startswith(")"):
        if text.startswith("|"):
            first, taken, text = taken if first is None else first, "", text[1:]
            continue
        piece, text = _piece(text)
        times, text = _times(text)
        taken += piece * times
    return (taken if first is None else first), text


def _piece(text: str) -> tuple[str, str]:
    found = _PIECE.match(text)
    if found is None:
        raise _UnreadError
    rest = text[found.end() :]
    match found.lastgroup:
        case "open":
            inside, rest = _alternatives(rest)
            if not rest:
                raise _UnreadError
            return inside, rest[1:]
        case "edge":
            return "", rest
        case "set":
            return next(_members(found[0][1:-1])), rest
        case "escaped":
            return _escaped(found[0][1]), rest
        case "any":
            return "a", rest
    return found[0], rest


def _members(inside: str) -> Iterator[str]:
    yield _escaped(inside[1]) if inside.startswith("\\") else inside[0]


def _escaped(character: str) -> str:
    if character in _CLASSES:
        return _CLASSES[character]
    if character.isalnum():
        raise _UnreadError
    return character


def _times(text: str) -> tuple[int, str]:
    found = _REPEATED.match(text)
    if found is None:
        return 1, text
    times = number(found["least"] or "1", _MAX_REPEATED)
    if times is None:
        raise _UnreadError
    return times, text[found.end() :]
