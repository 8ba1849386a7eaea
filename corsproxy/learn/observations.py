"""observations: what the pages' requests really used, one record for each policy."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from corsproxy.config.settings import Config
from corsproxy.cors import fetch_standard as fetch
from corsproxy.cors import headers as f
from corsproxy.cors.decision import Kind, Request
from corsproxy.cors.exchange import Exchange
from corsproxy.cors.headers import fields_of
from corsproxy.cors.names import NameRejected, check_method, check_request_name
from corsproxy.cors.origin import OriginPattern, PatternError
from corsproxy.cors.policy_value import is_name
from corsproxy.cors.upstream_differences import names_for_pages
from corsproxy.learn.credentials import Credentials
from corsproxy.learn.sightings import Seen, Sighting, add, note

REDIRECTS = frozenset({301, 302, 303, 307, 308})
"""Fetch, "redirect status": https://fetch.spec.whatwg.org/#redirect-status"""

READ_BY_CLIENTS = frozenset({"accept-ranges", "content-encoding", "www-authenticate"})
"""Meant for browsers, and read by pages all the same: PDF viewers, clients of OAuth."""


@dataclass(slots=True)
class Observations:
    """What one policy would have to allow."""

    origins: Seen = field(default_factory=dict)
    methods: Seen = field(default_factory=dict)
    names: Seen = field(default_factory=dict)
    exposed: Seen = field(default_factory=dict)
    credentials: Credentials = field(default_factory=Credentials)
    strange: Seen = field(default_factory=dict)
    """Why a request was not learned, instead of a value."""
    unasked: Sighting = field(default_factory=Sighting)
    """Requests that need a preflight, and came without: the browser had kept an earlier one's
    response, and which names it asked for was not seen."""

    def __call__(self, exchange: Exchange) -> None:
        """Take note of one exchange. What is no CORS request, or was refused, teaches nothing."""
        kind, request = exchange.decision.kind, exchange.decision.request
        if kind not in (Kind.PREFLIGHT, Kind.ACTUAL, Kind.WEBSOCKET):
            return
        if not exchange.decision.granted:
            return
        method = _method(kind, request)
        place = f"{method} {exchange.target.partition('?')[0]}"
        if mistake := _no_browser_sends(request, method):
            note(self.strange, mistake, place, 1)
            return
        note(self.origins, request.origin or "", place, 0 if kind is Kind.PREFLIGHT else 1)
        if kind is Kind.PREFLIGHT:
            self._note_preflight(request, method, place)
        elif kind is Kind.ACTUAL:
            self._note_request(exchange, method, place)

    def _note_preflight(self, request: Request, method: str, place: str) -> None:
        if method not in fetch.SAFELISTED_METHODS:
            note(self.methods, method, place, 0)
        for name in names_of(request):
            note(self.names, name, place, 1)
        self.credentials.note_preflight(place)

    def _note_request(self, exchange: Exchange, method: str, place: str) -> None:
        """What an actual request used, a bare OPTIONS among them, and what its page could read.

        A page of mode "no-cors" may send its request, and reads nothing, so nothing is asked for.
        """
        if method not in fetch.SAFELISTED_METHODS:
            known = self.methods.get(method)
            preflighted = known is not None and known.seen_at(place)
            if not preflighted and method != "OPTIONS":  # which tools send, too
                self.unasked.note(place)
            note(self.methods, method, place, 1)
        request, response = fields_of(exchange.request_head), fields_of(exchange.response_head)
        if f.joined(request, "Sec-Fetch-Mode") == "no-cors":
            return
        asked = self.names.get("authorization")
        self.credentials.note(request, response, place, authorization=asked)
        if exchange.upstream_head and not _followed(exchange.status, response):
            for name in readable_names(response):
                note(self.exposed, name, place, 1)

    def add(self, other: "Observations") -> None:
        """Take in what was seen under another policy, for one that serves both."""
        add(self.origins, other.origins)
        add(self.methods, other.methods)
        add(self.names, other.names)
        add(self.exposed, other.exposed)
        self.credentials.add(other.credentials)


class SeenByRoute:
    """A watcher with the Observations of each route, in the order of `config.routes`.

    An exchange tells its route by its policy, which is an object of that route's own.
    """

    def __init__(self, config: Config) -> None:
        self.routes = [Observations() for _ in config.routes]
        policies = (id(route.policy) for route in config.routes)
        self._by_policy = dict(zip(policies, self.routes, strict=True))

    def __call__(self, exchange: Exchange) -> None:
        """Take note of one exchange."""
        self._by_policy[id(exchange.policy)](exchange)


def readable_names(response: f.Fields) -> Iterator[str]:
    """The names that a page reads only where they are exposed, and may want to, each once."""
    names = dict.fromkeys(name.lower() for name, _ in response)
    wanted = {*names_for_pages(names), *READ_BY_CLIENTS} - fetch.SAFELISTED_RESPONSE_NAMES
    return (name for name in names if name in wanted and is_name(name))


def names_of(request: Request) -> Iterator[str]:
    """The names that a preflight asks for, each once, in lower case."""
    elements = f.elements((request.requested_names or "").lower())
    yield from dict.fromkeys(element for element in elements if element)


def _method(kind: Kind, request: Request) -> str:
    """The method that the page uses."""
    return (request.requested_method if kind is Kind.PREFLIGHT else None) or request.method


def _followed(status: int, response: f.Fields) -> bool:
    """Whether the browser goes on to another response, and the page sees nothing of this one.

    Fetch, "HTTP-redirect fetch": without a Location, a redirect is a response like any other.
    """
    return status in REDIRECTS and bool(f.values(response, "Location"))


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
