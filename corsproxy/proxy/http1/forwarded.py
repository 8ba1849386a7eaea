"""X-Forwarded-* and Forwarded (RFC 7239): what the upstream learns about the client.

What a trusted proxy says of its clients is kept; from any other client it is replaced.
"""

import ipaddress
from collections.abc import Collection, Sequence
from typing import NamedTuple

from corsproxy.config.settings import Forwarded
from corsproxy.cors import headers as f
from corsproxy.cors.fetch_standard import TOKEN
from corsproxy.proxy.http1.incoming_request import Client, Incoming

FORWARDED = frozenset(
    {
        "forwarded",
        "true-client-ip",
        "x-client-ip",
        "x-forwarded-by",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-port",
        "x-forwarded-prefix",
        "x-forwarded-proto",
        "x-forwarded-scheme",
        "x-forwarded-server",
        "x-forwarded-ssl",
        "x-real-ip",
    }
)
"""What only a trusted proxy may say of the client; from any other it is replaced."""

_AGREEING = frozenset({"X-Forwarded-Host", "X-Forwarded-Proto"})
"""What backends compare with Origin."""

Pairs = list[tuple[str, str]]


class Told(NamedTuple):
    """What is told of where a request came to: the client's own words, or the upstream's."""

    scheme: str
    host: str


def forwarded(
    incoming: Incoming, client: Client, rule: Forwarded, *, prefix: str = "", told: Told | None
) -> Pairs:
    """X-Forwarded-* and Forwarded as the upstream gets them.

    `prefix` is what was taken from the path. With `told`, scheme and host are these, whatever the
    client and a trusted proxy say: Origin was rewritten to agree with them.
    """
    if rule is Forwarded.OFF or (rule is Forwarded.TRUSTED and not client.trusted):
        return []
    scheme, host = told or (client.scheme, incoming.host)
    quoted = f";host={_quoted(host)}" if host else ""
    own = [
        ("X-Forwarded-For", client.address),
        ("X-Forwarded-Proto", scheme),
        ("X-Forwarded-Host", host),
        ("X-Forwarded-Prefix", prefix),
        ("Forwarded", f"for={client.node}{quoted};proto={scheme}"),
    ]
    own = [pair for pair in own if pair[1]]
    if not client.trusted:
        return own
    return _after_trusted(incoming.fields, own, _AGREEING if told else frozenset())


def _after_trusted(fields: f.Fields, own: Pairs, replaced: Collection[str]) -> Pairs:
    """What a trusted proxy said, each list completed by us."""
    said = {name: value for name in FORWARDED if (value := f.joined(fields, name)) is not None}
    merged = []
    for name, value in own:
        before = said.pop(name.lower(), None)
        if before is None or name in replaced:
            merged.append((name, value))
        elif name in ("X-Forwarded-For", "Forwarded"):
            merged.append((name, f"{before}, {value}"))
        elif name == "X-Forwarded-Prefix":  # the way in, from the outermost proxy to here
            merged.append((name, before.rstrip("/") + value))
        else:
            merged.append((name, before))
    others = [pair for pair in fields if pair[0].lower() in said]
    return merged + others


def trusts(networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network], address: str) -> bool:
    """Whether `address` is in one of `networks`."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return any(parsed.version == network.version and parsed in network for network in networks)


def _quoted(host: str) -> str:
    """A token as it is, anything else (a port's colon will do) as a quoted string."""
    if TOKEN.fullmatch(host):
        return host
    escaped = host.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
