"""Names of the headers that take part in CORS, and list values read, written and merged.

A message's headers are pairs of text, decoded as latin-1, so that every byte survives
(RFC 9110, 5.5). Several lines of a list-based header are one value (RFC 9110, 5.3).
"""

from collections.abc import Iterable, Sequence

Fields = Sequence[tuple[str, str]]

ORIGIN = "Origin"
VARY = "Vary"
REQUEST_METHOD = "Access-Control-Request-Method"
REQUEST_HEADERS = "Access-Control-Request-Headers"
REQUEST_PRIVATE_NETWORK = "Access-Control-Request-Private-Network"
ALLOW_ORIGIN = "Access-Control-Allow-Origin"
ALLOW_CREDENTIALS = "Access-Control-Allow-Credentials"
ALLOW_METHODS = "Access-Control-Allow-Methods"
ALLOW_HEADERS = "Access-Control-Allow-Headers"
EXPOSE_HEADERS = "Access-Control-Expose-Headers"
MAX_AGE = "Access-Control-Max-Age"
ALLOW_PRIVATE_NETWORK = "Access-Control-Allow-Private-Network"

RESPONSE_NAMES = frozenset(
    name.lower()
    for name in (
        ALLOW_ORIGIN,
        ALLOW_CREDENTIALS,
        ALLOW_METHODS,
        ALLOW_HEADERS,
        EXPOSE_HEADERS,
        MAX_AGE,
        ALLOW_PRIVATE_NETWORK,
    )
)
"""The response headers of CORS, in lower case: what a policy owns on every response."""

REQUEST_NAMES = frozenset(
    name.lower() for name in (ORIGIN, REQUEST_METHOD, REQUEST_HEADERS, REQUEST_PRIVATE_NETWORK)
)
"""The request headers of CORS, in lower case."""

CONNECTION_SPECIFIC = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "transfer-encoding",
        "upgrade",
    }
)
"""Never forwarded as received (RFC 9110, 7.6.1): each hop has its own. In lower case."""


def fields_of(head: bytes) -> list[tuple[str, str]]:
    """List the header lines of a message's head, in order, blanks around each value removed."""
    lines = head.decode("latin-1").split("\n")[1:]
    pairs = (line.partition(":") for line in lines if line.strip("\r"))
    return [(name, value.strip(" \t\r")) for name, _, value in pairs]


def values(fields: Fields, name: str) -> list[str]:
    """List the value of each header line called `name`, in order; the name in any case."""
    wanted = name.lower()
    return [value for key, value in fields if key.lower() == wanted]


def joined(fields: Fields, name: str) -> str | None:
    """Join all lines of a list-based header into the one value they are; None without any."""
    found = values(fields, name)
    return ", ".join(found) if found else None


def elements(value: str, limit: int = -1) -> list[str]:
    """List the elements of a comma-separated list, blanks around each removed, empty ones kept.

    No more than the first `limit`, where that is given: the rest costs nothing.
    """
    found = value.split(",", limit)
    return [element.strip(" \t") for element in (found[:limit] if limit >= 0 else found)]


def merge_vary(present: Iterable[str], names: Sequence[str]) -> str | None:
    """Make the value of one Vary line that says `present` and `names`; None where neither says any.

    Nothing is said twice, whatever its case; `*` says everything already (RFC 9110, 12.5.5).
    """
    names_once: dict[str, str] = {}
    for name in (*(e for line in present for e in elements(line) if e), *names):
        names_once.setdefault(name.lower(), name)
    if "*" in names_once:
        return "*"
    return ", ".join(names_once.values()) or None
