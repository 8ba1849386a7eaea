"""Allow this, in the inspector of a program that was started with flags: real, from end to end."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.program import Program
from tests.upstreams import Upstream

PAGE, STRANGER = "http://localhost:5173", "http://localhost:3000"
ANY_PORT = ("--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
IN_FOLDER = "import os, sys; os.chdir(sys.argv.pop(1)); import corsproxy.cli as c; c.main()"


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    upstream = Upstream()
    flags = ("--upstream", upstream.url, "--allow-origin", PAGE, "--allow-method", "PUT")
    with Program(str(tmp_path), *flags, *ANY_PORT, code=IN_FOLDER) as started:
        yield started
    upstream.close()


def send(url: str, method: str = "GET", **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, headers=named, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def served(program: Program) -> bool:
    """Whether the stranger's page may read."""
    url = f"http://127.0.0.1:{program.port}/"
    return bool(send(url, Origin=STRANGER)[1]["Access-Control-Allow-Origin"] == STRANGER)


def allow(program: Program, way: str) -> Any:
    """Click "Allow this" of a refused call, as the page does; the status, and what is proposed."""
    admin = f"http://127.0.0.1:{program.admin}"
    _, headers, _ = send(f"http://127.0.0.1:{program.port}/", Origin=STRANGER)
    path = f"{admin}/allow/{headers['X-Corsproxy-Decision']}"
    proposed = json.loads(send(path)[2])
    with urllib.request.urlopen(f"{admin}/events", timeout=20) as events:
        token = next(json.loads(line[5:])["token"] for line in events if line.startswith(b"data:"))
    url = f"{path}/{proposed['digest']}?way={way}"
    status, _, content = send(url, "POST", Origin=admin, X_Corsproxy_Token=token)
    return status, proposed, content


def test_a_policy_of_flags_can_be_extended_for_this_run(program: Program, tmp_path: Path) -> None:
    assert not served(program)
    status, proposed, _ = allow(program, "run")
    assert (status, proposed["source"], proposed["ways"]) == (200, None, ["run", "save"])
    assert ["+", f"    - {STRANGER}"] in proposed["lines"]
    assert served(program)
    program.wait_for(f"cors.allow_origins: \\+ {STRANGER}")
    assert list(tmp_path.iterdir()) == []
    program.signal("SIGHUP")
    program.wait_for("the settings were reloaded; none changed")
    assert served(program)


def test_a_policy_of_flags_can_be_saved_and_is_served_from_then_on(
    program: Program, tmp_path: Path
) -> None:
    status, _, content = allow(program, "save")
    file = tmp_path / "policy.yaml"
    told = f"saved as {file}, and served by; start it by: corsproxy run -c policy.yaml"
    assert (status, json.loads(content)["next"]) == (200, told)
    assert told in program.output
    assert served(program)
    assert STRANGER in file.read_text()
    file.write_text(file.read_text().replace(f"    - {STRANGER}\n", ""))
    program.wait_for(f"cors.allow_origins: - {STRANGER}")
    assert not served(program)
    lint = [sys.executable, "-m", "corsproxy", "lint", str(file)]
    told = subprocess.run(lint, check=True, capture_output=True, text=True).stdout
    assert told == f"no mistakes in {file}\n"


def test_a_file_that_is_there_is_not_replaced(program: Program, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("mine")
    status, _, content = allow(program, "save")
    assert status == 409
    assert f"{tmp_path}/policy.yaml: File exists" in json.loads(content)["detail"]
    assert (tmp_path / "policy.yaml").read_text() == "mine"
    assert not served(program)


def test_what_must_be_set_or_left_out_the_next_time_is_told(tmp_path: Path) -> None:
    environ = {"CORSPROXY_ALLOW_ORIGIN": PAGE, "CORSPROXY_SET_REQUEST_HEADER": "X-Key: c4n4ry"}
    flags = ("--upstream", "http://127.0.0.1:9", *ANY_PORT)
    with Program(str(tmp_path), *flags, code=IN_FOLDER, environ=environ) as program:
        _, _, content = allow(program, "save")
        assert json.loads(content)["next"].endswith(
            "corsproxy run -c policy.yaml, with X_KEY set, without"
            " CORSPROXY_ALLOW_ORIGIN, CORSPROXY_SET_REQUEST_HEADER"
        )
        assert "c4n4ry" not in (tmp_path / "policy.yaml").read_text() + program.output
        assert served(program)


def test_no_other_way_is_taken(program: Program) -> None:
    assert allow(program, "write")[0] == 409
    assert not served(program)
