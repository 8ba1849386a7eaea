"""https upstreams: verified, by an own CA where there is one, and never in silence otherwise."""

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.served import config, served
from tests.wire.messages import reply


class SecureUpstream:
    """Answers one request on each TLS connection; `names` are the server names it was asked for."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.names: list[str | None] = []
        self.heads: list[bytes] = []
        self.subjects: list[object] = []
        self.protocols: list[str | None] = []
        context.set_alpn_protocols(["h2", "http/1.1"])
        context.sni_callback = lambda _socket, name, _context: self.names.append(name)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            try:
                with self._context.wrap_socket(sock, server_side=True) as secure:
                    self.heads.append(secure.recv(65536))
                    self.subjects.append(secure.getpeercert())
                    self.protocols.append(secure.selected_alpn_protocol())
                    secure.sendall(reply(b"secret"))
            except OSError:
                sock.close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def listening(issuer: trustme.CA, *names: str) -> SecureUpstream:
    """An upstream with a certificate for these names."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    issuer.issue_cert(*names).configure_cert(context)
    return SecureUpstream(context)


@pytest.fixture
def upstream(authority: trustme.CA) -> Iterator[SecureUpstream]:
    found = listening(authority, "localhost", "127.0.0.1")
    yield found
    found.close()


def policy(upstream: SecureUpstream, tls: str, host: str = "127.0.0.1") -> str:
    return f"upstream: https://{host}:{upstream.port}\nupstream_tls: {{{tls}}}\n"


def test_an_own_ca_is_trusted(upstream: SecureUpstream, ca: Path, fast: bool) -> None:
    with served(policy(upstream, f"ca: {ca}"), fast=fast) as gateway:
        assert gateway.ask().content == b"secret"


def test_http_1_1_is_agreed_upon(upstream: SecureUpstream, ca: Path, fast: bool) -> None:
    with served(policy(upstream, f"ca: {ca}"), fast=fast) as gateway:
        gateway.ask()
    assert upstream.protocols == ["http/1.1"]


def test_an_unknown_ca_is_not_and_no_byte_of_the_request_is_sent(
    upstream: SecureUpstream, fast: bool
) -> None:
    with served(policy(upstream, "verify: true"), fast=fast) as gateway:
        response = gateway.ask()
    assert response.status == 502
    assert b"TLS" in response.content
    assert upstream.heads == []


def test_a_route_trusts_what_it_says_and_inherits_the_rest(
    authority: trustme.CA, ca: Path, tmp_path: Path, fast: bool
) -> None:
    other = trustme.CA()
    other.cert_pem.write_to_path(str(tmp_path / "other.pem"))
    top, below = listening(authority, "up.test"), listening(other, "up.test")
    text = (
        policy(top, f"ca: {ca}, server_name: up.test")
        + f"routes:\n  - path: /other\n    upstream: https://127.0.0.1:{below.port}\n"
        f"    upstream_tls: {{ca: {tmp_path}/other.pem}}\n"
        f"  - path: /same\n    upstream: https://127.0.0.1:{below.port}\n"
    )
    with served(text, fast=fast) as gateway:
        statuses = [gateway.ask(b"GET", path).status for path in (b"/", b"/other", b"/same")]
    assert statuses == [200, 200, 502]
    assert {*top.names, *below.names} == {"up.test"}
    top.close()
    below.close()


def test_another_name_is_not_trusted(authority: trustme.CA, ca: Path, fast: bool) -> None:
    upstream = listening(authority, "other.test")
    with served(policy(upstream, f"ca: {ca}"), fast=fast) as gateway:
        assert gateway.ask().status == 502
    assert upstream.heads == []
    upstream.close()


def test_the_name_to_ask_for_can_be_told(authority: trustme.CA, ca: Path, fast: bool) -> None:
    upstream = listening(authority, "other.test")
    tls = f"ca: {ca}, server_name: other.test"
    with served(policy(upstream, tls), fast=fast) as gateway:
        assert gateway.ask().content == b"secret"
    assert upstream.names == ["other.test"]
    upstream.close()


def test_the_upstreams_name_is_asked_for(upstream: SecureUpstream, ca: Path, fast: bool) -> None:
    with served(policy(upstream, f"ca: {ca}", "localhost"), fast=fast) as gateway:
        assert gateway.ask().content == b"secret"
    assert upstream.names == ["localhost"]


def test_verification_can_be_switched_off_and_is_warned_of(upstream: SecureUpstream) -> None:
    with served(policy(upstream, "verify: false")) as gateway:
        assert gateway.ask().content == b"secret"


def test_a_client_certificate_is_shown(
    authority: trustme.CA, ca: Path, tmp_path: Path, fast: bool
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    upstream = SecureUpstream(context)
    certificate, key = tmp_path / "client.pem", tmp_path / "client.key"
    issued = authority.issue_cert("proxy.test", common_name="proxy")
    issued.cert_chain_pems[0].write_to_path(str(certificate))
    issued.private_key_pem.write_to_path(str(key))
    with served(policy(upstream, f"ca: {ca}"), fast=fast) as gateway:
        assert gateway.ask().status == 502
    shown = f"ca: {ca}, certificate: {certificate}, key: {key}"
    with served(policy(upstream, shown), fast=fast) as gateway:
        assert gateway.ask().content == b"secret"
    assert "proxy" in str(upstream.subjects[-1])
    upstream.close()


def test_old_versions_are_not_spoken(authority: trustme.CA, ca: Path, fast: bool) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    upstream = SecureUpstream(context)
    with served(policy(upstream, f"ca: {ca}"), fast=fast) as gateway:
        assert gateway.ask().status == 502
    upstream.close()


def test_what_is_no_tls_is_named(fast: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:
        port = plain.getsockname()[1]

        def garbage() -> None:
            sock, _ = plain.accept()
            sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            sock.close()

        threading.Thread(target=garbage, daemon=True).start()
        with served(f"upstream: https://127.0.0.1:{port}\n", fast=fast) as gateway:
            response = gateway.ask()
    assert response.status == 502
    assert b"TLS" in response.content


def test_a_reload_believes_by_what_the_file_of_authorities_says_now(
    upstream: SecureUpstream, authority: trustme.CA, ca: Path
) -> None:
    text = policy(upstream, f"ca: {ca}")
    with served(text) as gateway:
        assert gateway.ask().status == 200
        pools = list(gateway.gateway._upstreams.values())
        gateway.await_(gateway.gateway.reload(config(text)))  # the same file: the same pool
        assert list(gateway.gateway._upstreams.values()) == pools
        trustme.CA().cert_pem.write_to_path(str(ca))
        gateway.await_(gateway.gateway.reload(config(text)))
        assert gateway.ask().status == 502
        authority.cert_pem.write_to_path(str(ca))
        gateway.await_(gateway.gateway.reload(config(text)))
        assert gateway.ask().status == 200
