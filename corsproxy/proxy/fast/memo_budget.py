"""MemoBudget: what the fast lane remembers of requests and responses, in one budget of bytes.

What the rules say of headers that they have seen is kept (`plan_cache`, `plan`), and a client that
varies its headers has a new entry made by each request. So every entry is charged to one budget,
whichever client, plan or table it belongs to. Once the budget is spent, everything is forgotten at
once. What is still in use is then made anew, at some 0.1 ms for each entry, and a request that
finds its entry pays for no bookkeeping; recency, which a better choice would need, would be kept at
each request.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")

MAX_BYTES = 4 << 20
"""The budget."""

MAX_COST = 16384
"""Of the lines of one entry; with more it is not remembered."""

_LINE_BYTES = 100
"""What one line takes however short it is: objects of 33 bytes and up, in several lists."""

_COPIES = 4
"""How often its bytes are kept: as they came, as they leave, and in the decision's findings."""


class MemoBudget:
    """The budget, and the tables that were charged to it.

    `max_bytes` bounds `used`. `on_forgotten` is called whenever everything was forgotten.
    """

    def __init__(
        self, max_bytes: int = MAX_BYTES, on_forgotten: Callable[[], None] = lambda: None
    ) -> None:
        self.used = 0
        self._max_bytes = max_bytes
        self._on_forgotten = on_forgotten
        self._tables: dict[int, dict[Any, Any]] = {}

    def keep(self, table: dict[K, V], key: K, value: V, size: int) -> None:
        """Put an entry of `size` bytes into `table`, which may lose all others by that."""
        self.charge(size)
        table[key] = value
        self._tables[id(table)] = table

    def charge(self, size: int) -> None:
        """Count `size` bytes that live as long as some entry does."""
        if self.used + size > self._max_bytes:
            self.forget()
        self.used += size

    def forget(self) -> None:
        """Empty every table."""
        for table in self._tables.values():
            table.clear()
        self._tables.clear()
        self.used = 0
        self._on_forgotten()


def cost(lines: Iterable[bytes | None]) -> int:
    """Bytes that these special lines take in a table, with all that is made of them."""
    return sum(_COPIES * len(line or b"") + _LINE_BYTES for line in lines)
