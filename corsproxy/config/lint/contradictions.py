"""Mistakes that lie between settings: each is sound, together they cannot be meant."""

from collections.abc import Iterator
from pathlib import Path

from corsproxy.config.address import ListenAddress, TcpAddress, UnixAddress, UpstreamAddress
from corsproxy.config.diagnostics import Advice
from corsproxy.config.listen_scheme import speaks_https
from corsproxy.config.settings import Config, Tls, UpstreamTls
from corsproxy.config.yaml_text.tree import Notes
from corsproxy.cors.span import Span


def check(config: Config, notes: Notes) -> None:
    """Note what cannot be meant."""
    _check_addresses(config, notes)
    _check_loops(config, notes)
    _check_routes(config, notes)
    _check_certificate(config, notes)
    _check_tls(config, notes)


def note_no_upstream(notes: Notes, source: Path | None) -> None:
    """Note that the one setting without a default is missing."""
    message = "no upstream is set: there is nowhere to forward requests"
    example = "http://127.0.0.1:8000"
    if source is None:
        notes.error("no-upstream", Span("--upstream"), message, f"--upstream {example}")
    else:
        notes.error("no-upstream", Span(str(source), 1, 1), message, f"upstream: {example}")


def _check_addresses(config: Config, notes: Notes) -> None:
    places = list(map(_place, config.listen))
    for i, (address, taken) in enumerate(zip(config.listen, places, strict=True)):
        if taken in places[:i]:
            twice = config.spans.get(f"listen.{i}") or config.spans["listen"]
            message = f"{address} is listed twice: one address speaks http or https, not both"
            notes.error("address-taken-twice", twice, message, Advice("delete one of the two"))
    if config.admin is None or _place(config.admin) not in places:
        return
    message = f"the admin page and the proxy cannot both listen on {config.admin}"
    place, fix = config.spans.get("admin"), "off"
    if place is None:
        place = config.spans.get("listen") or Span("--admin")
        fix = Advice("admin: off" if place.line else "--admin off")
    notes.error("address-taken-twice", place, message, fix)


def _place(address: ListenAddress) -> object:
    """Equal for addresses of which the system gives out one only."""
    if isinstance(address, UnixAddress):
        return address.path
    return (address.host, address.port) if address.port else object()


def _check_loops(config: Config, notes: Notes) -> None:
    for key, upstream in _upstreams(config):
        addresses = [*(("listen", address) for address in config.listen), ("admin", config.admin)]
        for name, own in addresses:
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
            notes.error("duplicate-route", place, message, Advice("delete one of the two"))
        seen.setdefault(key, place)


def _check_certificate(config: Config, notes: Notes) -> None:
    _check_pair(config.tls, "tls", "", config, notes)
    _check_pair(config.upstream_tls, "upstream_tls", "", config, notes)
    for i, route in enumerate(config.routes):
        if route.upstream_tls is not None:
            _check_pair(route.upstream_tls, "upstream_tls", f"routes.{i}.", config, notes)


def _check_pair(
    tls: Tls | UpstreamTls, group: str, where: str, config: Config, notes: Notes
) -> None:
    if (tls.certificate is None) == (tls.key is None):
        return
    present, missing = ("certificate", "key") if tls.key is None else ("key", "certificate")
    spans = config.spans
    own = (spans.get(f"{where}{group}.{name}") for name in (present, missing))
    place = next(filter(None, own), None) or spans[f"{group}.{present}"]
    message = f"a {present} needs its {missing}"
    flag = f"--{group.replace('_', '-')}-{missing} FILE"
    notes.error(
        "half-a-certificate", place, message, Advice(f"{missing}: FILE" if place.line else flag)
    )


def _check_tls(config: Config, notes: Notes) -> None:
    tls = config.tls
    place = config.spans.get("tls") or config.spans.get("tls.certificate")
    if place is None:
        return
    if tls.auto and (tls.certificate or tls.key):
        message = "tls is auto and has a certificate: it can be one of them"
        notes.error("certificate-twice", place, message, Advice("delete one of the two"))
    if not speaks_https(config.listen):
        message = "tls is set, and no address speaks https"
        tcp = [address for address in config.listen if isinstance(address, TcpAddress)]
        fix = f"listen: https://{tcp[0].authority}" if tcp else "listen: https://127.0.0.1:8443"
        notes.error("no-https-address", place, message, Advice(fix))
