"""Saving a policy file so that it is the old text or the new one, whole, whatever happens.

A file of its own is replaced: the new text is written beside it, brought to the disk (fsync) and
renamed over it, which POSIX makes atomic. Three things cannot be renamed over, and are written in
place: a bind mount of the file itself (EBUSY), a file in a folder that may not be written to, and
a file whose owner or further names (hard links) the new one could not have. There the blocks that
the new text needs are reserved first, and a failure puts the old text back, which needs none.
"""

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path


class NoRegularFile(OSError):
    """The path names a pipe, a device or a folder."""


class Changed(OSError):
    """The file is not what it was when the new text was made."""


def content(path: Path, most: int) -> bytes:
    """What stands in the regular file at `path`, at most `most` bytes; raises OSError.

    A pipe in its place is refused, and not waited for.
    """
    with _opened(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)) as file:
        return _read(file, most)


def replace(path: Path, before: bytes, after: bytes) -> None:
    """Replace `before`, which the file at `path` must hold, by `after`; raises OSError.

    Owner, mode and links stay; where it fails, so does the text.
    """
    path = Path(os.path.realpath(path))
    with _opened(path, os.O_RDWR | getattr(os, "O_NONBLOCK", 0)) as file:
        if _read(file, len(before) + 1) != before:
            raise Changed(f"{path} has changed meanwhile")
        found = os.fstat(file)
        if found.st_nlink > 1 or not _renamed_over(path, after, found):
            _overwrite(file, before, after)


def create(path: Path, text: bytes) -> None:
    """Write a file that did not exist; raises FileExistsError for one that does, else OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    file = os.open(path, flags, 0o666)
    try:
        with contextlib.closing(os.fdopen(file, "wb")) as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    """A descriptor of the regular file at `path`."""
    file = os.open(path, flags | getattr(os, "O_BINARY", 0))
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise NoRegularFile(f"{path} is not a regular file")
        yield file
    finally:
        os.close(file)


def _read(file: int, most: int) -> bytes:
    pieces = []
    while most > 0 and (piece := os.read(file, min(most, 1 << 20))):
        pieces.append(piece)
        most -= len(piece)
    return b"".join(pieces)


def _renamed_over(path: Path, text: bytes, like: os.stat_result) -> bool:
    """Whether the new text stands at `path` now; False where no new file can take this one's place.

    A disk that is full is an error, not a reason to try elsewhere: nothing has happened yet.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        file = os.open(
            beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600
        )
    except OSError:
        return False
    try:
        try:
            _write(file, text)
            if not _made_alike(file, like):
                return False
            os.fsync(file)
        finally:
            os.close(file)
        with contextlib.suppress(OSError):
            beside.replace(path)
            _sync_folder(path.parent)
            return True
        return False
    finally:
        beside.unlink(missing_ok=True)


def _made_alike(file: int, like: os.stat_result) -> bool:
    """Give the new file the old one's owner and mode; whether it has them."""
    if not hasattr(os, "fchown"):
        return True
    with contextlib.suppress(OSError):
        os.fchown(file, like.st_uid, like.st_gid)
        os.fchmod(file, stat.S_IMODE(like.st_mode))
    made = os.fstat(file)
    return (made.st_uid, made.st_gid, made.st_mode) == (like.st_uid, like.st_gid, like.st_mode)


def _sync_folder(folder: Path) -> None:
    """Bring the renaming to the disk, where a folder can be opened."""
    with contextlib.suppress(OSError):
        file = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)


def _overwrite(file: int, before: bytes, after: bytes) -> None:
    """Write `after` over `before`; on any failure `before` stands there again."""
    try:
        if len(after) > len(before) and hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file, 0, len(after))
        _put(file, after)
    except OSError:
        _put(file, before)
        raise


def _put(file: int, text: bytes) -> None:
    os.lseek(file, 0, os.SEEK_SET)
    _write(file, text)
    os.ftruncate(file, len(text))
    os.fsync(file)


def _write(file: int, text: bytes) -> None:
    view = memoryview(text)
    while view:
        view = view[os.write(file, view) :]
