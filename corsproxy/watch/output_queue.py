"""OutputQueue: bytes on their way to a terminal, a pipe or a disk, any of which may be stuck.

A thread of its own does the writing. What it has not written yet is bounded in bytes; when it falls
behind, the oldest is dropped and counted, and the gap is told where it is, as soon as something can
be written again. A thread that never comes back keeps nobody from going on, and not from exiting
either.
"""

import threading
from collections import deque
from collections.abc import Callable

from corsproxy.limits import OUTPUT_MAX_BYTES

Write = Callable[[bytes], None]


class OutputQueue:
    """`put` never waits. `write` is called in the thread, with one piece after the other.

    `write` may raise: the piece is lost and counted, `failure` says why. `gap` makes the piece that
    stands for so many lost ones, in the thread; without it nothing is said of them.
    """

    def __init__(
        self,
        write: Write,
        name: str,
        *,
        max_bytes: int = OUTPUT_MAX_BYTES,
        gap: Callable[[int], bytes] | None = None,
    ) -> None:
        self._write = write
        self._max_bytes = max_bytes
        self._gap = gap
        self._waiting: deque[tuple[bytes, int]] = deque()
        self._bytes = 0
        self._unreported = 0  # lost, and no gap was written for them yet
        self._writing = self._closing = False
        self._changed = threading.Condition()
        self.dropped = 0
        """How many were lost since the start, in the unit of `put`'s count."""
        self.failure: Exception | None = None
        """Why the last piece could not be written; None when it was."""
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Bytes that are not written yet, without those of the piece that is being written."""
        return self._bytes

    def put(self, piece: bytes, count: int = 1) -> None:
        """Have `piece` written some time; it is worth `count` lines, entries, or the like."""
        with self._changed:
            self._waiting.append((piece, count))
            self._bytes += len(piece)
            while self._bytes > self._max_bytes and len(self._waiting) > 1:
                oldest, worth = self._waiting.popleft()
                self._bytes -= len(oldest)
                self._count_lost(worth)
            self._changed.notify_all()

    def lose(self, count: int) -> None:
        """Count what was lost before it could be put here."""
        with self._changed:
            self._count_lost(count)
            self._changed.notify_all()

    def drained(self, patience: float) -> bool:
        """Wait until all is written, for at most `patience` seconds; whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not (self._waiting or self._writing), patience)

    def close(self, patience: float = 1.0) -> bool:
        """Wait for what is waiting to be written, for at most `patience` seconds; whether it is."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(patience)
        return not self._thread.is_alive()

    def _count_lost(self, count: int) -> None:
        self.dropped += count
        self._unreported += count

    def _run(self) -> None:
        while (taken := self._take()) is not None:
            piece, count, lost = taken
            failure: Exception | None = None
            try:
                self._write(self._gap(lost) + piece if lost and self._gap else piece)
            except Exception as error:  # noqa: BLE001 - whatever it is, the next may go through
                failure = error
            with self._changed:
                self.failure = failure
                self._writing = False
                if failure is not None:
                    self.dropped += count
                    self._unreported += count + lost
                self._changed.notify_all()

    def _take(self) -> tuple[bytes, int, int] | None:
        """The next piece, what it is worth, and how many lost ones it tells of; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._gap_due() or self._closing)
            if not self._waiting and not self._gap_due():
                return None
            piece, count = self._waiting.popleft() if self._waiting else (b"", 0)
            self._bytes -= len(piece)
            lost, self._unreported = self._unreported, 0
            self._writing = True
        return piece, count, lost

    def _gap_due(self) -> bool:
        """Whether a gap is to be told though nothing follows it; not to whom nothing gets."""
        return bool(self._unreported) and self._gap is not None and self.failure is None
