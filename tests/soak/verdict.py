"""What a soak has measured, and which bars it missed.

The clients are first alone, then attacked; the time of the attack is cut into three. The first
third may fill what is bounded; from the second to the last nothing may grow any more.
"""

import collections
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from statistics import median

MAX_GROWTH = 8 * 2**20
"""Bytes of resident memory, by its median, that the last third may have more than the second."""

LONG, MAX_GROWTH_AN_HOUR = 1800.0, 2**20
"""A soak of so many seconds shows a leak: more bytes an hour than that, from the second third to
the last, by what was least in each. What is in use goes up and down; what is left over does not."""

FILLED_AFTER = 100.0
"""Seconds in which what is bounded (the inspector's exchanges, what waits for a log that nobody
reads) is full; before, memory grows by intent, and only `MAX_MEMORY` can judge it."""

MAX_MEMORY = 160 * 2**20
"""Bytes of resident memory, at any time, beyond what the program had while nobody attacked it."""

MAX_MORE_DESCRIPTORS = 32
"""By their median. The attackers' own connections come and go by so many."""

MAX_LEFT_OPEN = 5
MAX_STOP_SECONDS = 15.0
"""What is under way may finish for ten seconds; a stop takes no longer than that and a little."""

MAX_P99_RATIO, MIN_P99_RISE, MIN_P99_RISE_OF_FEW = 1.5, 0.05, 0.15
"""p99 is flat unless it rises by this ratio and by these seconds from the second to the last.

The p99 of few requests varies by chance: a short soak sees only the larger rises.
"""

FEW = 2000

WINDOW = 100
"""Good requests whose p99 is one value. Of a third, the median of these is taken: what else the
machine has to do comes in bursts, what the program does to itself stays."""

MAX_SLOWER, MIN_SLOW = 20.0, 0.1
"""p99 under attack beside that of before; below so many seconds it may be what it wants."""

MAX_PAUSE = 2.0
"""Seconds that any good request may take: beyond, the program stood still for everybody."""

MIN_REQUESTS = 50

Series = Sequence[tuple[float, float]]
"""Values, each with its time."""


@dataclass
class Measured:
    """A soak from `began` on, attacked from `attacked` to `ended`, and how the program stopped."""

    began: float
    attacked: float
    ended: float
    times: Series = ()
    control: Series = ()
    """The times of a client that asks the upstream itself: what the machine is worth just then."""
    memory: Series = ()
    descriptors: Series = ()
    wrong: collections.Counter[str] = field(default_factory=collections.Counter)
    left_open: int = 0
    alive: bool = True
    exit_code: int | None = 0
    stop_seconds: float = 0.0

    def thirds(self, series: Series) -> list[list[float]]:
        """The values during the attack, in three parts of time."""
        step = (self.ended - self.attacked) / 3
        edges = [self.attacked + step * part for part in range(4)]
        return [values(series, *edges[part : part + 2]) for part in range(3)]

    def before(self, series: Series) -> list[float]:
        """The values from before the attack."""
        return values(series, self.began, self.attacked)


def values(series: Series, begin: float, end: float) -> list[float]:
    """The values in this span of time."""
    return [value for at, value in series if begin <= at < end]


def p99(seconds: Sequence[float]) -> float:
    """The time that one in a hundred takes longer than."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]


def steady_p99(seconds: Sequence[float]) -> float:
    """The p99 of most of the time; `seconds` are in the order in which they came."""
    windows = [seconds[start : start + WINDOW] for start in range(0, len(seconds), WINDOW)]
    whole = [window for window in windows if len(window) == WINDOW] or [seconds]
    return median(map(p99, whole))


def mistakes(measured: Measured) -> Iterator[str]:
    """Each bar that was missed, as a sentence; none: a yes."""
    yield from broken(measured)
    yield from _slow(measured)


def broken(measured: Measured) -> Iterator[str]:
    """Those that are missed on any machine, however busy it is: all but the times."""
    yield from (f"{count} times: {what}" for what, count in measured.wrong.items())
    yield from _stopped(measured)
    yield from _memory(measured)
    _, middle, last = measured.thirds(measured.descriptors)
    if middle and last and median(last) > median(middle) + MAX_MORE_DESCRIPTORS:
        yield f"open descriptors rose from {median(middle):.0f} to {median(last):.0f}"


def _slow(measured: Measured) -> Iterator[str]:
    parts = [measured.before(measured.times), *measured.thirds(measured.times)]
    if min(map(len, parts)) < MIN_REQUESTS:
        yield f"too few good requests to judge by: {' + '.join(str(len(part)) for part in parts)}"
    else:
        controls = [measured.before(measured.control), *measured.thirds(measured.control)]
        yield from _latency(parts, controls)


def _stopped(measured: Measured) -> Iterator[str]:
    if not measured.alive:
        yield "the program gave no response after the attack"
    if measured.left_open > MAX_LEFT_OPEN:
        yield f"{measured.left_open} descriptors stayed open once all clients had gone"
    if measured.exit_code != 0:
        yield f"the program ended with {measured.exit_code}"
    if measured.stop_seconds > MAX_STOP_SECONDS:
        yield f"SIGTERM took {measured.stop_seconds:.1f} s"


def _latency(parts: Sequence[list[float]], controls: Sequence[list[float]]) -> Iterator[str]:
    before, _, second, third = map(steady_p99, parts)
    busier = _slower(controls[2], controls[3])
    few = min(len(parts[2]), len(parts[3])) < FEW
    least = MIN_P99_RISE_OF_FEW if few else MIN_P99_RISE
    if third > second * MAX_P99_RATIO * busier and third - second > least:
        yield f"p99 of the good clients rose from {second * 1e3:.0f} to {third * 1e3:.0f} ms"
    attacked = steady_p99(list(chain(*parts[1:])))
    busier = _slower(controls[0], list(chain(*controls[1:])))
    if attacked > max(before * MAX_SLOWER * busier, MIN_SLOW):
        yield f"p99 was {before * 1e3:.1f} ms before the attack, {attacked * 1e3:.0f} ms under it"
    longest = max(chain(*parts))
    if longest > MAX_PAUSE:
        yield f"a good request took {longest:.1f} s"


def _slower(earlier: list[float], later: list[float]) -> float:
    """How many times slower the machine itself was later; 1 where it was not, or nobody knows."""
    return max(1.0, steady_p99(later) / steady_p99(earlier)) if earlier and later else 1.0


def _memory(measured: Measured) -> Iterator[str]:
    alone = measured.before(measured.memory)
    first, middle, last = measured.thirds(measured.memory)
    if not (alone and first and middle and last):
        yield "memory was not measured"
        return
    grown, beyond = median(last) - median(middle), max(*first, *middle, *last) - max(alone)
    if grown > MAX_GROWTH and measured.ended - measured.attacked >= 3 * FILLED_AFTER:
        yield f"memory grew by {grown / 2**20:.1f} MiB from the second third to the last"
    seconds = measured.ended - measured.attacked
    left_over = (min(last) - min(middle)) * 3600 / (seconds / 3)
    if seconds >= LONG and left_over > MAX_GROWTH_AN_HOUR:
        yield f"memory that was left over grew by {left_over / 2**20:.1f} MiB an hour"
    if beyond > MAX_MEMORY:
        yield f"memory rose {beyond / 2**20:.0f} MiB beyond what ordinary clients need"
