"""judge: what a browser would do with a live server's responses, request by request.

What is sent, in which order, and what is made of it, is told by `cors.browser`; here it is sent.

The plan: the attempt is walked by the standard first, then by each browser's row. A walk asks for
what comes next only after a verdict, so browsers part where they part on the wire, after a redirect
say; and what two of them send alike is sent once. To judge one walk's responses by four rows would
miss what only some browsers ask, such as a second preflight; to send each walk by itself would
compare answers that a server gave at different times. The account has the standard's steps, and the
end in each browser.
"""

from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from corsproxy.cors import headers as f
from corsproxy.cors.browser.browsers import CHROMIUM, FETCH, FIREFOX, WEBKIT, Browser
from corsproxy.cors.browser.hop import Hop, first_hop
from corsproxy.cors.browser.outcomes import Outcomes
from corsproxy.cors.browser.url import origin_of
from corsproxy.cors.browser.verdict import Attempt, Verdict, stopped_everywhere
from corsproxy.cors.decision import Check
from corsproxy.probe.client import ServerResponse, UnreachableError

_ACCEPT = ("Accept", "*/*")


class Sender(Protocol):
    """What sends a request and brings the head of its response: `client.ProbeClient`."""

    async def send(
        self, method: str, url: str, headers: f.Fields, content: bytes = b""
    ) -> ServerResponse:
        """The head of the response; raises UnreachableError when none comes."""
        ...  # pragma: no cover


class ProbeStep(NamedTuple):
    """One request, its response, and what the attempt's browser makes of it."""

    hop: Hop
    sent: f.Fields
    """Without the page's own headers and the cookie, which may be secret."""
    response: ServerResponse
    verdict: Verdict

    @property
    def preflight(self) -> bool:
        """Whether this is the preflight, not the actual request."""
        return self.hop.preflight

    @property
    def attempt(self) -> Attempt:
        """The attempt, as redirects have left it."""
        return self.hop.attempt

    @property
    def url(self) -> str:
        """Where the request was sent."""
        return self.hop.url

    @property
    def method(self) -> str:
        """The method on the wire."""
        return "OPTIONS" if self.preflight else self.attempt.sent_method

    @property
    def failures(self) -> list[Verdict]:
        """Everything that is wrong with the response, not only what the browser meets first.

        What failed is mended in thought and the response judged again, until nothing fails.
        """
        found, judged = [], self
        while not judged.verdict.readable:
            found.append(judged.verdict)
            mended = judged._mended()
            if mended is None:
                break
            judged = mended
        return found

    def _mended(self) -> "ProbeStep | None":
        """As if the check that failed had passed; None where nothing is judged after it."""
        attempt, status, headers = self.attempt, self.response.status, list(self.response.headers)
        match self.verdict.stopped_at:
            case Check.ORIGIN:
                passing = {f.ALLOW_ORIGIN: attempt.asking_origin, f.ALLOW_CREDENTIALS: "true"}
                lower = [name.lower() for name in passing]
                headers = [pair for pair in headers if pair[0].lower() not in lower]
                headers += passing.items()
            case Check.METHOD if self.verdict.reason != "allow-methods-malformed":
                attempt = attempt._replace(method="GET")
            case None if self.preflight and not self.response.ok and not self.response.malformed:
                status = 204
            case _:
                return None
        hop = self.hop._replace(attempt=attempt)
        response = ServerResponse(status, self.response.reason, headers)
        return self._replace(hop=hop, response=response, verdict=hop.verdict(status, headers))


class Account(NamedTuple):
    """Everything that was sent and answered for one attempt; never empty.

    `steps` are those by the standard, or where no browser keeps to it, those of the browsers.
    `outcomes` are the ends to which the standard and each browser come. `parted` is the last step
    of the first that comes to another end than `outcome`, the standard or a browser.
    """

    attempt: Attempt
    url: str
    steps: tuple[ProbeStep, ...]
    outcomes: Outcomes
    parted: ProbeStep | None = None

    @property
    def verdict(self) -> Verdict:
        """That of the last step: the page reads its response, or the browser stopped there."""
        return self.steps[-1].verdict

    @property
    def outcome(self) -> str:
        """Whether the page reads a response: "readable" or "blocked"."""
        return "blocked" if self.outcomes.blocked else "readable"

    @property
    def preflight(self) -> ProbeStep | None:
        """The last preflight, None where none was due."""
        return next((step for step in reversed(self.steps) if step.preflight), None)

    @property
    def actual(self) -> ProbeStep | None:
        """The last response to the actual request, None where it was never sent."""
        return next((step for step in reversed(self.steps) if not step.preflight), None)


class Call(NamedTuple):
    """An attempt at a URL, with what the browser adds to the page's own headers."""

    attempt: Attempt
    url: str
    cookie: str = ""
    content: bytes = b""


_BROWSERS = (CHROMIUM, FIREFOX, WEBKIT)


async def judge(client: Sender, call: Call) -> Account:
    """The account of `call`; raises UnreachableError where a request gets no response.

    Each browser goes its own way. Where ways meet, the request is sent once; where a browser asks
    what no other does, as Firefox does with a second preflight, this is sent as well.
    """
    wire = _Wire(client, call)
    standard = await wire.walk(FETCH)
    ways = [await _way(wire, browser) for browser in _BROWSERS]
    ends = [
        way[-1].verdict.outcomes.browsers[browser.name]
        for way, browser in zip(ways, _BROWSERS, strict=True)
    ]
    outcomes = Outcomes(standard[-1].verdict.readable, *ends)
    steps = ways[0] if outcomes.standard == outcomes.blocked else standard
    others = (way[-1] for way in (standard, *ways))
    parted = (step for step in others if step.verdict.readable == outcomes.blocked)
    return Account(call.attempt, call.url, tuple(steps), outcomes, next(parted, None))


async def _way(wire: "_Wire", browser: Browser) -> list[ProbeStep]:
    """The steps in `browser`; what gets no response in it alone, it takes for a network error."""
    try:
        return await wire.walk(browser)
    except _UnansweredError as error:
        failure = {"failure": str(error)}
        verdict = stopped_everywhere("response-cut-short", failure, firefox="CORSDidNotSucceed")
        return [ProbeStep(error.hop, (), ServerResponse(0, "", (), malformed=True), verdict)]


class _UnansweredError(UnreachableError):
    """Which request got no response."""

    def __init__(self, hop: Hop, why: str) -> None:
        super().__init__(why)
        self.hop = hop


class _Wire:
    """Sends the requests of one call, each once, whichever browser comes to it."""

    def __init__(self, client: Sender, call: Call) -> None:
        self._client = client
        self._call = call
        self._responses: dict[tuple[object, ...], ServerResponse] = {}

    async def walk(self, browser: Browser) -> list[ProbeStep]:
        """Every request that `browser` sends, in its order."""
        call, steps = self._call, []
        hop: Hop | None = first_hop(call.attempt._replace(browser=browser), call.url)
        while hop is not None:
            step = await self._step(hop)
            steps.append(step)
            status, headers = step.response.status, step.response.headers
            hop = hop.after(step.verdict, status, headers)
        return steps

    async def _step(self, hop: Hop) -> ProbeStep:
        attempt = hop.attempt
        request = attempt.preflight() if hop.preflight else attempt.actual()
        key = (hop.redirects, hop.url, request)
        sent, secret = self._actual(hop)
        if hop.preflight:
            sent, secret = of_a_preflight(attempt), []
        content = self._content(hop)
        try:
            if key not in self._responses:
                self._responses[key] = await self._client.send(
                    request.method, hop.url, [*sent, *secret], content
                )
        except UnreachableError as error:
            raise _UnansweredError(hop, str(error)) from error
        response = self._responses[key]
        verdict = stopped_everywhere("response-malformed")
        if not response.malformed:
            verdict = hop.verdict(response.status, response.headers)
        return ProbeStep(hop, tuple(sent), response, verdict)

    def _actual(self, hop: Hop) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """The headers of the actual request: the browser's, and those that may be secret."""
        attempt, call = hop.attempt, self._call
        sent = of_the_browser(attempt.origin)
        if not hop.crossing and attempt.sent_method in ("GET", "HEAD"):
            sent = sent[1:]  # no Origin: Fetch, "append a request `Origin` header"
        secret = list(attempt.sent_headers)
        if any(name.lower() == "accept" for name, _ in secret):
            sent.remove(_ACCEPT)
        at_home = origin_of(hop.url) == origin_of(call.url)
        if call.cookie and at_home and (attempt.credentials or not hop.crossing):
            secret.append(("Cookie", call.cookie))
        return sent, secret

    def _content(self, hop: Hop) -> bytes:
        same = hop.attempt.sent_method == self._call.attempt.sent_method
        return self._call.content if same and not hop.preflight else b""


def of_a_preflight(attempt: Attempt) -> list[tuple[str, str]]:
    """The headers of the preflight; none of them is secret."""
    asked = attempt.preflight()
    sent = [(f.REQUEST_METHOD, asked.requested_method or "")]
    if asked.requested_names:
        sent.append((f.REQUEST_HEADERS, asked.requested_names))
    return [*sent, *of_the_browser(asked.origin or "")]


def of_the_browser(origin: str) -> list[tuple[str, str]]:
    """What every browser adds. Sec-Fetch-Site is left out: its value needs the page's history."""
    return [
        (f.ORIGIN, origin),
        _ACCEPT,
        ("Sec-Fetch-Mode", "cors"),
        ("Sec-Fetch-Dest", "empty"),
        ("User-Agent", "Mozilla/5.0 (compatible; corsproxy probe)"),
    ]


def url_without_secrets(url: str) -> str:
    """`url` without userinfo and query: both may hold secrets."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
