"""Sweeper: looks at every connection of a kind now and then, so that none needs its own timers."""

import asyncio
from collections.abc import Callable, Collection
from typing import Generic, TypeVar

T = TypeVar("T")


class Sweeper(Generic[T]):
    """Calls `look` with each of `things` every `tick` seconds, as long as there are any.

    `first` is called before them. Where one call raises, the loop's exception handler gets it and
    the others are made all the same.
    """

    def __init__(
        self,
        tick: float,
        things: Collection[T],
        look: Callable[[T], object],
        first: Callable[[], object] = lambda: None,
    ) -> None:
        self._tick = tick
        self._things = things
        self._look = look
        self._first = first
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """There is something to look at; may be said at any time."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._tick, self._sweep)

    def _sweep(self) -> None:
        self._call(self._first)
        for thing in tuple(self._things):
            self._call(self._look, thing)
        self._timer = None
        if self._things:
            self.start()

    def _call(self, what: Callable[..., object], *about: T) -> None:
        try:
            what(*about)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are looked at
            context = {"message": "a connection could not be looked after", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)
