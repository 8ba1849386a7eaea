"""Paths that try to reach /admin as something else, or something else as /admin."""

import random
from collections.abc import Iterator

_SLASHES = ("/", "/", "/", "%2f", "%2F", "%5c", "\\", "//", "%252f", "%c0%af", "%ef%bc%8f", "/./")
_ADMINS = ("admin", "admin", "admin", "ADMIN", "Admin", "%61dmin", "adm%69n", "%2561dmin")
_NAMES = (
    "x",
    "x",
    "..",
    "..",
    ".",
    "%2e%2e",
    ".%2e",
    "%252e%252e",
    "",
    ";a",
    "..;",
    "%c0%ae%c0%ae",
)
_TAILS = (
    "",
    "",
    "",
    "",
    ";a=b",
    "%3bx",
    "%20",
    ".",
    "%00",
    "%0a",
    "%09",
    "%3f",
    "%23x",
    "%ff",
    ";",
)


def table() -> Iterator[str]:
    """Every single trick, and each pair of a slash with dots."""
    for admin in ("admin", "ADMIN", "%61dmin"):
        for slash in dict.fromkeys(_SLASHES):
            yield f"/{admin}{slash}x"
            yield f"{slash}{admin}/x" if slash.startswith("/") else f"/{slash}{admin}/x"
            for dots in dict.fromkeys(_NAMES):
                yield f"/{admin}{slash}{dots}{slash}x"
                yield f"/x{slash}{dots}{slash}{admin}"
        for tail in _TAILS:
            yield f"/{admin}{tail}"
            yield f"/{admin}{tail}/x"
            yield f"/{admin}/..{tail}/x"


def at_random(number: int, seed: int = 8) -> Iterator[str]:
    """Tricks put together, the same ones in each run."""
    choose = random.Random(seed).choice
    for _ in range(number):
        kinds = [choose((_NAMES, _ADMINS, _NAMES)) for _ in range(choose((1, 2, 3, 4, 5)))]
        kinds.insert(choose(range(len(kinds) + 1)), _ADMINS)
        path = "".join(choose(_SLASHES) + choose(kind) + choose(_TAILS) for kind in kinds)
        yield path if path.startswith("/") else f"/{path}"


def sample() -> list[str]:
    """All of them, each once."""
    return list(dict.fromkeys((*table(), *at_random(900))))
