"""The verdict of a soak can be a no: each bar is missed by a series made to miss it."""

import collections
import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.soak.verdict import Measured, Series, broken, mistakes, p99

MIB = 2**20
BEGAN, ATTACKED, ENDED = 0.0, 60.0, 360.0


def series(value: Callable[[float], float], each: float = 0.5) -> Series:
    """Values by the time, twice a second."""
    times = itertools.takewhile(lambda at: at < ENDED, itertools.count(BEGAN, each))
    return [(at, value(at)) for at in times]


def growing(start: float, each_minute: float) -> Series:
    return series(lambda at: start + each_minute * at / 60)


SOUND = Measured(
    BEGAN,
    ATTACKED,
    ENDED,
    times=series(lambda at: 0.05 if at % 25 == 0 else 0.002),
    control=series(lambda _: 0.001),
    memory=series(lambda at: (50 if at < ATTACKED else 70 + at % 5) * MIB),
    descriptors=series(lambda at: 30 if at < ATTACKED else 90 + at % 20),
)


def once(at: float, seconds: float) -> Series:
    """The sound times, but for one request that took so long."""
    return [*SOUND.times, (at, seconds)]


def test_a_run_without_fault_is_a_yes() -> None:
    assert list(mistakes(SOUND)) == []


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        pytest.param(
            replace(SOUND, memory=growing(50 * MIB, 6 * MIB)),
            "memory grew by 10.0 MiB from the second third to the last",
            id="memory that grows without end",
        ),
        pytest.param(
            replace(SOUND, memory=series(lambda at: (300 if at > 61 else 50) * MIB)),
            "memory rose 250 MiB beyond what ordinary clients need",
            id="memory that rises at once and stays",
        ),
        pytest.param(
            replace(SOUND, memory=series(lambda at: (300 if at == 200 else 50) * MIB)),
            "memory rose 250 MiB beyond what ordinary clients need",
            id="memory that comes back",
        ),
        pytest.param(replace(SOUND, memory=()), "memory was not measured", id="no memory"),
        pytest.param(
            replace(SOUND, descriptors=growing(30, 30)),
            "open descriptors rose from 135 to 185",
            id="descriptors that leak",
        ),
        pytest.param(
            replace(SOUND, left_open=6),
            "6 descriptors stayed open once all clients had gone",
            id="descriptors that stay",
        ),
        pytest.param(
            replace(SOUND, times=series(lambda at: 0.02 + at**2 / 800_000, each=0.025)),
            "p99 of the good clients rose from 76 to 141 ms",
            id="a p99 that rises",
        ),
        pytest.param(
            replace(SOUND, times=series(lambda at: 0.3 if at > ATTACKED else 0.005)),
            "p99 was 5.0 ms before the attack, 300 ms under it",
            id="a p99 that is flat and bad",
        ),
        pytest.param(
            replace(SOUND, times=once(100, 2.5)), "a good request took 2.5 s", id="a pause"
        ),
        pytest.param(
            replace(SOUND, times=SOUND.times[: len(SOUND.times) // 2]),
            "too few good requests to judge by: 120 + 200 + 40 + 0",
            id="good clients that get no response any more",
        ),
        pytest.param(
            replace(SOUND, wrong=collections.Counter({"post was answered 502": 3})),
            "3 times: post was answered 502",
            id="a good request that fails",
        ),
        pytest.param(
            replace(SOUND, alive=False),
            "the program gave no response after the attack",
            id="a program that does not answer",
        ),
        pytest.param(replace(SOUND, exit_code=1), "the program ended with 1", id="a bad end"),
        pytest.param(
            replace(SOUND, exit_code=None), "the program ended with None", id="an end by force"
        ),
        pytest.param(replace(SOUND, stop_seconds=20.0), "SIGTERM took 20.0 s", id="a slow end"),
    ],
)
def test_each_bar_can_be_missed(measured: Measured, said: str) -> None:
    assert list(mistakes(measured)) == [said]


def test_a_long_run_shows_what_is_left_over() -> None:
    seconds = range(3660)

    def memory(each_hour: float) -> Series:  # it goes up and down by 30 MiB, whatever is left
        return [(at, (70 + at % 30 + each_hour * at / 3600) * MIB) for at in seconds]

    long = replace(SOUND, ended=ATTACKED + 3600, descriptors=[(at, 30) for at in seconds])
    leaking = list(broken(replace(long, memory=memory(3))))
    assert leaking == ["memory that was left over grew by 3.0 MiB an hour"]
    assert list(broken(replace(long, memory=memory(0.5)))) == []


def test_what_is_still_filling_is_judged_by_its_bound_alone() -> None:
    brief = replace(SOUND, ended=ATTACKED + 30, memory=growing(50 * MIB, 20 * MIB))
    assert list(broken(brief)) == []
    burst = replace(brief, memory=series(lambda at: (300 if at > 61 else 50) * MIB))
    assert list(broken(burst)) == ["memory rose 250 MiB beyond what ordinary clients need"]


def test_a_burst_that_passes_is_not_a_rise() -> None:
    busy = replace(SOUND, times=series(lambda at: 0.4 if 300 < at < 320 else 0.02, each=0.1))
    assert list(mistakes(busy)) == []


def test_a_rise_that_the_machine_has_without_the_program_is_the_machines() -> None:
    slower = series(lambda at: 0.02 + at**2 / 800_000, each=0.025)
    assert list(mistakes(replace(SOUND, times=slower, control=slower))) == []
    assert list(mistakes(replace(SOUND, times=slower, control=SOUND.control))) != []


def test_p99_is_the_time_that_one_in_a_hundred_exceeds() -> None:
    assert p99([float(number) for number in range(1000)]) == 990
    assert p99([1.0]) == 1
