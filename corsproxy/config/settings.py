"""Config: every setting in its final form, sound and ready to use.

What was typed is `reader`'s affair; a Config is only built where no mistake was found.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import NamedTuple

from corsproxy.config.address import HttpProxy, ListenAddress, TcpAddress, UpstreamAddress
from corsproxy.cors.policy import Policy
from corsproxy.cors.span import Span


class ForwardedOrigin(StrEnum):
    """What the upstream sees as Origin: the page's, none, or the upstream's own."""

    KEEP = "keep"
    DROP = "drop"
    REWRITE = "rewrite"


class RequestId(StrEnum):
    """Whether a request that has no X-Request-Id gets one on its way to the upstream."""

    KEEP = "keep"
    ADD = "add"


class Forwarded(StrEnum):
    """Whether the upstream is told of the client in X-Forwarded-* and Forwarded.

    Always, with a trusted proxy's words kept; not at all; or of a trusted proxy's clients only.
    """

    ADD = "add"
    OFF = "off"
    TRUSTED = "trusted"


class LogFormat(StrEnum):
    """Lines for people, or one JSON object per line."""

    PRETTY = "pretty"
    JSON = "json"


class LogLevel(StrEnum):
    """The least that is worth a line."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class UpstreamTls:
    """How an https upstream is verified, and what we show it: `certificate` with its `key`."""

    verify: bool = True
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    server_name: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """Requests below `path`, and for `host` where one is given: where they go, what they may.

    `path` is a prefix that ends at a segment border.
    """

    path: str
    upstream: UpstreamAddress
    policy: Policy
    host: str | None = None
    strip_path: bool = False
    upstream_tls: UpstreamTls | None = None
    """How its upstream is verified; None where that is as for the top."""

    @property
    def place(self) -> str:
        """Host and path, by which people know it: "api.test/users", "/users"."""
        return f"{self.host or ''}{self.path}"

    @property
    def stripped_prefix(self) -> str:
        """What the upstream does not see of a path: no slash at its end, "" where it sees all."""
        return self.path.rstrip("/") if self.strip_path else ""

    @property
    def effect(self) -> tuple[Policy, UpstreamAddress, UpstreamTls | None, str]:
        """What becomes of a request here: equal where it does not matter which route it takes."""
        return self.policy, self.upstream, self.upstream_tls, self.stripped_prefix


class SetHeader(NamedTuple):
    """A header that is put into each message, whatever was there under its name."""

    name: str
    value: str
    reference: str = ""
    """What a file says for the value where it came from a variable or a flag (`${API_KEY}`): it is
    then a secret, and shown nowhere. "" for a value that stands in the file."""


@dataclass(frozen=True, slots=True)
class HeaderChanges:
    """Headers put into messages and taken out of them."""

    set: tuple[SetHeader, ...] = ()
    remove: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """In lower case: of these, nothing that was there stays."""
        return frozenset(name.lower() for name in (*(s.name for s in self.set), *self.remove))


@dataclass(frozen=True, slots=True)
class Forward:
    """What the upstream sees, and what is changed in its responses.

    `host` is "upstream" (its own), "preserve" (the client's), a name, or "auto": the client's for
    an upstream that is near (`UpstreamAddress.near`), which knows no other name of its own, and
    the upstream's own for others, which tell virtual hosts apart by it.
    """

    host: str = "auto"
    origin: ForwardedOrigin = ForwardedOrigin.KEEP
    forwarded: Forwarded = Forwarded.ADD
    request_headers: HeaderChanges = HeaderChanges()
    response_headers: HeaderChanges = HeaderChanges()
    request_id: RequestId = RequestId.KEEP

    def settled_host(self, upstream: UpstreamAddress) -> str:
        """`host` as it counts for that upstream: never "auto"."""
        if self.host != "auto":
            return self.host
        return "preserve" if upstream.near else "upstream"


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What of a response is made ours: references to the upstream's addresses, and its cookies."""

    location: bool = True
    cookies: bool = True


@dataclass(frozen=True, slots=True)
class Tls:
    """What an https address shows its clients: `certificate` with its `key`, or one of our own.

    With `auto` certificates are made by the local authority (`trust/authority.py`).
    """

    auto: bool = False
    certificate: Path | None = None
    key: Path | None = None

    @property
    def given(self) -> bool:
        """Whether anything is said."""
        return self != Tls()


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `connect` and `head` are the upstream's, `idle` is any silence in content."""

    connect: float = 5.0
    head: float = 60.0
    idle: float = 300.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client, or all of them, may take. `body_bytes` None means no limit."""

    connections: int = 1000
    header_bytes: int = 65536
    body_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Log:
    """What is written for each exchange; to standard error, where no `file` is named."""

    format: LogFormat = LogFormat.PRETTY
    level: LogLevel = LogLevel.INFO
    file: Path | None = None


ENVIRONMENT = "environment"

DEFAULT_LISTEN = TcpAddress("127.0.0.1", 8080)
DEFAULT_ADMIN = TcpAddress("127.0.0.1", 8081)


@dataclass(frozen=True, slots=True)
class Config:
    """All settings. `routes` ends with the catch-all `/`, which has `upstream` and `policy`.

    `tls` belongs to those addresses of `listen` that speak https.
    `spans` says where each setting stands: "listen", "timeouts.head", "routes.0.path", ...
    Times are in seconds, sizes in bytes. `load` makes one; a copy with other settings is made by
    `dataclasses.replace`.

    >>> from corsproxy import load
    >>> config = load(text="upstream: http://127.0.0.1:8000")
    >>> [str(address) for address in config.listen], config.timeouts.connect
    (['127.0.0.1:8080'], 5.0)
    """

    upstream: UpstreamAddress
    policy: Policy
    listen: tuple[ListenAddress, ...] = (DEFAULT_LISTEN,)
    routes: tuple[Route, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    forward: Forward = Forward()
    rewrite: Rewrite = Rewrite()
    tls: Tls = Tls()
    upstream_tls: UpstreamTls = UpstreamTls()
    upstream_proxy: HttpProxy | str | None = None
    """An HTTP proxy on the way to upstreams; ENVIRONMENT for the variables that name one."""
    timeouts: Timeouts = Timeouts()
    limits: Limits = Limits()
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    admin: ListenAddress | None = DEFAULT_ADMIN
    log: Log = Log()
    har: Path | None = None
    fast_lane: bool = True
    source: Path | None = field(default=None, compare=False)
    text: str | None = field(default=None, compare=False, repr=False)
    """What was read, where it was a file: the lines that `spans` name."""
    spans: Mapping[str, Span] = field(default_factory=dict, compare=False, repr=False)

    def tls_of(self, route: Route) -> UpstreamTls:
        """How the upstream of `route` is verified."""
        return self.upstream_tls if route.upstream_tls is None else route.upstream_tls

    @property
    def listed_routes(self) -> tuple[Route, ...]:
        """The routes that a file lists: what is left to the top is none of them."""
        implied = Route("/", self.upstream, self.policy)
        return tuple(route for route in self.routes if route != implied)

    @property
    def policies(self) -> tuple[Policy, ...]:
        """Every policy once: the top's and those of routes that differ."""
        found = (self.policy, *(route.policy for route in self.routes))
        return tuple({id(policy): policy for policy in found}.values())
