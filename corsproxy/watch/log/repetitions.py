"""Repetitions: what was told already is counted, and not told again."""

from collections import OrderedDict
from collections.abc import Hashable

MAX_REMEMBERED = 1000


class Repetitions:
    """How often each thing happened. What did not happen for longest is forgotten first.

    Of a key, which may hold as much text as a request, only its hash is kept. Python keys the hash
    of text anew in each run, so that nobody outside can choose two texts that share one.
    """

    def __init__(self, max_keys: int = MAX_REMEMBERED) -> None:
        self._max_keys = max_keys
        self._counts: OrderedDict[int, int] = OrderedDict()

    def count(self, key: Hashable) -> int:
        """Count `key` once more: 1 means that it is new."""
        known = hash(key)
        count = self._counts.pop(known, 0) + 1
        self._counts[known] = count
        if len(self._counts) > self._max_keys:
            self._counts.popitem(last=False)
        return count
