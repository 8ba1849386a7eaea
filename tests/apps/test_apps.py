"""Real apps work at the first try, behind `--upstream ... --allow-origin ...` and nothing else."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import trustme

from tests.apps.conftest import App, backend, proxied, unused_port
from tests.apps.page import ORIGIN
from tests.until import listening

BACKENDS = Path(__file__).parent / "backends"
JSON = {"Content_Type": "application/json"}


def client(python: Path, name: str, *arguments: str) -> list[str]:
    """What a client of an app prints; it fails where it fails."""
    command = [str(python), str(BACKENDS / f"{name}_client.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


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
    moto = [str(python), "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(moto, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            listening(port)
            with proxied(f"http://127.0.0.1:{port}") as page:
                (presigned,) = client(python, "s3", page.base)
                assert presigned.startswith(page.base)
                got = page.fetch("GET", presigned)
                assert (got.status, got.content, got.exposes("ETag")) == (200, b"hello", True)
        finally:
            process.kill()


def test_socketio_polls_upgrades_and_calls(app: App, python: Path) -> None:
    page = app("socketio")
    assert client(python, "socketio", page.base, ORIGIN) == ["polling", "websocket", "websocket"]


def test_a_server_of_http_1_0(python: Path) -> None:
    port = unused_port()
    serve = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)]
    with subprocess.Popen(
        serve, cwd=BACKENDS, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            listening(port)
            with proxied(f"http://127.0.0.1:{port}") as page:
                got = page.fetch("GET", "/flask_app.py")
                assert got.content == (BACKENDS / "flask_app.py").read_bytes()
        finally:
            process.kill()


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
