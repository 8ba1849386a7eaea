"""Entry: one way in which CORS fails, and how it is told."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from corsproxy.cors.escape import printable
from corsproxy.cors.policy_value import is_name, is_origin
from corsproxy.cors.yaml_scalar import as_yaml

_ADDS = re.compile(
    r"(?:add|name) \{(?P<value>\w+)\} (?:to|in) (?P<setting>allow_\w+|expose_headers)"
)
"""A fix that puts a value of the network into a setting."""


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
    webkit: str = ""

    def key(self, browser: str, *, preflight: bool = False) -> str:
        """What the console of `browser` ("chrome", "firefox" or "webkit") calls this."""
        keys = {"chrome": self.chrome, "firefox": self.firefox, "webkit": self.webkit}
        twin = self.twin and preflight and browser == "chrome"
        return f"Preflight{self.chrome}" if twin else keys[browser]

    def explained(self, values: Mapping[str, str], *, preflight: bool = False) -> "ExplainedReason":
        """The entry in words, each value cut, masked and escaped."""
        quoted = {name: printable(value) for name, value in values.items()}
        chrome = self.key("chrome", preflight=preflight)
        text = self.text.format_map(quoted)
        fix = _against_patterns(self.fix, values) or self.fix.format_map(
            quoted | _as_listed(self.fix, values)
        )
        return ExplainedReason(self.id, text, fix, chrome, self.firefox, self.step, self.webkit)


def _against_patterns(fix: str, values: Mapping[str, str]) -> str:
    """The fix where `fix` would add a pattern to a setting; "" where it would not."""
    adds = _ADDS.match(fix)
    if adds is None:
        return ""
    value, setting = values[adds["value"]], adds["setting"]
    if setting == "allow_origins":
        return "" if is_origin(value) else "send one origin, spelled as a browser does"
    if all(map(is_name, value.split(", "))):
        return ""
    return f"use another name: in {setting}, `*` stands for all names"


def _as_listed(fix: str, values: Mapping[str, str]) -> dict[str, str]:
    """The value that `fix` adds to a setting, as the file has to spell it."""
    if (adds := _ADDS.match(fix)) is None:
        return {}
    name = adds["value"]
    return {name: printable(", ".join(map(as_yaml, values[name].split(", "))))}


class ExplainedReason(NamedTuple):
    """An entry of the catalogue with the values at hand: the same words wherever it is shown.

    `holds` says for which browsers it holds; "" where all agree with the standard. `browsers` is
    what becomes of the call by the standard and in each: "readable" or "blocked"; empty for what
    is no browser's verdict.
    """

    id: str
    text: str
    fix: str
    chrome: str = ""
    firefox: str = ""
    step: str = ""
    webkit: str = ""
    holds: str = ""
    browsers: tuple[tuple[str, str], ...] = ()

    @property
    def sentence(self) -> str:
        """The text, and for which browsers it holds."""
        return f"{self.text} ({self.holds})" if self.holds else self.text
