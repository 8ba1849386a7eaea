"""Flood: more requests than anybody reads are counted, second by second, and not listed."""

from collections import Counter
from collections.abc import Mapping

from corsproxy.limits import LOG_MAX_LINES_PER_SECOND


class Flood:
    """Decides which exchanges get a line. Its clock is the caller's.

    A second with more than 50 requests begins a flood, which ends with the first second that has
    fewer; in between, `summary` gives one count a second.
    """

    def __init__(self, max_lines: int = LOG_MAX_LINES_PER_SECOND) -> None:
        self._max_lines = max_lines
        self._second = 0
        self._requests = 0
        self._flooded = False
        self._unlisted: Counter[str] = Counter()

    @property
    def counting(self) -> bool:
        """Whether something was counted that `summary` has yet to tell."""
        return bool(self._unlisted)

    def listed(self, now: float, verdict: str) -> bool:
        """Whether the exchange that finished at `now` gets a line; else it is counted."""
        self._at(now)
        self._requests += 1
        if not self._flooded and self._requests <= self._max_lines:
            return True
        self._unlisted[verdict] += 1
        return False

    def count(self, now: float, counts: Mapping[str, int]) -> None:
        """Count many at once that finished at about `now`: so many verdicts of each kind."""
        self._at(now)
        self._requests += sum(counts.values())
        self._unlisted.update(counts)

    def summary(self, now: float) -> dict[str, int] | None:
        """How many of each verdict were not listed, once their second is over."""
        if not self._unlisted or int(now) == self._second:
            return None
        counts = dict(self._unlisted)
        self._unlisted.clear()
        return counts

    def _at(self, now: float) -> None:
        if int(now) != self._second:
            self._flooded = self._requests > self._max_lines and int(now) == self._second + 1
            self._second, self._requests = int(now), 0
