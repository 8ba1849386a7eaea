"""Reachability: a connection to each upstream, and nothing more."""

import socket

from corsproxy.config.address import UpstreamAddress
from corsproxy.config.settings import Timeouts
from corsproxy.proxy.upstream.pool import UpstreamPool
from corsproxy.proxy.upstream.reachability import unreachable
from tests.proxy.asking import OK, replies
from tests.proxy.scripted import scripted
from tests.until import soon


def closed_port() -> tuple[socket.socket, int]:
    """A port that nothing listens on, as long as the socket is open."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    return sock, sock.getsockname()[1]


async def test_the_unreachable_are_named_and_no_connection_is_left() -> None:
    sock, port = closed_port()
    with sock:
        async with scripted(replies(OK)) as there:
            up = UpstreamPool(there.address, Timeouts())
            down = UpstreamPool(UpstreamAddress("http", "127.0.0.1", port), Timeouts())
            (sentence,) = await unreachable([up, down])
            assert sentence.startswith(f"http://127.0.0.1:{port} refuses connections")
            await soon(lambda: up.open == 0)
