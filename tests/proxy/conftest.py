"""A scripted upstream, both lanes, and the package's own way to an upstream."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from corsproxy.config.address import UpstreamAddress
from corsproxy.config.settings import Timeouts
from corsproxy.proxy.upstream.pool import UpstreamPool as WayThere
from tests.until import turns
from tests.upstreams import Upstream


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    found = Upstream()
    yield found
    assert not found.unsound
    found.close()


@pytest.fixture(params=[True, False], ids=["fast", "ordinary"])
def fast(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
async def to() -> AsyncIterator[Callable[..., WayThere]]:
    """Upstreams for a test, given up at its end."""
    made: list[WayThere] = []

    def make(address: UpstreamAddress, **timeouts: float) -> WayThere:
        made.append(WayThere(address, Timeouts(**timeouts)))
        return made[-1]

    yield make
    for upstream in made:
        upstream.abort()
    await turns()
