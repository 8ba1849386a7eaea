"""A short soak; the long one is `make soak SOAK="--minutes 30"`."""

import sys

import pytest

from tests.soak.__main__ import ALL_KINDS
from tests.soak.hostile import KINDS
from tests.soak.stage import Asked, soak
from tests.soak.verdict import mistakes


@pytest.mark.long
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
async def test_under_attack_nothing_breaks_stops_or_grows() -> None:
    soaked = await soak(Asked(30, ALL_KINDS))
    assert list(mistakes(soaked.measured)) == [], soaked.told
    assert set(soaked.came) == set(KINDS)
