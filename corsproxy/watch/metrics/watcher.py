"""Metrics: what is counted. Every label is from a closed set or from the settings.

An exchange costs a few additions to plain numbers, as every microsecond here is taken from
requests; `exposition` makes Prometheus' own objects of them when it asks.
"""

import re
from collections import Counter
from typing import TYPE_CHECKING

from corsproxy.cors import headers as f
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.finding import Reason
from corsproxy.cors.policy import Mode
from corsproxy.cors.request import Kind
from corsproxy.cors.tally import SIZE_BUCKETS, TIME_BUCKETS, Histogram, Tally
from corsproxy.watch.readiness import Readiness

if TYPE_CHECKING:
    from corsproxy.watch.metrics.exposition import Exposition

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_CORS_LINE = re.compile(rb"\n(access-control-[a-z-]+):")
_REPLACING = frozenset({Mode.ENFORCE, Mode.STRIP})

SeriesKey = tuple[Kind, bool, Reason | None, int]
"""What a request was, whether it was judged, the reason of the check that failed, the status."""


class RouteCounts:
    """What is counted of one route."""

    __slots__ = ("request_bytes", "requests", "response_bytes", "upstream_seconds")

    def __init__(self) -> None:
        self.requests: Counter[SeriesKey] = Counter()
        self.upstream_seconds = Histogram(TIME_BUCKETS)
        self.request_bytes = Histogram(SIZE_BUCKETS)
        self.response_bytes = Histogram(SIZE_BUCKETS)


class MetricsWatcher:
    """Call it with each exchange; `text` is what Prometheus reads."""

    def __init__(
        self,
        errors: Counter[tuple[str, ...]] | None = None,
        readiness: Readiness | None = None,
    ) -> None:
        self.readiness = Readiness() if readiness is None else readiness
        self.failures: Counter[tuple[str, ...]] = Counter()
        """Of the upstream, by route and failure."""
        self.stripped: Counter[tuple[str, ...]] = Counter()
        """By route and name."""
        self.errors: Counter[tuple[str, ...]] = Counter() if errors is None else errors
        """Exceptions of ours, by watcher: `WatcherErrors.counts`."""
        self.routes: dict[str, RouteCounts] = {}
        self.open: set[str] = set()
        """The ids of those whose response goes on; no more than there are connections."""
        self._exposition: Exposition | None = None

    def __call__(self, exchange: Exchange) -> None:
        """Count an exchange, at its end."""
        if exchange.open:
            self.open.add(exchange.id)
            return
        if self.open:
            self.open.discard(exchange.id)
        route, decision = exchange.route, exchange.decision
        counts = self._counts_of(route)
        findings = decision.findings
        refused = None
        for finding in findings:
            if not finding.passed:
                refused = finding.reason
                break
        counts.requests[decision.kind, bool(findings), refused, exchange.status] += 1
        if size := exchange.request_size:
            counts.request_bytes.observe(size)
        if size := exchange.response_size:
            counts.response_bytes.observe(size)
        if exchange.upstream_head:
            counts.upstream_seconds.observe(exchange.wait)
            lower = exchange.upstream_head.lower()
            if b"\naccess-control-" in lower and exchange.policy.mode in _REPLACING:
                self._strip(route, lower, 1)
        if exchange.upstream_failed:
            self.failures[route, exchange.failure] += 1

    def count(self, tally: Tally) -> None:
        """Count many exchanges at once."""
        decision = tally.decision
        counts = self._counts_of(tally.route)
        key = decision.kind, bool(decision.findings), None, tally.status
        counts.requests[key] += tally.count
        counts.request_bytes.merge(tally.sent)
        counts.response_bytes.merge(tally.received)
        counts.upstream_seconds.merge(tally.seconds)
        if tally.policy.mode in _REPLACING:
            self._strip(tally.route, tally.upstream_head.lower(), tally.count)

    def text(self) -> bytes:
        """Everything, in Prometheus' text format."""
        if self._exposition is None:
            from corsproxy.watch.metrics.exposition import Exposition

            self._exposition = Exposition(self)
        return self._exposition.text()

    def _counts_of(self, route: str) -> RouteCounts:
        return self.routes.get(route) or self.routes.setdefault(route, RouteCounts())

    def _strip(self, route: str, upstream_head: bytes, times: int) -> None:
        for name in _CORS_LINE.findall(upstream_head):
            if name.decode("ascii") in f.RESPONSE_NAMES:
                self.stripped[route, name.decode("ascii")] += times
