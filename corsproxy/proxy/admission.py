"""A configuration made ready to serve, and what it says of a request before anything is sent.

Replaced as a whole at a reload: a request keeps the one with which it began.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import NamedTuple, Self

from corsproxy.config.address import UpstreamAddress
from corsproxy.config.allowed_hosts import Host, Hosts
from corsproxy.config.settings import Config, HeaderChanges, Route
from corsproxy.cors import headers as f
from corsproxy.cors import response_headers
from corsproxy.cors.decision import Decision, Request, decide
from corsproxy.cors.escape import escaped
from corsproxy.cors.fetch_standard import FORBIDDEN_METHODS
from corsproxy.cors.loopback import is_loopback_host
from corsproxy.proxy.http1.forwarded import trusts
from corsproxy.proxy.http1.forwarding import Forwarder, response_fields
from corsproxy.proxy.http1.incoming_request import Client, Incoming
from corsproxy.proxy.http1.own_responses import ALLOWED_METHODS
from corsproxy.proxy.http1.refusals import Refusal
from corsproxy.proxy.http1.rewriting import Rewriting, origin
from corsproxy.proxy.http1.set_cookie import CookieRewriting
from corsproxy.proxy.routing import AmbiguousPath, Routes, without_prefix
from corsproxy.proxy.upstream.pool import UpstreamPool

MAX_OTHER_UPSTREAMS = 20
"""Routes to other upstreams that are looked at, when it is told who gets a cookie."""


class Destination(NamedTuple):
    """One route made ready: its policy, and the way to its upstream."""

    route: Route
    upstream: UpstreamPool
    forwarder: Forwarder
    rewriting: Rewriting | None = None
    """What makes references to the upstream ours; None where the settings leave them alone."""
    cookies: CookieRewriting | None = None
    """What makes its cookies ours; None likewise."""
    changes: HeaderChanges = HeaderChanges()
    """What responses get, or lose, by the settings alone."""
    other_upstreams: tuple[str, ...] = ()
    """The paths of routes to other upstreams, for every host; the first of them."""

    @property
    def path(self) -> str:
        """The route's prefix."""
        return self.route.path

    @property
    def host(self) -> str | None:
        """The host that the route is for."""
        return self.route.host

    @property
    def effect(self) -> Hashable:
        """Equal where it does not matter which of two routes a request takes."""
        return self.route.effect

    def renamed(self, incoming: Incoming, own_origin: str) -> Incoming:
        """A request with its Destination as this upstream knows it (RFC 4918, 9.8 and 9.9)."""
        if self.rewriting is None or incoming.method not in ("COPY", "MOVE"):
            return incoming
        upstream_origin = self.forwarder.origin_for(incoming.host)
        fields = [
            (name, self.rewriting.destination(value, own_origin, upstream_origin))
            if name.lower() == "destination"
            else (name, value)
            for name, value in incoming.fields
        ]
        return incoming._replace(fields=fields)

    @property
    def changes_target(self) -> bool:
        """Whether `target` does anything."""
        return self.route.strip_path or self._in_full

    def target(self, target: str) -> str:
        """The request's target as this upstream gets it."""
        if self.route.strip_path:
            target = without_prefix(target, self.route.path)
        return f"{self.route.upstream}{target}" if self._in_full else target

    @property
    def _in_full(self) -> bool:
        """Whether requests go to an HTTP proxy that is no mere tunnel (RFC 9112, 3.2.2)."""
        return self.upstream.proxy is not None and self.route.upstream.scheme == "http"


class Admitted(NamedTuple):
    """What is known of a request before it is answered or forwarded.

    Where it is refused by HTTP's own rules (not CORS), `refusal` says so; the decision is there
    all the same, since the response must be readable by a granted origin.
    """

    destination: Destination
    decision: Decision
    refusal: Refusal | None = None

    def response_headers(
        self, status: int, fields: f.Fields, request_head: bytes = b""
    ) -> list[tuple[str, str]]:
        """An upstream's headers as they leave: not those of its connection, CORS by the policy.

        `request_head` is the client's; where it is left out, no cookies may be among `fields`.
        """
        kept = response_fields(fields)
        own_origin = self.decision.request.own_origin
        if self.destination.rewriting is not None:
            kept = self.destination.rewriting.response_fields(kept, own_origin)
        if self.destination.cookies is not None:
            kept = self.destination.cookies.response_fields(kept, own_origin, request_head)
        changes = self.destination.changes
        if names := changes.names:
            kept = [pair for pair in kept if pair[0].lower() not in names]
            kept += [(name, value) for name, value, _ in changes.set]
        if status == 204:  # RFC 9110, 8.6: no Content-Length there
            kept = [pair for pair in kept if pair[0].lower() != "content-length"]
        return response_headers.apply_policy(
            self.destination.route.policy, self.decision, kept, status
        )


@dataclass(frozen=True, slots=True)
class Admission:
    """The routes, hosts and limits by which requests are served."""

    config: Config
    routes: Routes[Destination]
    hosts: Hosts
    fallback: Destination
    """Whose policy speaks for requests that no route can be found for: the catch-all's."""

    @classmethod
    def of(cls, config: Config, upstream: Callable[[Route], UpstreamPool], pseudonym: str) -> Self:
        """`config`, ready; `upstream` gives the pool of a route, which others may share."""

        def ready(route: Route) -> Destination:
            address, prefix = route.upstream, route.stripped_prefix
            pool = upstream(route)
            forwarder = Forwarder(
                address,
                config.forward,
                prefix=prefix,
                pseudonym=pseudonym,
                proxy=pool.proxy if address.scheme == "http" else None,
            )
            rewriting = _rewriting(route, forwarder) if config.rewrite.location else None
            cookies = CookieRewriting(prefix) if config.rewrite.cookies else None
            return Destination(
                route,
                pool,
                forwarder,
                rewriting,
                cookies,
                config.forward.response_headers,
                others_than(address),
            )

        routes = config.routes or (Route("/", config.upstream, config.policy),)

        @cache
        def others_than(address: UpstreamAddress) -> tuple[str, ...]:
            others = (r.path for r in routes if r.host is None and r.upstream != address)
            return tuple(islice(others, MAX_OTHER_UPSTREAMS))

        destinations = [ready(route) for route in routes]
        beyond = not all(address.loopback for address in config.listen)
        hosts = Hosts(config.allowed_hosts, single_labels=beyond)
        return cls(config, Routes(destinations), hosts, destinations[-1])

    def client(self, address: str, scheme: str = "http") -> Client:
        """Who is at the other end of a connection from `address`."""
        return Client(address, scheme, trusts(self.config.trusted_proxies, address))

    def admit(self, incoming: Incoming, client: Client) -> Admitted:
        """Where a request goes and what the policy there says of it."""
        host = self.hosts.read(incoming.host) if incoming.host else None
        destination, refusal = self.fallback, None
        try:
            _check_method(incoming)
            _check_host(incoming, host)
            destination = self._find(incoming, host)
        except Refusal as reason:
            refusal = reason
        own = _own_origin(incoming, client, host, self.hosts)
        request = Request.of(incoming.method, incoming.fields, own)
        return Admitted(destination, decide(destination.route.policy, request), refusal)

    def _find(self, incoming: Incoming, host: Host | None) -> Destination:
        try:
            found = self.routes.find(host.name if host else "", incoming.target)
        except AmbiguousPath as why:
            message = f"the path {_shown(incoming)} {why}"
            raise Refusal(400, message, id="ambiguous-path") from None
        if found is None:
            raise Refusal(404, f"no route leads to {_shown(incoming)}")
        return found


def _rewriting(route: Route, forwarder: Forwarder) -> Rewriting:
    hosts = filter(None, (route.upstream.authority, forwarder.host))
    origins = frozenset(origin(route.upstream.scheme, host) for host in hosts)
    told = not forwarder.host and is_loopback_host(route.upstream.host)
    port = str(route.upstream.port) if told else ""
    return Rewriting(origins, route.upstream.scheme, route.stripped_prefix, port)


def _check_method(incoming: Incoming) -> None:
    # CONNECT asks for a proxy, and TRACE (TRACK at Microsoft) sends credentials back to whoever
    # reads the response: no page may use them, in whatever case (Fetch, "forbidden method").
    if incoming.method.upper() in FORBIDDEN_METHODS:
        message = f"{incoming.method} is not forwarded: this is a gateway to one API"
        raise Refusal(405, message, fields=(("Allow", ALLOWED_METHODS),), close=True)


def _check_host(incoming: Incoming, host: Host | None) -> None:
    if host is None:
        if not incoming.host and incoming.version == "1.0" and not _has_host(incoming):
            return  # HTTP/1.0 knows no Host
        _, at, name = incoming.host.rpartition(
            "@"
        )  # the part before @ may be a password, and is never shown
        message = f'"{escaped(at + name)}" is not a host: expected name or name:port in Host'
        raise Refusal(400, message, id="bad-host", close=True)
    if not host.allowed:
        message = f'the host "{host.name}" is not served here; add it to allowed_hosts if it should'
        raise Refusal(421, f"{message}: allowed_hosts: [{host.name}]")


def _has_host(incoming: Incoming) -> bool:
    return any(name.lower() == "host" for name, _ in incoming.fields)


def _own_origin(incoming: Incoming, client: Client, host: Host | None, hosts: Hosts) -> str:
    """The origin of pages that are served through here, by a trusted proxy's word or ours."""
    scheme = client.scheme
    if client.trusted:
        said = f.joined(incoming.fields, "X-Forwarded-Proto")
        scheme = said if said in ("http", "https") else scheme
        host = hosts.read(f.joined(incoming.fields, "X-Forwarded-Host") or "") or host
    return host.origin(scheme) if host else ""


def _shown(incoming: Incoming) -> str:
    return f'"{escaped(incoming.target.partition("?")[0])}"'
