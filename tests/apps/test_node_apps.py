"""Backends of Node's work at the first try, called by pages with the clients made for them."""

import base64
import json
from pathlib import Path

import pytest

from tests.apps.conftest import Start
from tests.apps.tab import Tab

JSON = {"Content_Type": "application/json"}


async def test_express_keeps_a_session_and_ends_it(tab: Tab, node_app: Start) -> None:
    base = tab.behind(node_app("express"))
    got = await tab.fetch("POST", f"{base}/login", '{"user": "ada"}', **JSON)
    assert (got.status, got.url, got.json) == (200, f"{base}/me", {"user": "ada"})
    assert (await tab.fetch("POST", f"{base}/logout")).status == 204
    assert (await tab.fetch("GET", f"{base}/me")).status == 401
    assert await tab.page.context.cookies() == []


async def test_socketio_of_node_polls_upgrades_and_calls(
    tab: Tab, node_app: Start, node: Path
) -> None:
    base = tab.behind(node_app("engine"))
    tab.bundle(node, "socketio")
    assert await tab.play("socketio", base) == ["polling", "websocket", 6]


async def test_graphql_yoga_defers_and_subscribes_by_events(tab: Tab, node_app: Start) -> None:
    base = tab.behind(node_app("yoga"))
    told = await tab.play("yoga", base)
    assert told == {"renamed": "x", "parts": 3, "price": True, "events": 3}


async def test_graphql_ws_subscribes_over_a_websocket(
    tab: Tab, node_app: Start, node: Path
) -> None:
    base = tab.behind(node_app("yoga"))
    tab.bundle(node, "subscribed")
    told = await tab.play("subscribed", base, "subscription { count(to: 2) }")
    assert told == [{"count": 1}, {"count": 2}]


async def test_apollo_is_asked_by_post_and_by_a_query_in_the_url(tab: Tab, node_app: Start) -> None:
    base = tab.behind(node_app("apollo"))
    asked = json.dumps({"query": '{ hello(name: "ada") }'})
    by_post = await tab.fetch("POST", base, asked, **JSON)
    url = f"{base}/?query=%7B%20hello(name%3A%20%22ada%22)%20%7D"
    by_get = await tab.fetch("GET", url, Apollo_Require_Preflight="true")
    assert by_post.json == by_get.json == {"data": {"hello": "hello ada"}}


async def test_openai_streams_uploads_and_says_why_it_refuses(
    tab: Tab, node_app: Start, node: Path
) -> None:
    base = tab.behind(node_app("openai"))
    tab.bundle(node, "openai")
    assert await tab.play("openai", base) == {
        "words": ["Hello", " from", " lamp"],
        "request_id": "req_1",
        "file": "file-1",
        "refused": [401, "invalid_api_key"],
    }


@pytest.mark.parametrize("protocol", ["connect", "grpc-web"])
async def test_connect_calls_streams_and_fails_in_the_trailer(
    tab: Tab, node_app: Start, node: Path, protocol: str
) -> None:
    base = tab.behind(node_app("connect"))
    tab.bundle(node, "connect")
    assert await tab.play("connect", base, protocol) == ["LAMP", ["b", "a", "d"], "no more"]


async def test_trpc_batches_streams_and_subscribes(tab: Tab, node_app: Start, node: Path) -> None:
    base = tab.behind(node_app("trpc"))
    tab.bundle(node, "trpc")
    told = await tab.play("trpc", base)
    assert told == {"doubled": [2, 4], "halved": 4, "counted": [1, 2, 3]}


async def test_fastify_takes_a_form_and_gives_the_file_back(tab: Tab, node_app: Start) -> None:
    assert await tab.play("form", tab.behind(node_app("fastify"))) == {
        "created": [201, {"size": 200000, "field": "picture"}, "/files/a%20b.txt"],
        "size": 200000,
        "name": 'attachment; filename="of-the-server.txt"',
    }


async def test_hono_streams_lines_and_takes_a_password(tab: Tab, node_app: Start) -> None:
    base = tab.behind(node_app("hono"))
    assert await tab.play("lines", f"{base}/lines") == [f'{{"number":{n}}}\n' for n in (1, 2, 3)]
    basic = base64.b64encode(b"ada:l").decode()
    got = await tab.fetch("GET", f"{base}/secret", Authorization=f"Basic {basic}")
    assert (got.status, got.text) == (200, "in")


async def test_json_server_tells_totals_and_links_in_headers(tab: Tab, node_app: Start) -> None:
    base = tab.behind(node_app("json_server"))
    got = await tab.fetch("GET", f"{base}/items?_page=2&_limit=10")
    assert (len(got.json), got.headers["x-total-count"]) == (10, "25")
    assert f'<{base}/items?_page=3&_limit=10>; rel="next"' in got.headers["link"]
    made = await tab.fetch("POST", f"{base}/items", '{"name": "new"}', **JSON)
    assert (made.status, made.headers["location"]) == (201, f"{base}/items/26")
    assert (await tab.fetch("DELETE", f"{base}/items/26")).status == 200


async def test_mqtt_over_a_websocket_hears_what_it_publishes(
    tab: Tab, node_app: Start, node: Path
) -> None:
    base = tab.behind(node_app("mqtt"))
    tab.bundle(node, "mqtt")
    assert await tab.play("mqtt", base) == ["lamp/on", "yes"]
