"""A failure of the upstream names what helps against it, in both lanes, wherever it is told."""

import contextlib
import datetime as dt
import json
import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from corsproxy.cors.exchange import Exchange
from tests.proxy.upstream.test_tls import SecureUpstream
from tests.served import served

Serve = Callable[[Path], contextlib.AbstractContextManager[str]]
"""An upstream: what it is called in a policy, as long as the block lasts."""

AUTHORITY = trustme.CA()
SETTINGS_FRAME = b"\0\0\0\x04\0\0\0\0\0"


def asked(policy: str, *, fast: bool) -> tuple[Exchange, dict[str, object]]:
    """What is told of a request, and what its sender gets."""
    with served(policy, fast=fast) as gateway:
        response = gateway.ask()
        exchange = gateway.exchanges.get(timeout=10)
    return exchange, json.loads(response.content)


@contextlib.contextmanager
def secure(context: ssl.SSLContext, policy: str) -> Iterator[str]:
    upstream = SecureUpstream(context)
    yield policy.format(port=upstream.port)
    upstream.close()


def server(issued: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    issued.configure_cert(context)
    return context


HTTPS = "upstream: https://127.0.0.1:{port}\n"


def trusting(folder: Path) -> str:
    """HTTPS, its authority known."""
    AUTHORITY.cert_pem.write_to_path(str(folder / "ca.pem"))
    return HTTPS + f"upstream_tls: {{{{ca: {folder}/ca.pem}}}}\n"


def private(_: Path) -> contextlib.AbstractContextManager[str]:
    return secure(server(AUTHORITY.issue_cert("127.0.0.1")), HTTPS)


def self_signed(folder: Path) -> contextlib.AbstractContextManager[str]:
    other = trustme.CA()
    other.cert_pem.write_to_path(str(folder / "own.pem"))
    other.private_key_pem.write_to_path(str(folder / "own.key"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "own.pem", folder / "own.key")
    return secure(context, HTTPS)


def of_another_name(folder: Path) -> contextlib.AbstractContextManager[str]:
    return secure(server(AUTHORITY.issue_cert("other.test")), trusting(folder))


def expired(folder: Path) -> contextlib.AbstractContextManager[str]:
    past = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    issued = AUTHORITY.issue_cert("127.0.0.1", not_after=past)
    return secure(server(issued), trusting(folder))


def asking_who(folder: Path) -> contextlib.AbstractContextManager[str]:
    context = server(AUTHORITY.issue_cert("127.0.0.1"))
    AUTHORITY.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    return secure(context, trusting(folder))


def asking_who_early(folder: Path) -> contextlib.AbstractContextManager[str]:
    context = server(AUTHORITY.issue_cert("127.0.0.1"))
    AUTHORITY.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return secure(context, trusting(folder))


def called_in_plain(_: Path) -> contextlib.AbstractContextManager[str]:
    context = server(AUTHORITY.issue_cert("127.0.0.1"))
    return secure(context, "upstream: http://127.0.0.1:{port}\n")


@contextlib.contextmanager
def saying(content: bytes, policy: str) -> Iterator[str]:
    """Whatever it is asked, on one connection after the other."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    sock, _ = listening.accept()
                    with sock:
                        sock.recv(65536)
                        sock.sendall(content)

        threading.Thread(target=serve, daemon=True).start()
        yield policy.format(port=listening.getsockname()[1])


def called_by_tls(_: Path) -> contextlib.AbstractContextManager[str]:
    return saying(b"HTTP/1.1 400 Bad Request\r\n\r\n", HTTPS)


def http2_only(_: Path) -> contextlib.AbstractContextManager[str]:
    return saying(SETTINGS_FRAME, "upstream: http://127.0.0.1:{port}\n")


@contextlib.contextmanager
def http2_only_by_tls(folder: Path) -> Iterator[str]:
    """`openssl s_server`, since Python's TLS goes on where no protocol is agreed upon."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is missing")
    issued = AUTHORITY.issue_cert("127.0.0.1")
    issued.private_key_and_cert_chain_pem.write_to_path(str(folder / "leaf.pem"))
    serve = [openssl, "s_server", "-accept", "127.0.0.1:0", "-alpn", "h2"]
    with subprocess.Popen(
        [*serve, "-cert", str(folder / "leaf.pem"), "-key", str(folder / "leaf.pem")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        found = next(filter(None, (re.match(r"ACCEPT .*:(\d+)", line) for line in process.stdout)))
        yield trusting(folder).format(port=found[1])
        process.kill()


@contextlib.contextmanager
def silent(_: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        yield f"upstream: http://127.0.0.1:{port}\ntimeouts: {{head: 0.5}}\n"


@contextlib.contextmanager
def gone(_: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    yield f"upstream: http://127.0.0.1:{port}\n"


@contextlib.contextmanager
def unnamed(_: Path) -> Iterator[str]:
    yield "upstream: http://nobody.invalid\n"


UNVERIFIED = r", or --no-upstream-tls-verify"
CERTIFICATE = r".*--upstream-tls-certificate FILE --upstream-tls-key FILE.*"
CA = r"--upstream-tls-ca FILE, with the certificate"
HTTP11 = r".* speak HTTP/1.1 as well"


@pytest.mark.parametrize(
    ("serve", "ids", "fix"),
    [
        pytest.param(private, "tls", rf"{CA} of its authority{UNVERIFIED}", id="a private CA"),
        pytest.param(self_signed, "tls", rf"{CA} itself{UNVERIFIED}", id="self-signed"),
        pytest.param(of_another_name, "tls", r"--upstream-tls-server-name .*", id="another name"),
        pytest.param(expired, "tls", rf"renew .*{UNVERIFIED}", id="expired"),
        pytest.param(asking_who, "tls reset", CERTIFICATE, id="TLS 1.3 asks for a certificate"),
        pytest.param(asking_who_early, "tls", CERTIFICATE, id="TLS 1.2 asks for a certificate"),
        pytest.param(
            called_in_plain, "malformed reset", r".*its address is https://127.*", id="http to TLS"
        ),
        pytest.param(called_by_tls, "tls", r"its address is http://127.*", id="TLS to http"),
        pytest.param(http2_only, "malformed", HTTP11, id="HTTP/2 only"),
        pytest.param(http2_only_by_tls, "tls", HTTP11, id="HTTP/2 only, by TLS"),
        pytest.param(silent, "head-timeout", r".* --timeout-head 1", id="silent"),
        pytest.param(gone, "refused", r"start the upstream, .*", id="not there"),
        pytest.param(unnamed, "dns", r"correct the name .*", id="no such name"),
    ],
)
def test_each_failure_names_what_helps(
    serve: Serve, ids: str, fix: str, tmp_path: Path, *, fast: bool
) -> None:
    with serve(tmp_path) as policy:
        exchange, problem = asked(policy, fast=fast)
    assert exchange.failure in ids.split(), exchange.detail
    assert re.fullmatch(fix, exchange.fix), (exchange.fix, exchange.detail)
    assert (problem["id"], problem["fix"]) == (exchange.failure, exchange.fix)
