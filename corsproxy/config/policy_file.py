"""The policy's text: from a file, or once from a pipe, such as /dev/stdin or `<(...)`.

A pipe may have nobody who writes, or somebody who never ends. It is read without blocking, for a
limited time, and no more of it than of a file.
"""

import errno
import os
import select
import stat
import time
from pathlib import Path

from corsproxy.limits import LARGEST_FILE

READ_TIMEOUT = 10.0
"""Seconds for all that comes through a pipe."""
_PIECE = 65536


def read(path: Path) -> bytes:
    """The bytes at `path`, at most one more than is read of a file; raises OSError.

    Nothing but a regular file can be read twice: what came through a pipe is gone.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
    descriptor = os.open(str(path), flags | getattr(os, "O_BINARY", 0))
    try:
        kind = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(kind):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if stat.S_ISREG(kind) or os.isatty(descriptor) or not hasattr(select, "poll"):
            return _to_the_end(descriptor)
        os.set_blocking(descriptor, False)
        return _from_pipe(descriptor, str(path), fifo=stat.S_ISFIFO(kind))
    finally:
        os.close(descriptor)


def once(path: Path | None) -> bool:
    """Whether what is at `path` can be read once only, and not be watched."""
    return path is not None and path.exists() and not (path.is_file() or path.is_dir())


def _to_the_end(descriptor: int) -> bytes:
    os.set_blocking(descriptor, True)
    content = bytearray()
    while len(content) <= LARGEST_FILE and (piece := os.read(descriptor, LARGEST_FILE + 1)):
        content += piece
    return bytes(content[: LARGEST_FILE + 1])


def _from_pipe(descriptor: int, name: str, *, fifo: bool) -> bytes:
    content, writer_left = bytearray(), not fifo
    end = time.monotonic() + READ_TIMEOUT
    while len(content) <= LARGEST_FILE:
        try:
            piece = os.read(descriptor, _PIECE)
        except BlockingIOError:
            piece = None
        content += piece or b""
        if piece == b"" and (content or writer_left):
            break  # before anything came, it may mean that nobody has opened it to write
        if not piece:
            writer_left = _wait(descriptor, name, end, begun=bool(content)) or writer_left
    return bytes(content[: LARGEST_FILE + 1])


def _wait(descriptor: int, name: str, end: float, *, begun: bool) -> bool:
    """Wait for more; whether its writer has left. Raises TimeoutError at `end`."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    events = poll.poll(max(end - time.monotonic(), 0.0) * 1000)
    if not events:
        what = "its end did not come" if begun else "nothing came"
        message = f"{what} within {READ_TIMEOUT:g} s"
        raise TimeoutError(errno.ETIMEDOUT, message, name)
    return bool(events[0][1] & select.POLLHUP)
