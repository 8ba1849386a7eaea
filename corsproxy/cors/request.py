"""Request: what CORS looks at in a request, and what a request is to CORS.

Fetch, "HTTP requests": https://fetch.spec.whatwg.org/#http-requests
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from corsproxy.cors import headers as f

MAX_METHOD_BYTES = 64
"""Bytes of a method; the longest registered one, UPDATEREDIRECTREF, has 17."""

_SIGNIFICANT_HEADERS = f.REQUEST_NAMES | {"authorization", "cookie", "sec-fetch-mode", "upgrade"}


class Kind(StrEnum):
    """What a request is to CORS."""

    NOT_CORS = "not-cors"
    SAME_ORIGIN = "same-origin"
    NAVIGATION = "navigation"
    PREFLIGHT = "preflight"
    ACTUAL = "actual"
    WEBSOCKET = "websocket"


class Request(NamedTuple):
    """What CORS looks at in a request. Texts as they came, latin-1; None for an absent header.

    Several lines of a header are joined by a comma first: two Origin lines are one value, which
    names no origin. `own_origin` is the proxy's own, by scheme and Host.

    >>> Request.of("GET", [("Origin", "https://app.example")]).origin
    'https://app.example'
    """

    method: str
    origin: str | None = None
    requested_method: str | None = None
    requested_names: str | None = None
    private_network: str | None = None
    own_origin: str = ""
    navigation: bool = False
    websocket: bool = False
    credentials: bool = False
    """Whether this is a WebSocket handshake with credentials that its page may not have itself.

    False for all else: there the browser keeps the response from a page that may not read it.
    """

    @classmethod
    def of(cls, method: str, headers: f.Fields, own_origin: str = "") -> "Request":
        """Read the headers; `own_origin` is spelled as a browser does, without the default port."""
        found: dict[str, str] = {}
        for name, value in headers:
            key = name.lower()
            if key in _SIGNIFICANT_HEADERS:
                found[key] = f"{found[key]}, {value}" if key in found else value
        get = found.get
        websocket = "upgrade" in found and "websocket" in f.elements(found["upgrade"].lower())
        return cls(
            method,
            get("origin") or None,
            get("access-control-request-method") or None,
            get("access-control-request-headers"),
            get("access-control-request-private-network"),
            own_origin,
            get("sec-fetch-mode") == "navigate",
            websocket,
            websocket and _with_credentials(found, own_origin),
        )


def _with_credentials(found: Mapping[str, str], own_origin: str) -> bool:
    """Whether credentials came along that a page of this origin could not send by itself.

    Cookies know no ports (RFC 6265, 8.5): a page of the same host has them all. What a browser
    keeps for HTTP authentication belongs to one origin (RFC 7617, 2.2).
    """
    if found.get("authorization"):
        return True
    own_host = _without_port(own_origin)
    same_host = bool(own_host) and own_host == _without_port(found.get("origin", ""))
    return bool(found.get("cookie")) and not same_host


def _without_port(origin: str) -> str:
    host, _, port = origin.rpartition(":")
    return host if port.isdecimal() else origin


def kind_of(request: Request) -> Kind:
    """Say what `request` is. A bare OPTIONS is no preflight, one from our own origin neither.

    Fetch, "CORS request" and "CORS-preflight request": https://fetch.spec.whatwg.org/#cors-request
    """
    if request.origin is None:
        return Kind.NOT_CORS
    if request.origin == request.own_origin:
        return Kind.SAME_ORIGIN
    if request.method == "OPTIONS" and request.requested_method is not None:
        return Kind.PREFLIGHT
    if request.websocket:
        return Kind.WEBSOCKET
    return Kind.NAVIGATION if request.navigation else Kind.ACTUAL
