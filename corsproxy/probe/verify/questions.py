"""Questions: the requests that tell whether a server does what a policy says.

Only GET and OPTIONS are asked: a preflight tells whether a PUT would pass, and changes nothing. In
a preflight the names stand as browsers send them, in lower case, sorted and without a blank.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from corsproxy.cors import headers as f
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.cors.browser.url import origin_of
from corsproxy.cors.emulated import Emulation
from corsproxy.cors.fetch_standard import SAFELISTED_METHODS
from corsproxy.cors.policy import Policy
from corsproxy.cors.request import Request
from corsproxy.cors.upstream_differences import UNSAFE_VALUE
from corsproxy.probe.judge import of_a_preflight, of_the_browser
from corsproxy.probe.verify.samples import ANY, Asking, allowed, look_alikes, unknown

UNLISTED_METHOD = "X-VERIFY"
UNLISTED_NAME = "x-corsproxy-verify"
TOGETHER = "together"
_USUAL_METHODS = ("PUT", "PATCH", "DELETE")
_USUAL_NAMES = ("authorization", "content-type", "x-requested-with")


class Topic(StrEnum):
    """What a question, and a difference, is about; the values are stable ids."""

    ORIGIN = "origin"
    CREDENTIALS = "credentials"
    PREFLIGHT = "preflight"
    METHOD = "method"
    NAME = "header-name"
    EXPOSED = "exposed-name"
    MAX_AGE = "max-age"
    VARY = "vary"


class Question(NamedTuple):
    """One request, by which policy its response is to be judged, and what it is to show.

    An attempt with the origin "" stands for a request without Origin.
    """

    topic: Topic
    url: str
    policy: Policy
    attempt: Attempt
    preflight: bool
    subject: str = ""
    about: str = ""
    sent: bool = True

    @property
    def request(self) -> Request:
        """The request as the policy sees it."""
        if not self.attempt.origin:
            return Request("GET")
        return self.attempt.preflight() if self.preflight else self.attempt.actual()

    @property
    def headers(self) -> list[tuple[str, str]]:
        """What goes over the wire."""
        if self.preflight:
            return of_a_preflight(self.attempt)
        headers = of_the_browser(self.attempt.origin)
        return headers if self.attempt.origin else headers[1:]

    @property
    def told(self) -> list[str]:
        """The headers that CORS looks at, as lines."""
        asked = self.request
        pairs = [
            (f.ORIGIN, asked.origin),
            (f.REQUEST_METHOD, asked.requested_method),
            (f.REQUEST_HEADERS, asked.requested_names),
        ]
        return [f"{name}: {value}" for name, value in pairs if value]


class Subject(NamedTuple):
    """A URL of the server, and the policy of its path."""

    url: str
    policy: Policy


class Plan(NamedTuple):
    """What to ask: about `main` everything, about `others` whether errors are shared, too.

    `named` are origins that the user wants to be asked for. `gateway` is what the server is known
    to be, which excuses what that does otherwise than the policy.
    """

    main: Subject
    others: Sequence[Subject] = ()
    named: Sequence[str] = ()
    gateway: Emulation | None = None

    @property
    def homes(self) -> list[str]:
        """Origins that the policy allows, the server's own apart: that is none to CORS."""
        own = origin_of(self.main.url)
        return [origin for origin in allowed(self.main.policy) if origin != own]

    def on_origins(self) -> list[Question]:
        """Who may read: these come first, since all others need an origin that may."""
        listed = [Asking(origin, origin) for origin in self.homes]
        named = [Asking(origin, origin) for origin in self.named]
        nobody = Question(Topic.VARY, *self.main, Attempt(""), False)
        askings = (*listed, *unknown(self.main.policy), *named)
        return [nobody, *_of_each(self.main, askings)]

    def the_rest(self, home: str | None) -> list[Question]:
        """Methods, names and errors, asked by `home`, an allowed origin; then the look-alikes."""
        asked = {question.attempt.origin for question in self.on_origins()}
        inside: list[Question] = []
        if home is not None:
            inside = [*_methods(self.main, home), *_names(self.main, home)]
            inside += [one for other in self.others for one in _errors(other, home)]
        alike = (one for one in look_alikes(self.main.policy) if one.origin not in asked)
        return [*inside, *_of_each(self.main, alike)]

    def questions(self) -> list[Question]:
        """All of them, as far as they are known before a response is."""
        return [*self.on_origins(), *self.the_rest(next(iter(self.homes), None))]


def _of_each(subject: Subject, askings: Iterable[Asking]) -> Iterator[Question]:
    """What is asked for each, once; nothing for the server's own origin."""
    once: dict[str, Asking] = {}
    for asking in askings:
        once.setdefault(asking.origin, asking)
    once.pop(origin_of(subject.url), None)
    for asking in once.values():
        yield from _both(subject, asking)


def _both(subject: Subject, asking: Asking) -> Iterator[Question]:
    """The request and the plainest of all preflights: each has a code path of its own."""
    for preflight in (False, True):
        yield Question(
            Topic.ORIGIN,
            *subject,
            Attempt(asking.origin),
            preflight,
            subject=asking.subject,
            about=asking.about,
            sent=asking.sent,
        )


def _methods(subject: Subject, home: str) -> Iterator[Question]:
    listed = subject.policy.allow_methods.listed
    for method in dict.fromkeys((*listed, *_USUAL_METHODS, UNLISTED_METHOD)):
        covers = ANY if method == UNLISTED_METHOD else method
        attempt = Attempt(home, method)
        if method not in SAFELISTED_METHODS:
            yield Question(Topic.METHOD, *subject, attempt, preflight=True, subject=covers)


def _names(subject: Subject, home: str) -> Iterator[Question]:
    listed = [name.lower() for name in subject.policy.allow_headers.listed]
    for name in dict.fromkeys((*listed, *_USUAL_NAMES, UNLISTED_NAME)):
        covers = ANY if name == UNLISTED_NAME else name
        yield _asks_for(subject, home, [name], covers)
    if len(listed) > 1:
        yield _asks_for(subject, home, listed, TOGETHER)


def _asks_for(subject: Subject, home: str, names: list[str], covers: str) -> Question:
    headers = tuple((name, UNSAFE_VALUE) for name in names)
    return Question(Topic.NAME, *subject, Attempt(home, "GET", headers), True, covers)


def _errors(other: Subject, home: str) -> Iterator[Question]:
    """At another path, which may answer with an error: whether the page can read what is wrong."""
    yield Question(Topic.VARY, *other, Attempt(""), preflight=False)
    stranger = next(unknown(other.policy))
    yield next(_both(other, Asking(home, home)))
    if stranger.origin != home:
        yield next(_both(other, stranger))
