"""Exposition: what was counted, in Prometheus' format."""

from collections import Counter
from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)

from corsproxy import __version__
from corsproxy.cors.tally import Histogram
from corsproxy.watch.metrics.watcher import MetricsWatcher
from corsproxy.watch.summary import PolicyVerdict


class Exposition:
    """The text for those that scrape; the process tells of itself, too."""

    def __init__(self, metrics: MetricsWatcher) -> None:
        self._metrics = metrics
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def text(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """For prometheus-client: the metrics as they are now."""
        yield InfoMetricFamily("corsproxy", "The program.", {"version": __version__})
        yield GaugeMetricFamily(
            "corsproxy_open_responses",
            "Responses that go on for a while: streams, WebSockets, long downloads.",
            len(self._metrics.open),
        )
        yield from self._reloads()
        yield from self._counters()
        yield from self._histograms()

    def _reloads(self) -> Iterator[Metric]:
        """Under the names that Prometheus gives to its own."""
        readiness = self._metrics.readiness
        yield GaugeMetricFamily(
            "corsproxy_config_last_reload_successful",
            "1 if the settings that were read last are in use, 0 if they were no good.",
            int(readiness.last_reload_good),
        )
        yield GaugeMetricFamily(
            "corsproxy_config_last_reload_success_timestamp_seconds",
            "When the settings in use were read.",
            readiness.reloaded,
        )

    def _counters(self) -> Iterator[Metric]:
        requests: Counter[tuple[str, ...]] = Counter()
        responses: Counter[tuple[str, ...]] = Counter()
        for route, counts in self._metrics.routes.items():
            for (kind, judged, refused, status), count in counts.requests.items():
                passed = PolicyVerdict.GRANTED if judged else PolicyVerdict.UNJUDGED
                verdict = PolicyVerdict.REFUSED if refused else passed
                requests[route, kind, verdict, refused or ""] += count
                responses[route, f"{status // 100}xx"] += count
        yield _counter(
            "corsproxy_requests",
            "Requests, by what they were to CORS and what the policy said.",
            ("route", "kind", "verdict", "reason"),
            requests,
        )
        yield _counter("corsproxy_responses", "Responses.", ("route", "status"), responses)
        yield _counter(
            "corsproxy_upstream_failures",
            "Requests that got no response of the upstream.",
            ("route", "failure"),
            self._metrics.failures,
        )
        yield _counter(
            "corsproxy_stripped_headers",
            "CORS headers of the upstream that the policy took out or replaced.",
            ("route", "name"),
            self._metrics.stripped,
        )
        yield _counter(
            "corsproxy_watcher_errors",
            "Exceptions of what watches; each cost the one exchange or task that it met.",
            ("watcher",),
            self._metrics.errors,
        )

    def _histograms(self) -> Iterator[Metric]:
        for attribute, help_ in (
            ("upstream_seconds", "From the request to the head of the upstream's response."),
            ("request_bytes", "Content of requests that had any."),
            ("response_bytes", "Content of responses that had any."),
        ):
            family = HistogramMetricFamily(f"corsproxy_{attribute}", help_, labels=("route",))
            for route, counts in self._metrics.routes.items():
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
