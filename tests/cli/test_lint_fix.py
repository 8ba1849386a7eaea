"""lint --fix and --diff: what is written, what is said, and when it exits with what."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.program import corsproxy

GOOD = "upstream: http://127.0.0.1:8000\ncors: {allow_origins: [http://a.test]}\n"
WRONG = """\
upstream: http://127.0.0.1:8000 # the backend
fast_lane: yes
cors:
  allow_origins:
    - http://a.test/
    - http://b.test
    - http://b.test
lisen: 8080
"""
MENDED = (
    WRONG.replace("yes", "true")
    .replace("a.test/", "a.test")
    .replace("    - http://b.test\n", "", 1)
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(WRONG)
    return path


def test_fix_writes_the_safe_edits_tells_them_and_tells_what_is_left(path: Path) -> None:
    path.chmod(0o640)
    done = corsproxy("lint", "--fix", str(path))
    left = path.read_text()
    assert left.replace("    - http://b.test\n", "") == MENDED.replace("    - http://b.test\n", "")
    assert left.count("http://b.test") == 2  # not seen before the key is known
    assert f"{path}:2:12: fixed: yes -> true [expected-boolean]" in done.stderr
    assert f"{path}:5:7: fixed: http://a.test/ -> http://a.test [not-an-origin]" in done.stderr
    assert "[unknown-key]" in done.stdout
    assert "[expected-boolean]" not in done.stdout
    assert (done.returncode, path.stat().st_mode & 0o777) == (1, 0o640)


def test_fix_takes_out_what_is_covered(path: Path) -> None:
    path.write_text(WRONG.replace("lisen", "listen"))
    done = corsproxy("lint", "--fix", str(path))
    assert path.read_text() == MENDED.replace("lisen", "listen")
    assert "fixed: - http://b.test taken out [redundant-origin]" in done.stderr
    assert (done.returncode, done.stdout) == (0, f"no mistakes in {path}\n")
    again = corsproxy("lint", "--fix", str(path))
    assert (again.returncode, again.stderr) == (0, "")


def test_fix_leaves_a_sound_file_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(GOOD)
    os.utime(path, (1, 1))
    assert corsproxy("lint", "--fix", str(path)).stdout == f"no mistakes in {path}\n"
    assert path.stat().st_mtime == 1


def test_diff_is_a_patch_that_does_what_fix_does(path: Path) -> None:
    path.write_text(WRONG.replace("lisen", "listen"))
    done = corsproxy("lint", "--diff", str(path))
    assert (done.returncode, path.read_text()) == (1, WRONG.replace("lisen", "listen"))
    subprocess.run(["patch", "-s", str(path)], input=done.stdout, text=True, check=True)
    assert path.read_text() == MENDED.replace("lisen", "listen")
    assert corsproxy("lint", "--diff", str(path)).stdout == ""


def test_diff_reads_standard_input() -> None:
    done = corsproxy("lint", "--diff", "-", stdin=b"upstream: http://a.test\nfast_lane: on")
    assert done.returncode == 1
    no_end = "\n\\ No newline at end of file\n"
    assert done.stdout.endswith(f"-fast_lane: on{no_end}+fast_lane: true{no_end}")


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        pytest.param(["--fix", "-"], 2, "fix: --diff", id="standard input"),
        pytest.param(["--fix", "--diff", "x"], 2, "give one of them", id="both"),
        pytest.param(["--fix", "none.yaml"], 3, "none.yaml: No such file", id="no such file"),
        pytest.param(["--diff", "none.yaml"], 3, "none.yaml: No such file", id="none to compare"),
    ],
)
def test_what_cannot_be_fixed_is_refused(arguments: list[str], code: int, told: str) -> None:
    done = corsproxy("lint", *arguments)
    assert (done.returncode, told in done.stderr, done.stdout) == (code, True, "")


def test_a_file_that_cannot_be_written_is_told_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "pipe.yaml"
    os.mkfifo(path)
    with subprocess.Popen(
        ["tee", str(path)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as tee:
        assert tee.stdin is not None
        tee.stdin.write(b"upstream: http://a.test\nfast_lane: on\n")
        tee.stdin.close()
        done = corsproxy("lint", "--fix", str(path))
    assert done.returncode == 3
    assert "cannot be written" in done.stderr
    assert "[expected-boolean]" in done.stdout
