"""Changes of the policy file, noticed by looking at it: also in a container, through bind mounts.

No event of the operating system crosses every mount, and editors and ConfigMaps replace files by
renaming or by turning links. A look at the file four times a second sees them all. It is taken
aside, since a disk that does not respond would stop the loop.
"""

import asyncio
from pathlib import Path

from corsproxy.cli.worker_thread import aside

INTERVAL = 0.25
SETTLING = 0.1
"""Seconds for which a file must stay the same: whoever is still writing it is left to finish."""
GONE = 2.0
"""Seconds after which a file that is not there counts as removed, not as being replaced."""

Look = tuple[int, int, int, int] | None


class Changes:
    """Waits for changes of the file at `path`; None for no file."""

    def __init__(self, path: Path | None) -> None:
        self.watched = path is not None
        """Whether there is a file to look at."""
        self._path = path
        self._seen = self._look()
        self._asked = asyncio.Event()

    def look_now(self) -> None:
        """Let `next` return, changed or not."""
        self._asked.set()

    def follow(self, path: Path) -> None:
        """Look at the file at `path` from now on: `next` returns at once, to have it read."""
        self._path, self.watched = path, True
        self.look_now()

    async def next(self) -> None:
        """Return when the file has changed and is written to its end; at once at `look_now`.

        A file that was removed has changed, once; and again when it is back.
        """
        gone = 0.0
        while not self._asked.is_set() and gone < GONE:
            look = await aside(self._look)
            if look not in (self._seen, None):
                break
            gone = gone + INTERVAL if look != self._seen else 0.0
            timeout = None if self._path is None else INTERVAL
            try:
                async with asyncio.timeout(timeout):
                    await self._asked.wait()
            except TimeoutError:
                continue
        asked = self._asked.is_set()
        self._asked.clear()
        self._seen = await (aside(self._look) if asked else self._settled())

    async def _settled(self) -> Look:
        look = await aside(self._look)
        while True:
            await asyncio.sleep(SETTLING)
            before, look = look, await aside(self._look)
            if look == before:
                return look

    def _look(self) -> Look:
        """What tells one state of the file from another; None where it is not there."""
        if self._path is None:
            return None
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_size, stat.st_ino, stat.st_dev
