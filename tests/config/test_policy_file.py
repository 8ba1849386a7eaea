"""The policy's text, from a file or a pipe: it comes, or an error says why not; nobody hangs."""

import errno
import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from corsproxy.config import ConfigError, load, policy_file
from corsproxy.limits import LARGEST_FILE

POLICY = b"upstream: http://127.0.0.1:8000\ncors: {allow_origins: ['http://a.test']}\n"


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    return path


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[float]:
    monkeypatch.setattr(policy_file, "READ_TIMEOUT", 0.05)
    before = time.monotonic()
    yield 0.05
    assert time.monotonic() - before < 5


def write(path: Path, *pieces: bytes) -> threading.Thread:
    def work() -> None:
        with suppress(BrokenPipeError), path.open("wb", buffering=0) as file:
            for piece in pieces:
                file.write(piece)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_bytes(POLICY)
    assert policy_file.read(path) == POLICY
    assert not policy_file.once(path)


def test_a_fifo_is_read_to_its_end_however_it_is_written(fifo: Path) -> None:
    thread = write(fifo, POLICY[:10], b"", POLICY[10:])
    assert policy_file.read(fifo) == POLICY
    thread.join()
    assert policy_file.once(fifo)


def test_a_pipe_whose_writer_is_gone_already_is_read() -> None:
    reading, writing = os.pipe()
    os.write(writing, POLICY)
    os.close(writing)
    assert policy_file.read(Path(f"/dev/fd/{reading}")) == POLICY
    os.close(reading)


def test_what_came_through_a_pipe_has_no_file_to_write_to(fifo: Path) -> None:
    write(fifo, POLICY)
    assert load(fifo, {}, {}).config.source is None


def test_a_policy_knows_its_file(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_bytes(POLICY)
    assert load(path, {}, {}).config.source == path


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_bytes(POLICY)
    before = set(Path("/dev/fd").iterdir())
    policy_file.read(path)
    with suppress(IsADirectoryError):
        policy_file.read(tmp_path)
    assert set(Path("/dev/fd").iterdir()) <= before


def test_a_fifo_that_nobody_writes_is_an_error(fifo: Path, impatient: float) -> None:
    with pytest.raises(TimeoutError, match=f"nothing came within {impatient:g} s"):
        policy_file.read(fifo)


def test_a_pipe_that_is_opened_and_never_ended_is_an_error(fifo: Path, impatient: float) -> None:
    writing = os.open(fifo, os.O_RDWR)
    with pytest.raises(TimeoutError, match="nothing came"):
        policy_file.read(fifo)
    os.write(writing, POLICY)
    with pytest.raises(TimeoutError, match=f"its end did not come within {impatient:g} s"):
        policy_file.read(fifo)
    os.close(writing)


def test_a_writer_who_leaves_without_a_word_leaves_an_empty_policy(fifo: Path) -> None:
    write(fifo)
    assert policy_file.read(fifo) == b""


@pytest.mark.parametrize("name", ["/dev/null", "/dev/zero"])
def test_a_device_is_read_up_to_the_bound(name: str) -> None:
    content = policy_file.read(Path(name))
    assert len(content) == (0 if name == "/dev/null" else LARGEST_FILE + 1)


@pytest.mark.parametrize("endless", [True, False], ids=["a pipe", "a file"])
def test_what_is_too_large_is_an_error_and_read_no_further(tmp_path: Path, endless: bool) -> None:
    path = tmp_path / "policy.yaml"
    if endless:
        os.mkfifo(path)
        write(path, *[b"# a comment\n" * 10_000] * 100)
    else:
        with path.open("wb") as file:
            file.truncate(1 << 40)  # a hole: it takes no room
    with pytest.raises(ConfigError) as raised:
        load(path, {}, {})
    assert [one.id for one in raised.value.diagnostics] == ["file-too-large"]


@pytest.mark.parametrize(
    ("make", "number"),
    [
        pytest.param(lambda path: path.mkdir(), errno.EISDIR, id="a directory"),
        pytest.param(lambda path: path.symlink_to(path), errno.ELOOP, id="a loop of links"),
        pytest.param(lambda _: None, errno.ENOENT, id="nothing"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, make: object, number: int) -> None:
    path = tmp_path / "policy.yaml"
    assert callable(make)
    make(path)
    with pytest.raises(OSError, match=r"policy\.yaml") as raised:
        policy_file.read(path)
    assert raised.value.errno == number
