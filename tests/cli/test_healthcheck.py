"""The real program: `corsproxy healthcheck`, as a container asks."""

import socket
import threading
from pathlib import Path

import pytest

from tests.cli.program import corsproxy
from tests.program import Program

UPSTREAM = ("--upstream", "http://127.0.0.1:1")


def test_a_running_proxy_is_well_whatever_its_upstream_is() -> None:
    with Program(*UPSTREAM, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0") as program:
        done = corsproxy("healthcheck", "--admin", f"127.0.0.1:{program.admin}")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        done = corsproxy("healthcheck", environ={"CORSPROXY_ADMIN": f"0.0.0.0:{program.admin}"})
        assert done.returncode == 0


def test_over_a_unix_socket(tmp_path: Path) -> None:
    admin = ("--admin", f"unix:{tmp_path / 'admin.sock'}")
    with Program(*UPSTREAM, "--listen", "127.0.0.1:0", *admin) as program:
        program.wait_for("inspector  unix:")
        assert corsproxy("healthcheck", *admin).returncode == 0


def test_where_nobody_listens_it_is_not() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{bound.getsockname()[1]}"
        done = corsproxy("healthcheck", "--admin", address)
    assert done.returncode == 1
    assert f"{address} gives no response" in done.stderr


@pytest.mark.parametrize("said", [b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", b"nonsense\r\n"])
def test_another_response_is_not_well(said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def response() -> None:
            sock, _ = server.accept()
            sock.recv(4096)
            sock.sendall(said)
            sock.close()

        threading.Thread(target=response, daemon=True).start()
        done = corsproxy("healthcheck", "--admin", f"127.0.0.1:{server.getsockname()[1]}")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_with_admin_off_there_is_nobody_to_ask() -> None:
    done = corsproxy("healthcheck", "--admin", "off")
    assert done.returncode == 1
    assert "admin is off" in done.stderr
