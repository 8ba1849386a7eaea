"""Outcomes: what becomes of a call by the standard, and in each browser of today.

Mostly all agree. Where they do not, the standard is what a server should be made for, and the
browsers are what its users meet: both are told.
"""

from collections.abc import Mapping
from typing import NamedTuple


class InBrowser(NamedTuple):
    """Whether one browser lets the page go on, and if not, why, and what its console calls it.

    `key` is a CorsError of Chromium, a key of Firefox's messages, or words of WebKit's; "" where
    the console says nothing of CORS. `reason` is the id of an entry of `reasons`, and `values` are
    those that its sentence quotes.
    """

    readable: bool
    key: str = ""
    reason: str = ""
    values: Mapping[str, str] = {}


class Outcomes(NamedTuple):
    """`standard` is whether the Fetch standard lets the page go on."""

    standard: bool
    chromium: InBrowser
    firefox: InBrowser
    webkit: InBrowser

    @property
    def blocked(self) -> bool:
        """Whether to call it blocked: the standard and some browser say so, or every browser."""
        found = [browser.readable for browser in self.browsers.values()]
        return not any(found) or not (self.standard or all(found))

    @property
    def browsers(self) -> dict[str, InBrowser]:
        """The browsers by their names."""
        return {"Chromium": self.chromium, "Firefox": self.firefox, "WebKit": self.webkit}

    @property
    def differ(self) -> bool:
        """Whether a browser comes to another end than the standard."""
        return any(found.readable != self.standard for found in self.browsers.values())

    @property
    def sentence(self) -> str:
        """For which browsers it holds; "" where all agree with the standard."""
        if not self.differ:
            return ""
        reading = [name for name, found in self.browsers.items() if found.readable]
        blocking = [name for name, found in self.browsers.items() if not found.readable]
        judged = "allowed" if self.standard else "blocked"
        if not blocking or not reading:
            which = "no" if reading else "every"
            return f"{judged} by the standard; {which} current browser blocks"
        same, other = (reading, blocking) if self.standard else (blocking, reading)
        opposite = "blocked" if self.standard else "readable"
        return f"{judged} by the standard and in {_and(same)}; {opposite} in {_and(other)}"

    @property
    def first_blocking(self) -> InBrowser | None:
        """What blocks in the first browser that blocks."""
        return next((found for found in self.browsers.values() if not found.readable), None)

    @property
    def words(self) -> tuple[tuple[str, str], ...]:
        """What becomes of it by the standard and in each browser: "readable" or "blocked"."""
        found = {name.lower(): one.readable for name, one in self.browsers.items()}
        ends = {"standard": self.standard, **found}
        return tuple((name, "readable" if goes_on else "blocked") for name, goes_on in ends.items())


EVERYWHERE = Outcomes(True, *(InBrowser(True),) * 3)
"""Readable by the standard and in each browser."""


def _and(names: list[str]) -> str:
    return " and ".join(names)
