"""Which hosts the proxy and its admin address answer to: the guard against DNS rebinding.

A page can point a name of its own at 127.0.0.1; its requests then carry that name in Host, and
the browser takes them for same-origin. So only names that no stranger can point here are served:
loopback names (RFC 6761, 6.3), IP addresses, and those that the configuration lists.

A name of a single label (`wifi`) is none of these: a network's search list, LLMNR or NetBIOS points
it anywhere. It is served only where the listener is open to other machines (`single_labels`): the
services of a container network call each other so, and what they reach is open to them anyway.
"""

import ipaddress
import re
from collections.abc import Iterable
from typing import NamedTuple

from corsproxy.cors.loopback import is_localhost
from corsproxy.cors.numbers import number
from corsproxy.cors.origin import DEFAULT_PORTS, MAX_PORT

_SHAPE = re.compile(
    r"(?P<name>\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9_.])?)"
    r"(?::(?P<port>[0-9]{0,5}))?"
)
_MAX_REMEMBERED = 256


class Host(NamedTuple):
    """An authority that was read: its name in lower case, without port and final dot."""

    name: str
    port: str
    allowed: bool

    @property
    def address(self) -> str:
        """The IP address that it names, without brackets, as `ipaddress` spells it; or ""."""
        try:
            return str(ipaddress.ip_address(self.name.strip("[]")))
        except ValueError:
            return ""

    def origin(self, scheme: str) -> str:
        """The origin of pages served from here, as a browser spells it."""
        port = self.port.lstrip("0")
        if port in ("", DEFAULT_PORTS[scheme]):
            return f"{scheme}://{self.name}"
        return f"{scheme}://{self.name}:{port}"


class Hosts:
    """The allow-list. A configured `*.example.test` allows every subdomain, `*` every name.

    `single_labels` is for a listener that other machines reach; on loopback it lets pages rebind.
    """

    def __init__(self, allowed: Iterable[str] = (), *, single_labels: bool = False) -> None:
        self._single_labels = single_labels
        self._allowed = {name.lower().rstrip(".") for name in allowed}
        self._suffixes = tuple(name[1:] for name in self._allowed if name.startswith("*."))
        self._known: dict[str, Host | None] = {}

    def read(self, authority: str) -> Host | None:
        """The host that `authority` (a Host header's value) names; None where it is malformed."""
        try:
            return self._known[authority]
        except KeyError:
            pass
        if len(self._known) >= _MAX_REMEMBERED:
            self._known.clear()
        host = self._known[authority] = self._read(authority)
        return host

    def _read(self, authority: str) -> Host | None:
        shape = _SHAPE.fullmatch(authority)
        if shape is None or number(shape["port"] or "0", MAX_PORT) is None:
            return None
        name = shape["name"].lower().removesuffix(".")
        if name.startswith("["):
            try:
                ipaddress.IPv6Address(name[1:-1])
            except ValueError:
                return None
        elif not name or ".." in name or name.startswith("."):
            return None
        return Host(name, shape["port"] or "", self._allows(name))

    def _allows(self, name: str) -> bool:
        if name.startswith("[") or is_localhost(name):
            return True
        if name in self._allowed or "*" in self._allowed:
            return True
        if "." not in name:
            return self._single_labels
        return name.endswith(self._suffixes) or _is_ipv4(name)


def _is_ipv4(name: str) -> bool:
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True
