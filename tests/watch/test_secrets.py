"""One canary through every channel by which a secret comes; it must not be seen anywhere."""

import json
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.program import Program, running
from tests.upstreams import Upstream
from tests.wire.messages import Message, Wire, reply

CANARY = "c4n4ry"
POLICY = "cors:\n  allow_origins: [http://localhost:5173]\n  allow_headers: [authorization]\n"
REQUEST = (
    "GET /a?token={0}&api_key={0}&b=%5B{1}%5D HTTP/1.1\r\nHost: localhost\r\n"
    "Origin: {2}\r\nAuthorization: Bearer {0}\r\nProxy-Authorization: Basic {0}\r\n"
    "Cookie: a={0}; b={0}\r\nX-Api-Key: {0}\r\nX-Auth-Token: {0}\r\nX-CSRF-Token: {0}\r\n"
    "Referer: http://u:{0}@h/?access_token={0}#id_token={0}\r\nX-Jwt: eyJhbGciOi.{0}.{0}\r\n"
    "Connection: close\r\n\r\n"
)
"""Ten channels of the request; Set-Cookie and Location of the response make twelve."""
ORIGINS = ("http://localhost:5173", "http://localhost:3000", f"http://u:{CANARY}@localhost:5173")


def leak(wire: Wire, request: Message) -> None:
    wire.read_content(request)
    secret = CANARY.encode()
    lines = (b"Set-Cookie: s=%b; Path=/", b"Location: http://u:%b@h/?code=1", b"X-Session: %b")
    wire.send(reply(b"hello", *(line % secret for line in lines)))


@pytest.fixture
def leaking() -> Iterator[Upstream]:
    upstream = Upstream()
    upstream.script = leak
    yield upstream
    upstream.close()


def ask(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 10) as sock:
        sock.sendall(request)
        return b"".join(iter(lambda: sock.recv(65536), b""))


def asked_at(admin: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{admin}{path}", timeout=10) as reply:
        text: str = reply.read().decode()
        return text


def every_view(program: Program) -> dict[str, str]:
    """All that the admin address tells."""
    views = {path: asked_at(program.admin, path) for path in ("/exchanges", "/metrics", "/har")}
    for row in json.loads(views["/exchanges"])["exchanges"]:
        path = f"/exchanges/{row['id']}"
        views[path] = asked_at(program.admin, path)
    return views


@pytest.mark.parametrize("form", ["pretty", "json"])
def test_a_secret_is_seen_nowhere(leaking: Upstream, tmp_path: Path, form: str) -> None:
    har = tmp_path / "a.har"
    flags = ("--upstream", leaking.url, "--har", str(har), "--log-format", form, "--log-level")
    with running(POLICY, *flags, "debug") as (program, _):
        answers = [
            ask(program.port, REQUEST.format(CANARY, "seen", origin).encode()) for origin in ORIGINS
        ]
        leaking.close()
        answers.append(ask(program.port, REQUEST.format(CANARY, "seen", ORIGINS[0]).encode()))
        statuses = [reply[9:12] for reply in answers]
        assert statuses == [b"200", b"403", b"403", b"502"]
        program.wait_for(r"\b502\b")
        for reply in (answers[1], answers[3]):  # the third quotes what no browser sends
            assert CANARY.encode() not in reply.partition(b"\r\n\r\n")[2]
        views = every_view(program)
        views["log"] = program.output
    views["file"] = har.read_text()
    assert len(views) == 3 + 4 + 2
    for name, text in views.items():
        assert CANARY not in text, name
        assert "seen" in text or name == "/metrics", name


def test_no_header_that_was_set_from_a_variable_is_seen(leaking: Upstream, tmp_path: Path) -> None:
    har, value = tmp_path / "a.har", "acme and sons"
    policy = POLICY + "forward: {request_headers: {set: {X-Tenant: '${TENANT}', X-Note: seen}}}\n"
    flags = ("--upstream", leaking.url, "--har", str(har), "--log-level", "debug")
    with running(policy, *flags, environ={"TENANT": value}) as (program, _):
        for fast in ("", "Expect: 100-continue\r\n"):  # the ordinary lane
            asked = f"GET /seen HTTP/1.1\r\nHost: localhost\r\n{fast}Connection: close\r\n\r\n"
            assert ask(program.port, asked.encode()).endswith(b"hello")
        told = every_view(program)
        told["log"] = program.output
    told["file"] = har.read_text()
    assert [seen.one(b"x-tenant") for seen in leaking.seen] == [value.encode()] * 2
    assert [name for name, text in told.items() if value in text] == []
    assert sum("X-Tenant" in text for text in told.values()) == 2  # the inspector's details
