"""A policy learned from the page of a real app lets the same page work, and no other."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest

from corsproxy.cors.browser.hop import Hop, first_hop
from corsproxy.cors.browser.verdict import Attempt, exposed
from tests.program import Program
from tests.until import PATIENCE, listening

BACKENDS = Path(__file__).parent / "backends"
ORIGIN = "http://localhost:5173"
JSON = {"content-type": "application/json"}
ANYWHERE = ("--listen", "127.0.0.1:0")


class Got(NamedTuple):
    """A response as far as the page may read it."""

    status: int
    headers: dict[str, str]
    content: bytes


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Follow nothing: a Hop says what comes next."""


class Tab:
    """A page of ORIGIN with its cookies, which calls as the Fetch standard says, and is judged."""

    def __init__(self, program: Program) -> None:
        self.base = f"http://localhost:{program.port}"
        self.name = f"of-{program.port}"
        """New for each program, as the app remembers."""
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self._with_cookies = urllib.request.build_opener(_Stay, cookies)
        self._without = urllib.request.build_opener(_Stay)

    def fetch(self, method: str, path: str, content: bytes = b"", **headers: str) -> Got:
        """With credentials: preflight, redirects and all; it fails where a browser would block."""
        named = [(name.replace("_", "-"), value) for name, value in headers.items()]
        attempt = Attempt(ORIGIN, method, named, credentials=True)
        hop: Hop | None = first_hop(attempt, path if "://" in path else self.base + path)
        while hop is not None:
            status, fields, body = self._send(hop, content)
            verdict = hop.verdict(status, fields)
            assert verdict.readable, (hop, verdict)
            attempt, hop = hop.attempt, hop.after(verdict, status, fields)
        readable = exposed(attempt, fields).readable
        return Got(status, {k.lower(): v for k, v in fields if k.lower() in readable}, body)

    def _send(self, hop: Hop, content: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        sent = hop.attempt.preflight() if hop.preflight else hop.attempt.actual()
        headers = {"Origin": sent.origin or ""}
        if hop.preflight:
            headers["Access-Control-Request-Method"] = sent.requested_method or ""
            headers |= {"Access-Control-Request-Headers": sent.requested_names or ""}
        else:
            headers |= dict(hop.attempt.sent_headers)
        body = None if hop.preflight or sent.method in ("GET", "HEAD") else content
        request = urllib.request.Request(hop.url, body, headers, method=sent.method)
        opener = self._without if hop.preflight else self._with_cookies
        try:
            with opener.open(request, timeout=30) as got:
                return got.status, got.headers.items(), got.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers.items(), error.read()


Play = Callable[[Tab], None]
"""What the page does, and what it expects."""


@contextmanager
def app(folder: Path, *command: str | Path) -> Iterator[str]:
    """A backend, run in `folder` and told its port in place of PORT; its URL."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    said = [str(part).replace("PORT", str(port)) for part in command]
    quiet: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(said, cwd=folder, start_new_session=True, **quiet) as process:
        try:
            listening(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def learned_from(play: Play, upstream: str, folder: Path) -> str:
    """The policy that is learned from the page; with it, the page works, and a stranger's not."""
    policy = folder / "learned.yaml"
    with Program("learn", "--upstream", upstream, *ANYWHERE, "-o", str(policy)) as learning:
        play(Tab(learning))
        learning.signal("SIGINT")
        assert learning.process.wait(PATIENCE) == 0, learning.output
    with Program("run", "-c", str(policy), *ANYWHERE, "--admin", "off") as proxy:
        tab = Tab(proxy)
        play(tab)
        stranger = urllib.request.Request(tab.base, headers={"Origin": "http://stranger.test"})
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(stranger, timeout=30)
    return policy.read_text("utf-8")


def fastapi(tab: Tab) -> None:
    got = tab.fetch("POST", "/items", b'{"a": "b"}', **JSON)  # 307 to /items/
    assert (got.status, json.loads(got.content)) == (200, {"a": "b"})


def flask(tab: Tab) -> None:
    assert tab.fetch("GET", "/me").status == 401
    got = tab.fetch("POST", "/login")  # 302 to /me, absolute
    assert (got.status, json.loads(got.content)) == (200, {"name": "ada"})


def django(tab: Tab) -> None:
    token = json.loads(tab.fetch("GET", "/api/").content)["token"]
    who = b'{"username": "admin", "password": "admin"}'
    assert tab.fetch("POST", "/api/", who, x_csrftoken=token, **JSON).status == 200
    got = tab.fetch("GET", "/items/")
    assert got.headers["x-total-count"] == "3"
    assert tab.fetch("GET", "/items/", if_none_match=got.headers["etag"]).status == 304


def webdav(tab: Tab) -> None:
    path = f"/{tab.name}.txt"
    assert tab.fetch("PUT", path, b"hello").status == 201
    assert path.encode() in tab.fetch("PROPFIND", "/", depth="1").content
    assert "1,2" in tab.fetch("OPTIONS", "/").headers["dav"]
    for method in ("COPY", "MOVE"):
        to = f"/{method}{tab.name}.txt"
        assert tab.fetch(method, path, destination=tab.base + to).status == 201
        assert tab.fetch("GET", to).content == b"hello"


def socketio(tab: Tab) -> None:
    polling = "/socket.io/?EIO=4&transport=polling"
    sid = json.loads(tab.fetch("GET", polling).content[1:])["sid"]
    for packet, said in ((b"40", b"40{"), (b'420["add",[1,2,3]]', b"430[6]")):
        assert tab.fetch("POST", f"{polling}&sid={sid}", packet).content == b"OK"
        assert tab.fetch("GET", f"{polling}&sid={sid}").content.startswith(said)

    async def upgraded() -> str:
        url = f"{tab.base}/socket.io/?EIO=4&transport=websocket"
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(url, headers={"Origin": ORIGIN}) as opened,
        ):
            return await opened.receive_str(timeout=PATIENCE)

    assert asyncio.run(upgraded()).startswith("0{")


def tus(tab: Tab) -> None:
    version = {"tus_resumable": "1.0.0"}
    made = tab.fetch("POST", "/files", b"", upload_length="5", **version)
    where = made.headers["location"]
    part = {"content_type": "application/offset+octet-stream", "upload_offset": "0"}
    sent = tab.fetch("PATCH", where, b"hello", **part, **version)
    assert (made.status, sent.status, sent.headers["upload-offset"]) == (201, 204, "5")
    assert tab.fetch("HEAD", where, b"", **version).headers["upload-length"] == "5"


@pytest.mark.parametrize(
    ("play", "lines"),
    [
        pytest.param(
            fastapi, ["    - content-type # 2 times: POST /items, POST /items/", "  # Not known: "]
        ),
        pytest.param(flask, ["  allow_credentials: true # asked for once: GET /me"]),
        pytest.param(
            django, ["    - x-csrftoken # once: POST /api/", "    - x-total-count # once: GET"]
        ),
        pytest.param(
            webdav, ["    - PROPFIND # once: PROPFIND /", "    - OPTIONS # once: OPTIONS /"]
        ),
        pytest.param(socketio, ["    - http://localhost:5173 # 6 times: "]),
    ],
    ids=["fastapi", "flask", "django", "webdav", "socketio"],
)
def test_a_page_works_with_what_was_learned_from_it(
    python: Path, tmp_path: Path, play: Play, lines: list[str]
) -> None:
    script = BACKENDS / f"{play.__name__}_app.py"
    arguments = ["PORT", ORIGIN] if play is django else ["PORT"]
    with app(tmp_path, python, script, *arguments) as upstream:
        text = learned_from(play, upstream, tmp_path)
    for line in lines:
        assert f"\n{line}" in text
    assert "    - location" not in text  # of redirects, which the browser follows


def test_a_page_of_tus_works_with_what_was_learned_from_it(node: Path, tmp_path: Path) -> None:
    shutil.copy(BACKENDS / "tus_app.cjs", tmp_path)
    (tmp_path / "node_modules").symlink_to(node)
    with app(tmp_path, "node", "tus_app.cjs", "PORT", "files") as upstream:
        text = learned_from(tus, upstream, tmp_path)
    assert "\n    - PATCH # once: PATCH /files/" in text
    assert "\n    - location # once: POST /files\n" in text
