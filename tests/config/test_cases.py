"""Golden files: what lint says of each case. `pytest --update-cases` rewrites them."""

import contextlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from corsproxy.config import ConfigError, load_text
from corsproxy.config.diagnostics import Diagnostic, render
from corsproxy.config.lint import rules
from corsproxy.config.schema import SETTINGS

CASES = Path(__file__).parents[1] / "cases" / "lint"
PACKAGE = Path(rules.__file__).parents[1]
BAD = sorted(CASES.glob("*.yaml"))
GOOD = sorted((CASES / "good").glob("*.yaml"))
FOR_EACH_SETTING = sorted(CASES.glob("*-for-each-setting.yaml"))
ELSEWHERE = {
    "file-too-large",  # test_reader
    "no-upstream",  # test_loading: lint does not ask for one
    "list-replaced",  # test_replaced_lists
    "unknown-variable",  # test_inputs: no file has variables
    "quoted-variable",
    "json-in-variable",
    "several-in-one-flag",  # nor flags
    "expected-element",
    "certificate-twice",  # test_inputs: no file can say both
}
RULES = (*rules.POLICY_RULES, *rules.LIST_RULES, *rules.PROXY_RULES)
WARNINGS = {rule.__name__.replace("_", "-") for rule in RULES}


def judged(path: Path) -> list[Diagnostic]:
    try:
        with contextlib.chdir(path.parent):  # where the files are that it names
            return load_text(path.read_bytes(), path.name, {}, {}, offline=True).warnings
    except ConfigError as error:
        return list(error.diagnostics)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_each_case_is_told_word_for_word(path: Path, golden: Callable[[Path, str], None]) -> None:
    found = judged(path)
    assert found
    golden(path.with_suffix(".out"), render(found))


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_what_is_sound_stays_silent(path: Path) -> None:
    assert render(judged(path)) == ""


@pytest.mark.parametrize("path", FOR_EACH_SETTING, ids=lambda path: path.stem)
def test_a_case_for_each_setting_has_all_of_them(path: Path) -> None:
    named = re.findall(r"^ *(\w+):", path.read_text(), re.MULTILINE)
    assert {part for setting in SETTINGS for part in setting.key.split(".")} == set(named)


def test_each_mistake_and_warning_has_a_case_of_its_name() -> None:
    known = mistakes() | WARNINGS
    missing = known - ELSEWHERE - {path.stem for path in BAD}
    assert missing == set()
    for id_ in known - ELSEWHERE:
        assert id_ in {found.id for found in judged(CASES / f"{id_}.yaml")}


def test_no_two_rules_share_an_id() -> None:
    assert len(WARNINGS) == len(RULES)
    assert WARNINGS & mistakes() == set()


def test_each_rule_says_why_it_exists() -> None:
    assert all(rule.__doc__ for rule in RULES)


def mistakes() -> set[str]:
    """The ids of all mistakes, as the source has them."""
    source = "".join(path.read_text() for path in PACKAGE.rglob("*.py"))
    raised = re.findall(r'(?:NodeError|error|_fail)\(\s*"([a-z0-9-]+)"', source)
    given = re.findall(r'check_\w+, "([a-z-]+)"', source)
    return {*raised, *given}
