"""Requests to a scripted upstream, by the package's own way there."""

import pytest

from corsproxy.proxy.http1.response_head import ResponseHead
from corsproxy.proxy.upstream.failure import UpstreamFailure
from corsproxy.proxy.upstream.pool import UpstreamPool
from corsproxy.proxy.upstream.response_stream import exchange
from tests.proxy.scripted import Peer, Script

HEAD = b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def replies(*pieces: bytes, close: bool = False) -> Script:
    """Answer each request with these pieces."""

    async def script(peer: Peer) -> None:
        while True:
            await peer.head()
            await peer.send(*pieces)
            if close:
                return

    return script


async def ask(
    upstream: UpstreamPool, method: str = "GET", *, verbatim: bool = False
) -> tuple[ResponseHead, bytes]:
    async with exchange(upstream, method, HEAD, verbatim=verbatim) as (head, response):
        return head, b"".join([data async for data in response])


async def failure(upstream: UpstreamPool, method: str = "GET") -> UpstreamFailure:
    with pytest.raises(UpstreamFailure) as caught:
        await ask(upstream, method)
    return caught.value
