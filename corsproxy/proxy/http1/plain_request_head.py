"""What the fast lane understands completely: an ordinary HTTP/1.1 request head.

One match says whether a head is one, one split takes out the lines that any rule looks at. These
two passes are most of what Python does for a browser's request; `_heads.c`, where it was compiled,
does both in one.
"""

import contextlib
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from corsproxy.limits import MAX_FIELDS
from corsproxy.proxy.http1.field_lines import FIELD_LINES
from corsproxy.proxy.http1.forwarding import LOOK_ALIKES, REQUEST_DROPPED
from corsproxy.proxy.http1.head_pieces import Pieces, Splitter

SURELY_FEW = 4 * MAX_FIELDS
"""A head with so few bytes cannot have more fields than that."""

REQUEST_HEAD = re.compile(
    # Origin-form of visible ASCII without "#" (RFC 9112, 3.2.1), in this version only.
    rb"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (/[!\"$-~]*+) HTTP/1\.1\r\n" + FIELD_LINES
)
"""A complete request head that is ordinary so far; `specials` says the rest."""

SIGNIFICANT_HEADERS = REQUEST_DROPPED | {
    "access-control-request-headers",
    "access-control-request-method",
    "access-control-request-private-network",
    "content-length",
    "max-forwards",
    "origin",
    "sec-fetch-mode",
    "via",
}
"""Request fields that forwarding or CORS have a say in, by name in lower case."""

_UNUSUAL = SIGNIFICANT_HEADERS & {
    "content-length",  # here only when it is not plain digits
    "expect",
    "max-forwards",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}


split = Splitter(SIGNIFICANT_HEADERS, LOOK_ALIKES)
"""A request's head in pieces."""

Cut = tuple[bytes, bytes, Pieces, int]
"""A method, a target, the head in pieces, and where it ends."""


def cut_by_regex(data: bytes) -> Cut | None:
    """The ordinary head that `data` begins with; None where it begins with none."""
    found = REQUEST_HEAD.match(data)
    if found is None:
        return None
    method, target = found.groups()
    return method, target, split(found[0]), found.end()


cut: Callable[[bytes], Cut | None] = cut_by_regex
"""The same by the compiled module, if it is there."""
with contextlib.suppress(ImportError):
    from corsproxy.proxy.http1 import _heads

    _heads.learn_request(SIGNIFICANT_HEADERS | LOOK_ALIKES, LOOK_ALIKES)
    cut = _heads.cut_request


class Special(NamedTuple):
    """One special line as a pair; the empty name stands for a plain Content-Length."""

    name: str
    value: str


def specials(lines: Iterable[bytes | None]) -> list[Special]:
    """The special lines of a head, taken apart."""
    taken = []
    for line in lines:
        name, _, value = (line or b"").decode("latin-1").partition(":")
        taken.append(Special(name, value.strip(" \t")))
    return taken


def host_of(lines: list[Special]) -> str | None:
    """The one Host of an ordinary request; None where these lines make it no ordinary one."""
    names = [name.lower() for name, _ in lines]
    if not _UNUSUAL.isdisjoint(names) or names.count("host") != 1 or names.count("") > 1:
        return None
    for name, value in lines:
        if name.lower() == "connection" and value.lower() not in ("keep-alive", "close"):
            return None
    return lines[names.index("host")].value or None
