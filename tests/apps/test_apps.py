"""Real apps work at the first try, behind `--upstream ... --allow-origin ...` and nothing else."""

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import pytest
import trustme

from tests.apps.conftest import App, backend, proxied, served, unused_port
from tests.apps.page import ORIGIN

BACKENDS = Path(__file__).parent / "backends"
JSON = {"Content_Type": "application/json"}


def client(command: Sequence[str | Path], *arguments: str) -> list[str]:
    """What a client of an app prints; it fails where it fails."""
    whole = [*map(str, command), *arguments]
    done = subprocess.run(whole, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def in_node(packages: Path, folder: Path, *scripts: str) -> Path:
    """Where scripts find their packages: Node looks beside them."""
    for script in scripts:
        shutil.copy(BACKENDS / script, folder)
    (folder / "node_modules").symlink_to(packages)
    return folder


def test_fastapi_redirects_a_path_without_its_slash(app: App) -> None:
    page = app("fastapi")
    got = page.fetch("POST", "/items", b'{"a": "b"}', **JSON)
    assert got.status == 307
    again = page.fetch("POST", got.headers["Location"], b'{"a": "b"}', **JSON)
    assert (again.status, again.json) == (200, {"a": "b"})
    assert got.headers["Location"] == f"{page.base}/items/"


def test_fastapi_streams_events(app: App) -> None:
    got = app("fastapi").fetch("GET", "/events")
    assert got.content == b"data: 0\n\ndata: 1\n\ndata: 2\n\n"


def test_flask_logs_in_by_a_cookie_for_its_domain_and_an_absolute_redirect(app: App) -> None:
    page = app("flask")
    assert page.fetch("GET", "/me").status == 401
    got = page.fetch("POST", "/login", b"")
    assert got.status == 302
    assert page.follow(got).json == {"name": "ada"}


def test_django_logs_in_to_its_admin(app: App) -> None:
    page = app("django", ORIGIN)
    login = page.send("GET", "/admin/").headers["Location"]
    form = page.send("GET", login)
    token = re.search(rb'csrfmiddlewaretoken" value="([^"]+)"', form.content)
    assert token is not None
    content = b"username=admin&password=admin&csrfmiddlewaretoken=" + token[1]
    of_form = {"Content_Type": "application/x-www-form-urlencoded", "Referer": page.base + login}
    got = page.send("POST", login, content, Origin=page.base, **of_form)
    assert (got.status, got.headers["Location"]) == (302, "/admin/")
    assert b"Site administration" in page.send("GET", "/admin/").content


def test_django_takes_a_post_with_its_csrf_token(app: App) -> None:
    page = app("django", ORIGIN)
    token = page.fetch("GET", "/api/").json["token"]
    assert page.fetch("POST", "/api/", b"{}", X_CSRFToken=token, **JSON).json == {"posted": True}
    assert page.fetch("POST", "/api/", b"{}", X_CSRFToken="none", **JSON).status == 403


def test_django_revalidates_and_the_page_still_reads_its_headers(app: App) -> None:
    page = app("django", ORIGIN)
    got = page.fetch("GET", "/items/")
    assert got.exposes("X-Total-Count")
    again = page.fetch("GET", "/items/", If_None_Match=got.headers["ETag"])
    assert again.status == 304
    assert again.headers["Access-Control-Expose-Headers"] is None


def test_webdav_moves_copies_and_locks(app: App) -> None:
    page = app("webdav")
    assert page.fetch("PUT", "/a.txt", b"hello").status == 201
    listing = page.fetch("PROPFIND", "/", Depth="1")
    assert (listing.status, b"a.txt" in listing.content) == (207, True)
    for method, name in (("COPY", "b.txt"), ("MOVE", "c.txt")):
        destination = f"{page.base}/{name}"
        assert page.fetch(method, "/a.txt", Destination=destination).status == 201
        assert page.fetch("GET", f"/{name}").content == b"hello"
    lock = b"""<?xml version="1.0"?><D:lockinfo xmlns:D='DAV:'><D:lockscope><D:exclusive/>
        </D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>"""
    assert page.fetch("LOCK", "/c.txt", lock, Content_Type="text/xml").status == 200


def test_s3_takes_objects_parts_and_presigned_urls(python: Path) -> None:
    port = unused_port()
    moto = (str(python), "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port))
    with served(port, *moto), proxied(f"http://127.0.0.1:{port}") as page:
        (presigned,) = client([python, BACKENDS / "s3_client.py"], page.base)
        assert presigned.startswith(page.base)
        got = page.fetch("GET", presigned)
        assert (got.status, got.content, got.exposes("ETag")) == (200, b"hello", True)


def test_socketio_polls_upgrades_and_calls(app: App, python: Path) -> None:
    page = app("socketio")
    assert client([python, BACKENDS / "socketio_client.py"], page.base, ORIGIN) == [
        "polling",
        "websocket",
        "websocket",
    ]


def test_a_server_of_http_1_0() -> None:
    port = unused_port()
    serve = (sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port))
    with served(port, *serve, folder=BACKENDS), proxied(f"http://127.0.0.1:{port}") as page:
        got = page.fetch("GET", "/flask_app.py")
        assert got.content == (BACKENDS / "flask_app.py").read_bytes()


def test_mcp_initialises_lists_and_calls_its_tools(app: App, python: Path) -> None:
    page = app("mcp")
    assert client([python, BACKENDS / "mcp_client.py"], f"{page.base}/mcp") == ["add", "5"]
    asked = b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}'
    accept = {"Accept": "application/json, text/event-stream", "Content_Type": "application/json"}
    assert page.fetch("POST", "/mcp", asked, Mcp_Session_Id="none", **accept).status in (400, 404)


def test_tus_uploads_in_parts(node: Path, tmp_path: Path) -> None:
    port = unused_port()
    scripts = in_node(node, tmp_path, "tus_app.cjs", "tus_client.cjs")
    with (
        served(port, "node", str(scripts / "tus_app.cjs"), str(port), str(tmp_path / "files")),
        proxied(f"http://127.0.0.1:{port}") as page,
    ):
        of_tus = {"Tus_Resumable": "1.0.0", "Upload_Length": "5"}
        created = page.fetch("POST", "/files", b"", **of_tus)
        assert (created.status, created.exposes("Location")) == (201, True)
        assert created.headers["Location"].startswith(f"{page.base}/files/")
        (url,) = client(["node", scripts / "tus_client.cjs"], page.base, ORIGIN)
        assert url.startswith(f"{page.base}/files/")
        assert page.fetch("HEAD", url, Tus_Resumable="1.0.0").headers["Upload-Offset"] == "300000"


async def test_vite_serves_its_client_and_tells_it_of_changes(node: Path, tmp_path: Path) -> None:
    port = unused_port()
    (tmp_path / "index.html").write_text('<script type="module" src="/main.js"></script>')
    (tmp_path / "main.js").write_text("export const version = 1;")
    (tmp_path / "node_modules").symlink_to(node)
    serve = ("node", "node_modules/vite/bin/vite.js", "--host", "127.0.0.1", "--strictPort")
    with (
        served(port, *serve, "--port", str(port), folder=tmp_path),
        proxied(f"http://127.0.0.1:{port}") as page,
    ):
        assert b"/@vite/client" in page.send("GET", "/", Accept="text/html").content
        script = page.send("GET", "/@vite/client").content.decode()
        token = re.search(r'wsToken = "([^"]+)"', script)
        assert token is not None
        url = f"{page.base.replace('http', 'ws', 1)}/?token={token[1]}"
        own = {"Origin": page.base}
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(url, protocols=["vite-hmr"], headers=own) as socket,
        ):
            assert (await socket.receive_json(timeout=30))["type"] == "connected"
            page.send("GET", "/main.js")
            (tmp_path / "main.js").write_text("export const version = 2;")
            assert (await socket.receive_json(timeout=30))["type"] == "full-reload"


@pytest.fixture
def certified(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate with its key for hypercorn, and the private authority that issued it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "leaf.pem"))
    return tmp_path / "leaf.pem", tmp_path / "ca.pem"


def test_hypercorn_with_a_private_authority_is_told_with_a_fix_that_works(
    python: Path, certified: tuple[Path, Path]
) -> None:
    leaf, ca = certified
    with backend(python, "hypercorn", str(leaf)) as port:
        upstream = f"https://127.0.0.1:{port}"
        with proxied(upstream) as page:
            got = page.fetch("GET", "/")
            assert (got.status, got.json["id"]) == (502, "tls")
            flag = got.json["fix"].split(" ")[0]
            page.program.wait_for(re.escape(f"fix: {flag} FILE"))
        with proxied(upstream, flag, str(ca)) as page:
            assert page.fetch("POST", "/", b"content").content == b"content"
