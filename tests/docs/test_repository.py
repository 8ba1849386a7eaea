"""The repository speaks of itself alone, and of no machine."""

import re
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
LOCKS = sorted(path.name for path in REPOSITORY.glob("*.lock"))

A_MACHINE = re.compile(r"(?<![\w.:/])/(?:home|root|Users|work|opt/(?!corsproxy))\b[\w/.-]*")
A_REGISTRY = re.compile(
    r"pythonhosted|pypi\.org/simple|registry\.npmjs|deb\.debian\.org|--(?:extra-)?index-url"
)
INNOCENT = {"tests/docs/test_repository.py"}
"""This file names what it looks for."""


def tracked() -> list[str]:
    """Every text file that a clone has."""
    if not (REPOSITORY / ".git").exists():
        pytest.skip("no clone: nothing says which files belong to it")
    command = ["git", "-C", str(REPOSITORY), "grep", "-I", "--name-only", "-e", ""]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return sorted(set(done.stdout.splitlines()) - INNOCENT)


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(A_MACHINE, id="the paths of somebody's machine"),
        pytest.param(A_REGISTRY, id="the address of a registry"),
    ],
)
def test_no_file_names(pattern: re.Pattern[str]) -> None:
    texts = {name: REPOSITORY / name for name in tracked()}
    found = {
        name: hits
        for name, path in texts.items()
        if path.is_file() and (hits := pattern.findall(path.read_text(errors="replace")))
    }
    assert found == {}


def test_no_file_waits_to_be_finished() -> None:
    waiting = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
    found = [
        name
        for name in tracked()
        if not name.endswith(".lock")
        and waiting.search((REPOSITORY / name).read_text("utf-8", "replace"))
    ]
    assert found == []


@pytest.mark.parametrize("lock", LOCKS)
def test_each_locked_package_has_its_hashes_and_no_address(lock: str) -> None:
    lines = (REPOSITORY / lock).read_text().splitlines()
    packages = [number for number, line in enumerate(lines) if re.match(r"[a-z0-9]", line)]
    assert packages
    for number in packages:
        assert "==" in lines[number]
        assert "--hash=sha256:" in lines[number + 1]
    assert not [line for line in lines if "://" in line or line.startswith("-")]
