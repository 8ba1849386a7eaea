r"""The ways in which servers come to read one path.

The standard has one reading (RFC 3986, 3.3 and 6.2.2). Servers have many: one decodes `%2f` and
keeps the dots, one resolves the dots and keeps the backslash, the next leaves parameters out; and
behind one that did so stands another, who does it all again. Each habit is one step here; a reading
is whatever steps make of a path, in any order.

The number of readings is bounded, and so is the work: each step is linear in the path. A path that
has more readings than that is not read to its end.
"""

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import unquote

MAX_READINGS = 64
"""Of one path. An ordinary one with an encoding has two."""

MAX_CHARACTERS = 1 << 16
"""In all readings of one path, beside four times its own."""

PathStep = Callable[[str], str]
Done = tuple[str, ...]
"""What was done to a path, in words: "percent-encodings are decoded", ..."""


class TooManyReadings(Exception):
    """A path with so many unusual parts that its readings are not all listed."""


def plain(path: str) -> bool:
    """Whether no step finds anything to do in `path`: most are so, and this is all they cost."""
    if not _ORDINARY.match(path) or "//" in path:
        return False
    return "." not in path or not ("/." in path or "./" in path or path[-1] == ".")


def readings(path: str) -> dict[str, Done]:
    """Every text that a server may take `path` for, itself first, with what was done to it.

    In `path` one character is one byte; in what is made of it, bytes that are not UTF-8 stand as
    lone surrogates. Raises TooManyReadings.
    """
    found: dict[str, Done] = {path: ()}
    if not path.isascii():
        found.setdefault(_characters(path), ("bytes are taken for UTF-8",))
    waiting = list(found)
    left = MAX_CHARACTERS + 4 * len(path)
    for text in waiting:  # grows meanwhile
        if plain(text):
            continue
        for words, step in _STEPS:
            if (read := step(text)) in found:
                continue
            found[read] = (*found[text], words)
            waiting.append(read)
            left -= len(read)
            if left < 0 or len(found) > MAX_READINGS:
                raise TooManyReadings
    return found


def folded(segment: str) -> str:
    """`segment` as those see it who compare without regard to case, by whatever rule.

    JavaScript's toLowerCase makes a k of the Kelvin sign, .NET's ToUpperInvariant an I of the
    dotless i, best-fit tables ASCII of full-width letters. One fold stands for them all: coarser
    than each, it can refuse too much, but only what looks like a route's very name.
    """
    if segment.isascii():
        return segment.lower()
    return unicodedata.normalize("NFKC", segment).upper().casefold()


def resolved(path: str) -> str:
    """`path` without its dot segments (RFC 3986, 5.2.4)."""
    if "/." not in path:
        return path
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


_ORDINARY = re.compile(r'/[!"$&-:<->@-\[\]-~]*+\Z')
"""Printable, and none of # % ; ? and the backslash."""

# Possessive, and none can begin in the middle of what another try has gone through: all linear.
_PARAMETERS = re.compile(r";[^/]*+")
_ENCODED_SLASH = re.compile(r"%(?=2[fF]|5[cC])")
_UTF16 = re.compile(r"%u([0-9a-fA-F]{4})")
_OVERLONG = re.compile(
    "[\udcc0\udcc1][\udc80-\udcbf]|\udce0[\udc80-\udc9f][\udc80-\udcbf]|"
    "\udcf0[\udc80-\udc8f][\udc80-\udcbf]{2}"
)
_NO_UTF8 = re.compile("[\ud800-\udfff]")
_END = re.compile(r"[\0?#]")
_BLANK = re.compile(r"[\0- \x7f]")
_BLANKS = re.compile(r"(?<![\0- \x7f])[\0- \x7f]++(?=/|\Z)|(?<=/)[\0- \x7f]++")
_LAST_DOTS = re.compile(r"(?<=[^/.\0- ])[.\0- ]++(?=/|\Z)")
_AUTHORITY = re.compile(r"\A/{2,}+[^/]*+")
_SLASHES = re.compile(r"/{2,}+")


def _characters(path: str) -> str:
    return path.encode("latin-1", "replace").decode("utf-8", "surrogateescape")


def _without_parameters(text: str) -> str:
    """Servlet containers: `;` and what follows belongs to the segment no more (RFC 3986, 3.3)."""
    return _PARAMETERS.sub("", text) if ";" in text else text


def _decoded(text: str) -> str:
    return unquote(text, errors="surrogateescape") if "%" in text else text


def _decoded_within(text: str) -> str:
    """Those who split first and decode then (the URL standard's dots, yarl, .NET): `%2F` stays."""
    kept, slashes = _ENCODED_SLASH.subn("%25", text) if "%" in text else (text, 0)
    return _decoded(kept) if slashes else text


def _leniently(text: str) -> str:
    """Broken or roundabout encodings read as what they resemble.

    `%u002f` (IIS), two bytes for one in ASCII (RFC 3629, 10), full-width forms made ASCII; bytes
    that are not UTF-8 dropped.
    """
    if "%u" in text:
        text = _UTF16.sub(lambda shape: chr(int(shape[1], 16)), text)
    if text.isascii():
        return text
    text = _NO_UTF8.sub("", _OVERLONG.sub(_meant, text))
    return unicodedata.normalize("NFKC", text)


def _meant(overlong: re.Match[str]) -> str:
    number = 0
    for char in overlong[0][1:]:
        number = number << 6 | ord(char) & 0x3F
    first = ord(overlong[0][0]) & (0x1F if len(overlong[0]) == 2 else 0x0F)
    return chr((first << 6 * len(overlong[0][1:]) | number) & 0xFFFF)


def _cut(text: str) -> str:
    """C strings end at NUL; who parses a decoded path anew finds a query or a fragment in it."""
    end = _END.search(text)
    return text[: end.start()] or "/" if end else text


def _slashed(text: str) -> str:
    """The URL standard (special schemes), Windows, IIS: a backslash is a slash."""
    return text.replace("\\", "/") if "\\" in text else text


def _trimmed(text: str) -> str:
    r"""Windows: blanks and dots at a name's end do not count; elsewhere `$` matches before `\n`."""
    if _BLANK.search(text):
        text = _BLANKS.sub("", text)
    return _LAST_DOTS.sub("", text) if "./" in text or text.endswith(".") else text


def _without_authority(text: str) -> str:
    """`new URL(target, ...)` and urlsplit take what stands after two slashes for a host."""
    return _AUTHORITY.sub("", text) or "/" if text.startswith("//") else text


def _merged(text: str) -> str:
    return _SLASHES.sub("/", text) if "//" in text else text


_STEPS: tuple[tuple[str, PathStep], ...] = (
    ("percent-encodings are decoded", _decoded),
    ("dot segments are resolved", resolved),
    ("doubled slashes are merged", _merged),
    ("backslashes are taken for slashes", _slashed),
    ('what follows ";" is left out', _without_parameters),
    ("percent-encodings but those of slashes are decoded", _decoded_within),
    ("blanks and dots at the ends of segments are left out", _trimmed),
    ("the path ends at a NUL, ? or #", _cut),
    ("broken encodings are taken for what they resemble", _leniently),
    ("what follows two slashes is taken for a host", _without_authority),
)
"""In the order of precedence, where several lead to the same reading."""
