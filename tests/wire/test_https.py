"""Https towards the page: the same gateway, by the scheme that the client speaks."""

import contextlib
import os
import re
import shutil
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.program import corsproxy
from tests.program import Program
from tests.until import until
from tests.upstreams import Upstream
from tests.wire.conftest import LANES, ON_ASYNCIO, Lane
from tests.wire.messages import Message, Truncated, Wire, reply
from tests.wire.test_websocket import ACCEPTED, FROM_PAGE, close, frame

PAGE = b"http://app.test:5173"
POLICY = f"""
cors:
  allow_origins: [{PAGE.decode()}]
  allow_methods: [PUT]
  allow_credentials: true
allowed_hosts: [api.localtest.me, "*.branch.test"]
timeouts: {{idle: 5}}
"""
UNTRUSTED = "a client does not trust the certificate that it is shown; fix: corsproxy trust"


@dataclass
class Https:
    """The program on an http and an https address, with an authority in a folder of its own."""

    program: Program
    upstream: Upstream
    folder: Path

    @property
    def port(self) -> int:
        return self.program.ports[1]

    @property
    def host(self) -> bytes:
        return b"localhost:%d" % self.port

    @property
    def trusting(self) -> ssl.SSLContext:
        """A client that trusts the local authority, and nobody else."""
        return trusting(self.folder)

    def connect(self, name: str = "localhost") -> Wire:
        return Wire.secure(self.port, self.trusting, name)

    def ask(
        self, method: bytes, target: bytes, *lines: bytes, content: bytes = b"", secure: bool = True
    ) -> Message:
        """The response to one request on a connection of its own."""
        with self.connect() if secure else Wire.to(self.program.port) as client:
            client.send(self.request(method, target, *lines) + content)
            return client.response(method)

    def request(self, method: bytes, target: bytes, *lines: bytes) -> bytes:
        host = () if any(line.startswith(b"Host:") for line in lines) else (b"Host: " + self.host,)
        return b"\r\n".join((b"%b %b HTTP/1.1" % (method, target), *host, *lines, b"", b""))


def trusting(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=folder / "corsproxy" / "authority-key.pem")


@contextlib.contextmanager
def started(folder: Path, lane: Lane, *arguments: str) -> Iterator[Https]:
    with ExitStack() as stack:
        upstream = Upstream()
        stack.callback(upstream.close)
        policy = folder / "policy.yaml"
        policy.write_text(f"upstream: {upstream.url}\n{POLICY}")
        listen = ("--listen", "127.0.0.1:0", "--listen", "https://127.0.0.1:0")
        fast = "--fast-lane" if lane.fast else "--no-fast-lane"
        given = ("run", "-c", str(policy), *listen, "--admin", "127.0.0.1:0", fast, *arguments)
        environ = {"XDG_DATA_HOME": str(folder)}
        program = stack.enter_context(Program(*given, environ=environ, uvloop=lane.uvloop))
        assert len(program.ports) == 2
        yield Https(program, upstream, folder)


@pytest.fixture(scope="module", params=[*LANES, *ON_ASYNCIO])
def https(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Https]:
    with started(tmp_path_factory.mktemp("https"), request.param) as running:
        yield running


@pytest.fixture(autouse=True)
def as_new(request: pytest.FixtureRequest) -> None:
    if "https" in request.fixturenames:
        request.getfixturevalue("https").upstream.reset()


def test_the_upstream_is_told_by_which_scheme_the_client_came(https: Https) -> None:
    assert https.ask(b"GET", b"/").content == b"hello"
    https.ask(b"GET", b"/", secure=False)
    protos = [seen.one(b"x-forwarded-proto") for seen in https.upstream.seen]
    assert protos == [b"https", b"http"]
    forwarded = [seen.one(b"forwarded") or b"" for seen in https.upstream.seen]
    assert [told.rpartition(b"=")[2] for told in forwarded] == protos


@pytest.mark.parametrize(
    ("scheme", "secure", "status"),
    [
        pytest.param(b"https", True, 200, id="https from https"),
        pytest.param(b"http", True, 403, id="http from https"),
        pytest.param(b"http", False, 200, id="http from http"),
        pytest.param(b"https", False, 403, id="https from http"),
    ],
)
def test_the_own_origin_has_the_scheme_of_the_connection(
    https: Https, scheme: bytes, secure: bool, status: int
) -> None:
    origin = b"Origin: %b://%b" % (scheme, https.host)
    response = https.ask(b"POST", b"/", origin, b"Content-Length: 0", secure=secure)
    assert response.status == status


def test_a_page_of_an_allowed_origin_may_call(https: Https) -> None:
    method = b"Access-Control-Request-Method: PUT"
    preflight = https.ask(b"OPTIONS", b"/", b"Origin: " + PAGE, method)
    assert (preflight.status, preflight.one(b"access-control-allow-methods")) == (204, b"PUT")
    response = https.ask(b"PUT", b"/", b"Origin: " + PAGE, b"Content-Length: 2", content=b"ok")
    assert response.one(b"access-control-allow-origin") == PAGE


def test_a_redirect_of_an_upstream_that_knows_of_no_https_stays_on_it(https: Https) -> None:
    def redirects(wire: Wire, request: Message) -> None:
        host = request.one(b"host") or b""
        wire.send(reply(b"", b"Location: http://%b/login" % host, status=b"302 Found"))

    https.upstream.script = redirects
    location = https.ask(b"GET", b"/").one(b"location")
    assert location == b"https://%b/login" % https.host
    plain = https.ask(b"GET", b"/", secure=False).one(b"location")
    assert plain == b"http://%b/login" % https.host  # by the Host that it named


def test_plain_http_gets_a_response_that_a_page_can_read(https: Https) -> None:
    with Wire.to(https.port) as client:
        client.send(https.request(b"GET", b"/", b"Origin: " + PAGE))
        response = client.response()
        assert client.ended
    assert response.status == 400
    assert b"plain HTTP request was sent to an HTTPS port" in response.content
    assert response.one(b"access-control-allow-origin") == PAGE
    assert https.upstream.seen == []


def test_plain_http_that_comes_in_pieces_gets_it_too(https: Https) -> None:
    with Wire.to(https.port) as client:
        client.pieces(https.request(b"GET", b"/"))
        assert client.response().status == 400


def test_what_is_neither_http_nor_tls_ends(https: Https) -> None:
    with Wire.to(https.port) as client:
        client.send(b"\x00\x01\x02\x03" * 8)
        assert client.rest()[:1] in (b"", b"\x15")  # a TLS alert
    assert https.ask(b"GET", b"/").status == 200


def test_only_http_1_1_is_agreed_on(https: Https) -> None:
    context = https.trusting
    context.set_alpn_protocols(["h2", "http/1.1"])
    with Wire.secure(https.port, context) as client:
        assert isinstance(client.sock, ssl.SSLSocket)
        assert client.sock.selected_alpn_protocol() == "http/1.1"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_of_both_sound_versions_is_spoken(https: Https, version: ssl.TLSVersion) -> None:
    context = https.trusting
    context.minimum_version = context.maximum_version = version
    with Wire.secure(https.port, context) as client:
        client.send(https.request(b"GET", b"/"))
        assert client.response().status == 200


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_no_older_tls_is_spoken(https: Https) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with Wire.to(https.port) as client, pytest.raises(OSError):  # noqa: PT011 - by alert or end
        context.wrap_socket(client.sock, server_hostname="localhost")
    https.program.wait_for("a client speaks no TLS that is good enough: 1.2 is the least")


@pytest.mark.parametrize(
    "name", ["localhost", "127.0.0.1", "api.localtest.me", "a.b.branch.test", "deep.localhost"]
)
def test_each_name_that_is_served_has_a_certificate(https: Https, name: str) -> None:
    with https.connect(name) as client:
        client.send(https.request(b"GET", b"/", b"Host: " + name.encode()))
        assert client.response().status == 200


def test_a_name_that_is_not_served_has_none(https: Https) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        https.connect("other.test")


def test_large_content_passes_both_ways_whole(https: Https) -> None:
    content = os.urandom(1 << 16) * 96  # 6 MiB: more than any buffer on the way
    got = []

    def echoes(wire: Wire, request: Message) -> None:
        got.append(wire.read_content(request).content)
        wire.send(reply(content))

    https.upstream.script = echoes
    length = b"Content-Length: %d" % len(content)
    assert https.ask(b"POST", b"/", length, content=content).content == content
    assert got == [content]


def test_requests_follow_each_other_on_one_connection(https: Https) -> None:
    with https.connect() as client:
        client.send(https.request(b"GET", b"/a") + https.request(b"GET", b"/b"))  # pipelined
        assert [client.response().content for _ in range(2)] == [b"hello"] * 2
        client.send(https.request(b"GET", b"/c", b"Connection: close"))
        assert client.response().content == b"hello"
        assert client.ended


def test_a_response_cut_short_is_seen_to_be(https: Https) -> None:
    def cuts(wire: Wire, request: Message) -> bool:
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        return False

    https.upstream.script = cuts
    with pytest.raises((Truncated, OSError)):
        https.ask(b"GET", b"/")


def test_a_websocket_passes_and_ends_with_the_upstream(https: Https) -> None:
    def opens(wire: Wire, request: Message) -> bool:
        wire.send(ACCEPTED + frame(1, b"hi"))
        assert wire.exactly(3) == b"one"
        wire.send(close(1000))
        return False

    https.upstream.script = opens
    with https.connect() as client:
        client.send(https.request(b"GET", b"/ws", *FROM_PAGE))
        assert client.response().status == 101
        assert client.exactly(4) == frame(1, b"hi")
        begun = time.monotonic()
        client.send(b"one")
        assert client.rest() == close(1000)
        assert time.monotonic() - begun < 5  # and not after the ten seconds for half-closed ones


def test_who_does_not_trust_the_certificate_is_told_of_once(https: Https) -> None:
    stranger = ssl.create_default_context(cafile=None, cadata=None)
    for _ in range(3):
        with pytest.raises(ssl.SSLCertVerificationError):
            Wire.secure(https.port, stranger)
    https.program.wait_for(re.escape(UNTRUSTED))
    https.ask(b"GET", b"/")
    assert https.program.output.count(UNTRUSTED) == 1


FAST = Lane(fast=True, uvloop=bool(LANES))


def test_silent_connections_keep_nobody_out(tmp_path: Path) -> None:
    with ExitStack() as stack:
        https = stack.enter_context(started(tmp_path, FAST, "--limit-connections", "3"))
        for _ in range(12):
            stack.enter_context(Wire.to(https.port))
            half = stack.enter_context(Wire.to(https.port))
            half.send(b"\x16\x03\x01")
        until(lambda: _served(https))


def _served(https: Https) -> bool:
    with contextlib.suppress(OSError, Truncated):
        return https.ask(b"GET", b"/").status == 200
    return False


def test_a_stop_does_not_wait_for_handshakes(tmp_path: Path) -> None:
    with started(tmp_path, FAST) as https, Wire.to(https.port) as client:
        client.send(b"\x16\x03\x01")
        https.ask(b"GET", b"/")  # so the other one has been accepted
        begun = time.monotonic()
        assert https.program.stop() == 0
        assert time.monotonic() - begun < 5


def test_a_second_start_shows_the_same_authority(tmp_path: Path) -> None:
    for _ in range(2):
        with started(tmp_path, FAST) as https:
            pem = (tmp_path / "corsproxy" / "authority-key.pem").read_bytes()
            assert https.ask(b"GET", b"/").status == 200
    assert (tmp_path / "corsproxy" / "authority-key.pem").read_bytes() == pem


PEM = Path(__file__).parents[1] / "cases" / "lint" / "pem"


def shown(port: int) -> bytes:
    """The certificate that is shown there."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port)) as sock,
        context.wrap_socket(sock, server_hostname="localhost") as client,
    ):
        return client.getpeercert(binary_form=True) or b""


def test_a_changed_certificate_is_shown_after_a_reload_and_a_bad_one_never(tmp_path: Path) -> None:
    from corsproxy.trust.authority import Authority

    issued = Authority.make(tmp_path / "other").issue(["localhost"]).pem
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    shutil.copy(PEM / "certificate.pem", certificate)
    shutil.copy(PEM / "key.pem", key)
    files = ("--tls-certificate", str(certificate), "--tls-key", str(key))
    with started(tmp_path, FAST, *files) as https:
        first = shown(https.port)
        assert first == (PEM / "certificate.der").read_bytes()
        key.write_bytes(b"half of a key")
        https.program.signal("SIGHUP")
        https.program.wait_for("the old settings stay in use")
        assert "[not-a-key]" in https.program.output
        assert shown(https.port) == first
        certificate.write_bytes(issued)
        key.write_bytes(issued)
        https.program.signal("SIGHUP")
        https.program.wait_for("the settings were reloaded")
        assert shown(https.port) == ssl.PEM_cert_to_DER_cert(
            issued[issued.index(b"-----BEGIN CERTIFICATE") :].decode()
        )


def test_a_health_check_copes_with_https(tmp_path: Path) -> None:
    with started(tmp_path, FAST) as https:
        admin = ("--admin", f"127.0.0.1:{https.program.admin}")
        listen = ("--listen", f"https://127.0.0.1:{https.port}")
        assert corsproxy("healthcheck", *admin, *listen, "--tls", "auto").returncode == 0


def test_without_a_place_for_the_authority_it_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "corsproxy").write_text("a file where the folder would be")
    given = ("--upstream", "http://127.0.0.1:1", "--listen", "https://127.0.0.1:0")
    done = corsproxy(*given, environ={"XDG_DATA_HOME": str(tmp_path)})
    assert done.returncode == 3
    assert "the local authority cannot be kept" in done.stderr
    assert "fix: XDG_DATA_HOME=FOLDER, or tls: {certificate: FILE, key: FILE}" in done.stderr
