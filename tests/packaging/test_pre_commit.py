"""The hook for pre-commit: fetched from a repository, installed, and run before a commit."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.docs.pages import blocks
from tests.packaging.conftest import Made, run

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
MISTAKEN = "upstream: http://127.0.0.1:8000\ncors: {allow_orgins: [http://localhost:5173]}\n"


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=someone", "-c", "user.email=someone@example.com")
    return run(["git", *who, "-C", str(folder), *words], folder)


def test_a_policy_with_a_mistake_is_not_committed(dist: Made, copy: Path, tmp_path: Path) -> None:
    git(copy, "init", "-q")
    git(copy, "add", "-A")
    git(copy, "commit", "-q", "-m", "as it is")
    revision = git(copy, "rev-parse", "HEAD").strip()

    work = tmp_path / "work"
    work.mkdir()
    git(work, "init", "-q")
    [block] = [block for block in blocks("yaml") if "repos:" in block.text]
    config = block.text.replace("https://github.com/OWNER/corsproxy", f"'{copy}'")
    (work / ".pre-commit-config.yaml").write_text(config.replace("v0.1.0", revision))
    (work / "policy.yaml").write_text(MISTAKEN)
    (work / "other.yaml").write_text("not: {a: policy}\n")
    git(work, "add", "-A")
    done = subprocess.run(
        [dist.tools / "pre-commit", "run"],
        cwd=work,
        env={**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "cache"), "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "policy.yaml:2:8: error:" in done.stdout
    assert "other.yaml" not in done.stdout
