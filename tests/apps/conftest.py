"""Real apps behind the proxy as a new user starts it; their packages have a lock of their own."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from tests.apps.page import ORIGIN, Page
from tests.node_packages import CACHE, node_modules
from tests.program import Program
from tests.until import listening

HERE = Path(__file__).parent
LOCK = HERE / "requirements.lock"

App = Callable[..., Page]
"""Starts the backend of that name, and the proxy before it: a page that calls it comes back."""

OUTCOMES: dict[str, str] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.long)
            item.add_marker(pytest.mark.timeout(400))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if item.path == HERE / "test_apps.py" and report.when == "call":  # type: ignore[attr-defined]
        OUTCOMES[item.name.removeprefix("test_")] = report.outcome  # type: ignore[attr-defined]
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not OUTCOMES:
        return
    worked = sum(outcome == "passed" for outcome in OUTCOMES.values())
    terminalreporter.section(f"APPS: {worked} of {len(OUTCOMES)} work at the first try")
    for name, outcome in OUTCOMES.items():
        terminalreporter.line(f"{outcome:8} {name.replace('_', ' ')}")


@pytest.fixture(scope="session")
def python() -> Path:
    """The Python that has the apps; made once for each state of the lock."""
    place = CACHE / f"apps-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]}"
    found = place / "bin" / "python"
    if (place / "done").exists():
        return found
    pip = [str(found), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
        subprocess.run([*pip, "--require-hashes", "-r", str(LOCK)], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        missing(f"the apps cannot be installed: {error}")
    (place / "done").touch()
    return found


@pytest.fixture(scope="session")
def node() -> Path:
    """Where the packages of npm are."""
    try:
        return node_modules(HERE)
    except (OSError, subprocess.CalledProcessError) as error:
        missing(f"npm is missing, or cannot install the apps: {error}")


def missing(message: str) -> NoReturn:
    """Skip, loudly; in CI, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def backend(python: Path, name: str, *arguments: str) -> Iterator[int]:
    """The app of that name; the port where it listens."""
    port = unused_port()
    script = str(HERE / "backends" / f"{name}_app.py")
    with served(port, str(python), script, str(port), *arguments):
        yield port


@contextmanager
def served(port: int, *command: str, folder: Path | None = None) -> Iterator[None]:
    """A server that listens on `port`, with all its processes."""
    with subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            listening(port)
            yield
        finally:
            os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def proxied(upstream: str, *flags: str) -> Iterator[Page]:
    """A page that calls the proxy, which was started with the quick policy."""
    quick = ("--upstream", upstream, "--allow-origin", ORIGIN)
    where = ("--listen", "127.0.0.1:0", "--admin", "off")
    with Program(*quick, *where, *flags) as program:
        yield Page(program)


@pytest.fixture
def app(python: Path) -> Iterator[App]:
    with ExitStack() as stack:

        def start(name: str, *arguments: str) -> Page:
            port = stack.enter_context(backend(python, name, *arguments))
            return stack.enter_context(proxied(f"http://127.0.0.1:{port}"))

        yield start
