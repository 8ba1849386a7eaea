"""The inspector in a real browser: what its user sees, and what an attacker cannot do."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from corsproxy.cors.exchange import Exchange
from corsproxy.cors.names import Names
from corsproxy.limits import RECENT_MAX_EXCHANGES
from tests.browser.payloads import PAYLOADS
from tests.watch.exchanges import PAGE, STRANGER, exchange, failed, preflight, refused
from tests.watch.world import World, from_file, world

TEXT = "upstream: http://127.0.0.1:8000\ncors:\n  allow_origins: [http://localhost:5173]\n"


@pytest_asyncio.fixture(loop_scope="session")
async def admin(tmp_path: Path) -> AsyncIterator[World]:
    async with world(from_file(tmp_path / "a.yaml", TEXT)) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def inspector(admin: World, context: BrowserContext) -> Page:
    """The page, just opened. What goes wrong in it ends up in `page.wrong`."""
    page = await context.new_page()
    await page.goto(admin.url)
    await expect(page.locator("#state")).to_have_text("live")
    return page


def wrong_in(page: Page) -> list[str]:
    """What the page complains about from now on: errors, dialogs, violations of its policy."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(f"error: {error}"))
    page.on("console", lambda message: found.append(f"{message.type}: {message.text}"))

    async def dismiss(dialog: object) -> None:
        found.append(f"dialog: {dialog}")
        await dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", dismiss)
    return found


async def expect_rows(page: Page, *targets: str) -> None:
    """The list shows just these, from the top."""
    await expect(page.locator(".row .target")).to_have_text(list(targets))


async def test_rows_come_as_exchanges_do_the_newest_on_top(admin: World, inspector: Page) -> None:
    await expect(inspector.locator("#empty")).to_contain_text("No request has come yet")
    admin.recent(exchange("GET", "/first"))
    await expect(inspector.locator(".row")).to_have_count(1)
    admin.recent(refused(target="/second"))
    await expect(inspector.locator(".row")).to_have_count(2)
    await expect_rows(inspector, "/second", "/first")
    await expect(inspector.locator("#empty")).to_be_hidden()
    await expect(inspector.locator(".row.blocked .verdict")).to_have_text("refused")


async def test_filters_show_what_passes_all_of_them(admin: World, inspector: Page) -> None:
    admin.recent(exchange("GET", "/api/a"))
    admin.recent(refused(target="/api/b"))
    admin.recent(failed(target="/other"))
    row = inspector.locator(".row")
    await expect(row).to_have_count(3)
    await inspector.get_by_label("Blocked only").check()
    await expect(row).to_have_count(2)
    await inspector.get_by_label("Path contains").fill("/api")
    await expect_rows(inspector, "/api/b")
    await expect(inspector.locator("#count")).to_have_text("1 of 3")
    await inspector.get_by_label("Origin", exact=True).select_option(PAGE)
    await expect(inspector.locator("#empty")).to_contain_text("No exchange passes the filters")
    await inspector.get_by_role("button", name="Show all").click()
    await expect(row).to_have_count(3)
    await inspector.get_by_label("Text anywhere").fill("ORIGIN-not")
    await expect_rows(inspector, "/api/b")


SEARCHES = {
    "api 500": ["/api/a%20b"],
    "status:5xx": ["/gone", "/api/a%20b"],
    "status:>=400 -path:/api": ["/gone"],
    "status:none": [],
    '"a b"': ["/api/a%20b"],
    "-api": ["/gone", "/put"],
    "method:put": ["/put"],
    "header:x-mine": ["/put"],
    "x-mine": ["/put"],
    "-verdict:refused -verdict:failed": ["/put", "/api/plain"],
    "verdict:failed": ["/gone", "/api/a%20b"],
    "origin:localhost kind:actual -header:x-mine -status:200": ["/gone", "/api/a%20b"],
    "http://localhost:5173 plain": ["/api/plain"],
    "status:abc": [],
}


async def test_the_search_has_a_language(admin: World, inspector: Page) -> None:
    admin.recent(exchange(target="/api/plain"))
    admin.recent(exchange(target="/api/a%20b", status=500))
    admin.recent(exchange("PUT", "/put", [("X-Mine", "1")]))
    admin.recent(failed(target="/gone"))
    await expect(inspector.locator(".row")).to_have_count(4)
    for search, targets in SEARCHES.items():
        await inspector.get_by_label("Text anywhere").fill(search)
        await expect_rows(inspector, *targets)


async def test_a_status_of_500_is_not_green(admin: World, inspector: Page) -> None:
    admin.recent(exchange(target="/a", status=503))
    await expect(inspector.locator(".row.failed .status")).to_have_text("503")
    await inspector.locator(".row").click()
    await expect(inspector.locator("#detail .pill.failed")).to_be_visible()
    await expect(inspector.locator("#detail .pill.granted")).to_have_count(0)


async def test_filters_and_order_stand_in_the_address(admin: World, inspector: Page) -> None:
    for target, status, seconds in (("/slow", 404, 3.0), ("/fast", 404, 0.1), ("/good", 200, 9.0)):
        admin.recent(exchange(target=target, status=status, seconds=seconds))
    await expect_rows(inspector, "/good", "/fast", "/slow")
    await inspector.get_by_label("Sort").select_option("slowest")
    await expect_rows(inspector, "/good", "/slow", "/fast")
    await inspector.get_by_label("Status", exact=True).select_option("4xx")
    await inspector.get_by_label("Origin", exact=True).select_option(PAGE)
    await inspector.get_by_label("Text anywhere").fill("-good")
    await expect_rows(inspector, "/slow", "/fast")
    await inspector.reload()
    await expect_rows(inspector, "/slow", "/fast")
    await expect(inspector.get_by_label("Origin", exact=True)).to_have_value(PAGE)
    await inspector.locator(".row").first.click()
    await expect(inspector.locator("#detail h2")).to_contain_text("/slow")
    assert "status=4xx" in inspector.url


async def test_clear_stays_cleared(admin: World, inspector: Page) -> None:
    admin.recent(exchange(target="/before"))
    await expect_rows(inspector, "/before")
    await inspector.get_by_role("button", name="Clear").click()
    await expect_rows(inspector)
    await inspector.reload()
    await expect(inspector.locator("#empty")).to_contain_text("Cleared.")
    admin.recent(exchange(target="/after"))
    await expect_rows(inspector, "/after")
    await inspector.reload()
    await expect_rows(inspector, "/after")
    await inspector.get_by_role("button", name="Clear").click()
    await inspector.get_by_role("button", name="Bring all back").click()
    await expect_rows(inspector, "/after", "/before")


async def test_a_question_mark_shows_the_keys_and_enter_leaves_the_search(
    admin: World, inspector: Page
) -> None:
    admin.recent(exchange(target="/a"))
    await inspector.keyboard.press("?")
    await expect(inspector.locator("dialog")).to_contain_text("status:5xx")
    await inspector.keyboard.press("Escape")
    await expect(inspector.locator("dialog")).to_be_hidden()
    await inspector.keyboard.press("/")
    await inspector.keyboard.type("/a")
    await expect_rows(inspector, "/a")
    await inspector.keyboard.press("Enter")
    await expect(inspector.get_by_role("listbox")).to_be_focused()
    await expect(inspector.locator("#detail h2")).to_contain_text("/a")


async def test_the_verdict_is_a_word_on_a_narrow_screen(admin: World, inspector: Page) -> None:
    await inspector.set_viewport_size({"width": 420, "height": 800})
    admin.recent(refused())
    said = inspector.locator(".row .verdict")
    await expect(said).to_have_text("refused")
    seen = "one => [getComputedStyle(one).color, one.scrollWidth <= one.clientWidth]"
    colour, fits = await said.evaluate(seen)
    assert (colour == "rgba(0, 0, 0, 0)", fits) == (False, True)
    wide = "document.documentElement.scrollWidth <= 420"
    assert await inspector.evaluate(wide)


async def test_everything_can_be_done_by_keyboard(admin: World, inspector: Page) -> None:
    for number in range(60):
        admin.recent(exchange(target=f"/{number}"))
    await expect(inspector.locator("#count")).to_have_text("60")
    listbox = inspector.get_by_role("listbox")
    await listbox.focus()
    selected = inspector.locator('.row[aria-selected="true"] .target')
    for key, target in (("ArrowDown", "/59"), ("ArrowDown", "/58"), ("End", "/0"), ("k", "/1"),
                        ("Home", "/59"), ("j", "/58"), ("PageDown", None)):  # fmt: skip
        await inspector.keyboard.press(key)
        if target:
            await expect(selected).to_have_text(target)
    await expect(selected).not_to_have_text("/58")  # the list is drawn a frame later
    chosen = await selected.inner_text()
    assert await listbox.get_attribute("aria-activedescendant")
    await inspector.keyboard.press("Enter")
    detail = inspector.locator("#detail")
    await expect(detail).to_be_focused()
    await expect(detail.locator("h2")).to_contain_text(chosen)
    await inspector.keyboard.press("Escape")
    await expect(detail).to_be_hidden()
    await expect(listbox).to_be_focused()
    await inspector.keyboard.press("b")
    await expect(inspector.get_by_label("Blocked only")).to_be_checked()
    await inspector.keyboard.press("/")
    await expect(inspector.get_by_label("Text anywhere")).to_be_focused()


async def test_the_scene_shows_both_requests_and_what_became_of_each_field(
    admin: World, inspector: Page
) -> None:
    asked = preflight("PUT", "x-a", target="/a")
    actual = exchange("PUT", "/a", [("X-A", "1")], upstream=[("Access-Control-Allow-Origin", "*")])
    admin.recent(asked)
    admin.recent(actual)
    await inspector.locator(".row").first.click()
    steps = inspector.locator(".step")
    await expect(steps).to_have_count(2)
    await expect(steps.nth(0).locator("h3")).to_contain_text("Preflight")
    await expect(steps.nth(0).locator(".checks .passed")).to_have_count(3)
    stripped = steps.nth(1).locator(".headers .stripped")
    await expect(stripped).to_have_count(1)
    await expect(stripped).to_contain_text("Access-Control-Allow-Origin: *")
    await expect(steps.nth(1).locator(".headers .added").first).to_be_visible()
    await expect(inspector.locator(".mode.granted")).to_have_count(1)
    await expect(inspector.locator(".mode.blocked")).to_contain_text("credentials: 'include'")


async def test_time_and_size_are_told_and_drawn(admin: World, inspector: Page) -> None:
    made = exchange(seconds=0.4)._replace(wait=0.3, request_size=120, response_size=34_567)
    admin.recent(made)
    await inspector.locator(".row").click()
    said = inspector.locator(".times")
    await expect(said).to_contain_text("after 300 ms")
    await expect(said).to_contain_text("after 400 ms")
    await expect(said).to_contain_text("120 bytes in, 34.6 kB out")
    shares = "bar => [...bar.children].map(part => part.offsetWidth / bar.offsetWidth)"
    wait, content = await said.locator(".timing").evaluate(shares)
    assert (wait, content) == (pytest.approx(0.75, abs=0.01), pytest.approx(0.25, abs=0.01))


async def test_one_exchange_can_be_taken_as_har(admin: World, inspector: Page) -> None:
    admin.recent(exchange(target="/other"))
    admin.recent(exchange(target="/mine", fields=[("Cookie", "a=secret")]))
    await inspector.locator(".row").first.click()
    async with inspector.expect_download() as download:
        await inspector.get_by_role("button", name="HAR of this exchange").click()
    text = (await (await download.value).path()).read_text()
    entries = json.loads(text)["log"]["entries"]
    assert [entry["request"]["url"] for entry in entries] == ["http://localhost:8080/mine"]
    assert "secret" not in text


async def test_a_place_leads_to_its_line_in_the_policy(admin: World, inspector: Page) -> None:
    admin.recent(refused()._replace(policy=admin.config.policy))
    await inspector.locator(".row").click()
    await inspector.goto(f"{admin.url}/#/policy/3")
    await expect(inspector.locator(".lines .pointed")).to_have_text(TEXT.splitlines()[2])
    await expect(inspector.locator(".lines li")).to_have_count(3)


async def test_of_a_long_policy_the_place_is_shown_with_its_own_number(
    admin: World, inspector: Page
) -> None:
    text = "".join(f"# line {number}\n" for number in range(1, 9000))
    admin.config = replace(admin.config, text=text)
    await inspector.goto(f"{admin.url}/#/policy/5000")
    await expect(inspector.locator(".lines .pointed")).to_have_text("# line 5000")
    await expect(inspector.locator("#L5000")).to_be_in_viewport()
    await expect(inspector.locator(".lines li")).to_have_count(2000)
    await expect(inspector.locator("#policy")).to_contain_text("The file goes on.")
    number = "getComputedStyle(document.querySelector('#L5000'), '::before').content"
    assert await inspector.evaluate(number) == '"5000"'


@pytest.mark.parametrize(
    ("path", "status"), [("/", 200), ("/har", 403), ("/exchanges", 403), ("/metrics", 403)]
)
async def test_a_link_of_another_page_leads_to_the_page_and_nowhere_else(
    admin: World, stranger: Page, path: str, status: int
) -> None:
    async with stranger.expect_response(admin.url + path) as loaded:
        await stranger.evaluate("(url) => { location = url; }", admin.url + path)
    assert (await loaded.value).status == status


async def test_a_refusal_is_told_in_its_own_words(admin: World, inspector: Page) -> None:
    admin.recent(refused()._replace(policy=admin.config.policy))
    await inspector.locator(".row").click()
    await inspector.get_by_role("button", name="Allow this…").click()
    await expect(inspector.locator("dialog .added")).to_contain_text(STRANGER)
    assert admin.config.source
    admin.config.source.write_text(TEXT + "# changed\n")
    await inspector.get_by_role("button", name="Write it").click()
    await expect(inspector.locator("#toast")).to_have_text(
        "the policy has changed meanwhile: look at the change again"
    )


async def test_a_scene_says_what_other_gateways_would_do(admin: World, inspector: Page) -> None:
    policy = replace(admin.config.policy, allow_headers=Names(any=True), allow_credentials=True)
    asked = [("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Headers", "x-a")]
    admin.recent(exchange("OPTIONS", fields=asked, policy=policy))
    await inspector.locator(".row").click()
    said = inspector.locator(".elsewhere")
    await expect(said.locator("p.differs")).to_contain_text("Blocked elsewhere: ")
    await expect(said.locator("p.differs")).to_contain_text("envoy")
    await said.locator("summary").click()
    await expect(
        said.locator("tr", has=inspector.get_by_role("rowheader", name="caddy", exact=True))
    ).to_contain_text("readable")


async def test_each_console_has_a_line_of_its_own(admin: World, inspector: Page) -> None:
    admin.recent(refused()._replace(policy=admin.config.policy))
    await inspector.locator(".row").click()
    said = await inspector.locator("pre.console").inner_text()
    assert [line.partition(":")[0] for line in said.splitlines()] == ["Chrome", "Firefox", "WebKit"]
    assert "\\x0a" not in await inspector.locator("#detail").inner_text()


async def test_a_call_can_be_tried(inspector: Page) -> None:
    await inspector.get_by_role("link", name="Try it").click()
    await inspector.get_by_label("Method", exact=True).fill("GET")
    await inspector.get_by_role("button", name="Try it").click()
    await expect(inspector.locator(".verdict-sentence")).to_contain_text("Readable")
    await inspector.get_by_label("Origin of the page").fill("http://A.test/")
    await inspector.get_by_role("button", name="Try it").click()
    await expect(inspector.locator(".card .fix")).to_have_text("Fix http://a.test")


async def test_allow_this_writes_the_change_that_it_shows(admin: World, inspector: Page) -> None:
    admin.recent(refused()._replace(policy=admin.config.policy))
    await inspector.locator(".row").click()
    await inspector.get_by_role("button", name="Allow this…").click()
    await expect(inspector.locator("dialog .added")).to_contain_text(STRANGER)
    assert admin.config.source
    assert admin.config.source.read_text() == TEXT
    await inspector.get_by_role("button", name="Write it").click()
    await expect(inspector.locator("#toast")).to_contain_text("Written")
    assert STRANGER in admin.config.source.read_text()


async def test_it_says_when_the_proxy_is_gone(admin: World, inspector: Page) -> None:
    await admin.admin.stop()
    await expect(inspector.locator("#state")).to_have_text("disconnected, trying again")
    await expect(inspector.locator("#empty")).to_contain_text("The proxy does not answer")


async def test_pausing_holds_rows_back(admin: World, inspector: Page) -> None:
    await inspector.get_by_role("button", name="Pause").click()
    admin.recent(exchange())
    await expect(inspector.locator("#count")).to_have_text("0 · 1 waiting")
    await inspector.get_by_role("button", name="Go on").click()
    await expect(inspector.locator(".row")).to_have_count(1)
    await inspector.get_by_role("button", name="Clear").click()
    await expect(inspector.locator(".row")).to_have_count(0)


async def test_ten_thousand_exchanges_do_not_slow_the_page(admin: World, inspector: Page) -> None:
    for number in range(RECENT_MAX_EXCHANGES):
        admin.recent(exchange(target=f"/{number}", started=1.8e9 + number / 100))
    await inspector.reload()
    await expect(inspector.locator("#count")).to_have_text(
        str(RECENT_MAX_EXCHANGES), timeout=20_000
    )
    assert await inspector.locator(".row").count() < 100
    await inspector.get_by_role("listbox").focus()
    assert await inspector.evaluate(USUAL_FRAME) < 100
    await inspector.get_by_label("Text anywhere").fill("/9999")
    await expect_rows(inspector, "/9999")


USUAL_FRAME = """async () => {
  const list = document.getElementById("list");
  const frames = [];
  for (let step = 0; step < 60; step += 1) {
    const before = performance.now();
    list.scrollTop = (step * 7919 * 32) % (10000 * 32);
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    frames.push(performance.now() - before);
  }
  return frames.sort((a, b) => a - b)[frames.length / 2];
}"""


async def test_nothing_of_the_traffic_becomes_part_of_the_page(
    admin: World, inspector: Page
) -> None:
    wrong = wrong_in(inspector)
    made = {payload: laden_with(payload) for payload in PAYLOADS}
    for one in made.values():
        admin.recent(one)
    await expect(inspector.locator(".row").first).to_be_visible()
    for payload, one in made.items():
        await inspector.goto(f"{admin.url}/#/traffic/{one.id}")
        await expect(inspector.locator("#detail .kicker")).to_contain_text(one.id)
        shown = inspector.locator("#detail")
        assert (await shown.inner_text()).count(payload) >= 8, payload
        assert await shown.locator(ALIVE).count() == 0, payload
        chosen = inspector.locator('.row[aria-selected="true"]')
        await expect(chosen).to_have_attribute("data-id", one.id)  # the list is drawn a frame later
        assert payload in await chosen.inner_text(), payload
        assert wrong == [], payload


async def test_nothing_that_is_tried_becomes_part_of_the_page(inspector: Page) -> None:
    wrong = wrong_in(inspector)
    await inspector.get_by_role("link", name="Try it").click()
    for payload in PAYLOADS:
        await inspector.get_by_label("Origin of the page").fill(payload)
        async with inspector.expect_response("**/explain?**"):
            await inspector.get_by_role("button", name="Try it").click()
        await expect(inspector.locator("#try .card")).to_have_count(1)
        assert await inspector.locator("#try").locator(ALIVE).count() == 0, payload
    assert [one for one in wrong if "400 (Bad Request)" not in one] == []  # a mistake's own status


ALIVE = ":is(script, img, iframe, svg, object, embed, style, video, audio, math, base, meta)"


def laden_with(payload: str) -> Exchange:
    """An exchange that has `payload` wherever a client or an upstream could put it."""
    return exchange(
        "GET",
        f"/{payload}?{payload}",
        [("X-A", payload), (payload, "1")],
        origin=payload,
        upstream=[("X-B", payload), (payload, "2")],
    )


ATTACKS = {
    "a simple POST": "fetch(url, {method: 'POST', mode: 'no-cors', credentials: 'include'})",
    "a POST with CORS": "fetch(url, {method: 'POST'})",
    "a POST with a token": "fetch(url, {method: 'POST', headers: {'X-Corsproxy-Token': 'a'}})",
    "a form": """new Promise((resolve) => {
        const form = document.createElement('form');
        Object.assign(form, {method: 'POST', action: url, target: '_blank'});
        document.body.append(form); form.submit(); setTimeout(resolve, 300); })""",
    "a beacon": "navigator.sendBeacon(url, 'a')",
}
READS = {
    "a fetch": "fetch(base + '/exchanges').then((answer) => answer.text())",
    "a stream": """new Promise((resolve, reject) => {
        const source = new EventSource(base + '/events');
        source.addEventListener('hello', (event) => resolve(event.data));
        source.onerror = reject; })""",
    "a script": """new Promise((resolve, reject) => {
        const script = document.createElement('script');
        Object.assign(script, {src: base + '/page/main.js', onload: resolve, onerror: reject});
        document.body.append(script); })""",
    "a frame": """new Promise((resolve, reject) => {
        const frame = document.createElement('iframe'); frame.src = base + '/';
        frame.onload = () => { try { resolve(frame.contentDocument.body.innerText || reject()); }
                               catch (error) { reject(error); } };
        document.body.append(frame); })""",
}


@pytest_asyncio.fixture(loop_scope="session")
async def stranger(admin: World, context: BrowserContext) -> AsyncIterator[Page]:
    """A page of another origin on this very machine."""

    async def response(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        content = b"<!doctype html><body>evil"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(content)}\r\n"
        writer.write(f"{head}Connection: close\r\n\r\n".encode() + content)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(response, "127.0.0.1", 0)
    page = await context.new_page()
    await page.goto(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    yield page
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
async def test_no_other_page_changes_anything(admin: World, stranger: Page, attack: str) -> None:
    made = refused()._replace(policy=admin.config.policy)
    admin.recent(made)
    change = await (await admin.get(f"/allow/{made.id}")).json()
    url = f"{admin.url}/allow/{made.id}/{change['digest']}"
    await stranger.evaluate(f"async (url) => {{ try {{ await {attack}; }} catch {{}} }}", url)
    assert admin.config.source
    assert admin.config.source.read_text() == TEXT


@pytest.mark.parametrize("read", READS.values(), ids=READS)
async def test_no_other_page_reads_anything(admin: World, stranger: Page, read: str) -> None:
    admin.recent(exchange())
    program = f"async (base) => {{ try {{ await {read}; return 'read'; }} catch {{ return ''; }} }}"
    assert await stranger.evaluate(program, admin.url) == ""
