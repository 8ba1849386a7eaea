"""The file that the log is appended to, and what becomes of it when the file is moved away.

Whoever rotates logs renames the file and then sends SIGHUP. From then on the same descriptor leads
to a new file: the thread that writes needs not know, and no line is lost or cut.
"""

import errno
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)
"""A FIFO that nobody reads is an error, not a wait without an end."""

_KEPT = "it is one of the program's own files, and would be spoilt\n  fix: another name"


class LogFile:
    """Opens `path`, which is made where it is not there; raises OSError, with a fix.

    `others` are files that no log may be appended to: the policy, a HAR.
    """

    def __init__(self, path: Path, others: Sequence[Path | None] = ()) -> None:
        self._path = path.absolute()
        self._others = others
        self._descriptor = self._opened()
        self.stream: TextIO = os.fdopen(self._descriptor, "a", encoding="utf-8")
        """What is written to."""

    def reopen(self) -> None:
        """Write to the file that has the name now; raises OSError, and the old one stays in use."""
        new = self._opened()
        try:
            os.dup2(new, self._descriptor, inheritable=False)
        finally:
            os.close(new)

    def close(self) -> None:
        """Nothing is written any more."""
        self.stream.close()

    def _opened(self) -> int:
        descriptor = os.open(self._path, _FLAGS, 0o640)
        if any(other is not None and _same(descriptor, other) for other in self._others):
            os.close(descriptor)
            raise OSError(errno.EEXIST, _KEPT, str(self._path))
        return descriptor


def _same(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False
