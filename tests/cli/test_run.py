"""The real program: `corsproxy run`, from its first line to its exit code."""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from corsproxy.cli import main
from corsproxy.config import policy_file
from tests.cli.program import corsproxy
from tests.program import Program, running
from tests.served import request
from tests.until import listening
from tests.upstreams import Upstream
from tests.wire.messages import Message, Wire

ANY_PORT = ("--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    found = Upstream()
    yield found
    found.close()


def get(port: int, *lines: bytes) -> bytes:
    """The response to a GET, up to the end of the connection."""
    fields = b"\r\n".join((b"Host: localhost", b"Connection: close", *lines))
    with Wire.to(port) as client:
        return client.send(b"GET / HTTP/1.1\r\n" + fields + b"\r\n\r\n").rest()


def test_no_subcommand_means_run_and_an_origin_makes_the_quick_policy(upstream: Upstream) -> None:
    quick = ("--upstream", upstream.url, "--allow-origin", "http://localhost:5173")
    with Program(*quick, *ANY_PORT) as program:
        response = get(program.port, b"Origin: http://localhost:5173")
        assert b"Access-Control-Allow-Credentials: true\r\n" in response
        assert response.endswith(b"\r\n\r\nhello")
        said = program.output
    first = f"corsproxy [^ ]+ listening on http://127.0.0.1:[0-9]+ -> {upstream.url}\n"
    assert re.match(first, said)
    assert "policy     flags, for http://localhost:5173 (as a file: --print-config)\n" in said
    assert program.process.returncode == 0


def test_everything_but_the_results_goes_to_stderr(upstream: Upstream) -> None:
    flags = ("--upstream", upstream.url, "--allow-origin", "http://a.test")
    printed = corsproxy(*flags, "--print-config")
    assert printed.returncode == 0
    assert printed.stderr == ""
    assert f"upstream: {upstream.url}\n" in printed.stdout


def test_what_is_printed_is_a_file_that_says_the_same(upstream: Upstream, tmp_path: Path) -> None:
    flags = ("--upstream", upstream.url, "--allow-origin", "http://a.test")
    path = tmp_path / "policy.yaml"
    path.write_text(corsproxy(*flags, "--print-config").stdout)
    assert corsproxy("-c", str(path), "--print-config").stdout == path.read_text()


def test_without_an_origin_it_says_so_and_how(upstream: Upstream) -> None:
    with Program("--upstream", upstream.url, *ANY_PORT) as program:
        program.wait_for("no origin")
        program.wait_for("fix: .*http://localhost:5173")


def test_routes_are_listed(upstream: Upstream) -> None:
    routes = "routes: [{path: /auth, upstream: 'http://127.0.0.1:1'}]"
    with running(f"upstream: {upstream.url}\n{routes}") as (program, _):
        program.wait_for("route +/auth -> http://127.0.0.1:1\n")


def test_the_log_of_a_program_is_json_from_its_first_line_to_its_last(
    upstream: Upstream, tmp_path: Path
) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(f"upstream: {upstream.url}\nlog: {{format: json}}\n")
    with Program("run", "-c", str(path), *ANY_PORT) as program:
        program.wait_for('"event":"start"')
        path.write_text(f"upstream: {upstream.url}\nlog: {{format: json}}\ncors: {{orgins: []}}\n")
        program.wait_for('"event":"not-reloaded"')
        path.write_text(
            f"upstream: {upstream.url}\nlog: {{format: json}}\n"
            "cors: {allow_origins: ['null', http://a.test]}\n"
        )
        program.wait_for('"event":"reload"')
        program.signal("SIGTERM")
        program.process.wait(10)
        told = [json.loads(line) for line in program.output.splitlines()]
    events = [one["event"] for one in told]
    assert events == ["start", "warning", "not-reloaded", "warning", "reload", "stop"]
    assert told[0]["policy"] == str(path)
    assert [(one["line"], one["id"]) for one in told[2]["errors"]] == [(3, "unknown-key")]
    assert told[4]["changes"] == ["cors.allow_origins: + null, + http://a.test"]
    assert told[-1]["seconds"] == 0


def test_a_port_that_is_taken_is_json_too(upstream: Upstream) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        flags = ("--upstream", upstream.url, "--listen", listen, "--log-format", "json")
        done = corsproxy(*flags, "--admin", "off")
    assert done.returncode == 3
    told = json.loads(done.stderr)
    assert (told["event"], told["text"]) == ("error", f"cannot listen on {listen}: it is in use")
    assert told["fix"].endswith("choose another by --listen")


def test_ctrl_c_says_how_long_requests_have_and_a_second_one_ends_them(
    upstream: Upstream,
) -> None:
    waiting = threading.Event()

    def script(wire: Wire, _: Message) -> None:
        waiting.set()
        wire.rest()

    upstream.script = script
    with Program("--upstream", upstream.url, *ANY_PORT) as program, Wire.to(program.port) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert waiting.wait(10)
        program.signal("SIGINT")
        program.wait_for("requests under way have 10 s to finish, Ctrl-C ends them now")
        program.signal("SIGINT")
        assert program.process.wait(5) == 130


def test_mistakes_stop_the_start(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("upstreem: http://127.0.0.1:1\ncors: {orgins: []}\n")
    done = corsproxy("run", "-c", str(path))
    assert done.returncode == 1
    assert done.stderr.count("[unknown-key]") == 2


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = corsproxy("run", "-c", str(tmp_path / "none.yaml"))
    assert done.returncode == 3
    assert "none.yaml: No such file or directory" in done.stderr


def test_a_file_that_may_not_be_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "policy.yaml"
    path.touch()

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setattr(policy_file, "read", denied)
    with pytest.raises(SystemExit) as ended:
        main(["run", "-c", str(path)])
    assert ended.value.code == 3
    assert capsys.readouterr().err == f"corsproxy: {path}: Permission denied\n"


def test_a_file_for_tls_that_is_not_there() -> None:
    upstream = ("--upstream", "https://127.0.0.1:1", "--upstream-tls-ca", "/none/ca.pem")
    done = corsproxy(*upstream, *ANY_PORT)
    assert done.returncode == 3
    assert done.stderr == "corsproxy: upstream_tls: /none/ca.pem: No such file or directory\n"


@pytest.mark.skipif(sys.platform == "win32", reason="no shell closes streams there")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_harm_nobody(upstream: Upstream, closed: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = f"exec {sys.executable} -m corsproxy --upstream {upstream.url} --admin off"
    process = subprocess.Popen(["/bin/sh", "-c", f"{command} --listen {port} {closed}"])
    try:
        assert get(listening(port), b"Origin: http://evil.test").startswith(b"HTTP/1.1 403 ")
        process.terminate()
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("flag", ["--listen", "--admin"])
def test_a_port_that_is_taken(upstream: Upstream, flag: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        given = {"--listen": "127.0.0.1:0", "--admin": "127.0.0.1:0", flag: address}
        flags = [text for pair in given.items() for text in pair]
        done = corsproxy("--upstream", upstream.url, *flags)
    assert done.returncode == 3
    assert address in done.stderr
    assert "fix: " in done.stderr
    assert "Traceback" not in done.stderr


def test_admin_can_be_off(upstream: Upstream) -> None:
    flags = ("--upstream", upstream.url, "--listen", "127.0.0.1:0", "--admin", "off")
    with Program(*flags) as program:
        program.wait_for("inspector  off")


def test_verification_switched_off_is_warned_of_at_each_start() -> None:
    policy = "upstream: https://127.0.0.1:1\nupstream_tls: {verify: false}\n"
    with running(policy) as (program, _):
        program.wait_for("verify")


def test_the_log_tells_each_request(upstream: Upstream) -> None:
    with running(f"upstream: {upstream.url}\nlog: {{format: json}}") as (program, _):
        get(program.port, b"Origin: http://evil.test")
        program.wait_for('"origin-not-allowed"')


def test_a_terminal_that_is_gone_keeps_nobody_from_stopping(upstream: Upstream) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    flags = ("--upstream", upstream.url, "--listen", str(port), "--admin", "off")
    command = [sys.executable, "-m", "corsproxy", *flags]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        assert get(listening(port)).endswith(b"hello")
        process.stderr.close()
        process.terminate()
        assert process.wait(10) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="pipes are made otherwise there")
def test_a_terminal_that_is_stuck_keeps_nobody_from_stopping(upstream: Upstream) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    flags = ("--upstream", upstream.url, "--listen", str(port), "--admin", "off")
    reader, writer = os.pipe()
    with subprocess.Popen([sys.executable, "-m", "corsproxy", *flags], stderr=writer) as process:
        get(listening(port))
        os.set_blocking(writer, False)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(writer, b"x" * 512)
        os.set_blocking(writer, True)
        process.terminate()
        assert process.wait(10) == 0
    os.close(writer)
    os.close(reader)


@pytest.mark.parametrize("signal", ["SIGTERM", "SIGINT"])
def test_a_signal_ends_it_with_0(upstream: Upstream, signal: str) -> None:
    with Program("--upstream", upstream.url, *ANY_PORT) as program:
        assert program.port
        program.signal(signal)
        assert program.process.wait(10) == 0
        assert "Traceback" not in program.output


CHANGES_AS_IT_STARTS = """
import sys
from pathlib import Path
from corsproxy.cli.options import Sources
import corsproxy.cli

load = Sources.load

def slow(self):
    loaded = load(self)
    Sources.load = load
    Path(sys.argv[3]).write_text(Path(sys.argv[3] + ".new").read_text())
    return loaded

Sources.load = slow
corsproxy.cli.main()
"""


def test_what_is_written_while_it_starts_is_read_afterwards(
    upstream: Upstream, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(f"upstream: {upstream.url}\n")
    tmp_path.joinpath("policy.yaml.new").write_text(
        f"upstream: {upstream.url}\ncors: {{allow_origins: [https://a.test]}}\n"
    )
    ports = ("--listen", "127.0.0.1:0", "--admin", "off")
    arguments = ("run", "-c", str(policy), *ports)
    with Program(*arguments, code=CHANGES_AS_IT_STARTS) as program:
        assert program.port
        program.wait_for("the settings were reloaded")
        with Wire.to(program.port) as wire:
            wire.send(request(b"GET", b"/", b"Origin: https://a.test"))
            assert wire.response().one(b"access-control-allow-origin") == b"https://a.test"
