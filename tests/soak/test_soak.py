"""A short soak; the long one is `make soak MINUTES=60`."""

import sys

import pytest

from tests.soak.__main__ import ALL_KINDS
from tests.soak.hostile import KINDS
from tests.soak.stage import Asked, soak
from tests.soak.verdict import broken


@pytest.mark.long
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
# The clients of the attack are cut off where they stand, writers and all.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_under_attack_nothing_breaks_stops_or_grows() -> None:
    """Times are left to the long one: half a minute on a shared machine says little of a p99."""
    soaked = await soak(Asked(30, ALL_KINDS))
    assert list(broken(soaked.measured)) == [], soaked.told
    assert set(soaked.came) == set(KINDS)
