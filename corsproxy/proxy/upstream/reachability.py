"""Whether upstreams take connections, found out by making one to each."""

import asyncio
from collections.abc import Iterable

from corsproxy.proxy.upstream.failure import UpstreamFailure
from corsproxy.proxy.upstream.pool import UpstreamPool

TOGETHER = 32
"""Upstreams that are connected to at the same time."""


async def unreachable(pools: Iterable[UpstreamPool]) -> list[str]:
    """A sentence for each upstream that cannot be connected to, TLS included.

    No request is sent: what an upstream makes of one is between it and its clients.
    """
    places = asyncio.Semaphore(TOGETHER)

    async def failure_of(pool: UpstreamPool) -> str:
        async with places:
            try:
                connection = await pool.connect()
            except UpstreamFailure as failure:
                return failure.sentence
        connection.close()
        return ""

    return [sentence for sentence in await asyncio.gather(*map(failure_of, pools)) if sentence]
