"""The recipe for nginx, Caddy and Traefik in front, with the certificate: as it is written."""

import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import trustme

from tests.docs.pages import REPOSITORY, blocks
from tests.gateways.programs import installed, running
from tests.program import Program
from tests.until import until
from tests.upstreams import Upstream
from tests.wire.messages import Message, Wire

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]

PAGE = REPOSITORY / "docs" / "recipes" / "behind-a-proxy.md"
BLOCKS = [block for block in blocks("yaml", "nginx", "text", "yml", "sh") if block.page == PAGE]
FRONTS = {
    name: next(block.text for block in BLOCKS if block.name == file)
    for name, file in {
        "nginx": "front.conf",
        "caddy": "Caddyfile",
        "traefik": "traefik.yaml",
    }.items()
}
POLICY = next(block.text for block in BLOCKS if block.text.startswith("# policy.yaml"))
(VERIFY,) = [block.text.split()[1:] for block in BLOCKS if block.language == "sh"]


def answer(wire: Wire, request: Message) -> None:
    """As frameworks do: it redirects to the address by which it believes to be called."""
    wire.read_content(request)
    scheme, host = request.one(b"X-Forwarded-Proto"), request.one(b"Host")
    assert scheme is not None
    assert host is not None
    told = b"Location: %b://%b/there\r\nSet-Cookie: sid=1; Secure\r\n" % (scheme, host)
    wire.send(b"HTTP/1.1 302 Found\r\n%bContent-Length: 0\r\n\r\n" % told)


class House(ExitStack):
    """The upstream, the proxy by the page's policy, and what stands in front with a certificate."""

    def __init__(self, name: str, judges: Path, folder: Path) -> None:
        super().__init__()
        self.authority = trustme.CA()
        self.folder = folder
        issued = self.authority.issue_cert("localhost")
        self._certificate, self._key = folder / "certificate.pem", folder / "key.pem"
        self._certificate.write_bytes(b"".join(it.bytes() for it in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(self._key)
        upstream = Upstream()
        upstream.script = answer
        self.callback(upstream.close)
        self.policy = folder / "policy.yaml"
        self.policy.write_text(POLICY.replace("8000", str(upstream.port)).replace("8080", "0"))
        self.program = self.enter_context(Program("run", "-c", str(self.policy), "--admin", "off"))
        self.port = self.enter_context(
            running(name, judges, folder / name, lambda _, port: self.own(FRONTS[name], port))
        )

        until(lambda: self.asked() is not None)

    def asked(self) -> Message | None:
        """The response to a request; None as long as what stands in front is not ready."""
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        head = f"GET / HTTP/1.1\r\nHost: localhost:{self.port}\r\n\r\n".encode()
        try:
            with Wire.secure(self.port, context) as wire:
                response = wire.send(head).response()
        except (ssl.SSLError, ConnectionError):
            return None
        return None if response.status == 404 else response

    def own(self, text: str, port: int) -> str:
        """A configuration of the page, at an address of this machine."""
        where = f"localhost:{port} {{" if "reverse_proxy" in text else "localhost {"
        return (
            text.replace("listen 443", f"listen 127.0.0.1:{port}")
            .replace("api.example.com {", where)
            .replace("api.example.com", "localhost")
            .replace("certificate.pem", str(self._certificate))
            .replace("key.pem", str(self._key))
            .replace("8080", str(self.program.port))
        )


@pytest.fixture(params=FRONTS)
def house(request: pytest.FixtureRequest, judges: Path, tmp_path: Path) -> Iterator[House]:
    if not installed(request.param):
        pytest.skip(f"{request.param} is not installed")
    with House(request.param, judges, tmp_path) as house:
        yield house


def test_nothing_differs_from_the_policy(house: House) -> None:
    url = VERIFY[-1].replace("api.example.com", f"localhost:{house.port}")
    arguments = [*VERIFY[:-1], url, "--insecure", "--rate", "1000"]
    command = [sys.executable, "-m", "corsproxy", *arguments]
    done = subprocess.run(command, cwd=house.folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "no difference was found" in done.stdout


def test_redirects_and_cookies_are_those_of_https(house: House) -> None:
    response = house.asked()
    assert response is not None
    assert response.one(b"Location") == f"https://localhost:{house.port}/there".encode()
    assert response.one(b"Set-Cookie") == b"sid=1; Secure"


def test_who_is_not_trusted_does_not_say_what_the_page_called(house: House) -> None:
    believed = house.policy.read_text()
    house.policy.write_text(believed.replace("trusted_proxies: [127.0.0.1]\n", ""))
    house.program.wait_for("the settings were reloaded")
    response = house.asked()
    assert response is not None
    assert response.one(b"Location") != f"https://localhost:{house.port}/there".encode()
