"""The real program: `corsproxy trust`, in a home of its own and on browsers' stores alone."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.certutil import needs_certutil
from tests.cli.program import corsproxy

pytestmark = needs_certutil


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    folder = tmp_path / ".mozilla/firefox/x.default"
    folder.mkdir(parents=True)
    command = ("certutil", "-d", f"sql:{folder}", "-N", "--empty-password")
    subprocess.run(command, check=True, capture_output=True)
    return folder


def trust(
    home: Path, *arguments: str, path: str | None = None
) -> "subprocess.CompletedProcess[str]":
    environ = {"HOME": str(home), "XDG_DATA_HOME": "", "PATH": path or os.environ["PATH"]}
    return corsproxy("trust", "--no-system", *arguments, environ=environ)


def test_from_nothing_to_trusted_and_back(tmp_path: Path, profile: Path) -> None:
    before = trust(tmp_path, "--check")
    assert (before.returncode, before.stdout) == (
        1,
        "there is no local authority yet\n  fix: corsproxy trust\n",
    )
    done = trust(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"trusted by Firefox ({profile})" in done.stdout
    assert str(tmp_path / ".local/share/corsproxy/authority.crt") in done.stdout
    assert trust(tmp_path, "--check").returncode == 0
    removed = trust(tmp_path, "--remove")
    assert removed.returncode == 0
    assert f"no longer trusted by Firefox ({profile})" in removed.stdout
    assert not (tmp_path / ".local/share/corsproxy/authority-key.pem").exists()
    assert trust(tmp_path, "--check").returncode == 1


def test_a_store_that_does_not_trust_it_fails_the_check(tmp_path: Path, profile: Path) -> None:
    trust(tmp_path)
    nicknames = subprocess.run(
        ("certutil", "-d", f"sql:{profile}", "-L"), capture_output=True, text=True, check=True
    ).stdout
    (line,) = [line for line in nicknames.splitlines() if line.startswith("corsproxy")]
    name = line.rpartition(" ")[0].rsplit("C,,", 1)[0].strip()
    subprocess.run(("certutil", "-d", f"sql:{profile}", "-D", "-n", name), check=True)
    done = trust(tmp_path, "--check")
    assert done.returncode == 1
    assert f"not trusted by Firefox ({profile})\n" in done.stdout
    assert done.stdout.endswith("  fix: corsproxy trust\n")


def test_a_name_that_came_later_makes_it_anew(tmp_path: Path, profile: Path) -> None:
    trust(tmp_path)
    host = ("--allowed-host", "api.example.com")
    done = trust(tmp_path, "--check", *host)
    assert done.returncode == 1
    assert "it may not speak for api.example.com" in done.stdout
    assert "made anew" in trust(tmp_path, *host).stdout
    assert trust(tmp_path, "--check", *host).returncode == 0
    assert "made" not in trust(tmp_path, *host).stdout


def test_without_certutil_it_says_what_to_install(tmp_path: Path, profile: Path) -> None:
    done = trust(tmp_path, path=str(tmp_path))
    assert done.returncode == 1
    assert f"to do for Firefox ({profile}):\n  install NSS's certutil" in done.stdout


def test_checking_and_removing_at_once_is_wrong_usage(tmp_path: Path) -> None:
    done = trust(tmp_path, "--check", "--remove")
    assert done.returncode == 2
    assert "give one of them" in done.stderr
