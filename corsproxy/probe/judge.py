"""judge: what a browser would do with a live server's responses, request by request.

The requests are those of `Attempt`, the verdicts those of `cors.browser.verdict`; here stands only
the order in which a browser sends and judges them (Fetch, "HTTP fetch" and "HTTP-redirect fetch").
"""

from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from corsproxy.cors import fields as f
from corsproxy.cors.browser.redirect import origin_of
from corsproxy.cors.browser.verdict import Attempt, Verdict, follow, on_preflight, on_response
from corsproxy.cors.decision import Check
from corsproxy.probe.client import ServerResponse, UnreachableError

MAX_REDIRECTS = 20
"""Fetch, "HTTP-redirect fetch", step 7."""


_ACCEPT = ("Accept", "*/*")
_MALFORMED = Verdict(False, None, "response-malformed")


class Sender(Protocol):
    """What sends a request and brings the head of its response: `client.Client`."""

    async def send(
        self, method: str, url: str, fields: f.Fields, content: bytes = b""
    ) -> ServerResponse:
        """The head of the response; raises UnreachableError when none comes."""
        ...  # pragma: no cover


class Step(NamedTuple):
    """One request, its response, and what a browser makes of it."""

    preflight: bool
    attempt: Attempt
    url: str
    sent: f.Fields
    """Without the page's own headers and the cookie, which may be secret."""
    response: ServerResponse
    verdict: Verdict

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

    def _mended(self) -> "Step | None":
        """As if the check that failed had passed; None where nothing is judged after it."""
        attempt, status, fields = self.attempt, self.response.status, list(self.response.fields)
        match self.verdict.stopped_at:
            case Check.ORIGIN:
                passing = {f.ALLOW_ORIGIN: attempt.origin, f.ALLOW_CREDENTIALS: "true"}
                lower = [name.lower() for name in passing]
                fields = [pair for pair in fields if pair[0].lower() not in lower]
                fields += passing.items()
            case Check.METHOD if self.verdict.reason != "allow-methods-malformed":
                attempt = attempt._replace(method="GET")
            case None if self.preflight and not self.response.ok and not self.response.malformed:
                status = 204
            case _:
                return None
        judge_again = on_preflight if self.preflight else on_response
        verdict = judge_again(attempt, status, fields)
        response = ServerResponse(status, self.response.reason, fields)
        return self._replace(attempt=attempt, response=response, verdict=verdict)


class Account(NamedTuple):
    """Everything that was sent and answered for one attempt; never empty."""

    attempt: Attempt
    url: str
    steps: tuple[Step, ...]

    @property
    def verdict(self) -> Verdict:
        """That of the last step: the page reads its response, or the browser stopped there."""
        return self.steps[-1].verdict

    @property
    def outcome(self) -> str:
        """Whether the page reads a response: "readable" or "blocked"."""
        return "readable" if self.verdict.readable else "blocked"

    @property
    def preflight(self) -> Step | None:
        """The last preflight, None where none was due."""
        return next((step for step in reversed(self.steps) if step.preflight), None)

    @property
    def actual(self) -> Step | None:
        """The last response to the actual request, None where it was never sent."""
        return next((step for step in reversed(self.steps) if not step.preflight), None)


class Call(NamedTuple):
    """An attempt at a URL, with what the browser adds to the page's own headers."""

    attempt: Attempt
    url: str
    cookie: str = ""
    content: bytes = b""


async def judge(client: Sender, call: Call) -> Account:
    """The account of `call`; raises UnreachableError where a request gets no response."""
    steps: list[Step] = []
    here, crossed = call, False
    for _ in range(MAX_REDIRECTS + 1):
        # Fetch, "main fetch": once cross-origin, the response tainting stays "cors".
        crossed = crossed or origin_of(here.url) != here.attempt.origin
        if crossed and here.attempt.preflight_due:
            steps.append(await _preflight(client, here))
            if not steps[-1].verdict.readable:
                return Account(call.attempt, call.url, tuple(steps))
        steps.append(await _actual(client, here, cors=crossed))
        onward = _onward(here, steps[-1])
        if onward is None:
            return Account(call.attempt, call.url, tuple(steps))
        here = onward
    raise UnreachableError(f"{shown(call.url)} redirects more than {MAX_REDIRECTS} times")


async def _preflight(client: Sender, call: Call) -> Step:
    asked = call.attempt.preflight()
    sent = [(f.REQUEST_METHOD, asked.requested_method or "")]
    if asked.requested_names:
        sent.append((f.REQUEST_HEADERS, asked.requested_names))
    sent += _of_the_browser(call)
    response = await client.send("OPTIONS", call.url, sent)
    verdict = _MALFORMED
    if not response.malformed:
        verdict = on_preflight(call.attempt, response.status, response.fields)
    return Step(True, call.attempt, call.url, tuple(sent), response, verdict)


async def _actual(client: Sender, call: Call, *, cors: bool) -> Step:
    attempt, sent = call.attempt, _of_the_browser(call)
    if not cors and attempt.sent_method in ("GET", "HEAD"):
        sent = sent[1:]  # no Origin: Fetch, "append a request `Origin` header"
    secret = list(attempt.sent_fields)
    if any(name.lower() == "accept" for name, _ in secret):
        sent.remove(_ACCEPT)
    if call.cookie and (attempt.credentials or not cors):
        secret.append(("Cookie", call.cookie))
    response = await client.send(attempt.sent_method, call.url, [*sent, *secret], call.content)
    verdict = on_response(attempt, response.status, response.fields) if cors else Verdict(True)
    if response.malformed:
        verdict = _MALFORMED
    return Step(False, attempt, call.url, tuple(sent), response, verdict)


def _of_the_browser(call: Call) -> list[tuple[str, str]]:
    """What every browser adds. Sec-Fetch-Site is left out: its value needs the page's history."""
    return [
        (f.ORIGIN, call.attempt.origin),
        _ACCEPT,
        ("Sec-Fetch-Mode", "cors"),
        ("Sec-Fetch-Dest", "empty"),
        ("User-Agent", "Mozilla/5.0 (compatible; corsproxy probe)"),
    ]


def _onward(call: Call, step: Step) -> Call | None:
    """The call after a redirect; None where the response is for the page, or it was blocked."""
    if not step.verdict.readable:
        return None
    onward = follow(call.attempt, call.url, step.response.status, step.response.fields)
    if onward is None:
        return None
    attempt, url = onward
    cookie = call.cookie if origin_of(url) == origin_of(call.url) else ""
    content = call.content if attempt.sent_method == call.attempt.sent_method else b""
    return Call(attempt, url, cookie, content)


def shown(url: str) -> str:
    """`url` without userinfo and query: both may hold secrets."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
