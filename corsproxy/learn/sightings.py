"""sightings: a value that pages used, how often, and where."""

from collections import Counter
from dataclasses import dataclass, field

MAX_VALUES = 500
"""Distinct values of one kind, and places of one value: whoever sends more is no page."""

ELSEWHERE = "elsewhere"


@dataclass(slots=True)
class Sighting:
    """One value: where it was seen ("PUT /items"), and how often there.

    A count of 0 says that a preflight asked for it, and no request followed.
    """

    places: Counter[str] = field(default_factory=Counter)

    @property
    def times(self) -> int:
        """How often, all places together."""
        return self.places.total()

    def note(self, place: str, times: int = 1) -> None:
        """Count once more, or as often as said."""
        known = place in self.places or len(self.places) < MAX_VALUES
        self.places[place if known else ELSEWHERE] += times

    def seen_at(self, place: str) -> bool:
        """Whether it was seen there, as far as places are told apart."""
        return place in self.places or ELSEWHERE in self.places

    def add(self, other: "Sighting") -> None:
        """Count what `other` has, too."""
        for place, times in other.places.items():
            self.note(place, times)


Seen = dict[str, Sighting]
"""By value, spelled as a policy spells it."""


def note(seen: Seen, value: str, place: str, times: int) -> None:
    """Count `value` in `seen`, unless that is full."""
    if value in seen or len(seen) < MAX_VALUES:
        seen.setdefault(value, Sighting()).note(place, times)


def add(seen: Seen, other: Seen) -> None:
    """Count what `other` has, too."""
    for value, sighting in other.items():
        seen.setdefault(value, Sighting()).add(sighting)
