"""X-Forwarded-* and Forwarded (RFC 7239): what the upstream learns about the client.

What a trusted proxy says of its clients is kept; from any other client it is replaced.
"""

import ipaddress
from collections.abc import Sequence

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


def forwarded(incoming: Incoming, client: Client) -> list[tuple[str, str]]:
    """X-Forwarded-* and Forwarded as the upstream gets them."""
    host = f";host={_quoted(incoming.host)}" if incoming.host else ""
    own = [
        ("X-Forwarded-For", client.address),
        ("X-Forwarded-Proto", client.scheme),
        ("X-Forwarded-Host", incoming.host),
        ("Forwarded", f"for={client.node}{host};proto={client.scheme}"),
    ]
    if not incoming.host:
        del own[2]
    return _after_trusted(incoming.fields, own) if client.trusted else own


def _after_trusted(fields: f.Fields, own: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What a trusted proxy said, each list completed by us."""
    said = {name: value for name in FORWARDED if (value := f.joined(fields, name)) is not None}
    merged = []
    for name, value in own:
        before = said.pop(name.lower(), None)
        if before is None:
            merged.append((name, value))
        elif name in ("X-Forwarded-For", "Forwarded"):
            merged.append((name, f"{before}, {value}"))
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
