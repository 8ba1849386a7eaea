"""The threat model names, for each threat, what stops it and a test that is there to show it."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PAGE = REPOSITORY / "docs" / "threat-model.md"
A_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def rows() -> list[list[str]]:
    """The cells of the table, row by row."""
    table = PAGE.read_text().partition("| --- | --- | --- |\n")[2]
    lines = [line for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


@cache
def functions_of(file: str) -> frozenset[str]:
    path = REPOSITORY / file
    tree = ast.parse(path.read_text()) if path.is_file() else ast.Module([], [])
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in tree.body if isinstance(node, functions))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_each_threat_is_stopped_by_something_that_a_test_shows(row: list[str]) -> None:
    threat, stops, tests = row
    assert threat
    assert stops
    named = A_TEST.findall(tests)
    assert A_TEST.sub("", tests).strip() == ""
    assert named
    assert [f"{file}::{name}" for file, name in named if name not in functions_of(file)] == []


def test_no_threat_stands_there_twice() -> None:
    threats = [row[0] for row in rows()]
    assert len(threats) > 30
    assert len(set(threats)) == len(threats)


def test_who_looks_for_security_is_led_to_the_threat_model() -> None:
    assert "(docs/threat-model.md)" in (REPOSITORY / "SECURITY.md").read_text()
