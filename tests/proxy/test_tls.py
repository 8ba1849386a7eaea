"""An https upstream is verified before a byte of any request is sent."""

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from corsproxy.config.address import UpstreamAddress
from corsproxy.config.settings import Timeouts, UpstreamTls
from corsproxy.proxy import tls
from corsproxy.proxy.answer import exchange
from corsproxy.proxy.failure import UpstreamFailure
from corsproxy.proxy.upstream import Upstream
from tests.proxy.scripted import Peer, Scripted, scripted

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")

HEAD = b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"


@pytest.fixture(scope="module")
def issue(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Makes a certificate of its own for a name; its key is in the same file."""
    folder = tmp_path_factory.mktemp("tls")

    def made(name: str) -> Path:
        place, key = folder / f"{name}.pem", folder / f"{name}.key"
        command = [
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
        ]
        names = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
        files = ["-keyout", str(key), "-out", str(place)]
        subprocess.run(["openssl", *command, *names, *files], check=True, capture_output=True)
        place.write_text(place.read_text() + key.read_text())
        return place

    return made


def serving(certificate: Path, client_ca: Path | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if client_ca is not None:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


async def answer(peer: Peer) -> None:
    await peer.head()
    await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


async def ask(there: Scripted, settings: UpstreamTls) -> bytes:
    """Ask the upstream as https://localhost."""
    address = replace(there.address, host="localhost")
    upstream = Upstream(address, Timeouts(), tls.context(settings), settings.server_name)
    try:
        async with exchange(upstream, "GET", HEAD) as (_, found):
            return b"".join([data async for data in found])
    finally:
        upstream.abort()
        await asyncio.sleep(0.01)


async def test_a_certificate_that_is_trusted(issue: Callable[[str], Path]) -> None:
    certificate = issue("localhost")
    async with scripted(answer, ssl=serving(certificate)) as there:
        assert await ask(there, UpstreamTls(ca=certificate)) == b"ok"


async def test_a_name_of_its_own_is_asked_for(issue: Callable[[str], Path]) -> None:
    certificate = issue("api.test")
    async with scripted(answer, ssl=serving(certificate)) as there:
        settings = UpstreamTls(ca=certificate, server_name="api.test")
        assert await ask(there, settings) == b"ok"


async def test_no_verification_where_none_is_wanted(issue: Callable[[str], Path]) -> None:
    async with scripted(answer, ssl=serving(issue("api.test"))) as there:
        assert await ask(there, UpstreamTls(verify=False)) == b"ok"


async def test_a_certificate_of_ours_is_shown(issue: Callable[[str], Path]) -> None:
    certificate = issue("localhost")
    async with scripted(answer, ssl=serving(certificate, client_ca=certificate)) as there:
        settings = UpstreamTls(ca=certificate, certificate=certificate, key=certificate)
        assert await ask(there, settings) == b"ok"


@pytest.mark.parametrize(
    ("name", "trusted"),
    [
        pytest.param("localhost", False, id="nobody vouches for it"),
        pytest.param("api.test", True, id="another name"),
    ],
)
async def test_a_certificate_that_proves_nothing(
    issue: Callable[[str], Path], name: str, trusted: bool
) -> None:
    certificate = issue(name)
    async with scripted(answer, ssl=serving(certificate)) as there:
        with pytest.raises(UpstreamFailure) as caught:
            await ask(there, UpstreamTls(ca=certificate if trusted else None))
        assert (caught.value.id, caught.value.status) == ("tls", 502)
        assert "https://localhost" in caught.value.sentence
        assert not there.peers


async def test_an_upstream_that_speaks_no_tls(issue: Callable[[str], Path]) -> None:
    async def script(peer: Peer) -> None:
        await peer.reader.read(100)
        await peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with scripted(script) as there:
        there.address = UpstreamAddress("https", "localhost", there.address.port)
        with pytest.raises(UpstreamFailure) as caught:
            await ask(there, UpstreamTls(ca=issue("localhost")))
        assert caught.value.id == "tls"
