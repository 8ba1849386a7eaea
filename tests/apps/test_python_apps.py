"""Backends of Python's work at the first try, called by pages in Chromium."""

import sqlite3
import sys
from pathlib import Path

from tests.apps.conftest import Behind, Start
from tests.apps.servers import BACKENDS, Backends, client, unused_port
from tests.apps.tab import Tab

JSON = {"Content_Type": "application/json"}
WSGI = """
def app(environ, start_response):
    if environ["PATH_INFO"] == "/many":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return (b"x" * 10000 for _ in range(100))
    size = sum(len(part) for part in iter(lambda: environ["wsgi.input"].read(65536), b""))
    start_response("200 OK", [("Content-Type", "application/json")])
    return [b'{"size": %d}' % size]
"""


async def test_fastapi_redirects_a_path_without_its_slash(tab: Tab, python_app: Start) -> None:
    base = tab.behind(python_app("fastapi"))
    got = await tab.fetch("POST", f"{base}/items", '{"a": "b"}', **JSON)
    assert (got.status, got.json, got.url) == (200, {"a": "b"}, f"{base}/items/")


async def test_fastapi_streams_events_to_who_is_logged_in(tab: Tab, python_app: Start) -> None:
    base = tab.behind(python_app("fastapi"))
    await tab.fetch("POST", f"{base}/session")
    assert await tab.play("events", f"{base}/events", 3) == ["ada 0", "ada 1", "ada 2"]


async def test_flask_logs_in_by_a_cookie_for_its_domain_and_an_absolute_redirect(
    tab: Tab, python_app: Start
) -> None:
    base = tab.behind(python_app("flask"))
    assert (await tab.fetch("GET", f"{base}/me")).status == 401
    got = await tab.fetch("POST", f"{base}/login")
    assert (got.status, got.json, got.url) == (200, {"name": "ada"}, f"{base}/me")


async def test_django_logs_in_with_its_csrf_token(tab: Tab, python_app: Start) -> None:
    base = tab.behind(python_app("django", tab.origin))
    who = '{"username": "admin", "password": "admin"}'
    token = (await tab.fetch("GET", f"{base}/api/")).json["token"]
    assert (await tab.fetch("POST", f"{base}/api/", who, X_CSRFToken="none")).status == 403
    got = await tab.fetch("POST", f"{base}/api/", who, X_CSRFToken=token, **JSON)
    assert got.json == {"name": "admin"}
    assert (await tab.fetch("GET", f"{base}/api/")).json["name"] == "admin"


async def test_django_logs_in_to_its_admin_by_its_form(tab: Tab, python_app: Start) -> None:
    base = tab.behind(python_app("django", tab.origin))
    await tab.page.goto(f"{base}/admin/")
    await tab.page.fill("[name=username]", "admin")
    await tab.page.fill("[name=password]", "admin")
    await tab.page.click("[type=submit]")
    await tab.page.wait_for_url(f"{base}/admin/")
    assert "Site administration" in await tab.page.inner_text("body")


async def test_django_revalidates_and_the_page_still_reads_its_headers(
    tab: Tab, python_app: Start
) -> None:
    base = tab.behind(python_app("django", tab.origin))
    got = [await tab.fetch("GET", f"{base}/items/") for _ in range(2)]
    assert [(of.status, of.headers["x-total-count"]) for of in got] == [(200, "3")] * 2
    tab.programs[0].wait_for(r"GET +/items/ +304")


async def test_socketio_polls_upgrades_and_calls(tab: Tab, python_app: Start, node: Path) -> None:
    base = tab.behind(python_app("socketio"))
    tab.bundle(node, "socketio")
    assert await tab.play("socketio", base) == ["polling", "websocket", 6]
    for transport in ("polling", "websocket"):
        assert await tab.play("socketio", base, [transport]) == [transport, transport, 6]


def test_mcp_initialises_lists_and_calls_its_tools(
    python_app: Start, behind: Behind, python: Path
) -> None:
    base = behind(python_app("mcp"))
    assert client([python, BACKENDS / "mcp_client.py"], f"{base}/mcp") == ["add", "5"]


async def test_a_server_of_http_1_0(tab: Tab, backends: Backends) -> None:
    port = unused_port()
    (backends.folder / "content.txt").write_text("hello")
    serve = (sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port))
    base = tab.behind(backends.command(port, *serve))
    assert (await tab.fetch("GET", f"{base}/content.txt")).text == "hello"


async def test_django_channels_accepts_the_websocket_of_an_allowed_origin(
    tab: Tab, python_app: Start
) -> None:
    base = tab.behind(python_app("channels", tab.origin))
    assert await tab.play("websocket", base, "/", ['"a"']) == ['{"heard": "a"}']


async def test_litestar_takes_a_post_with_the_token_of_its_cookie(
    tab: Tab, python_app: Start
) -> None:
    base = tab.behind(python_app("litestar"))
    assert (await tab.fetch("GET", f"{base}/items")).json == [1, 2]
    (cookie,) = await tab.page.context.cookies(base)
    assert (await tab.fetch("POST", f"{base}/items", "{}", **JSON)).status == 403
    token = {"X_CSRFToken": cookie["value"]}
    assert (await tab.fetch("POST", f"{base}/items", '{"a": "b"}', **token, **JSON)).status == 201
    assert await tab.play("websocket", base, "/ws", ["a"]) == ["heard a"]


async def test_sanic_streams_both_ways(tab: Tab, python_app: Start) -> None:
    base = tab.behind(python_app("sanic"))
    assert await tab.play("upload", base, 30 << 20) == [30 << 20, 1000000]


async def test_quart_takes_a_form_and_redirects(tab: Tab, python_app: Start) -> None:
    base = tab.behind(python_app("quart"))
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    got = await tab.fetch("POST", f"{base}/words", "word=lamp", **form)
    assert (got.json, got.url) == ("lamp", f"{base}/words")


async def test_django_rest_framework_knows_a_token_and_links_its_pages(
    tab: Tab, python_app: Start
) -> None:
    base = tab.behind(python_app("rest"))
    token = {"Authorization": "Token right"}
    assert (await tab.fetch("GET", f"{base}/items/")).status == 401
    got = await tab.fetch("GET", f"{base}/items/", **token)
    assert (got.json["count"], len(got.json["results"])) == (25, 10)
    second = await tab.fetch("GET", got.json["next"], **token)
    assert second.url == f"{base}/items/?limit=10&offset=10"
    assert second.json["results"][0] == 10
    described = await tab.fetch("OPTIONS", f"{base}/items/", **token)
    assert described.headers["allow"] == "GET, DELETE, HEAD, OPTIONS"
    assert (await tab.fetch("DELETE", f"{base}/items/", **token)).status == 204


async def test_datasette_is_read_as_json_with_its_links(
    tab: Tab, backends: Backends, python: Path
) -> None:
    with sqlite3.connect(backends.folder / "things.db") as things:
        things.execute("create table lamps (id integer primary key, name text)")
        things.executemany("insert into lamps (name) values (?)", [("a",)] * 150)
    port = unused_port()
    serve = ("-m", "datasette", "things.db", "--port", str(port))
    base = tab.behind(backends.command(port, python, *serve))
    got = await tab.fetch("GET", f"{base}/things/lamps.json?_shape=array")
    assert len(got.json) == 100
    assert got.headers["link"].startswith(f"<{base}/things/lamps.json?")


async def test_gunicorn_takes_a_large_upload(tab: Tab, backends: Backends, python: Path) -> None:
    port = unused_port()
    (backends.folder / "app.py").write_text(WSGI)
    serve = ("-m", "gunicorn", "app:app", "--bind", f"127.0.0.1:{port}", "--workers", "2")
    base = tab.behind(backends.command(port, python, *serve))
    assert await tab.play("upload", base, 30 << 20) == [30 << 20, 1000000]
