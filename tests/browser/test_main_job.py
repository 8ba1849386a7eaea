"""The main job in a real browser: what fails without the proxy and succeeds through it."""

import socket
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import ConsoleMessage, Page

from corsproxy.probe.client import ProbeClient
from tests.browser.world import World, proxy

GET = """url => new Promise(settled => $.get(url)
    .done((content, _, answer) => settled({content, status: answer.status}))
    .fail(answer => settled({content: null, status: answer.status})))"""

FETCH = """async ([url, options, names]) => {
    try {
        const answer = await fetch(url, options);
        const fields = Object.fromEntries(names.map(name => [name, answer.headers.get(name)]));
        return {status: answer.status, content: await answer.text(), fields};
    } catch (error) {
        return {error: String(error)};
    }
}"""


class Tab:
    """A page that is open, and what its console said."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.console: list[str] = []
        page.on("console", self._heard)

    def _heard(self, message: ConsoleMessage) -> None:
        self.console.append(message.text)

    async def fetch(
        self, url: str, options: Mapping[str, Any] | None = None, *names: str
    ) -> dict[str, Any]:
        told: dict[str, Any] = await self.page.evaluate(FETCH, [url, options or {}, list(names)])
        return told

    def said(self, words: str) -> bool:
        return any(words in message for message in self.console)


@pytest_asyncio.fixture(loop_scope="session")
async def tab(page: Page, world: World) -> Tab:
    await page.goto(world.page)
    return Tab(page)


@pytest_asyncio.fixture(loop_scope="session")
async def through(world: World) -> AsyncIterator[str]:
    async with proxy("-c", world.policy()) as origin:
        yield origin


async def test_without_cors_jquery_fails_and_the_console_says_why(tab: Tab, world: World) -> None:
    told = await tab.page.evaluate(GET, f"{world.api}/dev/cors")
    assert told == {"content": None, "status": 0}
    assert tab.said("No 'Access-Control-Allow-Origin' header is present")


async def test_through_the_proxy_jquery_succeeds(tab: Tab, world: World) -> None:
    async with proxy("--upstream", world.api, "--allow-origin", world.page) as origin:
        told = await tab.page.evaluate(GET, f"{origin}/dev/cors")
    assert told == {"content": "Hello from CORS!", "status": 200}
    assert tab.console == []


async def test_only_the_fields_of_cors_are_added_to_the_answer(world: World, through: str) -> None:
    sent = [("Origin", world.page)]
    before = await ProbeClient().send("GET", f"{world.api}/dev/cors", sent)
    after = await ProbeClient().send("GET", f"{through}/dev/cors", sent)
    added = [pair for pair in after.headers if pair not in before.headers]
    assert [pair for pair in before.headers if pair not in after.headers] == []
    assert added == [
        ("Vary", "Origin"),
        ("Access-Control-Allow-Origin", world.page),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Expose-Headers", "x-total-count"),
    ]


async def test_a_preflighted_put_with_a_name_of_its_own(tab: Tab, through: str) -> None:
    options = {"method": "PUT", "headers": {"X-A": "1"}, "body": "lamp"}
    told = await tab.fetch(f"{through}/dev/items/1", options)
    assert (told["status"], told["content"]) == (200, '{"item": "1", "stored": "lamp"}')


async def test_a_cookie_is_set_and_sent_with_credentials(tab: Tab, through: str) -> None:
    included = {"credentials": "include"}
    before = await tab.fetch(f"{through}/dev/me", included)
    login = await tab.fetch(f"{through}/dev/login", {"method": "POST", **included})
    after = await tab.fetch(f"{through}/dev/me", included)
    without = await tab.fetch(f"{through}/dev/me")
    assert [told["status"] for told in (before, login, after, without)] == [401, 200, 200, 401]


async def test_a_page_reads_exposed_fields_and_no_others(tab: Tab, through: str) -> None:
    told = await tab.fetch(f"{through}/dev/cors", {}, "X-Total-Count", "X-Internal")
    assert told["fields"] == {"X-Total-Count": "42", "X-Internal": None}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(
            {"method": "PATCH"},
            "Method PATCH is not allowed by Access-Control-Allow-Methods in preflight response.",
            id="method",
        ),
        pytest.param(
            {"headers": {"x-b": "1"}},
            "Request header field x-b is not allowed by Access-Control-Allow-Headers in preflight"
            " response.",
            id="name",
        ),
        pytest.param(
            {"method": "PUT", "headers": {"x-a": "1", "x-c": "1"}},
            "Request header field x-c is not allowed by Access-Control-Allow-Headers",
            id="one name of two",
        ),
    ],
)
async def test_the_console_names_what_was_refused(
    tab: Tab, through: str, options: Mapping[str, Any], words: str
) -> None:
    told = await tab.fetch(f"{through}/dev/items/1", options)
    assert told == {"error": "TypeError: Failed to fetch"}
    assert tab.said(words)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param({}, "No 'Access-Control-Allow-Origin' header is present", id="plain"),
        pytest.param(
            {"method": "PUT"},
            "Response to preflight request doesn't pass access control check: "
            "No 'Access-Control-Allow-Origin' header is present",
            id="preflighted",
        ),
    ],
)
async def test_the_console_names_the_origin_that_was_refused(
    tab: Tab, world: World, through: str, options: Mapping[str, Any], words: str
) -> None:
    await tab.page.goto(world.stranger)
    told = await tab.fetch(f"{through}/dev/items/1", options)
    assert told == {"error": "TypeError: Failed to fetch"}
    assert tab.said(words)
    assert tab.said(f"from origin '{world.stranger}'")


async def test_a_page_reads_that_the_backend_is_down(tab: Tab, world: World) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, and not listening
        upstream = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        async with proxy("-c", world.policy(upstream)) as origin:
            told = await tab.fetch(f"{origin}/dev/cors")
    assert told["status"] == 502
    assert "nothing listens there" in told["content"]


async def test_a_form_post_from_any_origin_is_a_navigation_and_passes(
    tab: Tab, world: World, through: str
) -> None:
    await tab.page.goto(world.stranger)
    await tab.page.set_content(
        f'<form method="post" action="{through}/form"><input name="word" value="hello"></form>'
    )
    async with tab.page.expect_navigation():
        await tab.page.evaluate("document.forms[0].submit()")
    assert await tab.page.inner_text("body") == f"posted hello from {world.stranger}"


WEBSOCKET = """url => new Promise(settled => {
    const socket = new WebSocket(url);
    socket.onopen = () => socket.send("hello");
    socket.onmessage = event => { settled(event.data); socket.close(); };
    socket.onerror = () => settled("refused");
})"""


async def test_a_websocket_of_a_granted_origin_talks_to_the_backend(tab: Tab, through: str) -> None:
    assert await tab.page.evaluate(WEBSOCKET, f"{through}/ws") == "heard hello"


async def test_a_websocket_of_a_refused_origin_is_refused(
    tab: Tab, world: World, through: str
) -> None:
    await tab.page.goto(world.stranger)
    assert await tab.page.evaluate(WEBSOCKET, f"{through}/ws") == "refused"
    assert tab.said("Unexpected response code: 403")


EVENTS = """url => new Promise(settled => {
    const source = new EventSource(url), heard = [];
    source.onmessage = event => heard.push([event.data, performance.now()]);
    source.addEventListener("done", () => { source.close(); settled(heard); });
    source.onerror = () => { source.close(); settled("error"); };
})"""


async def test_events_arrive_one_by_one(tab: Tab, through: str) -> None:
    heard = await tab.page.evaluate(EVENTS, f"{through}/dev/events")
    assert [data for data, _ in heard] == [f"{number} of 5" for number in range(1, 6)]
    times = [time for _, time in heard]
    assert times[-1] - times[0] > 400  # sent 200 ms apart; buffered, they would come together
