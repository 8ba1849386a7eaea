"""Where a request came from, and its head as it is told to whoever watches."""

import asyncio

from corsproxy.proxy.forwarding import Incoming


def address(transport: asyncio.BaseTransport | None) -> str:
    """The IP address of the client; "unix" for a local socket."""
    peer = transport.get_extra_info("peername") if transport else None
    if not isinstance(peer, tuple):
        return "unix"
    return str(peer[0]).removeprefix("::ffff:")


def head_of(incoming: Incoming) -> bytes:
    """The bytes of a head, but for blanks around values, which no parser keeps."""
    lines = [f"{incoming.method} {incoming.target} HTTP/{incoming.version}"]
    lines += [f"{name}: {value}" for name, value in incoming.fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
