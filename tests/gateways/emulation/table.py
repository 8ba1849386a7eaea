"""One table of policies and requests, and what of a response is compared."""

from collections.abc import Iterator
from typing import NamedTuple

from corsproxy.cors import headers as f
from corsproxy.cors.request import Request
from tests.gateways.played import CALLS, ORIGINS, POLICIES
from tests.wire.messages import Message

_LISTED = "allow_origins: [https://a.test, 'http://localhost:5173']"
_MORE = {
    "one method": "allow_methods: [PUT]",
    "methods and safelisted ones": "allow_methods: [GET, HEAD, POST, PUT, OPTIONS]",
    "any method": 'allow_methods: ["*"]',
    "any method and one": 'allow_methods: ["*", PATCH]',
    "one name": "allow_headers: [x-a]",
    "names in capitals": "allow_headers: [X-A, Content-Type, Authorization]",
    "any name": 'allow_headers: ["*"]',
    "any name and one": 'allow_headers: ["*", x-a]',
    "any name and authorization": 'allow_headers: ["*", authorization]',
    "exposed": "expose_headers: [etag, X-Total-Count]",
    "any exposed": 'expose_headers: ["*"]',
    "a preflight cache": "max_age: 60",
    "no preflight cache": "max_age: -1",
    "a long preflight cache": "max_age: 100000",
}
MANY_POLICIES = (
    POLICIES
    | {name: f"{_LISTED}\n{setting}" for name, setting in _MORE.items()}
    | {
        f"{name}, with credentials": f"{_LISTED}\nallow_credentials: true\n{setting}"
        for name, setting in _MORE.items()
    }
)
"""By name, the lines below `cors:`."""


class Answer(NamedTuple):
    """What is compared: order, spelling of names and blanks mean nothing to a browser."""

    status: int
    forwarded: bool
    headers: dict[str, tuple[str, ...]]
    vary: frozenset[str]


_LISTS = {name.lower() for name in (f.ALLOW_METHODS, f.ALLOW_HEADERS, f.EXPOSE_HEADERS)}
SAFELISTED_NAMES = frozenset({"accept", "accept-language", "content-language"})
"""Names that mean nothing in a list, whatever their value; some gateways add them."""


def answer_of(response: Message, *, forwarded: bool) -> Answer:
    fields = [(name.decode().lower(), value.decode("latin-1")) for name, value in response.fields]
    headers = {}
    for name in {name for name, _ in fields if name in f.RESPONSE_NAMES}:
        lines = [value for key, value in fields if key == name and value]
        if name in _LISTS:
            lines = [one for line in lines for one in f.elements(line) if one]
            if name != f.ALLOW_METHODS.lower():
                lines = [one.lower() for one in lines if one.lower() not in SAFELISTED_NAMES]
            lines = sorted(set(lines))
        if lines:
            headers[name] = tuple(lines)
    vary = {one.lower() for name, value in fields if name == "vary" for one in f.elements(value)}
    return Answer(response.status, forwarded, headers, frozenset(vary))


def requests() -> Iterator[tuple[Request, str]]:
    """Each with its path; `/error` is answered 500."""
    for origin in (*ORIGINS, None):
        yield Request("GET", origin), "/"
        yield Request("GET", origin), "/error"
        yield Request("OPTIONS", origin), "/"
    for origin in ("https://a.test", "http://localhost:5173", "https://evil.test", "null", None):
        for method in ("HEAD", "POST", "PUT", "PATCH", "DELETE"):
            yield Request(method, origin), "/"
        yield from ((preflight, "/") for preflight in preflights(origin))
    for origin in ORIGINS:
        yield Request("OPTIONS", origin, "PUT", "x-a"), "/"


def preflights(origin: str | None) -> Iterator[Request]:
    for method, headers in CALLS:
        names = ",".join(sorted(name.lower() for name, _ in headers)) or None
        yield Request("OPTIONS", origin, method, names)
    yield Request("OPTIONS", origin, "PUT", "authorization,x-a,x-b")
    yield Request("OPTIONS", origin, "PUT", "x-a", private_network="true")
    yield Request("OPTIONS", origin, "put")
