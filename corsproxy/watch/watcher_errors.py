"""WatcherErrors: an exception in a watcher costs the one exchange that it met, and nothing else.

Watchers, the tasks that write for them and the look at the policy file are beside the request: an
exception there is a mistake of ours, and must end neither the request nor the program. Each is
counted; it is told once for each place, by type and place only, since the text of an exception
quotes what came from the network.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TypeVar

PACKAGE = Path(__file__).parents[1]
MAX_REPORTED = 100
"""Places of which something is said; the mistakes of a program are not more."""
RESTART_PAUSE = 1.0
"""Seconds until a task that ended by an exception begins anew."""

T = TypeVar("T")


class WatcherErrors:
    """What failed, and how often. `tell` is called with one sentence for each place.

    `counts` is keyed by the name of the watcher alone: what Prometheus wants.
    """

    def __init__(self, tell: Callable[[str], None] = lambda _: None) -> None:
        self.counts: Counter[tuple[str, ...]] = Counter()
        self._tell = tell
        self._reported: set[tuple[str, str]] = set()

    def note(self, watcher: str, error: BaseException) -> None:
        """Count an exception of `watcher`, and tell it where it is new."""
        self.counts[watcher,] += 1
        known = watcher, described(error)
        if known not in self._reported and len(self._reported) < MAX_REPORTED:
            self._reported.add(known)
            self._tell(f"corsproxy: {watcher} failed and goes on: {known[1]} (told once)")

    @contextmanager
    def caught(self, watcher: str) -> Iterator[None]:
        """Let no exception out of the block; a cancellation passes."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - what it is cannot be known: it is a mistake
            self.note(watcher, error)

    def shielded(self, **calls: Callable[[T], None]) -> Callable[[T], None]:
        """One call for all `calls`, named by the watcher: none can harm another, or the caller."""
        pairs = tuple(calls.items())

        def call(what: T) -> None:
            for name, one in pairs:
                try:
                    one(what)
                except Exception as error:  # noqa: BLE001 - as above
                    self.note(name, error)

        return call

    async def supervised(self, watcher: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run until `run` returns or is cancelled; after an exception it begins anew."""
        while True:
            with self.caught(watcher):
                await run()
                return
            await asyncio.sleep(RESTART_PAUSE)


def described(error: BaseException) -> str:
    """The type of `error` and the innermost line of ours that it passed; never its text."""
    reason = f" ({error.strerror})" if isinstance(error, OSError) and error.strerror else ""
    return f"{type(error).__name__}{reason} at {_place(error.__traceback__)}"


def _place(traceback: TracebackType | None) -> str:
    found = "an unknown place"
    ours = False
    while traceback is not None:
        file = Path(traceback.tb_frame.f_code.co_filename)
        if file == Path(__file__):
            pass  # where it was caught
        elif file.is_relative_to(PACKAGE):
            ours = True
            found = f"corsproxy/{file.relative_to(PACKAGE).as_posix()}:{traceback.tb_lineno}"
        elif not ours:
            found = f"{'/'.join(file.parts[-2:])}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return found
