from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from corsproxy.cors.exchange import Exchange
from corsproxy.cors.policy import Mode
from corsproxy.cors.tally import SIZE_BUCKETS, Tally
from corsproxy.watch.metrics.watcher import MetricsWatcher
from corsproxy.watch.readiness import Readiness
from tests.watch.exchanges import PAGE, POLICY, STRANGER, exchange, failed, preflight, refused

CANARY = "c4n4ry"


def samples(metrics: MetricsWatcher, name: str) -> dict[tuple[tuple[str, str], ...], float]:
    found = {}
    for family in text_string_to_metric_families(metrics.text().decode()):
        for sample in family.samples:
            if sample.name == name:
                found[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def only(metrics: MetricsWatcher, name: str) -> tuple[dict[str, str], float]:
    [(labels, value)] = samples(metrics, name).items()
    return dict(labels), value


def test_requests_by_route_kind_verdict_and_reason() -> None:
    metrics = MetricsWatcher()
    for made in (
        exchange(),
        exchange(),
        refused(),
        preflight("PATCH", "x-b"),
        exchange(origin=None),
    ):
        metrics(made)
    assert samples(metrics, "corsproxy_requests_total") == {
        labelled("actual", "granted", ""): 2,
        labelled("actual", "refused", "origin-not-allowed"): 1,
        labelled("preflight", "refused", "method-not-allowed"): 1,
        labelled("not-cors", "unjudged", ""): 1,
    }


def labelled(kind: str, verdict: str, reason: str) -> tuple[tuple[str, str], ...]:
    return (("kind", kind), ("reason", reason), ("route", "/"), ("verdict", verdict))


def test_responses_by_class() -> None:
    metrics = MetricsWatcher()
    for status in (200, 201, 404, 599):
        metrics(exchange(status=status))
    classes = samples(metrics, "corsproxy_responses_total")
    assert {dict(labels)["status"]: count for labels, count in classes.items()} == {
        "2xx": 2, "4xx": 1, "5xx": 1,
    }  # fmt: skip


def test_failures_of_the_upstream() -> None:
    metrics = MetricsWatcher()
    metrics(failed())
    found = only(metrics, "corsproxy_upstream_failures_total")
    assert found == ({"route": "/", "failure": "refused"}, 1)


@pytest.mark.parametrize(
    ("mode", "stripped"),
    [(Mode.ENFORCE, 1), (Mode.STRIP, 1), (Mode.ADD, 0), (Mode.VALIDATE, 0)],
)
def test_fields_of_the_upstream_that_the_policy_took_out(mode: Mode, stripped: int) -> None:
    metrics = MetricsWatcher()
    upstream = [("access-control-ALLOW-origin", "*"), ("Access-Control-X", "a"), ("X", "\nb")]
    metrics(exchange(upstream=upstream, policy=replace(POLICY, mode=mode)))
    found = samples(metrics, "corsproxy_stripped_headers_total")
    name = ("name", "access-control-allow-origin")
    assert found == ({(name, ("route", "/")): 1} if stripped else {})


def test_latency_and_sizes() -> None:
    metrics = MetricsWatcher()
    metrics(exchange(seconds=0.3)._replace(request_size=10, response_size=5000))
    assert only(metrics, "corsproxy_upstream_seconds_count")[1] == 1
    assert only(metrics, "corsproxy_upstream_seconds_sum")[1] == 0.15
    assert only(metrics, "corsproxy_request_bytes_sum")[1] == 10
    assert only(metrics, "corsproxy_response_bytes_sum")[1] == 5000


def test_a_request_that_was_not_forwarded_has_no_latency() -> None:
    metrics = MetricsWatcher()
    metrics(refused())
    assert only(metrics, "corsproxy_upstream_seconds_count")[1] == 0


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("origin", [PAGE, None])
def test_a_tally_counts_as_its_exchanges_would_have(mode: Mode, origin: str | None) -> None:
    upstream = [("Access-Control-Allow-Origin", "*"), ("X", "a")]
    policy = replace(POLICY, mode=mode)
    one = exchange(origin=origin, policy=policy, upstream=upstream, seconds=0.5)
    singly, together = both()
    tally = tally_of(one)
    for size in (0, 10, 5000):
        singly(one._replace(request_size=size, response_size=size))
        tally.add(size, size, one.wait)
    together.count(tally)
    assert counted(together) == counted(singly)


def test_a_tally_of_preflights_counts_as_its_exchanges_would_have() -> None:
    one = preflight("PUT")
    singly, together = both()
    tally = tally_of(one)
    for _ in range(3):
        singly(one)
        tally.add(0, 0, 0.0)
    together.count(tally)
    assert counted(together) == counted(singly)


def both() -> tuple[MetricsWatcher, MetricsWatcher]:
    readiness = Readiness()
    return MetricsWatcher(readiness=readiness), MetricsWatcher(readiness=readiness)


def tally_of(one: Exchange) -> Tally:
    return Tally(one.route, one.policy, one.decision, one.status, one.upstream_head)


def counted(metrics: MetricsWatcher) -> list[str]:
    """All that is counted; the process tells of itself what it likes."""
    return [line for line in metrics.text().decode().splitlines() if line.startswith("corsproxy")]


def test_labels_do_not_grow_with_what_clients_send() -> None:
    metrics = MetricsWatcher()
    metrics(refused())
    before = metrics.text().count(b"\n")
    for number in range(300):
        target = f"/{number}?token={CANARY}"
        metrics(exchange("GET", target, origin=f"http://{CANARY}-{number}.test"))
        metrics(preflight(f"M{number}", f"x-{number}", origin=STRANGER))
    assert metrics.text().count(b"\n") <= before + 2
    assert CANARY.encode() not in metrics.text()


def test_the_program_and_its_process_are_told() -> None:
    text = MetricsWatcher().text()
    assert b"corsproxy_info{version=" in text
    assert b"process_resident_memory_bytes" in text
    assert len(SIZE_BUCKETS) < 10


def test_what_became_of_the_last_reload_is_a_gauge() -> None:
    metrics = MetricsWatcher()
    metrics.readiness.reloaded = 1000.0
    assert "corsproxy_config_last_reload_successful 1.0" in counted(metrics)
    metrics.readiness.last_reload_good = False
    assert "corsproxy_config_last_reload_successful 0.0" in counted(metrics)
    seconds = "corsproxy_config_last_reload_success_timestamp_seconds 1000.0"
    assert seconds in counted(metrics)
