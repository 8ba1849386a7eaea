"""Entry: one way in which CORS fails, and how it is told."""

from collections.abc import Mapping
from typing import NamedTuple

from corsproxy.cors.escape import escaped


class Entry(NamedTuple):
    """`text` and `fix` are templates; the names in braces are the values that they quote.

    `chrome` is the CorsError of the Chrome DevTools protocol, `firefox` the key of its console
    message; both are empty where the browser says nothing. `twin` is whether Chrome knows the same
    error for preflights under a name that begins with Preflight. `step` names the standard.
    """

    id: str
    text: str
    fix: str
    chrome: str = ""
    firefox: str = ""
    step: str = ""
    twin: bool = False

    def told(self, values: Mapping[str, str], *, preflight: bool = False) -> "Told":
        """The entry in words, each value escaped."""
        shown = {name: escaped(value) for name, value in values.items()}
        chrome = f"Preflight{self.chrome}" if self.twin and preflight else self.chrome
        text, fix = self.text.format_map(shown), self.fix.format_map(shown)
        return Told(self.id, text, fix, chrome, self.firefox, self.step)


class Told(NamedTuple):
    """An entry of the catalogue with the values at hand: the same words wherever it is shown."""

    id: str
    text: str
    fix: str
    chrome: str = ""
    firefox: str = ""
    step: str = ""
