"""Each whole configuration is accepted by its program, whatever the addresses are."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from corsproxy.config.loading import load_text
from corsproxy.gateways.conversion.registry import gateway
from tests.gateways import programs as programs_of
from tests.gateways.conftest import missing

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]


def nginx(programs: Path, folder: Path, text: str) -> list[str]:
    return [*programs_of.nginx(programs, folder, text, 0), "-t"]


def caddy(programs: Path, folder: Path, text: str) -> list[str]:
    (folder / "Caddyfile").write_text(text)
    told = ("--adapter", "caddyfile", "--config", str(folder / "Caddyfile"))
    return [str(programs / "caddy"), "validate", *told]


def envoy(programs: Path, folder: Path, text: str) -> list[str]:
    (folder / "envoy.yaml").write_text(text)
    return [str(programs / "envoy"), "--mode", "validate", "-c", str(folder / "envoy.yaml")]


def haproxy(programs: Path, folder: Path, text: str) -> list[str]:
    return [*programs_of.haproxy(programs, folder, text, 0), "-c"]


def apache(programs: Path, folder: Path, text: str) -> list[str]:
    return [*programs_of.apache(programs, folder, text, 0), "-t"]


CHECKS: dict[str, Callable[[Path, Path, str], list[str]]] = {
    "nginx": nginx,
    "caddy": caddy,
    "envoy": envoy,
    "haproxy": haproxy,
    "apache": apache,
}
"""How a program checks a text; Traefik has no such command."""

ADDRESSES = {
    "https": ("https://localhost", "127.0.0.1:8080"),
    "https and a port": ("https://localhost:8443", "127.0.0.1:8080"),
    "a socket of the file system": ("unix:/tmp/api.sock", "127.0.0.1:8080"),
    "IPv6": ("http://[::1]:8000", "'[::1]:8080'"),
    "every address": ("http://localhost:8000", "0.0.0.0:8080"),
}


@pytest.mark.parametrize("addresses", ADDRESSES)
@pytest.mark.parametrize("name", CHECKS)
def test_the_program_accepts_what_is_written(
    name: str, addresses: str, judges: Path, tmp_path: Path
) -> None:
    if not programs_of.installed(name):
        missing(f"{name} is not installed")
    upstream, listen = ADDRESSES[addresses]
    text = f"""upstream: {upstream}
listen: {listen}
cors:
  allow_origins: [https://a.test, 'https://*.b.test', {{regex: 'https://"c{{1,2}}\\.test'}}]
  allow_headers: ["*"]
  allow_credentials: true
  allow_private_network: true
  refused_request: forward
"""
    assert_accepted(name, text, judges, tmp_path)


ROUTES = r"""upstream: https://localhost
cors:
  allow_origins: [https://a.test, {regex: 'https://"c{1,2}\.test'}]
  allow_credentials: true
  refused_request: forward
routes:
  - {path: /s, upstream: 'unix:/tmp/api.sock', strip_path: true, cors: {allow_headers: ["*", x]}}
  - {path: /t, upstream: 'https://localhost:8443', strip_path: true}
  - {path: /6, upstream: 'http://[::1]:8000', strip_path: true, cors: {allow_methods: [PUT]}}
  - {path: "/odd!&'()+,=:@~_-./x", upstream: 'http://localhost:8000', strip_path: true}
  - {path: /caf%C3%A9, cors: {max_age: 1}}
  - {path: /, host: xn--caf-dma.a_b.test, cors: {allow_private_network: true}}
"""


@pytest.mark.parametrize("name", ["nginx", "caddy", "envoy"])
def test_the_program_accepts_routes(name: str, judges: Path, tmp_path: Path) -> None:
    if not programs_of.installed(name):
        missing(f"{name} is not installed")
    assert_accepted(name, ROUTES, judges, tmp_path)


def assert_accepted(name: str, text: str, judges: Path, tmp_path: Path) -> None:
    settings = load_text(text.encode(), "p.yaml", {}, {}).config
    write = gateway(name).write
    assert write is not None
    written = write(settings, programs_of.PROGRAMS[name][1])
    command = CHECKS[name](judges, tmp_path, written.text)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
