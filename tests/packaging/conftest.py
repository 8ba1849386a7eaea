"""What `make dist` makes, once for a run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.node_packages import CACHE

REPOSITORY = Path(__file__).parents[2]


class Made(NamedTuple):
    """The folder of what is published, and that of the tools which made it."""

    folder: Path
    tools: Path

    def one(self, pattern: str) -> Path:
        [found] = self.folder.glob(pattern)
        return found


def make_dist(source: Path, folder: Path) -> Made:
    """`make dist` of `source`, with the tools kept from run to run (make renews them)."""
    CACHE.mkdir(parents=True, exist_ok=True)
    variables = (f"PYTHON={sys.executable}", f"VENV={CACHE}/packaging", f"DIST={folder}")
    run(["make", "--no-print-directory", "dist", *variables], source)
    return Made(folder, CACHE / "packaging-release" / "bin")


def run(command: Sequence[str | Path], cwd: Path, **environ: str) -> str:
    """What `command` prints; fails with all of it where it fails."""
    clean = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**clean, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}{done.stderr[-4000:]}"
    return done.stdout + done.stderr


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_dist(REPOSITORY, tmp_path_factory.mktemp("dist"))


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """The files of a clone, elsewhere and without its history."""
    listed = ["git", "-C", str(REPOSITORY), "ls-files", "-z", "--cached", "--others"]
    done = subprocess.run(
        [*listed, "--exclude-standard"], capture_output=True, text=True, check=True
    )
    place = tmp_path / "a copy"
    for name in filter(None, done.stdout.split("\0")):
        if (source := REPOSITORY / name).is_file():
            target = place / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
            os.utime(target, (0, 0))  # nor does its age matter
    yield place
    shutil.rmtree(place)
