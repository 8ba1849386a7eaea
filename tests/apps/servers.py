"""Backends in processes of their own, and the proxy before them as a new user starts it."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.program import Program
from tests.until import listening

BACKENDS = Path(__file__).parent / "backends"


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def served(
    port: int,
    *command: str | Path,
    folder: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """A server that listens on `port`, with all its processes."""
    with subprocess.Popen(
        [*map(str, command)],
        cwd=folder,
        env={**os.environ, **(environ or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            listening(port)
            yield
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def quick(upstream: str, origin: str, *flags: str, before: Sequence[str] = ()) -> Program:
    """The proxy with the quick policy for the pages of `origin`."""
    policy = ("--upstream", upstream, "--allow-origin", origin)
    where = ("--listen", "127.0.0.1:0", "--admin", "off")
    return Program(*policy, *where, *flags, before=before)


def client(command: Sequence[str | Path], *arguments: str) -> list[str]:
    """What a client of an app prints; it fails where it fails."""
    whole = [*map(str, command), *arguments]
    done = subprocess.run(whole, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


class Backends:
    """Starts them for one test; each call gives the port where one listens."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self.stack = stack
        self.folder = folder
        """Where an app may write, and the scripts of Node find their packages."""

    def command(self, port: int, *command: str | Path, **environ: str) -> int:
        """Any server that is told `port`, run in the folder of the test."""
        self.stack.enter_context(served(port, *command, folder=self.folder, environ=environ))
        return port

    def python(self, python: Path, name: str, *arguments: str) -> int:
        """backends/NAME_app.py, told its port and `arguments`."""
        port = unused_port()
        return self.command(port, python, BACKENDS / f"{name}_app.py", str(port), *arguments)

    def node(self, packages: Path, name: str, *arguments: str) -> int:
        """backends/NAME_app.mjs or .cjs likewise, beside its packages."""
        port = unused_port()
        script = self.script(packages, f"{name}_app")
        return self.command(port, "node", script, str(port), *arguments)

    def script(self, packages: Path, name: str) -> str:
        """A script, copied to where Node finds its packages: beside it."""
        (source,) = BACKENDS.glob(f"{name}.[cm]js")
        for file in (source, *BACKENDS.glob("words.mjs")):
            shutil.copy(file, self.folder)
        self.packages(packages)
        return source.name

    def packages(self, packages: Path) -> Path:
        """The folder of packages, where scripts of the test's folder look for it."""
        linked = self.folder / "node_modules"
        if not linked.exists():
            linked.symlink_to(packages)
        return linked
