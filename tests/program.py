"""The real program in a process of its own, as long as a test needs it."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from tests.until import PATIENCE, until

_LISTENING = re.compile(r'listening on ([^ ]*:\d+(?:, [^ ]*:\d+)*) |"listen":\[([^]]+)\]')
_ADMIN = re.compile(r'(?:inspector  |"admin":")http://\S*?:(\d+)')
WITHOUT_UVLOOP = "import sys; sys.modules['uvloop'] = None; import corsproxy.cli as c; c.main()"


class Program:
    """A running `corsproxy run`. What it prints goes to a file that `output` reads."""

    def __init__(
        self,
        *arguments: str,
        environ: Mapping[str, str] | None = None,
        uvloop: bool = True,
        most_files: int = 0,
        code: str = "",
        before: Sequence[str] = (),
        keep: Sequence[int] = (),
    ) -> None:
        """With `most_files`, the system lets it open no more (RLIMIT_NOFILE, soft and hard).

        `code` is run in place of `-m corsproxy`; `before` is a command that ends by becoming the
        rest of its arguments. The descriptors in `keep` stay open in it.
        """
        clean = {k: v for k, v in os.environ.items() if not k.startswith("CORSPROXY_")}
        code = code or ("" if uvloop else WITHOUT_UVLOOP)
        start = ["-c", code] if code else ["-m", "corsproxy"]
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `stop`
        command = [*before, sys.executable, *start, *arguments]
        if most_files:
            command = ["sh", "-c", f'ulimit -n {most_files}; exec "$@"', "sh", *command]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self._file,
            stderr=self._file,
            env={**clean, "NO_COLOR": "1", **(environ or {})},
            pass_fds=keep,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def output(self) -> str:
        """All that it has printed so far."""
        return os.pread(self._file.fileno(), 1 << 24, 0).decode()

    @property
    def port(self) -> int:
        """Where it listens; waits until it says so."""
        return self.ports[0]

    @property
    def ports(self) -> list[int]:
        """Of each of its addresses."""
        found = self.wait_for(_LISTENING)
        listed = (found[1] or found[2].replace('"', "")).split(",")
        return [int(address.rpartition(":")[2]) for address in listed]

    @property
    def admin(self) -> int:
        """The port of its admin address."""
        return int(self.wait_for(_ADMIN)[1])

    def wait_for(self, pattern: str | re.Pattern[str]) -> re.Match[str]:
        """Wait until its output has `pattern`; fail where it ends before."""

        def said() -> re.Match[str] | None:
            ended = self.process.poll() is not None
            found = re.search(pattern, self.output)
            assert found or not ended, f"it ended with {self.process.returncode}: {self.output}"
            return found

        return until(said, otherwise=lambda: f"it never said {pattern!r}: {self.output}")

    def signal(self, name: str) -> None:
        """Send it a signal."""
        self.process.send_signal(getattr(signal, name))

    def stop(self) -> int:
        """Tell it to stop; its exit code."""
        if self._file.closed:
            return self.process.returncode
        if self.process.poll() is None:
            self.process.terminate()
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self._file.close()
        return code


@contextmanager
def running(
    policy: str, *arguments: str, environ: Mapping[str, str] | None = None, uvloop: bool = True
) -> Iterator[tuple[Program, Path]]:
    """The program with `policy` as its file, which the test may rewrite; on ports of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "policy.yaml")
        path.write_text(policy)
        ports = ("--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
        with Program(
            "run", "-c", str(path), *ports, *arguments, environ=environ, uvloop=uvloop
        ) as it:
            assert it.port
            yield it, path
