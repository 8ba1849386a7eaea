"""Loopback: one reading of which hosts are this machine, for the whole program."""

import pytest

from corsproxy.config.address import TcpAddress
from corsproxy.config.allowed_hosts import Hosts
from corsproxy.cors.explain.cookies import is_loopback
from corsproxy.cors.loopback import is_localhost, is_loopback_host

LOOPBACK = ["localhost", "LocalHost.", "app.localhost", "127.0.0.1", "127.0.0.2", "::1", "[::1]"]
OTHER = ["localhost.test", "mylocalhost", "128.0.0.1", "0.0.0.0", "[::2]", "", ".", "a.test"]


@pytest.mark.parametrize("host", LOOPBACK)
def test_this_machine_is_known_in_each_spelling(host: str) -> None:
    assert is_loopback_host(host)
    assert TcpAddress(host, 80).loopback
    origin = f"http://[{host}]:1" if host == "::1" else f"http://{host}:1"
    assert is_loopback(origin)


@pytest.mark.parametrize("host", OTHER)
def test_any_other_host_is_not_this_machine(host: str) -> None:
    assert not is_loopback_host(host)
    assert not is_localhost(host)


@pytest.mark.parametrize("name", ["localhost", "LocalHost.", "app.localhost", "app.localhost."])
def test_the_proxy_answers_to_every_name_of_this_machine(name: str) -> None:
    host = Hosts().read(name)
    assert host is not None
    assert host.allowed
