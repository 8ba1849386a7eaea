"""What an exported policy needs beside itself where its gateway forwards: addresses and names."""

import ipaddress

from corsproxy.config.address import TcpAddress
from corsproxy.config.settings import DEFAULT_LISTEN
from corsproxy.cors import headers as f
from corsproxy.cors.fetch_standard import NON_WILDCARD_NAMES, SAFELISTED_METHODS
from corsproxy.cors.names import Names
from corsproxy.gateways.conversion.export import Export

CARRIED = frozenset({"forward.host"})
"""Settings beside the policy that each of these gateways has."""

AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
"""Whom an https upstream's certificate is believed: these gateways ask nobody unless told."""

OWN_HEADERS = (
    f.ALLOW_ORIGIN,
    f.ALLOW_CREDENTIALS,
    f.ALLOW_METHODS,
    f.ALLOW_HEADERS,
    f.EXPOSE_HEADERS,
    f.MAX_AGE,
    f.ALLOW_PRIVATE_NETWORK,
)
"""What the policy owns: the upstream's are taken out of every response."""

PREFLIGHT_VARY = f"{f.ORIGIN}, {f.REQUEST_METHOD}, {f.REQUEST_HEADERS}"

ASKS_FOR_AUTHORIZATION = rf"(?:^|,)\s*(?:{'|'.join(NON_WILDCARD_NAMES)})\s*(?:,|$)"
"""In any case: what the wildcard of names never covers is among those that a preflight asks for."""


def listen(export: Export) -> TcpAddress:
    """The address to listen on, which speaks http."""
    first = export.config.listen[0]
    plain = first if isinstance(first, TcpAddress) and not first.tls else DEFAULT_LISTEN
    if export.config.listen != (plain,):
        effect = f"it listens on {plain.authority} alone, and speaks http"
        export.lose("listen", effect, "add the others to the gateway's configuration by hand")
    return plain


def host(export: Export) -> str:
    """The Host that the upstream sees: "" for the client's."""
    upstream = export.route.upstream
    settled = export.config.forward.settled_host(upstream)
    if settled == "preserve":
        return ""
    return upstream.authority if settled == "upstream" else settled


def is_address(name: str) -> bool:
    """Whether a host is an IP address, which has no name to ask for in a handshake."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def methods(names: Names) -> str:
    """The value of Allow-Methods: never nothing, lest a browser take its own method as allowed.

    Fetch, "CORS-preflight fetch", step 7.4.
    """
    return str(names or Names(tuple(sorted(SAFELISTED_METHODS))))


def covers_authorization(names: Names) -> bool:
    """Whether every name may be asked for, those included that the wildcard does not cover."""
    return NON_WILDCARD_NAMES.issubset(name.lower() for name in names.listed)
