"""Incoming: the head of a client's request, and who sent it.

Texts are latin-1, so that every byte survives.
"""

from typing import NamedTuple

from corsproxy.cors import headers as f


class Incoming(NamedTuple):
    """The head of a client's request. `host` is its authority, from Host or from the target."""

    method: str
    target: str
    fields: f.Fields
    host: str
    version: str = "1.1"


class Client(NamedTuple):
    """Who is at the other end of a connection; made once, when it opens."""

    address: str
    """The IP address; "unix" for a local socket."""
    scheme: str = "http"
    trusted: bool = False
    """Whether it is one of `trusted_proxies`, whose word on its own clients is kept."""

    @property
    def node(self) -> str:
        """The address as Forwarded spells it (RFC 7239, 6)."""
        if ":" in self.address:
            return f'"[{self.address}]"'
        return self.address if self.address[:1].isdigit() else "unknown"


def head_of(incoming: Incoming) -> bytes:
    """The bytes of a head, but for blanks around values, which no parser keeps."""
    lines = [f"{incoming.method} {incoming.target} HTTP/{incoming.version}"]
    lines += [f"{name}: {value}" for name, value in incoming.fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
