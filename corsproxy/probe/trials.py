"""trials: the origins that attackers try, each made to slip past one usual mistake."""

import ipaddress
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from corsproxy.cors.origin import OPAQUE

ATTACKER = "attacker.example"
"""A host that is nobody's (RFC 2606)."""


class Trial(NamedTuple):
    """An origin, and what it means that a server shares its responses with it.

    `worst` is the grade when credentials are shared, too; `mild` the one when they are not.
    """

    id: str
    origin: str
    worst: str
    mild: str
    text: str
    fix: str


_EXACT = "compare whole origins, byte for byte, with a list"

STRANGER = Trial(
    "any-origin-reflected",
    f"https://{ATTACKER}",
    "F",
    "C",
    "every origin is reflected, so any site may read the responses",
    _EXACT,
)
NOBODY = Trial(
    "null-allowed",
    OPAQUE,
    "F",
    "C",
    "the origin null is allowed, and any site can get it with a sandboxed frame",
    "take null off the list",
)


def trials(base: str) -> Iterator[Trial]:
    """Look-alikes of `base`, an origin that is, or may well be, allowed."""
    parts = urlsplit(base)
    scheme, host = parts.scheme, parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    here = bracketed_host(base)
    yield _trial("other-port", f"{scheme}://{here}:31337", "any port of the host", "C")
    if scheme == "https":
        text = "the same host over http, where anyone on the network may speak for it,"
        yield _trial("http-downgrade", f"http://{here}{port}", text, "D")
    if _is_address(host):
        return
    deceiving = (
        ("prefix-match", f"{host}.{ATTACKER}", "a host that only begins like the trusted one"),
        ("suffix-match", f"attacker{host}", "a host that only ends like the trusted one"),
        ("userinfo-look-alike", f"{host}@{ATTACKER}", "a host behind a user name"),
        ("odd-byte-in-host", f"{host}_.{ATTACKER}", "a host behind a byte that some patterns skip"),
        *_unescaped_dots(host),
    )
    for name, lookalike, text in deceiving:
        yield _trial(name, f"{scheme}://{lookalike}{port}", text, "F")
    text = "any subdomain of the host, one that is taken over or forgotten too,"
    yield _trial("any-subdomain", f"{scheme}://anything.{host}{port}", text, "C")


def _trial(name: str, origin: str, text: str, worst: str) -> Trial:
    return Trial(name, origin, worst, "C" if worst in "DF" else "B", f"{text} is allowed", _EXACT)


def _unescaped_dots(host: str) -> Iterator[tuple[str, str, str]]:
    """`.` in a regex matches any character: a.b.example.com allows a.bxexample.com.

    Not the last dot: without it no public host is left.
    """
    for place, character in enumerate(host[: host.rfind(".")]):
        if character == ".":
            lookalike = f"{host[:place]}x{host[place + 1 :]}"
            yield "unescaped-dot", lookalike, "a host with another character for a dot"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def bracketed_host(origin: str) -> str:
    """The host of `origin`, an IPv6 address in its brackets."""
    host = urlsplit(origin).hostname or ""
    return f"[{host}]" if ":" in host else host
