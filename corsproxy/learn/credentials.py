"""credentials: whether pages asked for them, as far as a server can know.

The mode is the browser's secret. What is sent under "include" only shows it: a cookie, a password
that no page has set, Sec-Fetch-Storage-Access. Chromium and Firefox send the last of these with
every such request to another site, so that there its absence shows that the mode was another.
Within one site (localhost and localhost), and in Safari, a request without a cookie shows nothing.
https://privacycg.github.io/storage-access-headers/
"""

import re
from dataclasses import dataclass, field

from corsproxy.cors import headers as f
from corsproxy.cors.explain.outcome import credentials_seen
from corsproxy.cors.numbers import number
from corsproxy.learn.sightings import Sighting

_CHROMIUM = re.compile(r'"Chromium";\s?v="([0-9]{1,4})"')
_FIREFOX = re.compile(r" Firefox/([0-9]{1,4})\.")
FIRST_CHROMIUM, FIRST_FIREFOX = 133, 147
"""The first that tell of storage access."""


@dataclass(slots=True)
class Credentials:
    """Requests with credentials, without them, and those that do not show it.

    A preflight never shows it. It counts as not known, with 0, until its request has come.
    """

    used: Sighting = field(default_factory=Sighting)
    unused: Sighting = field(default_factory=Sighting)
    unknown: Sighting = field(default_factory=Sighting)
    cookies_set: Sighting = field(default_factory=Sighting)
    """Responses with a Set-Cookie, which a browser keeps under "include" only."""

    @property
    def needed(self) -> bool | None:
        """Whether the pages need them allowed; None where that is not known."""
        if self.used.times:
            return True
        return None if self.unknown.places else False

    def note(
        self, request: f.Fields, response: f.Fields, place: str, *, authorization: Sighting | None
    ) -> None:
        """Take note of a request; from where `authorization` was asked for, a page has set it."""
        if credentials_seen(request) or _password(request, place, authorization):
            found = self.used
        elif _would_tell(request):
            found = self.unused
        else:
            found = self.unknown
        found.note(place)
        if self.unknown.places.get(place) == 0:
            del self.unknown.places[place]
        if f.values(response, "Set-Cookie"):
            self.cookies_set.note(place)

    def note_preflight(self, place: str) -> None:
        """Take note of a preflight for a request to `place`."""
        if place not in self.used.places and place not in self.unused.places:
            self.unknown.note(place, 0)

    def add(self, other: "Credentials") -> None:
        """Take in what was seen under another policy."""
        self.used.add(other.used)
        self.unused.add(other.unused)
        self.unknown.add(other.unknown)
        self.cookies_set.add(other.cookies_set)


def _password(request: f.Fields, place: str, authorization: Sighting | None) -> bool:
    """Whether the browser itself has put in what it keeps for HTTP authentication."""
    by_page = authorization is not None and authorization.seen_at(place)
    return not by_page and f.joined(request, "Authorization") is not None


def _would_tell(request: f.Fields) -> bool:
    """Whether the mode "include" would have shown itself."""
    if f.joined(request, "Sec-Fetch-Site") != "cross-site":
        return False
    chromium = _version(_CHROMIUM, f.joined(request, "Sec-CH-UA"))
    firefox = _version(_FIREFOX, f.joined(request, "User-Agent"))
    return chromium >= FIRST_CHROMIUM or firefox >= FIRST_FIREFOX


def _version(browser: re.Pattern[str], said: str | None) -> int:
    """The version that a browser names; 0 where it is another's."""
    found = browser.search(said or "")
    return (number(found[1], 9999) or 0) if found else 0
