import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from corsproxy.config.loading import load_text
from corsproxy.watch.inspector.policy_view import MAX_POLICY_LINES
from corsproxy.watch.inspector.server import MAX_STREAMS
from tests.until import soon
from tests.watch.exchanges import STRANGER, exchange, preflight, refused
from tests.watch.world import World, from_file, world

TEXT = "upstream: http://127.0.0.1:8000\ncors:\n  allow_origins: [http://localhost:5173]\n"
PAGE_FILES = Path(__file__).parents[3] / "corsproxy" / "watch" / "inspector" / "page"


@pytest.fixture
async def admin() -> AsyncIterator[World]:
    async with world() as made:
        yield made


@pytest.fixture
async def with_file(tmp_path: Path) -> AsyncIterator[World]:
    async with world(from_file(tmp_path / "a.yaml", TEXT)) as made:
        yield made


async def told(admin: World, path: str) -> Any:
    return json.loads(await (await admin.get(path)).text())


@pytest.mark.parametrize(
    "name", sorted(path.name for path in PAGE_FILES.iterdir()), ids=lambda name: name
)
async def test_each_file_of_the_page_is_served_as_what_it_is(admin: World, name: str) -> None:
    response = await admin.get(f"/page/{name}")
    kinds = {"html": "text/html", "css": "text/css", "js": "text/javascript"}
    assert response.content_type == kinds.get(name.rpartition(".")[2], "image/svg+xml")
    assert await response.read() == (PAGE_FILES / name).read_bytes()


@pytest.mark.parametrize(
    "path", ["/page/none.js", "/page/..%2fserver.py", "/page/%2e%2e/server.py", "/page/"]
)
async def test_no_other_file_is_served(admin: World, path: str) -> None:
    assert (await admin.get(path)).status == 404


def test_the_page_needs_nothing_from_elsewhere_and_has_no_inline_code() -> None:
    text = "".join(path.read_text() for path in PAGE_FILES.iterdir())
    for forbidden in ("https://", "innerHTML", "insertAdjacent", "outerHTML", "document.write",
                      "eval(", "javascript:", "srcdoc", "@import"):  # fmt: skip
        assert forbidden not in text
    page = (PAGE_FILES / "index.html").read_text()
    assert "style=" not in page
    assert "onclick" not in page
    assert page.count("<script") == page.count('<script type="module" src="/page/')


async def test_exchanges_come_newest_first(admin: World) -> None:
    for number in range(5):
        admin.recent(exchange(target=f"/{number}"))
    found = await told(admin, "/exchanges?limit=2")
    assert found["total"] == 5
    assert [row["target"] for row in found["exchanges"]] == ["/4", "/3"]
    assert len((await told(admin, "/exchanges?limit=x"))["exchanges"]) == 5


async def test_an_exchange_is_told_with_its_partner(admin: World) -> None:
    asked, actual = preflight("PUT"), exchange("PUT")
    admin.recent(asked)
    admin.recent(actual)
    found = await told(admin, f"/exchanges/{actual.id}")
    assert (found["id"], found["partner"]["id"]) == (actual.id, asked.id)


@pytest.mark.parametrize("path", ["/exchanges/none-1", "/allow/none-1"])
async def test_an_exchange_of_long_ago_is_not_found(admin: World, path: str) -> None:
    assert (await admin.get(path)).status == 404


async def test_the_patch_of_a_route_stands_in_it(tmp_path: Path) -> None:
    own = "routes: [{path: /own, cors: {allow_origins: [https://r.example]}}]\n"
    async with world(from_file(tmp_path / "a.yaml", TEXT + own)) as admin:
        route = admin.config.routes[0]
        made = refused()._replace(policy=route.policy, route="/own")
        admin.recent(made)
        patch = (await told(admin, f"/exchanges/{made.id}"))["patch"]
        assert patch.startswith("routes:\n  - path: /own\n    cors:\n")
        tried = await told(admin, f"/explain?origin={STRANGER}&route=/own")
        assert tried["patch"].startswith("routes:\n  - path: /own\n")
        assert (await told(admin, f"/explain?origin={STRANGER}"))["patch"].startswith("cors:\n")


async def test_the_policy_and_what_it_would_say(admin: World) -> None:
    assert "cors:" in (await told(admin, "/policy"))["lines"]
    asked = f"/explain?origin={STRANGER}&method=PUT&name=x-a&name=x-b"
    assert (await told(admin, asked))["outcome"] == "blocked"
    assert (await admin.get("/explain?origin=nonsense")).status == 400


async def test_the_har_can_be_downloaded(admin: World) -> None:
    admin.recent(exchange(fields=[("Cookie", "a=c4n4ry")]))
    response = await admin.get("/har")
    assert response.headers["Content-Disposition"] == 'attachment; filename="corsproxy.har"'
    text = await response.text()
    assert len(json.loads(text)["log"]["entries"]) == 1
    assert "c4n4ry" not in text


async def test_a_stream_too_many_takes_the_place_of_the_oldest(admin: World) -> None:
    streams = [await admin.get("/events") for _ in range(MAX_STREAMS + 3)]
    assert {stream.status for stream in streams} == {200}
    for ended in streams[:3]:
        with pytest.raises(aiohttp.ClientPayloadError):
            await ended.content.read()
    admin.recent(exchange(target="/seen"))
    for stream in streams[3:]:
        assert await stream.content.readuntil(b"/seen")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param(f"/exchanges?limit={'9' * 5000}", 200, id="a number of 5000 digits"),
        pytest.param("/exchanges?limit=-1", 200, id="a negative number"),
        pytest.param("/exchanges?limit=%D9%A1", 200, id="a digit of another script"),
        pytest.param(f"/policy?line={'9' * 5000}", 200, id="a line of 5000 digits"),
        pytest.param("/policy?line=99999999999999", 200, id="a line beyond the end"),
        pytest.param(f"/explain?origin=http://{'a' * 5000}", 400, id="an origin of 5000 bytes"),
        pytest.param("/explain?origin=http://*.a.test", 400, id="a pattern as an origin"),
        pytest.param("/explain?origin=http://a.test&method=%ff%00", 200, id="no UTF-8"),
        pytest.param("/exchanges/%ff", 404, id="an id that is not UTF-8"),
        pytest.param("/page/%ff%00", 404, id="a file that is not UTF-8"),
        pytest.param("/allow/%ff", 404, id="what to allow is not UTF-8"),
    ],
)
async def test_whatever_is_asked_gets_a_response(admin: World, path: str, status: int) -> None:
    admin.recent(exchange())
    url = URL(admin.url + path, encoded=True)
    response = await admin.session.get(url)
    assert response.status == status
    assert response.content_type.endswith("json")
    await response.json(content_type=None)


@pytest.mark.parametrize(
    "identity",
    ["9" * 5000, f"0.{'9' * 5000}", "\u0661", "a.\u0661", "."],
    ids=lambda text: text[:9],
)
async def test_whatever_was_seen_last_a_stream_begins(admin: World, identity: str) -> None:
    stream = await admin.get("/events", **{"Last-Event-ID": identity})
    assert b"event: hello" in await stream.content.readuntil(b"event: hello")


async def test_of_a_large_policy_the_neighbourhood_is_shown(with_file: World) -> None:
    lines = (f"# line {number}\n" for number in range(1, 1_000_000))
    with_file.config = replace(with_file.config, text="".join(lines))
    found = await told(with_file, "/policy?line=500000")
    assert (found["first"], len(found["lines"]), found["cut"]) == (499_000, MAX_POLICY_LINES, True)
    assert found["lines"][1000] == "# line 500000"


async def test_a_stream_brings_what_comes(admin: World) -> None:
    stream = await admin.get("/events")
    assert stream.content_type == "text/event-stream"
    await stream.content.readuntil(b"\n\n")
    assert b"event: hello" in await stream.content.readuntil(b"\n\n")
    admin.recent(exchange(target="/seen"))
    assert b"/seen" in await stream.content.readuntil(b"\n\n")


async def test_a_reader_that_is_stuck_keeps_nobody_waiting(admin: World) -> None:
    assert admin.admin.address
    host, port = str(admin.admin.address).rsplit(":", 1)
    reader, writer = await asyncio.open_connection(host, int(port), limit=1)
    writer.write(f"GET /events HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    await reader.read(1)  # and not another byte
    for number in range(20_000):
        admin.recent(refused(target=f"/{number}{'a' * 500}"))
    assert (await told(admin, "/exchanges?limit=1"))["total"] == 20_000
    writer.transport.abort()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def test_allow_this_shows_the_change_and_writes_it_when_told_to(with_file: World) -> None:
    made = refused()._replace(policy=with_file.config.policy)
    with_file.recent(made)
    source = with_file.config.source
    assert source
    change = await told(with_file, f"/allow/{made.id}")
    assert source.read_text() == TEXT
    assert any(STRANGER in line for sign, line in change["lines"] if sign == "+")

    async def reloads() -> None:
        await soon(lambda: source.read_text() != TEXT)
        read = load_text(source.read_bytes(), str(source), {}, {}).config
        with_file.config = replace(read, admin=with_file.config.admin)

    path = f"{with_file.url}/allow/{made.id}/{change['digest']}"
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(reloads())
        response = await with_file.session.post(path, headers=with_file.trusted)
    assert await response.json() == {"served": True, "next": ""}
    assert STRANGER in source.read_text()


async def test_allow_this_writes_nothing_that_was_not_shown(with_file: World) -> None:
    made = refused()._replace(policy=with_file.config.policy)
    with_file.recent(made)
    path = f"{with_file.url}/allow/{made.id}/{'0' * 64}"
    response = await with_file.session.post(path, headers=with_file.trusted)
    assert response.status == 409
    assert with_file.config.source
    assert with_file.config.source.read_text() == TEXT


async def test_allow_this_says_what_hinders(admin: World) -> None:
    given = {"upstream": "http://127.0.0.1:8000", "cors.allow_origins": ("http://localhost:5173",)}
    admin.config = replace(load_text(None, "", {}, given).config, admin=admin.config.admin)
    made = refused()._replace(policy=admin.config.policy)
    admin.recent(made)
    assert "stands in no file" in (await told(admin, f"/allow/{made.id}"))["why"]
    path = f"{admin.url}/allow/{made.id}/0"
    assert (await admin.session.post(path, headers=admin.trusted)).status == 409
    path = f"{admin.url}/allow/none-1/0"
    assert (await admin.session.post(path, headers=admin.trusted)).status == 404


async def test_what_happens_elsewhere_is_told_of_what_is_kept(admin: World) -> None:
    one = refused()
    admin.recent(one)
    found = await told(admin, f"/exchanges/{one.id}/elsewhere")
    assert found["here"] == "blocked"
    assert "envoy" in [gateway["gateway"] for gateway in found["gateways"]]
    assert (await admin.get("/exchanges/none-1/elsewhere")).status == 404


async def test_the_har_of_one_exchange_has_it_alone_and_masked(admin: World) -> None:
    admin.recent(exchange(target="/other"))
    made = exchange(target="/mine", fields=[("Cookie", "a=hidden")])
    admin.recent(made)
    text = await (await admin.get(f"/har/{made.id}")).text()
    assert [entry["request"]["method"] for entry in json.loads(text)["log"]["entries"]] == ["GET"]
    assert "/mine" in text
    assert "hidden" not in text
    assert (await admin.get("/har/none")).status == 404
