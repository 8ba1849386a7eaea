"""Forty secrets, each in a place of its own; every output of the program is searched for each."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.program import running
from tests.upstreams import Upstream
from tests.watch.test_secrets import ask, every_view
from tests.wire.messages import Message, Wire, reply

ORIGIN = "http://localhost:5173"
POLICY = f"cors:\n  allow_origins: [{ORIGIN}]\n"
FIELDS = """Authorization Proxy-Authorization X-Auth-Key Ocp-Apim-Subscription-Key X-Functions-Key
DD-APPLICATION-KEY X-Master-Key X-Passphrase X-Otp X-Api-Key X-CSRF-Token X-Session-Id
x-amz-server-side-encryption-customer-key X-Hub-Signature-256 X-Vault-Token Cookie"""
KEYS = """pass pw passphrase subscription-key code_verifier SAMLResponse ticket auth_key PHPSESSID
token api_key sig %74oken user[password]"""
PLACES = (
    *FIELDS.split(),
    *KEYS.split(),
    *("nested", "nested-twice", "json", "referer-userinfo", "referer-fragment", "path", "jwt"),
    *("origin", "host", "connect", "protocol", "location", "set-cookie", "bad-set-cookie"),
    *("cookie-no-colon", "form", "json-content", "random-content"),
)
SECRETS = {place: f"Zq{number:02}wXk9{number:02}s7Lp3Vd5" for number, place in enumerate(PLACES)}
S = SECRETS


def head(start: str, *lines: str, host: str = "localhost", origin: str = ORIGIN) -> bytes:
    fields = (f"Host: {host}", f"Origin: {origin}", *lines, "Connection: close")
    return "\r\n".join((start, *fields, "", "")).encode()


def everything() -> bytes:
    """One request with a secret in each field, and each way to hide one in a target."""
    pairs = [f"{key}={S[key]}" for key in KEYS.split()]
    once = quote(f"https://x/?token={S['nested']}", safe="")
    twice = quote(quote(f"https://u:{S['nested-twice']}@x/", safe=""), safe="")
    inside = quote(json.dumps({"token": S["json"]}), safe="")
    target = f"/seen/reset/{S['path']}?{'&'.join(pairs)}&next={once}&to={twice}&q={inside}"
    lines = [f"{name}: {S[name]}" for name in FIELDS.split()[2:-1]]
    lines += [f"Authorization: Bearer {S['Authorization']}", f"Cookie: a=1; b={S['Cookie']}"]
    lines += [f"Proxy-Authorization: Basic {S['Proxy-Authorization']}"]
    referer = f"http://u:{S['referer-userinfo']}@h/#id_token={S['referer-fragment']}"
    lines += [f"Referer: {referer}", f"X-Note: eyJhbGciOiJI.{S['jwt']}.{S['jwt']}"]
    return head(f"GET {target} HTTP/1.1", *lines)


REQUESTS = {
    "a refused origin": head("GET /seen HTTP/1.1", origin=f"http://u:{S['origin']}@localhost:1"),
    "a host": head("GET /seen HTTP/1.1", host=f"u:{S['host']}@localhost"),
    "CONNECT": head(f"CONNECT u:{S['connect']}@localhost:443 HTTP/1.1"),
    "a WebSocket": head(
        "GET /seen HTTP/1.1",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        f"Sec-WebSocket-Protocol: chat, bearer, {S['protocol']}",
        origin="http://evil.test",
    ),
}
NO_HTTP = {
    "a bad Set-Cookie": f"HTTP/1.1 200 OK\r\nSet-Cookie: s={S['bad-set-cookie']}\x01\r\n\r\n",
    "a Set-Cookie without colon": f"HTTP/1.1 200 OK\r\nSet-Cookie s={S['cookie-no-colon']}\r\n\r\n",
    "a form": f"password={S['form']}&a=1\r\n\r\n",
    "JSON": f'{{"token": "{S["json-content"]}"}}\r\n\r\n',
    "a token": f"{S['random-content']}\r\n\r\n",
}


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    it = Upstream()
    yield it
    it.close()


def leaking(wire: Wire, request: Message) -> None:
    lines = (
        f"Set-Cookie: s={S['set-cookie']}; Path=/",
        f"Location: http://u:{S['location']}@h/?code={S['location']}",
    )
    wire.send(reply(b"hello", *(line.encode() for line in lines)))


@pytest.mark.parametrize("form", ["pretty", "json"])
def test_no_secret_of_forty_is_seen_anywhere(upstream: Upstream, tmp_path: Path, form: str) -> None:
    har = tmp_path / "a.har"
    flags = ("--upstream", upstream.url, "--har", str(har), "--log-format", form, "--log-level")
    told: dict[str, str] = {}
    with running(POLICY, *flags, "debug") as (program, _):
        upstream.script = leaking
        assert b" 200 " in ask(program.port, everything())[:20]
        for name, request in REQUESTS.items():
            told[name] = ask(program.port, request).decode("latin-1")
        for name, text in NO_HTTP.items():
            upstream.script = lambda wire, _, text=text: wire.send(text.encode("latin-1"))  # type: ignore[misc]
            told[name] = ask(program.port, head("GET /last HTTP/1.1")).decode("latin-1")
            assert " 502 " in told[name][:20]
        program.wait_for("(?s)(/last.*){5}")
        told |= every_view(program)
        told["log"] = program.output
    told["file"] = har.read_text()
    for name, text in told.items():
        seen = [place for place, secret in SECRETS.items() if secret in text or secret[4:] in text]
        assert not seen, name
    for name in ("log", "file", "/har", "/exchanges"):
        assert "/seen" in told[name], name
