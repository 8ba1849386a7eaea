"""The image as a user runs it: its own entry point, without root, told to stop by SIGTERM."""

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

import corsproxy
from tests.container import engine

pytestmark = [pytest.mark.container, pytest.mark.long, pytest.mark.timeout(600)]
ORIGIN = "http://localhost:5173"
NOBODY = "65532"


class Api(BaseHTTPRequestHandler):
    """An upstream without CORS."""

    def do_GET(self) -> None:
        content = b'"Hello from CORS!"'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its given name
        """Nothing is written beside the test's own output."""


class Response(NamedTuple):
    """What came back, read to its end."""

    status: int
    allow_origin: str | None
    content: bytes


class Running(NamedTuple):
    """The entry point at work in a container."""

    process: subprocess.Popen[str]
    container: str
    port: int
    admin: str

    def ask(self, method: str, **fields: str) -> Response:
        names = {name.replace("_", "-"): value for name, value in fields.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(connection):
            connection.request(method, "/dev/cors", headers=names)
            response = connection.getresponse()
            allowed = response.getheader("Access-Control-Allow-Origin")
            return Response(response.status, allowed, response.read())

    def pid(self) -> int:
        """The program's own process, below those of the engine."""
        family, found = {self.process.pid}, 0
        for status in sorted(Path("/proc").glob("[0-9]*/status"), key=_number):
            with contextlib.suppress(OSError):
                told = dict(line.split(":\t", 1) for line in status.read_text().splitlines())
                if int(told["PPid"]) in family:
                    family.add(int(told["Pid"]))
                    if told["Uid"].split()[0] == NOBODY:
                        found = int(told["Pid"])
        return found


def _number(status: Path) -> int:
    return int(status.parent.name)


@pytest.fixture
def upstream() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def running(image: str, upstream: str) -> Iterator[Running]:
    with engine.container(image) as name:
        settings = {
            "CORSPROXY_UPSTREAM": upstream,
            "CORSPROXY_ALLOW_ORIGIN": ORIGIN,
            "CORSPROXY_LISTEN": "0.0.0.0:0",
            "CORSPROXY_ADMIN": "127.0.0.1:0",
        }
        process = subprocess.Popen(
            in_container(name, entry_point(image), settings), stderr=subprocess.PIPE, text=True
        )
        try:
            port, admin = started(process)
            yield Running(process, name, port, admin)
        finally:
            process.kill()
            process.communicate()


def entry_point(image: str) -> list[str]:
    told = engine.inspect(image)["Entrypoint"]
    assert isinstance(told, list)
    return told


def in_container(name: str, command: list[str], settings: dict[str, str]) -> list[str]:
    told = [f"--env={variable}={value}" for variable, value in settings.items()]
    wanted = ("run", "--isolation", "chroot", "--user", NOBODY)
    return engine.buildah_command(*wanted, *told, name, "--", *command)


def started(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The port and the admin address that the start-up lines name."""
    assert process.stderr is not None
    told = ""
    for line in process.stderr:
        told += line
        port = re.search(r"listening on http://\S+?:(\d+)", told)
        admin = re.search(r"inspector  http://(\S+?:\d+)", told)
        if port and admin:
            return int(port[1]), admin[1]
    raise AssertionError(told)


def health(image: str, running: Running) -> int:
    command = engine.inspect(image)["Healthcheck"]
    assert isinstance(command, dict)
    kind, *words = command["Test"]
    assert kind == "CMD"  # without a shell
    told = in_container(running.container, words, {"CORSPROXY_ADMIN": running.admin})
    return subprocess.run(told, capture_output=True, check=False).returncode


def files_left_in(container: str) -> str:
    """What the program has written: where it is nothing, a read-only root file system is enough."""
    as_root = ("run", "--isolation", "chroot", "--user", "0", container, "--")
    return engine.buildah(*as_root, "find", "/", "-xdev", "-user", NOBODY, "-not", "-path", "/data")


def test_the_image_answers_forwards_reports_its_health_and_stops_on_sigterm(
    image: str, running: Running
) -> None:
    preflight = running.ask("OPTIONS", Origin=ORIGIN, Access_Control_Request_Method="PUT")
    assert preflight == (204, ORIGIN, b"")
    assert running.ask("GET", Origin=ORIGIN) == (200, ORIGIN, b'"Hello from CORS!"')
    assert health(image, running) == 0

    os.kill(running.pid(), signal.SIGTERM)
    assert running.process.wait(30) == 0
    assert health(image, running) == 1
    assert files_left_in(running.container) == ""


def test_the_image_is_not_root_and_its_words_need_no_shell(image: str) -> None:
    told = engine.inspect(image)
    assert told["User"] == "65532:65532"
    assert told["Entrypoint"] == ["/opt/corsproxy/bin/corsproxy"]
    assert "CORSPROXY_LISTEN=0.0.0.0:8080" in str(told["Env"])


def test_nothing_that_the_program_consists_of_can_be_written_by_it(image: str) -> None:
    with engine.container(image) as name:
        command = ["find", "/opt/corsproxy", "-writable", "-not", "-type", "l"]
        assert engine.output(*in_container(name, command, {})) == ""


def test_no_build_tool_and_no_wheel_stays_in_the_image(image: str) -> None:
    with engine.container(image) as name:
        command = ["find", "/opt/corsproxy/lib", "/src", "/build", "/wheel", "-name", "*hatch*"]
        command += ["-o", "-name", "pip", "-o", "-name", "*.whl"]
        told = in_container(name, command, {})
        done = subprocess.run(told, capture_output=True, text=True, check=False)
        assert done.stdout == ""


def test_the_image_says_what_it_consists_of(image: str) -> None:
    with engine.container(image) as name:
        command = ["cat", "/opt/corsproxy/share/corsproxy.cdx.json"]
        told = json.loads(engine.output(*in_container(name, command, {})))
    assert told["bomFormat"] == "CycloneDX"
    found = {part["name"].lower(): part["version"] for part in told["components"]}
    assert found.pop("corsproxy") == corsproxy.__version__
    lock = (engine.REPOSITORY / "requirements.lock").read_text()
    locked = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", lock, re.MULTILINE))
    assert {name.replace("_", "-"): version for name, version in found.items()}.items() <= (
        locked.items()
    )
    assert {"aiohttp", "uvloop", "cryptography"} <= found.keys()


def test_the_module_that_is_written_in_c_is_in_the_image(image: str) -> None:
    with engine.container(image) as name:
        program = "from corsproxy.proxy.http1 import _heads"
        engine.output(*in_container(name, ["/opt/corsproxy/bin/python", "-c", program], {}))
