"""What an upstream says of its own addresses, said of ours: Location and its kin.

An upstream names itself by the address that it was asked at, or by the Host that it was told, and
without a prefix that `strip_path` took away. Neither leads the client back here: a redirect would
leave the proxy, and its policy. So what begins with one of the upstream's own origins gets ours,
and the prefix is put back, as nginx (`proxy_redirect`) and Apache (`ProxyPassReverse`) do.

Whatever names another origin is left alone. So is what is relative to the request's path; and a
path that begins with the prefix is taken to be written by an upstream that knows of it.
"""

import re
from typing import NamedTuple

from corsproxy.cors import headers as f
from corsproxy.cors.origin import DEFAULT_PORTS

REWRITTEN = frozenset({"content-location", "link", "location", "refresh"})
"""Response fields that hold references, by name in lower case."""

_ABSOLUTE = re.compile(r"(?:(https?):)?//([^/?#]*+)(.*)", re.IGNORECASE | re.DOTALL)
_REFRESH = re.compile(
    r"([\t ]*+[0-9.]++[\t ]*+[;,][\t ]*+(?:url[\t ]*+=[\t ]*+)?[\"']?)(.*)", re.IGNORECASE
)
_TARGETS = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\Z)|<([^<>]*+)>')
"""What is quoted in Link, and is left alone; or the target of a link (RFC 8288, 3)."""

_PORT = re.compile(r":[0-9]*+\Z")

Pairs = list[tuple[str, str]]


class Rewriting(NamedTuple):
    """How one upstream names itself, and what its route took from its paths."""

    origins: frozenset[str]
    """The upstream's own, lower case, default port left out."""
    scheme: str
    """What the upstream speaks: by it it names itself where it does not know better."""
    prefix: str
    """Without the slash at its end; "" where nothing was taken."""
    port: str = ""
    """The upstream's, where it is on this machine and is told our Host: nginx puts its own port
    behind that name."""

    def response_fields(self, fields: f.Fields, own_origin: str) -> Pairs:
        """`fields` with references to the upstream as references to `own_origin`.

        That is the proxy's, as the client named it; "" where it named none: then only the prefix
        is put back.
        """
        return [
            (pair[0], self._value(name, pair[1], own_origin))
            if (name := pair[0].lower()) in REWRITTEN
            else pair
            for pair in fields
        ]

    def _value(self, name: str, value: str, own_origin: str) -> str:
        if name == "link":
            return _TARGETS.sub(lambda found: self._target(found, own_origin), value)
        if name == "refresh":
            found = _REFRESH.fullmatch(value)
            return found[1] + self.reference(found[2], own_origin) if found else value
        return self.reference(value, own_origin)

    def _target(self, found: re.Match[str], own_origin: str) -> str:
        return found[0] if found[1] is None else f"<{self.reference(found[1], own_origin)}>"

    def reference(self, value: str, own_origin: str) -> str:
        """A URI reference (RFC 3986, 4.1) of the upstream's as the client can follow it."""
        found = _ABSOLUTE.fullmatch(value)
        if found is None:
            return with_prefix(self.prefix, value) if value.startswith("/") else value
        schemes = (found[1].lower(),) if found[1] else ("http", "https")
        named = {origin(scheme, found[2]) for scheme in schemes}
        if not own_origin or named.isdisjoint(self.origins | self._told(own_origin)):
            return value
        return own_origin + with_prefix(self.prefix, found[3])

    def _told(self, own_origin: str) -> set[str]:
        """Our origin, and as an upstream spells it that was told our Host, and nothing more."""
        _, _, authority = own_origin.partition("://")
        told = {own_origin, f"{self.scheme}://{authority}"}
        if self.port:
            told.add(origin(self.scheme, f"{_PORT.sub('', authority)}:{self.port}"))
        return told

    def destination(self, value: str, own_origin: str, upstream_origin: str) -> str:
        """The request's Destination (RFC 4918, 10.3) as the upstream knows it.

        What begins with `own_origin` gets the upstream's, and the prefix is taken away.
        """
        found = _ABSOLUTE.fullmatch(value)
        if found is None:
            return self._without_prefix(value)
        if origin((found[1] or "").lower(), found[2]) != own_origin:
            return value
        return upstream_origin + self._without_prefix(found[3])

    def _without_prefix(self, path: str) -> str:
        rest = path.removeprefix(self.prefix)
        return rest if rest.startswith("/") else path


def with_prefix(prefix: str, path: str) -> str:
    """The upstream's `path` as the client knows it: `prefix` put before it, unless it is there."""
    rest = path.removeprefix(prefix)
    knows_it = rest != path and (not rest or rest[0] in "/?#")
    return path if knows_it else prefix + path


def origin(scheme: str, authority: str) -> str:
    """The origin in lower case, its default port left out.

    What follows a port and is none (a backslash, and another host) stays, so that it names nobody;
    where a misspelled origin is explained, by `nearest_origin.canonical`, it is dropped.
    """
    lowered = authority.lower()
    return f"{scheme}://{lowered.removesuffix(':' + DEFAULT_PORTS.get(scheme, ''))}"
