"""A scripted upstream, and both lanes."""

from collections.abc import Iterator

import pytest

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
