"""What somebody pasted from a browser's console: the reason that it stands for, and what it quotes.

Whoever searches for "blocked by CORS policy" has this text and nothing else. A message is known by
its tell-tale words (`consoles`); the values in it fill the reason's own sentence.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from string import Formatter
from typing import NamedTuple

from corsproxy.cors.reasons.blocked import BLOCKED
from corsproxy.cors.reasons.consoles import CHROME_WORDS, FIREFOX_WORDS
from corsproxy.cors.reasons.entry import Entry, ExplainedReason
from corsproxy.cors.reasons.noticed import NOTICED

MAX_LENGTH = 20_000
"""Characters that are looked at."""

_PREFLIGHT = ("Response to preflight request", "in preflight response", "preflight response")

_QUOTED: Mapping[str, re.Pattern[str]] = {
    "url": re.compile(
        r"(?:[Aa]ccess to \S+ at '|remote resource at |cannot load )(https?://[^\s'\u2019]*[^\s'.\u2019])"
    ),
    "origin": re.compile(r"(?:from origin '|Origin )([a-z][a-z0-9+.-]*://[^\s'\u2019]+|null)"),
    "method": re.compile(r"Method (\S+) is not allowed"),
    "names": re.compile(r"(?:header field |header \u2018)([^\s\u2019]+)\u2019? is not allowed"),
    "got": re.compile(
        r"(?:has a value '|invalid value '|multiple values '|in the response is '"
        r"|does not match \u2018|invalid token \u2018)([^'\u2019]*)"
    ),
    "location": re.compile(r"(?:Redirect location '|redirection to )([^\s']+)"),
    "status": re.compile(r"Status code: ([0-9]{3})"),
}
"""What a message quotes, by the name that the catalogue has for it."""

_FITS: Mapping[str, Callable[[Mapping[str, str]], bool]] = {
    "allow-origin-missing": lambda values: values.get("origin") != "null",
    "opaque-origin-unanswered": lambda values: values.get("origin") == "null",
    "method-in-other-case": lambda values: values.get("method", "").upper() != values.get("method"),
    "authorization-not-covered-by-wildcard": lambda values: (
        values.get("names", "").lower() == "authorization"
    ),
}
"""Whether what is quoted fits the entry, where not every message of its kind does."""


class Pasted(NamedTuple):
    """A message that was recognised."""

    browser: str
    key: str
    """What the browser calls it; WebKit, which has no names, by its words."""
    values: Mapping[str, str]
    """What the message quotes, by its name in the catalogue; "url" is what the page called."""
    preflight: bool
    reasons: tuple[ExplainedReason, ...]
    """What it may stand for, the likeliest first."""


def recognise(text: str) -> Pasted | None:
    """What `text`, of whichever browser, says; None for what no console says of CORS.

    >>> found = recognise("Reason: CORS header \u2018Access-Control-Allow-Origin\u2019 missing")
    >>> found and found.key
    'CORSMissingAllowOrigin'
    """
    text = text[:MAX_LENGTH]
    values = {
        name: found[1] for name, pattern in _QUOTED.items() if (found := pattern.search(text))
    }
    preflight = any(words in text for words in _PREFLIGHT)
    for browser, key, entries in _meant(text):
        fitting = [e for e in entries if e.id not in _FITS or _FITS[e.id](values)]
        told = (entry.explained(_filled(entry, values), preflight=preflight) for entry in fitting)
        return Pasted(browser, key, values, preflight, tuple(told))
    return None


def _meant(text: str) -> Iterator[tuple[str, str, list[Entry]]]:
    """The browser, its name for the message, and the entries of the catalogue; first come first."""
    for browser, attribute, known in (
        ("Chromium", "chrome", CHROME_WORDS),
        ("Firefox", "firefox", FIREFOX_WORDS),
    ):
        for key, words in known.items():
            if words in text:
                yield browser, key, _entries(attribute, key)
    webkit = dict.fromkeys(entry.webkit for entry in (*BLOCKED, *NOTICED) if entry.webkit)
    for words in webkit:
        if words in text:
            yield "WebKit", words, _entries("webkit", words)


def _entries(attribute: str, key: str) -> list[Entry]:
    """Those of what a response says come before those of what else looks like CORS."""
    return [entry for entry in (*BLOCKED, *NOTICED) if getattr(entry, attribute) == key]


def _filled(entry: Entry, values: Mapping[str, str]) -> dict[str, str]:
    """What the entry quotes; dots for what was not in the text."""
    known = dict(values)
    if "method" in known:
        known["upper"] = known["method"].upper()
    templates = Formatter().parse(entry.text + entry.fix)
    return {name: known.get(name, "...") for _, name, _, _ in templates if name}
