"""Everything that a user can set, meet or call has its place in the documentation."""

import json
import re
from pathlib import Path

import pytest

from corsproxy import cli
from corsproxy.config.schema import ROUTE, SETTINGS, Setting
from corsproxy.cors.reasons import CATALOGUE
from corsproxy.watch.log.json_lines import JsonLines
from corsproxy.watch.metrics.exposition import Exposition
from corsproxy.watch.metrics.watcher import MetricsWatcher
from tests.config.test_cases import WARNINGS, mistakes
from tests.docs.pages import PAGES, REPOSITORY
from tests.watch.exchanges import STRANGER, exchange

TEXTS = {page.name: page.read_text(encoding="utf-8") for page in PAGES}
assert len(TEXTS) == len(PAGES), "two pages have the same name"
LINKS = re.compile(r"\]\((?!https?:)([^)#]+)?(?:#([^)]+))?\)")


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.key)
def test_each_setting_its_flag_and_its_variable_are_told(setting: Setting) -> None:
    page = TEXTS["configuration.md"]
    for word in (setting.key, f"--{setting.flag}", setting.variable):
        assert f"`{word}`" in page


def test_each_setting_of_a_route_is_told() -> None:
    assert [s.key for s in ROUTE if f"`{s.key}`" not in TEXTS["configuration.md"]] == []


def test_each_mistake_and_warning_is_told() -> None:
    told = TEXTS["lint.md"]
    assert [id_ for id_ in WARNINGS | mistakes() if not re.search(rf"\b{id_}\b", told)] == []


def test_each_way_to_fail_is_told() -> None:
    told = TEXTS["reasons.md"]
    assert [id_ for id_ in CATALOGUE if not re.search(rf"\b{id_}\b", told)] == []


def test_each_status_that_the_gateway_answers_is_told() -> None:
    sources = [path.read_text() for path in (REPOSITORY / "corsproxy" / "proxy").rglob("*.py")]
    answered = {status for text in sources for status in re.findall(r"Refusal\(\s*(\d{3})", text)}
    told = set(re.findall(r"\b\d{3}\b", TEXTS["http.md"]))
    assert answered | {"204", "403", "502", "503", "504"} <= told


def test_each_command_has_its_section() -> None:
    told = TEXTS["cli.md"]
    assert [name for name in cli.COMMANDS if f"## corsproxy {name}\n" not in told] == []


@pytest.mark.parametrize("page", ["README.md", "cli.md"])
def test_each_exit_code_is_told(page: str) -> None:
    for code in (0, cli.NO, cli.WRONG_USAGE, cli.COULD_NOT_RUN):
        assert re.search(rf"\b{code}\b", TEXTS[page])


def linked(page: Path) -> set[Path]:
    """The pages to which a page leads."""
    paths = {path for path, _ in LINKS.findall(TEXTS[page.name]) if path.endswith(".md")}
    return {(page.parent / path).resolve() for path in paths}


def test_each_page_is_found_from_the_readme() -> None:
    found, waiting = set[Path](), {REPOSITORY / "README.md"}
    while waiting:
        page = waiting.pop()
        found.add(page)
        waiting |= linked(page) - found
    assert set(PAGES) - found == set()


def test_each_page_has_its_place_in_the_navigation() -> None:
    told = re.findall(r'"([\w/-]+\.md)"', (REPOSITORY / "zensical.toml").read_text())
    assert sorted(told) == sorted(page.relative_to(REPOSITORY).as_posix() for page in PAGES)


def test_the_readme_is_read_in_a_few_minutes() -> None:
    assert len(TEXTS["README.md"].splitlines()) < 150


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_link_leads_somewhere(page: Path) -> None:
    for path, anchor in LINKS.findall(TEXTS[page.name]):
        target = (page.parent / path).resolve() if path else page
        assert target.exists()
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in headings}


def test_each_file_on_the_map_exists() -> None:
    named = re.findall(r"`([\w/]+\.py)`", TEXTS["ARCHITECTURE.md"])
    package = REPOSITORY / "corsproxy"
    files = {path.relative_to(package).as_posix() for path in package.rglob("*.py")}
    # One paragraph is about proxy/ and names its rooms as it goes along.
    files |= {path.rpartition("/")[2] for path in files if path.startswith("proxy/")}
    assert set(named) - files == set()


def test_each_name_in_the_log_is_told() -> None:
    lines = JsonLines()
    written = [lines.line(exchange("PUT", origin=STRANGER, failure="refused", detail="x"))]
    written += [lines.unfollowed(exchange()), lines.dropped(1, 0.0), lines.note("x", 0.0)]
    names = {name for line in written for name in json.loads(line)}
    assert [name for name in names if f"`{name}`" not in TEXTS["inspector.md"]] == []


def test_each_metric_and_its_labels_are_told() -> None:
    metrics = MetricsWatcher()
    metrics(exchange(failure="refused"))
    told = TEXTS["inspector.md"]
    for family in Exposition(metrics).collect():
        suffix = "_total" if family.type == "counter" else ""
        suffix = "_info" if family.type == "info" else suffix
        assert f"`{family.name}{suffix}`" in told
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        assert [label for label in labels if f"`{label}`" not in told] == []
