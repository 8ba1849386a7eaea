"""The dashboard: what it asks Prometheus for is what the program tells, label by label."""

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from corsproxy.watch.metrics.watcher import MetricsWatcher
from tests.watch.exchanges import exchange, failed, preflight, refused

DASHBOARD = json.loads(Path(__file__).parents[2].joinpath("packaging/grafana.json").read_text())
OF_PROMETHEUS = {"instance", "job", "le"}
_NAME = re.compile(r"\b(?:corsproxy|process)_[a-z_]+\b")
_SELECTOR = re.compile(r"((?:corsproxy|process)_[a-z_]+)\{([^}]*)\}")
_LABEL = re.compile(r"([a-z_]+)\s*=~?")
_BY = re.compile(r"\bby \(([^)]*)\)")
_LEGEND = re.compile(r"\{\{([a-z_]+)\}\}")


def told() -> dict[str, set[str]]:
    """The names of all samples, and the labels of each."""
    metrics = MetricsWatcher()
    upstream = [("Access-Control-Allow-Origin", "*")]
    for one in (exchange(upstream=upstream), refused(), failed(), preflight("PUT")):
        metrics(one._replace(request_size=1, response_size=1))
    metrics.errors["log",] += 1
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(metrics.text().decode()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


SAMPLES = told()
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
QUERIES = [
    pytest.param(target, id=f"{panel['title']}, {target['refId']}")
    for panel in PANELS
    for target in panel["targets"]
]
VARIABLES = [v["query"]["query"] for v in DASHBOARD["templating"]["list"] if v["type"] == "query"]


@pytest.mark.parametrize("target", QUERIES)
def test_each_metric_and_label_that_a_panel_asks_for_is_told(target: dict[str, Any]) -> None:
    query = target["expr"]
    names = set(_NAME.findall(query))
    assert names
    assert names <= SAMPLES.keys()
    for name, selector in _SELECTOR.findall(query):
        assert set(_LABEL.findall(selector)) - OF_PROMETHEUS <= SAMPLES[name]
    labels = set().union(*(SAMPLES[name] for name in names)) | OF_PROMETHEUS
    grouped = {label.strip() for group in _BY.findall(query) for label in group.split(",")}
    assert grouped <= labels
    assert set(_LEGEND.findall(target["legendFormat"])) <= (grouped or labels)


@pytest.mark.parametrize("query", VARIABLES)
def test_each_choice_is_of_a_metric_that_is_told(query: str) -> None:
    (name,) = _NAME.findall(query)
    label = query.rstrip(")").rpartition(",")[2].strip()
    assert label in SAMPLES[name] | OF_PROMETHEUS


def test_each_metric_of_ours_has_a_panel() -> None:
    asked = "\n".join(target["expr"] for panel in PANELS for target in panel["targets"])
    ours = {name for name in SAMPLES if name.startswith("corsproxy_")}
    parts = {re.sub(r"_(bucket|sum|count|created)$", "", name) for name in ours}
    assert [name for name in sorted(parts) if name not in asked] == []


def test_panels_have_ids_of_their_own_and_do_not_overlap() -> None:
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    places = [panel["gridPos"] for panel in PANELS]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, other in itertools.combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below


def test_it_names_no_data_source_but_the_one_that_is_chosen() -> None:
    assert set(re.findall(r'"uid": "([^"]*)"', json.dumps(DASHBOARD))) == {
        "corsproxy",
        "${datasource}",
    }
