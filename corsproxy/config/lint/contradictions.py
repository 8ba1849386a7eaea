"""Mistakes that lie between settings: each is sound, together they cannot be meant."""

from collections.abc import Iterator
from pathlib import Path

from corsproxy.config.address import ListenAddress, TcpAddress, UnixAddress, UpstreamAddress
from corsproxy.config.settings import Config, UpstreamTls
from corsproxy.config.yaml_text.tree import Notes
from corsproxy.cors.span import Span


def check(config: Config, notes: Notes) -> None:
    """Note what cannot be meant."""
    _check_addresses(config, notes)
    _check_loops(config, notes)
    _check_routes(config, notes)
    _check_certificate(config, notes)


def note_no_upstream(notes: Notes, source: Path | None) -> None:
    """Note that the one setting without a default is missing."""
    message = "no upstream is set: there is nowhere to forward requests"
    example = "http://127.0.0.1:8000"
    if source is None:
        notes.error("no-upstream", Span("--upstream"), message, f"--upstream {example}")
    else:
        notes.error("no-upstream", Span(str(source), 1, 1), message, f"upstream: {example}")


def _check_addresses(config: Config, notes: Notes) -> None:
    admin, listen = config.admin, config.listen
    if admin != listen or (isinstance(listen, TcpAddress) and listen.port == 0):
        return
    message = f"the admin page and the proxy cannot both listen on {listen}"
    place, fix = config.spans.get("admin"), "off"
    if place is None:
        place = config.spans.get("listen") or Span("--admin")
        fix = "admin: off" if place.line else "--admin off"
    notes.error("address-taken-twice", place, message, fix)


def _check_loops(config: Config, notes: Notes) -> None:
    for key, upstream in _upstreams(config):
        for name, own in (("listen", config.listen), ("admin", config.admin)):
            if own is not None and _same(upstream, own):
                message = (
                    f"the upstream {upstream} is this proxy itself: its {name} address is {own}"
                )
                place = config.spans.get(key) or Span(f"--{key}")
                notes.error("upstream-is-the-proxy", place, message)


def _upstreams(config: Config) -> Iterator[tuple[str, UpstreamAddress]]:
    yield "upstream", config.upstream
    for i, route in enumerate(config.routes):
        if (key := f"routes.{i}.upstream") in config.spans:
            yield key, route.upstream


def _same(upstream: UpstreamAddress, own: ListenAddress) -> bool:
    """Whether a connection to `upstream` would arrive at `own`."""
    if isinstance(own, UnixAddress) or upstream.path is not None:
        return isinstance(own, UnixAddress) and upstream.path == own.path
    if upstream.port != own.port:
        return False
    target = TcpAddress(upstream.host, upstream.port)
    return own.host == upstream.host or (target.reachable.loopback and own.reachable.loopback)


def _check_routes(config: Config, notes: Notes) -> None:
    seen: dict[tuple[str, str | None], Span] = {}
    for i, route in enumerate(config.routes):
        place = config.spans.get(f"routes.{i}.path")
        if place is None:
            continue
        key = route.path.rstrip("/"), route.host
        if key in seen:
            message = f"the path {route.path} has a route already, in line {seen[key].line}"
            notes.error("duplicate-route", place, message, "delete one of the two")
        seen.setdefault(key, place)


def _check_certificate(config: Config, notes: Notes) -> None:
    _check_pair(config.upstream_tls, "", config, notes)
    for i, route in enumerate(config.routes):
        if route.upstream_tls is not None:
            _check_pair(route.upstream_tls, f"routes.{i}.", config, notes)


def _check_pair(tls: UpstreamTls, where: str, config: Config, notes: Notes) -> None:
    if (tls.certificate is None) == (tls.key is None):
        return
    present, missing = ("certificate", "key") if tls.key is None else ("key", "certificate")
    spans = config.spans
    own = (spans.get(f"{where}upstream_tls.{name}") for name in (present, missing))
    place = next(filter(None, own), None) or spans[f"upstream_tls.{present}"]
    message = f"a {present} needs its {missing}"
    flag = f"--upstream-tls-{missing} FILE"
    notes.error("half-a-certificate", place, message, f"{missing}: FILE" if place.line else flag)
