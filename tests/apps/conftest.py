"""Real apps behind the proxy as a new user starts it; their packages have a lock of their own."""

import hashlib
import inspect
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.apps.servers import Backends, quick
from tests.apps.tab import Tab, opened
from tests.browser.executables import launched
from tests.node_packages import CACHE, node_modules

HERE = Path(__file__).parent
LOCK = HERE / "requirements.lock"

Start = Callable[..., int]
"""Starts the backend of that name with its arguments: the port where it listens comes back."""

Behind = Callable[[int], str]
"""Starts the proxy of the upstream at that port: where a client that is no page calls it."""

OUTCOMES: dict[str, str] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE not in item.path.parents:
            continue
        item.add_marker(pytest.mark.long)
        item.add_marker(pytest.mark.timeout(400))
        if inspect.iscoroutinefunction(item.function):  # type: ignore[attr-defined]
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
        if "tab" in item.fixturenames:  # type: ignore[attr-defined]
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    of_an_app = item.path.parent == HERE and item.path.name.endswith("_apps.py")
    if of_an_app and (report.when == "call" or not report.passed):
        told = report.passed and "told_with_a_fix" in item.name
        OUTCOMES[item.name.removeprefix("test_")] = "told" if told else report.outcome
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not OUTCOMES:
        return
    counted = Counter(OUTCOMES.values())
    at_first = f"{counted['passed']} of {len(OUTCOMES)} work at the first try"
    terminalreporter.section(f"APPS: {at_first}, {counted['told']} are told with a fix")
    for name, outcome in sorted(OUTCOMES.items()):
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


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What a test starts, ended with it."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def backends(stack: ExitStack, tmp_path: Path) -> Backends:
    return Backends(stack, tmp_path)


@pytest.fixture
def python_app(backends: Backends, python: Path) -> Start:
    return lambda name, *arguments: backends.python(python, name, *arguments)


@pytest.fixture
def node_app(backends: Backends, node: Path) -> Start:
    return lambda name, *arguments: backends.node(node, name, *arguments)


@pytest.fixture
def behind(stack: ExitStack) -> Behind:
    def start(port: int) -> str:
        program = stack.enter_context(quick(f"http://127.0.0.1:{port}", "http://localhost:5173"))
        return f"http://localhost:{program.port}"

    return start


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def tab(browser: Browser, tmp_path: Path, stack: ExitStack) -> AsyncIterator[Tab]:
    """A page in Chromium."""
    async with opened(browser, tmp_path, stack) as tab:
        yield tab
