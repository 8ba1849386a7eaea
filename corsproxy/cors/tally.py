"""Tally: what is left of exchanges that come faster than anybody reads them: numbers."""

from bisect import bisect_left
from collections.abc import Callable, Sequence

from corsproxy.cors.decision import Decision
from corsproxy.cors.policy import Policy

TIME_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
SIZE_BUCKETS = (64.0, 256.0, 4096.0, 65536.0, 1048576.0, 16777216.0, 268435456.0)


class Histogram:
    """Counts by bucket, and the sum of all values."""

    __slots__ = ("bounds", "counts", "sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float) -> None:
        """Count `value`."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value

    def merge(self, other: "Histogram") -> None:
        """Count all that `other`, of the same bounds, has counted."""
        self.counts = [one + two for one, two in zip(self.counts, other.counts, strict=True)]
        self.sum += other.sum

    def buckets(self) -> list[tuple[str, float]]:
        """Count cumulatively, as Prometheus does."""
        total, found = 0, []
        for bound, count in zip((*self.bounds, None), self.counts, strict=True):
            total += count
            found.append(("+Inf" if bound is None else str(bound), float(total)))
        return found


class Tally:
    """How many exchanges there were of one kind, of which there is nothing to explain.

    They had the same route, decision and status, and the CORS headers of `upstream_head` were those
    of each upstream's response; empty when none was asked.

    A redirect or a refusal of the upstream's own is ordinary once somebody has seen one like it:
    `reported` says whether anybody could, and nothing of the kind is only counted before.
    """

    __slots__ = (
        "count",
        "decision",
        "policy",
        "received",
        "reported",
        "route",
        "seconds",
        "sent",
        "status",
        "upstream_head",
    )

    def __init__(
        self, route: str, policy: Policy, decision: Decision, status: int, upstream_head: bytes
    ) -> None:
        self.route = route
        self.policy = policy
        self.decision = decision
        self.status = status
        self.upstream_head = upstream_head
        self.reported = status < 300 or status == 304
        self.clear()

    def add(self, sent: int, received: int, seconds: float) -> None:
        """Count one more: its content's bytes both ways, and how long the upstream took."""
        self.count += 1
        if sent:
            self.sent.observe(sent)
        if received:
            self.received.observe(received)
        if seconds:
            self.seconds.observe(seconds)

    def clear(self) -> None:
        """Begin anew."""
        self.count = 0
        self.sent = Histogram(SIZE_BUCKETS)
        self.received = Histogram(SIZE_BUCKETS)
        self.seconds = Histogram(TIME_BUCKETS)


Counter = Callable[[Tally], None]
"""Takes what a tally says at once; afterwards it begins anew."""
