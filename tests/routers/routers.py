"""Real routers, each with a handler for /admin and what is below, and one for everything else."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.node_packages import CACHE, node_modules

HERE = Path(__file__).parent
BACKENDS = HERE / "backends"


class Router(NamedTuple):
    """A router: the tools it needs, and the command that serves it and prints its port."""

    name: str
    tools: tuple[str, ...]
    command: Callable[[Path], list[str]]


def _python(name: str) -> Router:
    return Router(name, (), lambda _: [sys.executable, str(BACKENDS / f"with_{name}.py")])


def _node(name: str) -> Router:
    def command(folder: Path) -> list[str]:
        # Node looks for packages beside the script, so it is taken to where they are.
        script = shutil.copy(BACKENDS / f"with_{name}.cjs", folder)
        (folder / "node_modules").symlink_to(node_modules(HERE))
        return ["node", "--preserve-symlinks-main", str(script)]

    return Router(name, ("node", "npm"), command)


def _go(folder: Path) -> list[str]:
    program, source = folder / "router", BACKENDS / "with_go.go"
    built = {"GO111MODULE": "off", "GOCACHE": str(CACHE / "go"), "GOFLAGS": ""}
    subprocess.run(
        ["go", "build", "-o", str(program), str(source)], check=True, env=os.environ | built
    )
    return [str(program)]


def _nginx(folder: Path) -> list[str]:
    shutil.copy(BACKENDS / "nginx.conf", folder)
    return [sys.executable, str(BACKENDS / "with_nginx.py"), str(folder)]


ROUTERS = (
    *map(_python, ("starlette", "flask", "django", "aiohttp", "tornado")),
    *map(_node, ("express", "koa", "fastify", "url")),
    Router("go", ("go",), _go),
    Router("nginx", ("nginx",), _nginx),
)


def missing(router: Router) -> str:
    """What this machine lacks to run it; "" where it lacks nothing."""
    lacking = [tool for tool in router.tools if not shutil.which(tool)]
    if "node" in router.tools and not lacking:
        version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
        lacking = [] if int(version.stdout.strip("v\n").split(".")[0]) >= 18 else ["node 18"]
    return ", ".join(lacking)


@contextlib.contextmanager
def serving(router: Router, folder: Path) -> Iterator["Asked"]:
    """The router, running, until the block ends."""
    with subprocess.Popen(router.command(folder), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line, f"{router.name} did not start"
            with contextlib.closing(Asked(int(line))) as asked:
                yield asked
        finally:
            process.terminate()


class Asked:
    """A router that is asked for raw paths, over one connection as long as it lasts."""

    def __init__(self, port: int) -> None:
        self._address = ("127.0.0.1", port)
        self._socket: socket.socket | None = None

    def serves(self, path: str) -> str:
        """What `path` is served as: "admin", "open", or "" where it is not served at all."""
        for _ in range(2):  # the connection may have been closed since the last request
            if self._socket is None:
                self._socket = socket.create_connection(self._address, timeout=20)
            with contextlib.suppress(ConnectionError):
                if found := self._exchange(self._socket, path):
                    status, content = found
                    return content if status == 200 and content in ("admin", "open") else ""
            self.close()
        return ""

    def close(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _exchange(self, connection: socket.socket, path: str) -> tuple[int, str] | None:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode("latin-1"))
        with connection.makefile("rb") as file:
            status = file.readline().split()
            if len(status) < 2:
                return None
            fields = {}
            while (line := file.readline()).strip():
                name, _, value = line.decode("latin-1").partition(":")
                fields[name.lower()] = value.strip().lower()
            content = _content(file.read, file.readline, fields)
        ends = fields.get("connection") == "close" or status[0] == b"HTTP/1.0"
        if ends or not {"content-length", "transfer-encoding"} & fields.keys():
            self.close()
        return int(status[1]), content.decode("latin-1")


def _content(
    read: Callable[..., bytes], line: Callable[[], bytes], fields: dict[str, str]
) -> bytes:
    if fields.get("transfer-encoding") == "chunked":
        content = b""
        while size := int(line(), 16):
            content += read(size)
            line()
        line()
        return content
    length = fields.get("content-length")
    return read(int(length)) if length is not None else read()
