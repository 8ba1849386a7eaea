"""sightings: what the pages' requests really used, how often and where."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from corsproxy.cors import fetch_standard as fetch
from corsproxy.cors import headers as f
from corsproxy.cors.decision import Kind, Request
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.explain.outcome import credentials_seen
from corsproxy.cors.headers import fields_of
from corsproxy.cors.names import NameRejected, check_method, check_request_name
from corsproxy.cors.origin import OriginPattern, PatternError
from corsproxy.cors.policy_value import is_name
from corsproxy.cors.upstream_differences import names_for_pages

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

    def note(self, place: str, times: int) -> None:
        """Count once more, or as often as said."""
        known = place in self.places or len(self.places) < MAX_VALUES
        self.places[place if known else ELSEWHERE] += times


Seen = dict[str, Sighting]
"""By value, spelled as a policy spells it."""


@dataclass(slots=True)
class Observations:
    """A watcher that keeps what a policy would have to allow."""

    origins: Seen = field(default_factory=dict)
    methods: Seen = field(default_factory=dict)
    names: Seen = field(default_factory=dict)
    exposed: Seen = field(default_factory=dict)
    credentials: Sighting = field(default_factory=Sighting)
    cookies_set: Sighting = field(default_factory=Sighting)
    strange: Seen = field(default_factory=dict)
    """Why a request was not learned, instead of a value."""

    def __call__(self, exchange: Exchange) -> None:
        """Take note of one exchange. What is no CORS request, or was refused, teaches nothing."""
        kind, request = exchange.decision.kind, exchange.decision.request
        if kind not in (Kind.PREFLIGHT, Kind.ACTUAL, Kind.WEBSOCKET):
            return
        preflight = kind is Kind.PREFLIGHT
        method = (request.requested_method if preflight else None) or request.method
        place = f"{method} {exchange.target.partition('?')[0]}"
        if not exchange.decision.granted:
            return
        if mistake := _no_browser_sends(request, method):
            _note(self.strange, mistake, place, 1)
            return
        followed = 0 if preflight else 1
        _note(self.origins, request.origin or "", place, followed)
        if kind is Kind.WEBSOCKET:
            return
        if method not in fetch.SAFELISTED_METHODS and (preflight or method != "OPTIONS"):
            _note(self.methods, method, place, followed)
        if preflight:
            for name in names_of(request):
                _note(self.names, name, place, 1)
        else:
            self._note_answer(exchange, place)

    def _note_answer(self, exchange: Exchange, place: str) -> None:
        """What the request carried, and what the page could read of its response."""
        if credentials_seen(fields_of(exchange.request_head)):
            self.credentials.note(place, 1)
        response = fields_of(exchange.upstream_head)
        if f.values(response, "Set-Cookie"):
            self.cookies_set.note(place, 1)
        names = dict.fromkeys(name.lower() for name, _ in response)
        for name in names_for_pages(list(names)):
            if name not in fetch.SAFELISTED_RESPONSE_NAMES and is_name(name):
                _note(self.exposed, name, place, 1)


def _no_browser_sends(request: Request, method: str) -> str:
    """What keeps the request from being learned; "" where nothing does."""
    if "*" in (method, *names_of(request)):
        # Both are tokens, so a page can send them; learned, they would allow everything.
        return "`*` is asked for as a method or a name, and in a policy it stands for all of them"
    try:
        if not OriginPattern.parse(request.origin or "").exact:
            return "a pattern is sent as Origin, and in a policy it stands for many origins"
        check_method(method)
        for name in names_of(request):
            check_request_name(name)
    except (PatternError, NameRejected) as error:
        return error.message
    return ""


def names_of(request: Request) -> Iterator[str]:
    """The names that a preflight asks for, each once, in lower case."""
    elements = f.elements((request.requested_names or "").lower())
    yield from dict.fromkeys(element for element in elements if element)


def _note(seen: Seen, value: str, place: str, times: int) -> None:
    if value in seen or len(seen) < MAX_VALUES:
        seen.setdefault(value, Sighting()).note(place, times)
