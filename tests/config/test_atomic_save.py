"""A policy file is the old text or the new one, whole, whatever happens."""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from corsproxy.config import atomic_save

OLD, NEW = b"old text\n", b"a new text that is longer\n"

FULL = """
import os, resource, sys
from pathlib import Path
from corsproxy.config import atomic_save
path = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (os.path.getsize(path),) * 2)
try:
    atomic_save.replace(path, path.read_bytes(), path.read_bytes() + b"and more")
except OSError as error:
    sys.exit(error.strerror)
"""
"""A disk that is full: no file may grow."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "policy.yaml"
    made.write_bytes(OLD)
    made.chmod(0o640)
    return made


def names(path: Path) -> list[str]:
    """What stands in the folder."""
    return sorted(one.name for one in path.parent.iterdir())


def linked(path: Path) -> Path:
    """A further name of the file, which no renaming would keep."""
    other = path.with_name("other.yaml")
    os.link(path, other)
    return other


@pytest.mark.parametrize("new", [NEW, b"", b"short"], ids=["longer", "empty", "shorter"])
def test_a_file_of_its_own_is_replaced_and_keeps_its_mode(path: Path, new: bytes) -> None:
    before = path.stat()
    atomic_save.replace(path, OLD, new)
    after = path.stat()
    assert path.read_bytes() == new
    assert (after.st_mode, after.st_uid, after.st_gid) == (
        before.st_mode,
        before.st_uid,
        before.st_gid,
    )
    assert after.st_ino != before.st_ino
    assert names(path) == [path.name]


@pytest.mark.parametrize("new", [NEW, b"", b"short"], ids=["longer", "empty", "shorter"])
def test_a_file_with_another_name_is_written_in_place(path: Path, new: bytes) -> None:
    other = linked(path)
    atomic_save.replace(path, OLD, new)
    assert other.read_bytes() == new
    assert names(path) == [other.name, path.name]


def test_a_link_stays_one(path: Path) -> None:
    link = path.with_name("link.yaml")
    link.symlink_to(path)
    atomic_save.replace(link, OLD, NEW)
    assert link.is_symlink()
    assert path.read_bytes() == NEW


@pytest.mark.parametrize("in_place", [False, True], ids=["replaced", "in place"])
def test_on_a_full_disk_the_old_text_stays(path: Path, in_place: bool) -> None:
    if in_place:
        linked(path)
    before = names(path)
    command = [sys.executable, "-c", FULL, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "File too large\n")
    assert path.read_bytes() == OLD
    assert names(path) == before


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs util-linux")
def test_a_file_that_is_mounted_is_written_in_place(path: Path) -> None:
    script = f"mount --bind {path} {path} && {sys.executable} {path}.py {path}"
    path.with_name("policy.yaml.py").write_text(MOUNTED)
    command = ["unshare", "--mount", "--map-root-user", "sh", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and ("unshare:" in done.stderr or "mount:" in done.stderr):
        pytest.skip(f"no mounts here: {done.stderr}")
    assert (done.returncode, done.stderr) == (0, "")
    assert path.read_bytes() == NEW


MOUNTED = f"""
import sys
from pathlib import Path
from corsproxy.config import atomic_save
atomic_save.replace(Path(sys.argv[1]), {OLD!r}, {NEW!r})
"""


def test_a_file_that_has_changed_is_not_touched(path: Path) -> None:
    with pytest.raises(atomic_save.Changed):
        atomic_save.replace(path, b"something else", NEW)
    with pytest.raises(atomic_save.Changed):
        atomic_save.replace(path, OLD[:-1], NEW)
    assert path.read_bytes() == OLD


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(atomic_save.NoRegularFile):
        atomic_save.content(pipe, 10)
    with pytest.raises(atomic_save.NoRegularFile):
        atomic_save.replace(pipe, b"", NEW)
    with pytest.raises(OSError, match="directory"):
        atomic_save.replace(tmp_path, b"", NEW)


def test_no_more_is_read_than_is_asked_for(path: Path) -> None:
    assert atomic_save.content(path, 3) == OLD[:3]
    assert atomic_save.content(path, 1000) == OLD


def test_a_new_file_takes_nobodys_place(path: Path) -> None:
    with pytest.raises(FileExistsError):
        atomic_save.create(path, NEW)
    assert path.read_bytes() == OLD
    other = path.with_name("new.yaml")
    atomic_save.create(other, NEW)
    assert other.read_bytes() == NEW


@pytest.mark.parametrize("old", [OLD, b"something else"], ids=["saved", "changed meanwhile"])
@pytest.mark.parametrize("in_place", [False, True], ids=["replaced", "in place"])
def test_no_descriptor_stays_open(path: Path, in_place: bool, old: bytes) -> None:
    if in_place:
        linked(path)
    before = set(Path("/dev/fd").iterdir())
    with contextlib.suppress(atomic_save.Changed):
        atomic_save.replace(path, old, NEW)
    atomic_save.content(path, 1000)
    with pytest.raises(FileExistsError):
        atomic_save.create(path, NEW)
    atomic_save.create(path.with_name("new.yaml"), NEW)
    assert set(Path("/dev/fd").iterdir()) <= before
