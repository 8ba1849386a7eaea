"""What is measured of one program: load by wrk, connections held open, start and memory."""

import re
import socket
import subprocess
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.peers import OTHER_CORE, Running

LOADS = Path(__file__).parent / "load"
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}
CONNECTIONS = 32
HELD = 300
"""Connections that are held open to see what each costs."""

GET = b"GET %b HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:5173\r\n\r\n"


@dataclass
class Load:
    """What came of one run of wrk."""

    requests: int
    per_second: float
    cpu_microseconds: float
    """Processor time of the proxy for each request."""
    p50_milliseconds: float
    p99_milliseconds: float
    errors: str = ""


def load(running: Running, name: str, seconds: int, connections: int = CONNECTIONS) -> Load:
    """Drive one load against a program."""
    script = str(LOADS / f"{name}.lua")
    command = ["taskset", "-c", OTHER_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
    command += ["--latency", "--timeout", "20s", "-s", script, f"http://127.0.0.1:{running.port}/"]
    before = running.cpu_seconds()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    cpu = running.cpu_seconds() - before
    text = done.stdout
    requests = int(_first(r"(\d+) requests in", text) or 0)
    wrong = re.findall(r"(?:Socket errors|Non-2xx).*", text)
    return Load(
        requests,
        float(_first(r"Requests/sec:\s*([\d.]+)", text) or 0),
        cpu / requests * 1e6 if requests else 0.0,
        _time(_first(r"50%\s+([\d.]+\w+)", text)),
        _time(_first(r"99%\s+([\d.]+\w+)", text)),
        "; ".join(wrong) or done.stderr.strip(),
    )


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found[1] if found else ""


def _time(text: str) -> float:
    """wrk's "1.23ms" in milliseconds."""
    found = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text)
    return float(found[1]) * _UNITS[found[2]] * 1e3 if found else 0.0


def held(running: Running, path: bytes) -> float | None:
    """KiB of the program's memory for each connection that has asked for `path` and stays open.

    None where not all of them got an answer.
    """
    with ExitStack() as first:  # what is made once is not counted
        if not _open(running, path, 30, first):
            return None
    time.sleep(0.5)
    before = running.memory()
    with ExitStack() as stack:
        if not _open(running, path, HELD, stack):
            return None
        time.sleep(0.3)
        return (running.memory() - before) / HELD / 1024


def _open(running: Running, path: bytes, count: int, stack: ExitStack) -> bool:
    try:
        for _ in range(count):
            sock = stack.enter_context(socket.create_connection(("127.0.0.1", running.port), 3))
            sock.sendall(GET % path)
            while b"\r\n\r\n" not in sock.recv(65536):
                pass
    except TimeoutError:
        return False
    return True


def as_json(found: Load) -> dict[str, object]:
    """For the file that is kept."""
    return asdict(found)
