"""Metrics: counters in Prometheus' format. Every label is from a closed set or from the settings.

An exchange costs a few additions to plain numbers, as every microsecond here is taken from
requests; Prometheus' own objects are made when it asks.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.metadata import version

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)

from corsproxy.cors import fields as f
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.finding import Reason
from corsproxy.cors.policy import Mode
from corsproxy.cors.request import Kind
from corsproxy.cors.tally import BYTES, SECONDS, Histogram, Tally
from corsproxy.watch.telling import Verdict

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_CORS_LINE = re.compile(rb"\n(access-control-[a-z-]+):")
_REPLACING = frozenset({Mode.ENFORCE, Mode.STRIP})

Key = tuple[Kind, bool, Reason | None, int]
"""What a request was, whether it was judged, the reason of the check that failed, the status."""


class RouteCounts:
    """What is counted of one route."""

    __slots__ = ("request_bytes", "requests", "response_bytes", "upstream_seconds")

    def __init__(self) -> None:
        self.requests: Counter[Key] = Counter()
        self.upstream_seconds = Histogram(SECONDS)
        self.request_bytes = Histogram(BYTES)
        self.response_bytes = Histogram(BYTES)


class MetricsWatcher:
    """Call it with each exchange; `text` is what Prometheus reads."""

    def __init__(self) -> None:
        self._failures: Counter[tuple[str, ...]] = Counter()
        self._stripped: Counter[tuple[str, ...]] = Counter()
        self._routes: dict[str, RouteCounts] = {}
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def __call__(self, exchange: Exchange) -> None:
        """Count an exchange."""
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
            self._failures[route, exchange.failure] += 1

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
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """For prometheus-client: the metrics as they are now."""
        yield InfoMetricFamily("corsproxy", "The program.", {"version": version("corsproxy")})
        yield from self._counters()
        yield from self._histograms()

    def _counts_of(self, route: str) -> RouteCounts:
        return self._routes.get(route) or self._routes.setdefault(route, RouteCounts())

    def _strip(self, route: str, upstream_head: bytes, times: int) -> None:
        for name in _CORS_LINE.findall(upstream_head):
            if name.decode("ascii") in f.RESPONSE_NAMES:
                self._stripped[route, name.decode("ascii")] += times

    def _counters(self) -> Iterator[Metric]:
        requests: Counter[tuple[str, ...]] = Counter()
        responses: Counter[tuple[str, ...]] = Counter()
        for route, counts in self._routes.items():
            for (kind, judged, refused, status), count in counts.requests.items():
                passed = Verdict.GRANTED if judged else Verdict.UNJUDGED
                told = Verdict.REFUSED if refused else passed
                requests[route, kind, told, refused or ""] += count
                responses[route, f"{status // 100}xx"] += count
        yield _counter(
            "corsproxy_requests",
            "Requests, by what they were to CORS and what the policy said.",
            ("route", "kind", "verdict", "reason"),
            requests,
        )
        yield _counter("corsproxy_responses", "Answers.", ("route", "status"), responses)
        yield _counter(
            "corsproxy_upstream_failures",
            "Requests that got no answer of the upstream.",
            ("route", "failure"),
            self._failures,
        )
        yield _counter(
            "corsproxy_stripped_fields",
            "CORS fields of the upstream that the policy took out or replaced.",
            ("route", "name"),
            self._stripped,
        )

    def _histograms(self) -> Iterator[Metric]:
        for attribute, help_ in (
            ("upstream_seconds", "From the request to the head of the upstream's answer."),
            ("request_bytes", "Content of requests that had any."),
            ("response_bytes", "Content of answers that had any."),
        ):
            family = HistogramMetricFamily(f"corsproxy_{attribute}", help_, labels=("route",))
            for route, counts in self._routes.items():
                histogram: Histogram = getattr(counts, attribute)
                family.add_metric((route,), histogram.buckets(), sum_value=histogram.sum)
            yield family


def _counter(
    name: str, help_: str, labels: Sequence[str], counts: Counter[tuple[str, ...]]
) -> Metric:
    family = CounterMetricFamily(name, help_, labels=labels)
    for values, count in counts.items():
        family.add_metric([str(value) for value in values], count)
    return family
