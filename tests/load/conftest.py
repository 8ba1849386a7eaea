"""One upstream for each test."""

from collections.abc import Iterator

import pytest

from tests.upstreams import Upstream


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    found = Upstream()
    yield found
    found.close()
