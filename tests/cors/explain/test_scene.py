"""The scene that `explain` tells: word for word in golden files."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.decision import decide
from corsproxy.cors.explain import scene, scene_json, scene_text
from corsproxy.cors.explain.scene import NO_PREFLIGHT, why_due
from tests.cors.explain.scenes import OWN, PAGE, POLICY, PUT, SCENES

CASES = Path(__file__).parents[2] / "cases" / "explain"


@pytest.mark.parametrize("name", SCENES)
def test_the_scene_in_words(name: str, golden: Callable[[Path, str], None]) -> None:
    policy, attempt = SCENES[name]
    golden(CASES / f"scene-{name}.out", scene_text(scene(policy, attempt, OWN)))


@pytest.mark.parametrize("name", ["granted", "refused-origin", "credentials", "forbidden-method"])
def test_the_scene_as_json(name: str, golden: Callable[[Path, str], None]) -> None:
    policy, attempt = SCENES[name]
    told = scene_json(scene(policy, attempt, OWN))
    golden(CASES / f"scene-{name}.json", json.dumps(told, indent=2) + "\n")


@pytest.mark.parametrize("name", SCENES)
def test_text_and_json_agree(name: str) -> None:
    policy, attempt = SCENES[name]
    told = scene(policy, attempt, OWN)
    assert scene_json(told)["outcome"] == ("readable" if told.readable else "blocked")
    assert ("readable: " in scene_text(told)) is told.readable
    assert all(character.isprintable() or character == "\n" for character in scene_text(told))


def test_each_check_names_the_line_that_settled_it() -> None:
    told = scene(POLICY, PUT, OWN)
    assert told.preflight is not None
    places = [str(check.span) for check in told.preflight.checks]
    assert places == ["config.yaml:4:5", "config.yaml:7:19", "config.yaml:8:5"]


def test_the_checks_are_those_that_decide_makes() -> None:
    told = scene(POLICY, PUT, OWN)
    assert told.preflight is not None
    decision = decide(POLICY, PUT.preflight())
    assert [check.reason_id for check in told.preflight.checks] == [
        finding.reason.value for finding in decision.findings
    ]


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        pytest.param(Attempt(PAGE), NO_PREFLIGHT, id="none"),
        pytest.param(
            Attempt(PAGE, "PUT"),
            "a preflight is due: the method PUT must not be sent without one",
            id="method",
        ),
        pytest.param(
            Attempt(PAGE, headers=[("X-B", "1"), ("X-A", "1")]),
            "a preflight is due: the request headers x-a, x-b must not be sent without one",
            id="names",
        ),
    ],
)
def test_why_a_preflight_is_due(attempt: Attempt, words: str) -> None:
    assert why_due(attempt) == words
