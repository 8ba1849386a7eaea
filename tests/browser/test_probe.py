"""The judge of `corsproxy probe`: Chromium sends the same requests and comes to the same end."""

from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
import pytest_asyncio
from playwright.async_api import Page

from corsproxy.cors import headers as f
from corsproxy.cors.browser.attempt import Attempt
from corsproxy.probe.client import ProbeClient
from corsproxy.probe.judge import Call, judge
from tests.browser.scripted import Asked, Reply, Scripted

FETCH = """([url, options]) => fetch(url, options).then(
    answer => answer.text().then(() => "readable"), () => "blocked")"""

ALLOW = "Access-Control-Allow-Origin"
LISTS = [
    ("Access-Control-Allow-Methods", "PUT"),
    ("Access-Control-Allow-Headers", "x-a,authorization"),
]


class Wire(NamedTuple):
    """What counts of a request on the wire."""

    host: str
    method: str
    path: str
    origin: str | None
    requested: tuple[str | None, str | None]
    authorization: bool


class Play:
    """Three origins: the page's, the API's, and a third one, to which the API redirects."""

    def __init__(self) -> None:
        self.server = Scripted(self.answer)
        self.hosts: dict[int, str] = {}

    async def open(self) -> None:
        for name in ("page", "api", "third"):
            self.hosts[await self.server.listen()] = name

    def origin(self, name: str) -> str:
        return next(f"http://127.0.0.1:{port}" for port, host in self.hosts.items() if host == name)

    def answer(self, asked: Asked) -> Reply:
        """A path says what is answered: /302/third/end redirects there, /bare is not shared."""
        if asked.path == "/page":
            return Reply(200, [("Content-Type", "text/html")], b'<link rel="icon" href="data:,">')
        head, _, rest = asked.path.lstrip("/").partition("/")
        fields = [("Cache-Control", "no-store")]
        if head == "bare":
            head, _, rest = rest.partition("/")
        else:
            fields.append((ALLOW, f.joined(asked.fields, f.ORIGIN) or "*"))
        if asked.preflight and head != "preflight-moved":
            return Reply(204, [*fields, *LISTS])
        if rest:
            fields.append(("Location", self.target(rest)))
        return Reply({"preflight-moved": 307}.get(head) or int(head or 200), fields)

    def target(self, text: str) -> str:
        """Another host's URL where a name stands first, else a path."""
        name, _, rest = text.partition("/")
        if name == "me@third":
            return f"{self.origin('third').replace('//', '//me@')}/{rest}"
        return f"{self.origin(name)}/{rest}" if name in self.hosts.values() else f"/{text}"

    def wire(self) -> list[Wire]:
        """What arrived since the last look."""
        seen = [
            Wire(
                self.hosts[asked.port],
                asked.method,
                asked.path,
                f.joined(asked.fields, f.ORIGIN),
                (
                    f.joined(asked.fields, f.REQUEST_METHOD),
                    f.joined(asked.fields, f.REQUEST_HEADERS),
                ),
                f.joined(asked.fields, "Authorization") is not None,
            )
            for asked in self.server.asked
            if asked.path != "/page"
        ]
        self.server.asked.clear()
        return seen


@pytest_asyncio.fixture(loop_scope="session")
async def play() -> AsyncIterator[Play]:
    play = Play()
    await play.open()
    yield play
    play.server.close()


@pytest.mark.parametrize(
    ("method", "names", "path"),
    [
        pytest.param("GET", "", "/200", id="plain"),
        pytest.param("PUT", "x-a", "/200", id="preflighted"),
        pytest.param("DELETE", "", "/200", id="refused at the preflight"),
        pytest.param("GET", "", "/bare", id="not shared"),
        pytest.param("PUT", "", "/preflight-moved/200", id="a preflight that is redirected"),
        pytest.param("GET", "", "/302/200", id="redirect within the origin"),
        pytest.param("GET", "", "/302/third/200", id="redirect to a third origin"),
        pytest.param("GET", "", "/302/third/302/api/200", id="there and back"),
        pytest.param("GET", "", "/302/page/200", id="redirect to the page's own origin"),
        pytest.param("PUT", "x-a", "/307/200", id="preflighted again after a redirect"),
        pytest.param("PUT", "x-a", "/308/third/200", id="preflighted again on a third origin"),
        pytest.param("GET", "authorization", "/302/third/200", id="authorization stays at home"),
        pytest.param("POST", "", "/301/200", id="POST becomes GET after 301"),
        pytest.param("POST", "", "/302/200", id="POST becomes GET after 302"),
        pytest.param("POST", "", "/307/200", id="POST stays after 307"),
        pytest.param("PUT", "", "/302/200", id="PUT stays after 302"),
        pytest.param("PUT", "", "/303/200", id="PUT becomes GET after 303"),
        pytest.param("GET", "", "/302/me@third/200", id="redirect with a user name"),
        pytest.param("GET", "", "/302", id="redirect without a Location"),
        pytest.param("GET", "", "/302/third/bare", id="redirect to a response that is not shared"),
        pytest.param("GET", "", "/bare/302/200", id="redirect that is not shared"),
    ],
)
async def test_the_probe_does_as_chromium_does(
    page: Page, play: Play, method: str, names: str, path: str
) -> None:
    await page.goto(f"{play.origin('page')}/page")
    fields = dict.fromkeys(names.split(), "1")
    url = f"{play.origin('api')}{path}"
    chromium = await page.evaluate(FETCH, [url, {"method": method, "headers": fields}])
    wire = play.wire()
    attempt = Attempt(play.origin("page"), method, list(fields.items()))
    account = await judge(ProbeClient(), Call(attempt, url))
    sent = play.wire()
    assert (account.outcome, sent[: len(wire)]) == (chromium, wire)
    # What Firefox and WebKit would send beside it, and Chromium does not.
    assert {request.method for request in sent[len(wire) :]} <= {"OPTIONS"}
