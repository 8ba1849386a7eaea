"""What programs get of lint: JSON and SARIF."""

import json
from typing import Any

import pytest

from corsproxy.config.diagnostics import Advice, Diagnostic, Severity
from corsproxy.config.lint_report import LintResult, render_json, render_sarif
from corsproxy.config.repair import Replacement
from corsproxy.cors.span import Span

WRONG = Diagnostic(
    "unknown-key", Severity.ERROR, "no setting is called 'x'", Span("my policy.yaml", 3, 3, 6), "y"
)
EDIT = Replacement(3, 3, 3, 9, "y", safe=False)
UNWISE = Diagnostic(
    "opaque-origin",
    Severity.WARNING,
    "any page",
    Span("/srv/p.yaml", 4, 5),
    Advice("serve the page"),
)
FLAG = Diagnostic("out-of-range", Severity.WARNING, "too many", Span("--max-age"))
FOUND = [LintResult(WRONG, EDIT), LintResult(UNWISE, None), LintResult(FLAG, None)]


@pytest.fixture
def run() -> Any:
    told = json.loads(render_sarif(FOUND))
    assert (told["version"], "sarif-2.1.0" in told["$schema"]) == ("2.1.0", True)
    [run] = told["runs"]
    return run


def test_an_object_says_where_it_ends_and_what_to_put_there() -> None:
    first, second, third = json.loads(render_json(FOUND))
    assert first == {
        "file": "my policy.yaml",
        "line": 3,
        "column": 3,
        "end_line": 3,
        "end_column": 9,
        "severity": "error",
        "id": "unknown-key",
        "message": "no setting is called 'x'",
        "fix": "y",
        "replacement": {
            "line": 3,
            "column": 3,
            "end_line": 3,
            "end_column": 9,
            "text": "y",
            "safe": False,
        },
    }
    assert (second["fix"], second["replacement"]) == ("serve the page", None)
    assert (third["line"], third["end_column"], third["fix"]) == (0, 0, None)


def test_a_run_names_its_tool_and_each_rule_once(run: Any) -> None:
    driver = run["tool"]["driver"]
    assert driver["name"] == "corsproxy"
    assert [rule["id"] for rule in driver["rules"]] == [one.id for one in (WRONG, UNWISE, FLAG)]
    texts = [rule["shortDescription"]["text"] for rule in driver["rules"]]
    assert texts[:2] == [
        "unknown key",
        "Every page can make itself the origin null, by a sandboxed frame.",
    ]
    assert json.loads(render_sarif([FOUND[0]] * 2))["runs"][0]["tool"]["driver"]["rules"][1:] == []


def test_each_result_has_what_the_format_requires(run: Any) -> None:
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    for result, (one, _) in zip(run["results"], FOUND, strict=True):
        assert rules[result["ruleIndex"]] == result["ruleId"] == one.id
        assert result["level"] == str(one.severity)
        assert result["message"]["text"].startswith(one.message)


def test_a_place_is_a_uri_and_a_region_whose_end_is_behind_it(run: Any) -> None:
    places = [one["locations"][0]["physicalLocation"] for one in run["results"]]
    uris = [place["artifactLocation"]["uri"] for place in places]
    assert uris == ["my%20policy.yaml", "file:///srv/p.yaml", "--max-age"]
    assert places[0]["region"] == {"startLine": 3, "startColumn": 3, "endLine": 3, "endColumn": 9}
    assert "region" not in places[2]


def test_a_replacement_is_a_fix_and_advice_is_part_of_the_message(run: Any) -> None:
    [fix] = run["results"][0]["fixes"]
    [change] = fix["artifactChanges"]
    assert change["replacements"][0]["insertedContent"] == {"text": "y"}
    assert "fixes" not in run["results"][1]
    assert run["results"][1]["message"]["text"] == "any page\nfix: serve the page"


def test_nothing_found_is_a_run_without_results() -> None:
    [run] = json.loads(render_sarif([]))["runs"]
    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])
