"""Which hosts are this machine itself, in whatever spelling (RFC 6761, 6.3; RFC 1122, 3.2.1.3)."""

import ipaddress


def is_loopback_host(host: str) -> bool:
    """Whether `host` is an address of the loopback network, or `localhost` or a name below it.

    IPv6 with or without brackets; a name in any case, with or without its final dot.
    """
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return is_localhost(host)


def is_localhost(host: str) -> bool:
    """Whether `host` is `localhost` or a name below it."""
    name = host.lower().removesuffix(".")
    return name == "localhost" or name.endswith(".localhost")
