"""A head cut at the lines that matter, and put together again.

All other lines pass as they are, whatever they say; so they need not be taken apart. `_heads.c`,
where it was compiled, does the same in fewer passes.
"""

import contextlib
import functools
import re
from collections.abc import Callable, Collection, Iterable
from typing import Any

Pieces = list[Any]
"""A head, cut at its special lines: text, a plain Content-Length or None, another special line or
None, text, and so on. Each is bytes; the line end before a special line is left out."""

_ANY_MARK = b"\0"
"""Stands for any byte of a name but letters and digits."""

_PLAIN_LENGTH = rb":[\t ]*[0-9]{1,18}[\t ]*(?=\r)"


class Splitter:
    """Cuts a head at the lines of these names (lower case here), and at Content-Length.

    Of `look_alikes`, at those also that have other marks in the place of hyphens.
    """

    def __init__(self, names: Iterable[str], look_alikes: Collection[str] = ()) -> None:
        self._names = frozenset((*names, "content-length"))
        self._look_alikes = look_alikes

    @functools.cached_property
    def pattern(self) -> re.Pattern[bytes]:
        """Made at the first use, at some milliseconds: `_heads.c` does without."""
        length = any_case([b"content-length"]) + _PLAIN_LENGTH
        alike = {name.encode().replace(b"-", _ANY_MARK) for name in self._look_alikes}
        plain = {name.encode() for name in self._names.difference(self._look_alikes)}
        special = any_case(plain | alike) + rb":[^\r]*+"
        return re.compile(rb"\r\n(?:(" + length + rb")|(" + special + rb"))")

    def __call__(self, head: bytes) -> Pieces:
        """The head in pieces."""
        return self.pattern.split(head)


def content_length(pieces: Pieces, index: int) -> int:
    """What the Content-Length says that is the special line number `index`."""
    return int(pieces[1 + 3 * index][len(b"content-length:") :])


def joined_by_slices(pieces: Pieces, lines: list[bytes], index: int, tail: bytes) -> bytes:
    """The head that `pieces` become: `lines` in the place of the special ones, `tail` at the end.

    The line at `index` (-1 for none) is Content-Length and stays.
    """
    parts = pieces.copy()
    if index >= 0:
        lines = lines.copy()
        lines[index] = b"\r\n" + parts[1 + 3 * index]
    del parts[1::3]
    parts[1::2] = lines
    parts[-1] = parts[-1][:-4] + tail
    return b"".join(parts)


joined: Callable[[Pieces, list[bytes], int, bytes], bytes] = joined_by_slices
"""The same by the compiled module, if it is there."""
with contextlib.suppress(ImportError):
    from corsproxy.proxy.http1 import _heads

    joined = _heads.joined


def any_case(names: Iterable[bytes]) -> bytes:
    """A pattern for these names, as a tree of letters.

    Faster than the names side by side under re.IGNORECASE: the engine sees by the first letter that
    a line has none of them.
    """
    branches: dict[bytes, list[bytes]] = {}
    for name in sorted(names):
        branches.setdefault(name[:1], []).append(name[1:])
    patterns = [_letter(first) + any_case(rest) for first, rest in branches.items() if first]
    ends = b"" in branches
    if not patterns:
        return b""
    whole = patterns[0] if len(patterns) == 1 else b"(?:" + b"|".join(patterns) + b")"
    return b"(?:" + whole + b")?" if ends else whole


def _letter(letter: bytes) -> bytes:
    if letter == _ANY_MARK:
        return rb"[!#$%&'*+\-.^_`|~]"
    return b"[" + letter + letter.upper() + b"]" if letter.isalpha() else re.escape(letter)
