"""The log's file: appended to, opened anew, and never one that would be spoilt."""

import os
from pathlib import Path

import pytest

from corsproxy.watch.log.log_file import LogFile
from tests.program import running
from tests.served import request
from tests.until import until
from tests.wire.messages import Wire

POLICY = "upstream: http://127.0.0.1:1"


def test_what_is_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("before\n")
    file = LogFile(path)
    file.stream.write("after\n")
    file.close()
    assert path.read_text() == "before\nafter\n"


def test_opened_anew_it_is_a_new_file_under_the_same_descriptor(tmp_path: Path) -> None:
    path, moved = tmp_path / "a.log", tmp_path / "a.log.1"
    file = LogFile(path)
    descriptor = file.stream.fileno()
    os.write(descriptor, b"one\n")
    path.rename(moved)
    os.write(descriptor, b"two\n")
    file.reopen()
    os.write(descriptor, b"three\n")
    file.close()
    assert (moved.read_text(), path.read_text()) == ("one\ntwo\n", "three\n")


def test_where_it_cannot_be_opened_anew_the_old_file_stays_in_use(tmp_path: Path) -> None:
    path, moved = tmp_path / "a.log", tmp_path / "a.log.1"
    file = LogFile(path)
    path.rename(moved)
    path.mkdir()
    with pytest.raises(IsADirectoryError):
        file.reopen()
    os.write(file.stream.fileno(), b"one\n")
    file.close()
    assert moved.read_text() == "one\n"


def test_another_name_of_the_policy_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    policy, link = tmp_path / "policy.yaml", tmp_path / "a.log"
    policy.write_text(POLICY)
    link.symlink_to(policy)
    with pytest.raises(OSError, match="own files"):
        LogFile(link, [None, tmp_path / "none", policy])
    assert policy.read_text() == POLICY


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs")
def test_a_fifo_without_a_reader_is_an_error(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(OSError, match="No such device"):
        LogFile(tmp_path / "fifo")


def test_after_a_rotation_and_sighup_requests_are_in_the_new_file(tmp_path: Path) -> None:
    path, moved = tmp_path / "a.log", tmp_path / "a.log.1"
    with running(POLICY, "--log-file", str(path)) as (program, _):

        def ask(target: bytes) -> None:
            with Wire.to(program.port) as client:
                assert client.send(request(target=target)).response().status == 502

        ask(b"/first")
        until(lambda: "/first" in path.read_text())
        path.rename(moved)
        ask(b"/second")
        until(lambda: "/second" in moved.read_text())
        program.signal("SIGHUP")
        until(path.exists)
        ask(b"/third")
        until(lambda: "/third" in path.read_text())
        assert "/third" not in moved.read_text()
        assert "listening on" in moved.read_text()
        assert "/first" not in program.output
        program.wait_for("the settings were reloaded; none changed")


def test_a_directory_in_its_place_is_told_with_what_helps(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    with running(POLICY, "--log-file", str(path)) as (program, _):
        path.unlink()
        path.mkdir()
        program.signal("SIGHUP")
        program.wait_for(r"the log's file cannot be opened anew: .*a.log: Is a directory")
        program.wait_for("the old file stays in use")
