"""trials: the origins that attackers try, each made to slip past one usual mistake."""

import ipaddress
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from corsproxy.cors.origin import OPAQUE
from corsproxy.cors.public_suffix import registrable_domain

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


LIKE_LOCALHOST = Trial(
    "localhost-look-alike",
    f"http://localhost.{ATTACKER}",
    "F",
    "C",
    "a host that only begins like localhost is allowed",
    _EXACT,
)
NO_ORIGIN = Trial(
    "not-an-origin",
    ATTACKER,
    "C",
    "B",
    "what is no origin, and comes from no browser, is reflected: it is not compared with a list",
    _EXACT,
)
UNKNOWN = (STRANGER, NOBODY, LIKE_LOCALHOST, NO_ORIGIN)
"""Whom no server should trust, whatever origins it allows."""


def trials(base: str) -> Iterator[Trial]:
    """Look-alikes of `base`, an origin that is, or may well be, allowed."""
    parts = urlsplit(base)
    scheme, host = parts.scheme, parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    here = bracketed_host(base)
    yield _trial("other-port", f"{scheme}://{here}:31337", "any port of the host", "C")
    if scheme == "https":
        yield _trial("http-downgrade", f"http://{here}{port}", f"the same host {_OVER_HTTP}", "D")
    if _is_address(host):
        return
    deceiving = (
        *_other_beginnings(host),
        ("userinfo-look-alike", f"{host}@{ATTACKER}", "a host behind a user name"),
        *(("odd-byte-in-host", f"{host}{odd}.{ATTACKER}", _ODD_BYTE) for odd in ODD_BYTES),
    )
    for name, lookalike, text in deceiving:
        yield _trial(name, f"{scheme}://{lookalike}{port}", text, "F")
    for lookalike in _unescaped_dots(host):
        text = "a host with another character for a dot"
        yield _trial("unescaped-dot", f"{scheme}://{lookalike}{port}", text, "F")
    text = "any subdomain of the host, one that is taken over or forgotten too,"
    yield _trial("any-subdomain", f"{scheme}://anything.{host}{port}", text, "C")
    if registrable_domain(host) not in (None, host):
        text = "any subdomain of the site, one that is taken over or forgotten too,"
        yield _trial("any-subdomain", f"{scheme}://attacker{host}{port}", text, "C")
    if scheme == "https":
        lookalike = f"http://anything.{host}{port}"
        yield _trial("http-subdomain", lookalike, f"any subdomain {_OVER_HTTP}", "D")


_OVER_HTTP = "over http, where anyone on the network may speak for it,"
_ODD_BYTE = "a host behind a byte that some patterns skip"
ODD_BYTES = ("_", "%60", *"-\"{}+^!~;|&'()*,$=")
"""What some browser lets stand in a host, and some pattern takes for the end of one."""


def _other_beginnings(host: str) -> Iterator[tuple[str, str, str]]:
    """Hosts of other sites that begin or end like `host`.

    A label put before the first one makes a sibling, which belongs to the same site: only before
    the registrable domain it makes a host that anybody can have.
    """
    text = "a host that only begins like the trusted one"
    yield "prefix-match", f"{host}.{ATTACKER}", text
    yield "prefix-match", f"{host}{ATTACKER}", text
    site = registrable_domain(host)
    yield "suffix-match", f"attacker{site or host}", "a host that only ends like the trusted one"
    if site and site.index(".") > 1:
        yield "host-cut", site[1:], "what is only the end of the trusted host"


def _trial(name: str, origin: str, text: str, worst: str) -> Trial:
    return Trial(name, origin, worst, "C" if worst in "DF" else "B", f"{text} is allowed", _EXACT)


def _unescaped_dots(host: str) -> Iterator[str]:
    """`.` in a regex matches any character: a.b.example.com allows a.bxexample.com.

    Only hosts of other sites: axb.example.com, of the same one, is allowed with any subdomain.
    """
    for place, character in enumerate(host[: host.rfind(".")]):
        lookalike = f"{host[:place]}x{host[place + 1 :]}"
        if character == "." and registrable_domain(lookalike) != registrable_domain(host):
            yield lookalike


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
