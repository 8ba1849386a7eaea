"""Sockets that were handed over: taken where they are listened on, and told where nobody asks."""

import os
import re
import shutil
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from corsproxy.accept.inherited import Inherited
from tests.program import Program
from tests.until import until

POLICY = ("--upstream", "http://127.0.0.1:9", "--allow-origin", "http://localhost:5173")


@pytest.fixture
def opened() -> Iterator[socket.socket]:
    """Opened before the program, as systemd does."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield sock


def program(descriptor: int, *arguments: str) -> Program:
    """The program, which has `descriptor` of this process as its descriptor 3."""
    handed_over = f"import os; os.dup2({descriptor}, 3)" if descriptor != 3 else "import os"
    return Program(
        *("run", "--admin", "127.0.0.1:0", *POLICY, *arguments),
        environ={"LISTEN_FDS": "1"},
        code=f'{handed_over}; os.environ["LISTEN_PID"] = str(os.getpid())\n'
        "import corsproxy.cli as c; c.main()",
        keep=(descriptor,),
    )


def port(sock: socket.socket) -> int:
    number = sock.getsockname()[1]
    assert isinstance(number, int)
    return number


def test_the_program_serves_from_the_socket_that_it_was_given(opened: socket.socket) -> None:
    address = f"127.0.0.1:{port(opened)}"
    with program(opened.fileno(), "--listen", address) as running:
        assert running.port == port(opened)
        preflight = urllib.request.Request(
            f"http://{address}/",
            method="OPTIONS",
            headers={"Origin": "http://localhost:5173", "Access-Control-Request-Method": "GET"},
        )
        with urllib.request.urlopen(preflight, timeout=10) as response:
            assert response.status == 204


def test_a_socket_that_nobody_asked_for_is_an_error_with_its_cure(opened: socket.socket) -> None:
    with program(opened.fileno(), "--listen", "127.0.0.1:0") as running:
        assert running.process.wait(20) == 3
        address = f"127.0.0.1:{port(opened)}"
        assert running.output == (
            f"corsproxy: a socket on {address} was handed over, and nothing listens there\n"
            f"  fix: give {address} to listen or admin, or take it out of the socket unit\n"
        )


def test_a_descriptor_that_is_no_socket_is_told() -> None:
    with open(os.devnull) as nothing, program(nothing.fileno()) as running:  # noqa: PTH123
        assert running.process.wait(20) == 3
        assert "LISTEN_FDS names descriptor 3: Socket operation on non-socket" in running.output


@pytest.mark.parametrize(
    "environ",
    [
        pytest.param({}, id="nothing is said"),
        pytest.param({"LISTEN_FDS": "1"}, id="nobody says whose they are"),
        pytest.param({"LISTEN_PID": "1", "LISTEN_FDS": "1"}, id="they are another process'"),
        pytest.param({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "one"}, id="no number"),
        pytest.param({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "-1"}, id="less than none"),
        pytest.param({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "9" * 9999}, id="endless"),
    ],
)
def test_nothing_is_taken_where(environ: dict[str, str]) -> None:
    assert Inherited(environ, os.getpid()).nobody_asked_for() == []


def test_a_unix_socket_that_was_given_stays_in_the_file_system(tmp_path: Path) -> None:
    path = str(tmp_path / "proxy.sock")
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(path)
        sock.listen()
        with program(sock.fileno(), "--listen", f"unix:{path}") as running:
            until(lambda: "listening on" in running.output)
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(path)
                client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                assert re.match(rb"HTTP/1.1 502 ", client.recv(100))
            running.process.terminate()
            assert running.process.wait(20) == 0
        assert Path(path).is_socket()


@pytest.mark.skipif(
    shutil.which("systemd-socket-activate") is None, reason="SKIPPED: no systemd here"
)
def test_systemd_hands_over_its_socket_with_the_first_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{port(free)}"
    activate = ("systemd-socket-activate", "-E", "PYTHONPATH", "-l", address)
    arguments = ("run", "--listen", address, "--admin", "127.0.0.1:0", *POLICY)
    with Program(*arguments, before=activate) as running:
        until(lambda: "Listening on" in running.output)
        request = urllib.request.Request(f"http://{address}/", headers={"Host": "evil.test"})
        with pytest.raises(urllib.error.HTTPError, match="421"):
            urllib.request.urlopen(request, timeout=20)


def test_who_has_connected_when_the_program_stops_is_served_by_it_or_by_the_next_one(
    opened: socket.socket,
) -> None:
    """The first one is told to stop before it has accepted the connection."""
    address = f"127.0.0.1:{port(opened)}"
    with program(opened.fileno(), "--listen", address) as first:
        assert first.port == port(opened)
        first.signal("SIGSTOP")
        with socket.create_connection(("127.0.0.1", port(opened))) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            first.signal("SIGTERM")
            first.signal("SIGCONT")
            first.process.wait(20)
            with program(opened.fileno(), "--listen", address):
                client.settimeout(20)
                assert client.recv(100).startswith(b"HTTP/1.1 502 ")
