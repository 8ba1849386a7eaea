"""Once: what was told already is counted, and not told again."""

from collections import OrderedDict
from collections.abc import Hashable

MOST_REMEMBERED = 1000


class Once:
    """How often each thing happened. What did not happen for longest is forgotten first."""

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self._most = most
        self._counts: OrderedDict[Hashable, int] = OrderedDict()

    def count(self, key: Hashable) -> int:
        """Count `key` once more: 1 means that it is new."""
        count = self._counts.pop(key, 0) + 1
        self._counts[key] = count
        if len(self._counts) > self._most:
            self._counts.popitem(last=False)
        return count
