"""Which of the addresses that are listened on speak https.

An address may say so itself: `https://127.0.0.1:8443`. One without a scheme (`8080`) speaks http,
unless `tls` is set and no address says https: then it is the one that `tls` is meant for. So
`tls: auto` alone is enough, as with a dev server, and so is an https address alone, as with Caddy:
its certificate is then made here.
"""

from dataclasses import replace

from corsproxy.config.address import ListenAddress, TcpAddress
from corsproxy.config.settings import Tls


def settled(listen: tuple[ListenAddress, ...], tls: Tls) -> tuple[tuple[ListenAddress, ...], Tls]:
    """The addresses with `tls` as it counts for each, and what they show their clients."""
    if speaks_https(listen):
        return listen, tls if tls.given else Tls(auto=True)
    if not tls.given:
        return listen, tls
    return tuple(_secured(address) for address in listen), tls


def speaks_https(listen: tuple[ListenAddress, ...]) -> bool:
    """Whether any of them does."""
    return any(isinstance(address, TcpAddress) and address.tls for address in listen)


def _secured(address: ListenAddress) -> ListenAddress:
    if isinstance(address, TcpAddress) and address.tls is None:
        return replace(address, tls=True)
    return address
