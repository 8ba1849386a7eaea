"""Outbox: bytes on their way to a terminal, a pipe or a disk, any of which may be stuck.

A thread of its own does the writing. What it has not written yet is bounded; when it falls behind,
the oldest is dropped and counted. A thread that never comes back keeps nobody from going on, and
not from exiting either.
"""

import threading
from collections import deque
from collections.abc import Callable

MOST_WAITING = 1000

Write = Callable[[bytes], None]


class Outbox:
    """`put` never waits. `write` is called in the thread, with one piece after the other.

    `write` may raise OSError: the piece is lost and counted, `failure` says why.
    """

    def __init__(self, write: Write, name: str, most: int = MOST_WAITING) -> None:
        self._write = write
        self._waiting: deque[bytes] = deque(maxlen=most)
        self._wake = threading.Event()
        self._closing = False
        self._overflown = self._failed = 0  # each counted by one thread only
        self.failure: OSError | None = None
        """Why the last piece could not be written; None when it was."""
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """How many pieces were lost since the start."""
        return self._overflown + self._failed

    def put(self, piece: bytes) -> None:
        """Have `piece` written some time."""
        if len(self._waiting) == self._waiting.maxlen:
            self._overflown += 1
        self._waiting.append(piece)
        self._wake.set()

    def close(self, patience: float = 1.0) -> None:
        """Wait for what is waiting to be written, but not for longer than `patience` seconds."""
        self._closing = True
        self._wake.set()
        self._thread.join(patience)

    def _run(self) -> None:
        while self._wake.wait():
            closing = self._closing
            self._wake.clear()
            while self._waiting:
                self._try(self._waiting.popleft())
            if closing:
                return

    def _try(self, piece: bytes) -> None:
        try:
            self._write(piece)
            self.failure = None
        except OSError as error:
            self.failure = error
            self._failed += 1
