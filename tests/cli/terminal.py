"""A shell at a terminal, for what it does with keys."""

import os
import pty
import select
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

REPOSITORY = Path(__file__).parents[2]
TIMEOUT = 30.0


def folder_with_corsproxy(folder: Path) -> Path:
    """`folder`, with a program `bin/corsproxy` in it that runs this tree."""
    program = folder / "bin" / "corsproxy"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m corsproxy "$@"\n')
    program.chmod(0o755)
    return folder


class Terminal:
    """`command` in `folder`, whose `bin` comes first in PATH; ended when the block is left."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self._seen = ""
        self._process, self._file = pty.fork()
        if self._process == 0:
            os.chdir(folder)
            os.execvpe(command[0], list(command), self.environ(folder))

    @staticmethod
    def environ(folder: Path) -> dict[str, str]:
        """No settings but those of the test, and no start-up file of a user's."""
        kept = {key: value for key, value in os.environ.items() if "CORSPROXY" not in key}
        path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        python = os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")])
        own = {"PATH": path, "HOME": str(folder), "TERM": "dumb", "PYTHONPATH": python}
        return {**kept, **own, "COLUMNS": "200", "LC_ALL": "C.UTF-8"}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        os.kill(self._process, signal.SIGKILL)
        os.close(self._file)
        os.waitpid(self._process, 0)

    def enter(self, line: str) -> None:
        """Type `line` and the Enter key."""
        self.type(f"{line}\n")

    def type(self, keys: str) -> None:
        """Press `keys`; what was shown before is forgotten."""
        self._seen = ""
        os.write(self._file, keys.encode())

    def wait_for(self, text: str) -> None:
        """Wait until `text` has been shown since the last key."""
        end = time.monotonic() + TIMEOUT
        while text not in self._seen:
            ready, _, _ = select.select([self._file], [], [], end - time.monotonic())
            assert ready, f"{text!r} did not come: {self._seen!r}"
            self._seen += os.read(self._file, 65536).decode(errors="replace")
