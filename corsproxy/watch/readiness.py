"""Readiness: whether new requests should come here, and what became of the last reload.

A reload that failed leaves the old settings in use, and these serve as well as before. So it is
told, and makes the proxy unready only for those who ask for it: otherwise one bad file, mounted in
all replicas, would take all of them out of service at once.
"""

import time
from collections.abc import Awaitable, Callable, Iterable, Sequence

NOT_RELOADED = "the last reload failed and the old settings are in use: the log says why"
STRICT = ("config", "upstream")
"""What can be asked for beside the proxy itself."""


async def _nobody() -> Sequence[str]:
    return ()


class Readiness:
    """`unreachable` gives a sentence for each upstream that takes no connection now."""

    def __init__(self, unreachable: Callable[[], Awaitable[Sequence[str]]] = _nobody) -> None:
        self.unreachable = unreachable
        self.stopping = False
        self.last_reload_good = True
        """True from the start on: without good settings there is none."""
        self.reloaded = time.time()
        """When the settings in use were read."""

    def reload_succeeded(self) -> None:
        """The settings that were read last are in use."""
        self.last_reload_good, self.reloaded = True, time.time()

    async def problems(self, asked: Iterable[str]) -> list[str]:
        """Why no new request should come here, a sentence each; `asked` is some of STRICT."""
        if self.stopping:
            return ["stopping: requests in flight may finish"]
        found = []
        if "config" in asked and not self.last_reload_good:
            found.append(NOT_RELOADED)
        if "upstream" in asked:
            found += await self.unreachable()
        return found

    @property
    def notes(self) -> list[str]:
        """What is worth knowing of a proxy that is ready."""
        return [] if self.last_reload_good else [NOT_RELOADED]
