"""The recipes that need no app, run as they are written; those with one are in tests/apps."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, REPOSITORY, blocks

RECIPES = REPOSITORY / "docs" / "recipes"
TESTS = [block for block in blocks("py", "sh", "yaml") if block.page == RECIPES / "tests.md"]
PLAYED = ("dev-servers", "backends", "live", "uploads", "behind-a-proxy")
"""Pages whose recipes a test with real programs plays, each section of them."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With the policy of the page, its test, and `corsproxy` as a command."""
    (policy,) = [block.text for block in TESTS if block.language == "yaml"]
    (test,) = [block for block in TESTS if block.name]
    (tmp_path / "policy.yaml").write_text(policy)
    (tmp_path / test.name).write_text(test.text)
    program = tmp_path / "corsproxy"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m corsproxy "$@"\n')
    program.chmod(0o755)
    return tmp_path


def run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environ = os.environ | {"PYTHONPATH": str(REPOSITORY), "PATH": f"{folder}:{os.environ['PATH']}"}
    return subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, check=False
    )


def test_the_shell_says_what_is_allowed_and_what_is_not(folder: Path) -> None:
    (lines,) = [block.text for block in TESTS if block.language == "sh"]
    for line in lines.splitlines():
        done = run("bash", "-c", line, folder=folder)
        assert done.returncode == 0, done.stderr
        turned = run("bash", "-c", line.removeprefix("! "), folder=folder)
        assert turned.returncode == (1 if line.startswith("! ") else 0)


def test_pytest_says_what_is_allowed_and_what_is_not(folder: Path) -> None:
    pytest_ = (sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider")
    done = run(*pytest_, folder=folder)
    assert "3 passed" in done.stdout, done.stdout
    policy = folder / "policy.yaml"
    policy.write_text(policy.read_text().replace("[PUT]", "[PATCH, DELETE]"))
    assert "2 failed, 1 passed" in run(*pytest_, folder=folder).stdout


def test_each_recipe_with_files_of_its_own_is_played() -> None:
    named = {block.page.stem for block in blocks("html", "js", "nginx", "py", "ts") if block.name}
    pages = {page.stem for page in PAGES if page.parent == RECIPES}
    assert named & pages == {*PLAYED, "tests"}
