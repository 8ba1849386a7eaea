"""HarFile: a HAR on the disk that is valid JSON between any two writes, beside other programs.

Entries and the closing brackets go out together, over the closing brackets of the last time.
Before each write the file is looked at. What others have emptied, moved or removed is begun anew;
what they have written is theirs: it stays, and nothing more is recorded.
"""

import json
import os
import re
import stat
from contextlib import suppress
from pathlib import Path

from corsproxy import __version__

CLOSING = b"\n]}}\n"

_HAR = re.compile(
    rb'(?:\xef\xbb\xbf)?\s*\{\s*"log"\s*:\s*\{\s*"(?:version|creator|browser|pages)"\s*:'
)
"""How a HAR begins (HAR 1.2, "log"). A policy may be JSON too and have `log`, with other keys."""
_MAX_BEGINNING = 4096

NO_HAR = "it is not a HAR, and would be lost\n  fix: another name, or --force to replace it"
THE_POLICY = "it is the policy file, and would be lost\n  fix: another name"
NO_FILE = (
    "it is not a regular file, and a HAR's end is rewritten in place\n  fix: the name of a file"
)
IN_USE = "it is written by another program\n  fix: stop it, or another name"


class ChangedError(OSError):
    """Another program has written to the file."""


class HarFile:
    """Opens `path` without touching what is there; the first `append` replaces it.

    Raises OSError, with a fix, for what is no file, or one that is no HAR unless `force`d; and, in
    any case, for one that another corsproxy is writing, and for `policy`.
    """

    def __init__(self, path: Path, *, force: bool = False, policy: Path | None = None) -> None:
        self.path = path
        self._file = _opened(path, new=False)
        try:
            self._regular = stat.S_ISREG(os.fstat(self._file).st_mode)
            _check(self._file, path, force=force, policy=policy)
            if self._regular:  # a device, such as /dev/null, has room for everybody
                _lock(self._file, path)
        except OSError:
            os.close(self._file)
            raise
        self._end = self._size = 0
        self._filled = False

    def append(self, entries: bytes) -> None:
        """Write entries and the closing brackets, over those of the last time.

        Raises ChangedError where another program has written to the file, then each time.
        """
        self._look()
        piece = b"" if self._end else opening()
        if entries:
            piece += (b",\n" if self._filled else b"") + entries
        try:
            if self._regular and not self._end:
                os.ftruncate(self._file, 0)
            _write_all(self._file, piece + CLOSING, self._end)
        except OSError:
            self._restore()
            raise
        if self._has_hole():
            self._begin()
            self.append(entries)
            return
        self._end += len(piece)
        self._size = self._end + len(CLOSING)
        self._filled = self._filled or bool(entries)

    def close(self) -> None:
        """Give the file up."""
        os.close(self._file)

    def _begin(self) -> None:
        self._end = self._size = 0
        self._filled = False

    def _look(self) -> None:
        """Find out whether the file is as it was left; begin anew where it is gone or empty."""
        if not (self._regular and self._end):
            return
        if not _same(self._file, self.path):
            if os.path.lexists(self.path):
                raise ChangedError(0, "another program has put its own file there")
            anew = _opened(self.path, new=True)
            os.close(self._file)
            self._file = anew
            self._begin()
            return
        size = os.fstat(self._file).st_size
        if not size:
            self._begin()
        elif size != self._size or os.pread(self._file, len(CLOSING), self._end) != CLOSING:
            raise ChangedError(0, "another program has written to it")

    def _has_hole(self) -> bool:
        """Whether the file was emptied after it was looked at: zeros stand before what we wrote."""
        return bool(self._regular and self._end) and os.pread(self._file, 1, self._end - 1) == b"\0"

    def _restore(self) -> None:
        """Close the brackets where the last write that went through had closed them."""
        with suppress(OSError):
            if self._end:
                _write_all(self._file, CLOSING, self._end)
            if self._regular:
                os.ftruncate(self._file, self._end + (len(CLOSING) if self._end else 0))
        self._size = os.fstat(self._file).st_size


def opening() -> bytes:
    """What stands before the first entry."""
    creator = {"name": "corsproxy", "version": __version__}
    return f'{{"log":{{"version":"1.2","creator":{json.dumps(creator)},"entries":[\n'.encode()


def _opened(path: Path, *, new: bool) -> int:
    """Its owner's alone: even without secrets it tells what was asked of whom.

    O_NONBLOCK: a FIFO that nobody reads would be waited for.
    """
    flags = os.O_RDWR | os.O_CREAT | (os.O_EXCL if new else 0)
    flags |= getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)  # Windows has neither
    try:
        return os.open(path, flags, 0o600)
    except IsADirectoryError:
        raise _refused(path, NO_FILE) from None


def _check(file: int, path: Path, *, force: bool, policy: Path | None) -> None:
    found = os.fstat(file)
    if policy is not None and _same(file, policy):
        raise _refused(path, THE_POLICY)
    if stat.S_ISCHR(found.st_mode) and _seekable(file):
        return  # /dev/null takes everything
    if not stat.S_ISREG(found.st_mode):
        raise _refused(path, NO_FILE)
    beginning = os.pread(file, _MAX_BEGINNING, 0)
    if beginning and not force and not _HAR.match(beginning):
        raise _refused(path, NO_HAR)


def _same(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except OSError:
        return False


def _seekable(file: int) -> bool:
    try:
        os.lseek(file, 0, os.SEEK_CUR)
    except OSError:
        return False
    return True


def _lock(file: int, path: Path) -> None:
    """Two that write would each take the other for a stranger. Held until the program ends."""
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _refused(path, IN_USE) from None
    except OSError:  # a file system without locks
        return


def _refused(path: Path, reason: str) -> OSError:
    import errno

    return OSError(errno.EEXIST, reason, str(path))


def _write_all(descriptor: int, data: bytes, offset: int) -> None:
    while data:
        written = os.pwrite(descriptor, data, offset)
        data, offset = data[written:], offset + written
