"""A short soak: the long one is `make soak`."""

import sys

import pytest

from tests.soak import soak


@pytest.mark.long
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
async def test_under_load_and_reloads_nothing_is_lost_mixed_or_grows() -> None:
    assert list((await soak(20)).mistakes()) == []
