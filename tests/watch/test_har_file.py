"""A HAR on the disk: it replaces no other file, and stays valid beside other programs."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corsproxy.watch.har_file import IN_USE, NO_FILE, NO_HAR, THE_POLICY, ChangedError, HarFile

ENTRY = b'{"number": 1}'
OURS = b'{"log":{"version":"1.2","creator":{"name":"corsproxy"},"entries":[\n\n]}}\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.har"


def count(path: Path) -> int:
    """How many entries there are; the file is whole."""
    content = path.read_bytes()
    assert b"\0" not in content
    return len(json.loads(content)["log"]["entries"])


def recording(path: Path, **options: Any) -> HarFile:
    """One that has written two entries."""
    file = HarFile(path, **options)
    file.append(b"")
    file.append(ENTRY)
    file.append(ENTRY)
    return file


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="an empty file"),
        pytest.param(OURS, id="one of ours"),
        pytest.param(OURS[:60], id="one of ours, cut off"),
        pytest.param(b'{\n  "log": {\n    "version": "1.2",\n    "creator": {', id="Chromium's"),
        pytest.param(b'\xef\xbb\xbf{"log":{"creator":{}}}', id="with a byte order mark"),
        pytest.param(b'{"log": {"pages": [], "version": "1.2"}}', id="in another order"),
    ],
)
def test_a_har_is_replaced(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    recording(path)
    assert count(path) == 2


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"cors:\n  allow_origins: ['*']\n", id="a policy"),
        pytest.param(b'{"log": {"format": "json"}, "upstream": "x"}', id="a policy in JSON"),
        pytest.param(b"\n" * 5000, id="only line ends"),
        pytest.param(b"\x7fELF\x00", id="a program"),
        pytest.param(b'{"logs":{"version":1}}', id="another JSON"),
    ],
)
def test_what_is_no_har_is_left_untouched_unless_forced(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(FileExistsError, match="it is not a HAR") as raised:
        HarFile(path)
    assert (raised.value.strerror, raised.value.filename) == (NO_HAR, str(path))
    assert path.read_bytes() == content
    recording(path, force=True)
    assert count(path) == 2


@pytest.mark.parametrize("name", ["policy.yaml", "link", "hard"])
def test_the_policy_file_is_never_replaced(tmp_path: Path, name: str) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_bytes(OURS)
    (tmp_path / "link").symlink_to(policy)
    (tmp_path / "hard").hardlink_to(policy)
    with pytest.raises(FileExistsError) as raised:
        HarFile(tmp_path / name, force=True, policy=policy)
    assert raised.value.strerror == THE_POLICY
    assert policy.read_bytes() == OURS


def fifo(path: Path) -> None:
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("make", [fifo, folder])
def test_what_is_no_file_is_refused_at_once_even_by_force(
    path: Path, make: Callable[[Path], None]
) -> None:
    make(path)
    with pytest.raises(FileExistsError) as raised:
        HarFile(path, force=True)
    assert raised.value.strerror == NO_FILE


def test_nothing_is_touched_before_the_first_write(path: Path) -> None:
    path.write_bytes(OURS)
    HarFile(path).close()
    assert path.read_bytes() == OURS


def test_two_do_not_write_the_same_file(path: Path) -> None:
    pytest.importorskip("fcntl")
    first = recording(path)
    with pytest.raises(FileExistsError) as raised:
        HarFile(path)
    assert raised.value.strerror == IN_USE
    assert count(path) == 2
    first.close()
    HarFile(path).close()


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def removed(path: Path) -> None:
    path.unlink()


def renamed(path: Path) -> None:
    path.rename(path.with_suffix(".1"))


@pytest.mark.parametrize("change", [emptied, removed, renamed])
def test_what_was_emptied_or_taken_away_is_begun_anew(
    path: Path, change: Callable[[Path], None]
) -> None:
    file = recording(path)
    change(path)
    file.append(ENTRY)
    file.append(ENTRY)
    file.append(ENTRY)
    assert count(path) == 3
    if path.with_suffix(".1").exists():
        assert count(path.with_suffix(".1")) == 2


def replaced(path: Path) -> None:
    other = path.with_suffix(".other")
    other.write_bytes(OURS)
    other.replace(path)


def cut_off(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 3)


def lengthened(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"# mine")


def rewritten(path: Path) -> None:
    size = path.stat().st_size
    path.write_bytes(b"m" * size)


def looped(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


@pytest.mark.parametrize("change", [replaced, cut_off, lengthened, rewritten, looped])
def test_what_another_program_has_written_is_its_own(
    path: Path, change: Callable[[Path], None]
) -> None:
    file = recording(path)
    change(path)
    theirs = path.read_bytes() if path.exists() else b""
    for _ in range(2):
        with pytest.raises(ChangedError):
            file.append(ENTRY)
    assert (path.read_bytes() if path.exists() else b"") == theirs
    path.unlink()  # out of the way: it goes on
    file.append(ENTRY)
    assert count(path) == 1


def test_no_zeros_are_left_where_it_was_emptied_in_the_moment_of_a_write(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = recording(path)
    real = os.pwrite

    def write(descriptor: int, data: bytes, offset: int) -> int:
        monkeypatch.undo()
        os.truncate(path, 0)
        return real(descriptor, data, offset)

    monkeypatch.setattr(os, "pwrite", write)
    file.append(ENTRY)
    file.append(ENTRY)
    assert count(path) == 2


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="no device that takes everything")
def test_a_device_serves_several_programs() -> None:
    first, second = HarFile(Path("/dev/null")), HarFile(Path("/dev/null"))
    for file in (first, second):
        file.append(b"{}")
        file.close()
