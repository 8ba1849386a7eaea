"""The GitHub Action: its own shell, run as a runner would, on the files of a repository."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from corsproxy.cli import commands
from tests.docs.pages import blocks
from tests.packaging.conftest import REPOSITORY

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
ACTION: dict[str, Any] = yaml.safe_load((REPOSITORY / "action.yml").read_text())
MISTAKEN = "upstream: http://127.0.0.1:8000\ncors: {allow_orgins: [http://localhost:5173]}\n"
SOUND = MISTAKEN.replace("orgins", "origins")


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `python` is this one, as setup-python makes it on a runner."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (folder / "python").chmod(0o755)
    return folder


def played(folder: Path, python: Path, command: str, args: str) -> tuple[int, str]:
    """The exit code and what is printed; inputs come by the names that the action gives them."""
    [step] = [step for step in ACTION["runs"]["steps"] if "run" in step]
    values = {
        "${{ inputs.command }}": command,
        "${{ inputs.args }}": args,
        "${{ github.action_path }}": str(REPOSITORY),
    }
    given = {name: values[text] for name, text in step["env"].items()}
    clean = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=folder,
        env={**clean, **given, "PATH": f"{python}:{os.environ['PATH']}", "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_mistake_becomes_an_annotation_at_its_line(tmp_path: Path, python: Path) -> None:
    (tmp_path / "policy.yaml").write_text(MISTAKEN)
    code, told = played(tmp_path, python, "lint", "policy.yaml\n")
    assert code == 1
    assert "::error file=policy.yaml,line=2,col=8,endColumn=20,title=unknown-key::" in told


def test_an_argument_is_a_line_whatever_is_in_it(tmp_path: Path, python: Path) -> None:
    (tmp_path / "a policy; $(touch pwned).yaml").write_text(SOUND)
    code, told = played(tmp_path, python, "lint", "a policy; $(touch pwned).yaml")
    assert (code, "::error" in told) == (0, False)
    assert not (tmp_path / "pwned").exists()


def test_another_command_is_refused_before_anything_is_installed(
    tmp_path: Path, python: Path
) -> None:
    code, told = played(tmp_path, python, "run", "")
    assert code == 2
    assert told == "::error::corsproxy: command is lint, verify or probe, not 'run'\n"


def test_each_input_says_what_it_is() -> None:
    assert list(ACTION["inputs"]) == ["command", "args", "python-version"]
    assert all(given["description"] for given in ACTION["inputs"].values())


def test_the_page_gives_it_inputs_that_it_has_and_commands_that_are_understood() -> None:
    [block] = [block for block in blocks("yaml") if "jobs:" in block.text]
    assert block.page.name == "ci.md"
    steps = yaml.safe_load(block.text)["jobs"]["cors"]["steps"]
    given = [step["with"] for step in steps if "/corsproxy@" in step["uses"]]
    assert {step["command"] for step in given} == {"lint", "verify", "probe"}
    for step in given:
        assert step.keys() <= ACTION["inputs"].keys()
        words = [step["command"], "--format", "github", *step["args"].splitlines()]
        commands.make_context("corsproxy", words, resilient_parsing=True)
