"""Nothing that watches ends, freezes or fills the program: the real one, on hard ground."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from corsproxy.cli import main
from corsproxy.config import policy_file
from tests.cli.program import corsproxy
from tests.program import Program, running
from tests.until import until
from tests.upstreams import Upstream
from tests.wire.messages import Message, Wire, reply

ANY_PORT = ("--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
PAGE = "http://a.test"
MANY = "9" * 5000


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    it = Upstream()
    yield it
    it.close()


def ask(port: int, *lines: str, target: str = "/") -> Message:
    fields = "\r\n".join(("Host: localhost", *lines))
    with Wire.to(port) as wire:
        wire.send(f"GET {target} HTTP/1.1\r\n{fields}\r\n\r\n".encode("latin-1"))
        return wire.response()


def policy(upstream: Upstream, **cors: str) -> str:
    said = "".join(f"  {name}: {value}\n" for name, value in cors.items())
    return f"upstream: {upstream.url}\ncors:\n  allow_origins: [{PAGE}]\n{said}"


@pytest.mark.parametrize("mode", ["enforce", "add", "validate", "passthrough"])
@pytest.mark.parametrize(
    "line",
    [
        pytest.param(f"Access-Control-Allow-Origin: http://a.test:{MANY}", id="a long port"),
        pytest.param(f"Access-Control-Max-Age: {MANY}", id="a long age"),
        pytest.param(f"Location: http://[{MANY}", id="no URL"),
        pytest.param("Set-Cookie: \xff;;=;", id="no cookie"),
    ],
)
def test_no_response_ends_it_or_makes_a_watcher_fail(
    upstream: Upstream, mode: str, line: str
) -> None:
    def script(wire: Wire, _: Message) -> None:
        wire.send(reply(b"ok", line.encode("latin-1"), status=b"302 Found"))

    upstream.script = script
    with running(policy(upstream, mode=mode)) as (program, _):
        assert ask(program.port, f"Origin: {PAGE}", target="/first").status == 302
        program.wait_for("/first")
        metrics = ask(program.admin, target="/metrics").content
        assert b"corsproxy_watcher_errors_total{" not in metrics
        assert "goes on" not in program.output


@pytest.mark.parametrize("origin", [f"http://a.test:{MANY}", "\xff", "http://[::1", "null, null"])
def test_no_origin_ends_it(upstream: Upstream, origin: str) -> None:
    with running(policy(upstream)) as (program, _):
        assert ask(program.port, f"Origin: {origin}", target="/first").status == 403
        program.wait_for("/first")
        assert ask(program.port).status == 200


@contextmanager
def unread(*arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], list[int]]]:
    """The program whose standard error nobody reads after its first lines, and its ports."""
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "corsproxy", "run", *arguments]
    program = subprocess.Popen(command, stderr=writing)
    os.close(writing)
    try:
        said = b""
        while b"\n" not in said:
            said += os.read(reading, 65536)
        started = json.loads(said.partition(b"\n")[0])
        urls = [*started["listen"], *filter(None, [started["admin"]])]
        yield program, [int(url.rpartition(":")[2]) for url in urls]
    finally:
        os.close(reading)
        program.kill()
        program.wait()


def flood(port: int, requests: int) -> None:
    """That many requests with long targets, twenty at a time."""
    with Wire.to(port) as wire:
        for _ in range(requests // 20):
            wire.send((b"GET /%b HTTP/1.1\r\nHost: localhost\r\n\r\n" % (b"a" * 1900)) * 20)
            for _ in range(20):
                assert wire.response().status == 200


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="Linux tells its memory")
def test_a_log_that_nobody_reads_fills_no_memory_and_stops_no_exit(upstream: Upstream) -> None:
    json_ = ("--log-format", "json", "--upstream", upstream.url)
    with unread(*json_, "--listen", "127.0.0.1:0", "--admin", "off") as (program, [port]):
        before = resident(program.pid)
        flood(port, 30_000)  # 170 MB with all that is known of each
        assert resident(program.pid) - before < 60_000_000  # 33 of these may wait
        program.terminate()
        assert program.wait(10) == 0


def test_what_libraries_log_stops_nothing_where_nobody_reads(upstream: Upstream) -> None:
    json_ = ("--log-format", "json", "--upstream", upstream.url)
    with unread(*json_, *ANY_PORT) as (program, [port, admin]):
        flood(port, 2000)  # the pipe is full
        for _ in range(20):
            with suppress(OSError), Wire.to(admin) as wire:
                wire.send(b"GET / HTTP/1.1\r\nno field line\r\n\r\n").rest()
        assert ask(port).status == 200
        assert ask(admin, target="/healthz").status == 200
        program.send_signal(signal.SIGHUP)
        program.terminate()
        assert program.wait(10) == 0


def directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def huge(path: Path) -> None:
    os.truncate(path, 1 << 40)


def removed(path: Path) -> None:
    path.unlink()


def digits(path: Path) -> None:
    path.write_text(f"timeouts: {{connect: {MANY}s}}\nlimits: {{connections: {MANY}:30}}\n")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(directory, "policy.yaml: Is a directory", id="a directory"),
        pytest.param(fifo, "policy.yaml: the policy is no longer a file", id="a fifo"),
        pytest.param(loop, "policy.yaml: Too many levels of symbolic links", id="a loop"),
        pytest.param(removed, "policy.yaml: No such file or directory", id="nothing"),
        pytest.param(huge, "file-too-large", id="a terabyte"),
        pytest.param(digits, "expected-number", id="numbers that nobody can read"),
    ],
)
def test_whatever_takes_the_place_of_the_policy_the_old_one_keeps_serving(
    upstream: Upstream, change: Callable[[Path], None], told: str
) -> None:
    with running(policy(upstream)) as (program, path):
        assert program.admin
        change(path)
        program.wait_for("the old settings stay in use")
        assert program.output.count(told) >= 1
        assert ask(program.port, f"Origin: {PAGE}").status == 200
        if path.is_dir():
            path.rmdir()
        path.unlink(missing_ok=True)
        path.write_text(policy(upstream, allow_methods="[PUT]"))
        program.wait_for("the settings were reloaded")
        assert program.output.count("stay in use") == 1


def test_a_policy_from_a_pipe_is_read_once_and_not_watched(
    upstream: Upstream, tmp_path: Path
) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    text = policy(upstream).encode()
    threading.Thread(target=path.write_bytes, args=(text,), daemon=True).start()
    with Program("run", "-c", str(path), *ANY_PORT) as program:
        assert ask(program.port, f"Origin: {PAGE}").status == 200
        program.signal("SIGHUP")
        program.wait_for("the policy came through a pipe, which is read once")
        program.wait_for("the old settings stay in use")
        assert ask(program.port, f"Origin: {PAGE}").status == 200


def test_standard_input_is_a_policy_file_too(upstream: Upstream) -> None:
    printed = corsproxy(
        "run", "-c", "/dev/stdin", "--print-config", stdin=policy(upstream).encode()
    )
    assert (printed.returncode, printed.stderr) == (0, "")
    assert PAGE in printed.stdout


@pytest.mark.parametrize("command", [("run", "-c"), ("lint",)], ids=["run", "lint"])
def test_a_fifo_that_nobody_writes_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: tuple[str, ...],
) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    monkeypatch.setattr(policy_file, "READ_TIMEOUT", 0.1)
    with pytest.raises(SystemExit) as ended:
        main([*command, str(path)])
    assert ended.value.code == 3
    assert capsys.readouterr().err.endswith(f"{path}: nothing came within 0.1 s\n")


@pytest.mark.parametrize("flags", [(), ("--force",)], ids=["plain", "forced"])
def test_a_recording_over_the_policy_is_refused(
    upstream: Upstream, tmp_path: Path, flags: tuple[str, ...]
) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(policy(upstream))
    done = corsproxy("run", "-c", str(path), "--har", str(path), *ANY_PORT, *flags)
    assert done.returncode == 3
    assert f"cannot write {path}: it is the policy file" in done.stderr
    assert path.read_text() == policy(upstream)


def test_a_recording_over_another_file_is_refused_unless_forced(
    upstream: Upstream, tmp_path: Path
) -> None:
    path = tmp_path / "thesis.txt"
    path.write_text("mine")
    recording = ("run", "--upstream", upstream.url, "--har", str(path), *ANY_PORT)
    done = corsproxy(*recording)
    assert done.returncode == 3
    assert "it is not a HAR, and would be lost\n  fix: " in done.stderr
    assert path.read_text() == "mine"
    with Program(*recording, "--force") as program:
        assert ask(program.port).status == 200
    assert len(json.loads(path.read_text())["log"]["entries"]) == 1


def test_a_port_that_is_taken_costs_no_recording(upstream: Upstream, tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    recording = ("run", "--upstream", upstream.url, "--har", str(path))
    with Program(*recording, *ANY_PORT) as program:
        assert ask(program.port).status == 200
    before = path.read_bytes()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = corsproxy(*recording, "--listen", f"127.0.0.1:{port}", "--admin", "off")
    assert done.returncode == 3
    assert path.read_bytes() == before


def test_a_recording_that_is_emptied_while_it_is_written_stays_whole(
    upstream: Upstream, tmp_path: Path
) -> None:
    path = tmp_path / "a.har"
    recording = ("run", "--upstream", upstream.url, "--har", str(path), *ANY_PORT)
    with Program(*recording) as program:
        for number in range(20):
            assert ask(program.port, target=f"/{number}").status == 200
            until(lambda: f'/{number}"' in path.read_text())  # noqa: B023 - waited for at once
            os.truncate(path, 0)
        assert ask(program.port, target="/last").status == 200
    assert b"\0" not in path.read_bytes()
    [last] = json.loads(path.read_text())["log"]["entries"]
    assert last["request"]["url"].endswith("/last")
