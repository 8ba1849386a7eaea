"""Upstreams behind an HTTP proxy: by a tunnel, or with the whole URL; and which are."""

import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from corsproxy.config.address import AddressError, HttpProxy, UpstreamAddress
from corsproxy.config.settings import ENVIRONMENT
from corsproxy.proxy.upstream.http_proxy import proxy_for
from tests.served import served
from tests.upstreams import Upstream
from tests.wire.messages import reply

PROXY = HttpProxy("proxy.test", 3128)
POLICY = """
upstream: {scheme}://api.test
upstream_proxy: http://{userinfo}127.0.0.1:{port}
cors: {{allow_origins: [https://a.test]}}
"""
CREDENTIALS = b"Basic " + b64encode(b"me:pass word")


class Tunnels:
    """An HTTP proxy that answers each CONNECT with `says`, and is then the TLS server behind it."""

    def __init__(self, says: bytes, context: ssl.SSLContext) -> None:
        self._says = says
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.asked: list[bytes] = []
        self.heads: list[bytes] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            try:
                self.asked.append(sock.recv(65536))
                sock.sendall(self._says)
                with self._context.wrap_socket(sock, server_side=True) as secure:
                    self.heads.append(secure.recv(65536))
                    secure.sendall(reply(b"hello"))
            except OSError:
                sock.close()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def authority(tmp_path: Path) -> trustme.CA:
    made = trustme.CA()
    made.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return made


@pytest.fixture
def context(authority: trustme.CA) -> ssl.SSLContext:
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("api.test").configure_cert(made)
    return made


def policy(proxy: Tunnels | Upstream, scheme: str, userinfo: str = "") -> str:
    return POLICY.format(scheme=scheme, port=proxy.port, userinfo=userinfo)


OK = b"HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n"


@pytest.mark.parametrize("fast", [True, False], ids=["fast", "ordinary"])
def test_an_https_upstream_is_reached_through_a_tunnel(
    context: ssl.SSLContext, tmp_path: Path, fast: bool
) -> None:
    proxy = Tunnels(OK, context)
    text = policy(proxy, "https", "me:pass%20word@") + f"upstream_tls: {{ca: {tmp_path}/ca.pem}}\n"
    with served(text, fast=fast) as gateway:
        response = gateway.ask(b"GET", b"/x?y")
    proxy.close()
    assert (response.status, response.content) == (200, b"hello")
    (asked,), (head,) = proxy.asked, proxy.heads
    assert asked.startswith(b"CONNECT api.test:443 HTTP/1.1\r\nHost: api.test:443\r\n")
    assert b"\r\nProxy-Authorization: " + CREDENTIALS + b"\r\n" in asked
    assert head.startswith(b"GET /x?y HTTP/1.1\r\nHost: api.test\r\n")
    assert b"Proxy-Authorization" not in head


@pytest.mark.parametrize(
    ("says", "told"),
    [
        pytest.param(b"HTTP/1.1 407 Who are you\r\n\r\n", "407 Who are you", id="a refusal"),
        pytest.param(b"SSH-2.0-x\r\n\r\n", "SSH-2.0-x", id="no HTTP"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\nmore", "200 OK", id="more than was asked for"),
        pytest.param(b"x" * 70_000, "xxx", id="a head without an end"),
    ],
)
def test_a_proxy_that_opens_no_tunnel_is_told_by_its_words(
    context: ssl.SSLContext, says: bytes, told: str
) -> None:
    proxy = Tunnels(says, context)
    with served(policy(proxy, "https", "me:secret@")) as gateway:
        response = gateway.ask(b"GET", b"/")
        exchange = gateway.exchanges.get(timeout=10)
    proxy.close()
    assert (response.status, exchange.failure, exchange.upstream_failed) == (502, "proxy", True)
    assert told in exchange.detail
    assert "secret" not in exchange.detail


def test_a_proxy_that_is_not_there_is_named(context: ssl.SSLContext) -> None:
    proxy = Tunnels(OK, context)
    proxy.close()
    with served(policy(proxy, "https")) as gateway:
        gateway.ask(b"GET", b"/")
        exchange = gateway.exchanges.get(timeout=10)
    assert exchange.failure == "refused"
    assert (
        f"http://127.0.0.1:{proxy.port}, the proxy on the way to https://api.test,"
        in exchange.detail
    )


@pytest.fixture
def relay() -> Iterator[Upstream]:
    made = Upstream()
    yield made
    made.close()


@pytest.mark.parametrize("fast", [True, False], ids=["fast", "ordinary"])
def test_an_http_upstream_is_asked_for_with_its_whole_url(relay: Upstream, fast: bool) -> None:
    with served(policy(relay, "http", "me:pass%20word@"), fast=fast) as gateway:
        gateway.ask(b"GET", b"/x?y")
        exchange = gateway.exchanges.get(timeout=10)
    (seen,) = relay.seen
    assert seen.target == b"http://api.test/x?y"
    assert seen.one(b"host") == b"api.test"
    assert seen.one(b"proxy-authorization") == CREDENTIALS
    assert exchange.target == "/x?y"


def resolved(setting: HttpProxy | str | None, upstream: str) -> HttpProxy | None:
    return proxy_for(setting, UpstreamAddress.parse(upstream))


@pytest.mark.parametrize(
    ("upstream", "found"),
    [
        pytest.param("https://api.test", PROXY, id="https"),
        pytest.param("http://10.0.0.1", PROXY, id="http"),
        pytest.param("http://127.0.0.1:8000", None, id="this machine"),
        pytest.param("https://localhost", None, id="localhost"),
        pytest.param("unix:/run/api.sock", None, id="a socket"),
    ],
)
def test_a_proxy_is_for_everything_but_this_machine(upstream: str, found: HttpProxy | None) -> None:
    assert resolved(PROXY, upstream) == found
    assert resolved(None, upstream) is None


@pytest.mark.parametrize(
    ("variables", "upstream", "port"),
    [
        pytest.param({"HTTPS_PROXY": "http://p.test:1"}, "https://api.test", 1, id="https"),
        pytest.param({"https_proxy": "http://p.test:2/"}, "https://api.test", 2, id="in small"),
        pytest.param({"HTTPS_PROXY": "http://p.test:1"}, "http://api.test", None, id="not http"),
        pytest.param({"http_proxy": "http://p.test:3"}, "http://api.test", 3, id="http"),
        pytest.param({"ALL_PROXY": "http://p.test:4"}, "http://api.test", 4, id="all"),
        pytest.param(
            {"HTTPS_PROXY": "http://p.test:1", "NO_PROXY": "x.test,.api.test"},
            "https://v1.api.test",
            None,
            id="an exception",
        ),
        pytest.param({}, "https://api.test", None, id="none"),
    ],
)
def test_the_environment_names_one_by_scheme(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], upstream: str, port: int | None
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = resolved(ENVIRONMENT, upstream)
    assert (found and found.port) == port


def test_a_variable_that_names_no_proxy_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://u:secret@p.test:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(OSError, match="HTTPS_PROXY") as caught:
        resolved(ENVIRONMENT, "https://api.test")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["p.test:1", "https://p.test:1", "http://p.test", "http://p:1/x", ""]
)
def test_another_spelling_is_no_proxy(text: str) -> None:
    with pytest.raises(AddressError):
        HttpProxy.parse(text)


def test_the_password_is_shown_nowhere() -> None:
    proxy = HttpProxy.parse("http://me:s%40cret@[::1]:3128")
    assert (str(proxy), proxy.host) == ("http://[::1]:3128", "::1")
    assert "s@cret" in proxy.userinfo
    assert "cret" not in f"{proxy} {proxy!r}"
