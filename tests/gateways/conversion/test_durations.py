"""Durations are read as they are written, and as people write them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.cors.policy import MAX_MAX_AGE
from corsproxy.gateways.conversion.durations import duration, seconds_of

ENVOY_GATEWAY = re.compile(r"([0-9]{1,5}(h|m|s|ms)){1,4}")
MOST = 99_999 * 3600


@given(seconds=st.integers(0, MOST))
def test_a_duration_is_read_as_it_is_written(seconds: int) -> None:
    assert seconds_of(duration(seconds)) == seconds


@given(seconds=st.integers(0, MAX_MAX_AGE))
def test_each_is_spelled_as_the_strictest_reader_wants_it_and_never_longer(seconds: int) -> None:
    text = duration(seconds)
    assert ENVOY_GATEWAY.fullmatch(text)
    assert (seconds_of(text) or 0) <= seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("24h", 86_400), ("1h30m", 5400), ("1.5h", 5400), ("999ms", 0), ("600s", 600)],
)
def test_what_people_write_is_read(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "600", "s", "1d", "-1s", "1h 30m", "1e9s"])
def test_what_is_no_duration_is_none(text: str) -> None:
    assert seconds_of(text) is None
