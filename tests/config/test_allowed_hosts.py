"""Hosts: which names are served, and how an authority is read."""

import pytest

from corsproxy.config.allowed_hosts import Hosts

HOSTS = Hosts(["api.localtest.me", "*.preview.test", "Shop.Test."])


@pytest.mark.parametrize(
    "authority",
    [
        "localhost",
        "LOCALHOST:80",
        "localhost.",
        "localhost:",
        "a.b.localhost:5173",
        "127.0.0.1:8080",
        "10.1.2.3",
        "[::1]",
        "[::1]:8080",
        "[fe80::1]",
        "api.localtest.me",
        "API.localtest.me:81",
        "shop.test",
        "x.preview.test",
        "x.y.preview.test",
    ],
)
def test_names_that_no_stranger_can_point_here_are_served(authority: str) -> None:
    host = HOSTS.read(authority)
    assert host is not None
    assert host.allowed


@pytest.mark.parametrize(
    "authority",
    [
        "evil.test",
        "localhost.evil.test",
        "127.0.0.1.evil.test",
        "evillocalhost.test",
        "api.localtest.me.evil.test",
        "xapi.localtest.me",
        "preview.test",
        "evilpreview.test",
        "127.1.2",
        "0x7f.0.0.1",
        "wifi",
        "printer:8080",
        "wpad.",
        "2130706433",
        "local",
    ],
)
def test_other_names_are_not(authority: str) -> None:
    host = HOSTS.read(authority)
    assert host is not None
    assert not host.allowed


@pytest.mark.parametrize(
    "authority",
    [
        "", ":80", "a b", "a/b", "a@b", "a?b", "a#b", "a,b", "a:b", "a:65536", "a:1:2", "[::1",
        "::1", "[::g]", "a..b", ".a", "-a", "a-", "ä", "a\x00", "http://a", "[127.0.0.1]", "*",
        "a:+1",
    ],
)  # fmt: skip
def test_what_is_no_authority_is_none(authority: str) -> None:
    assert HOSTS.read(authority) is None


@pytest.mark.parametrize(
    ("authority", "origin"),
    [
        ("localhost:8080", "http://localhost:8080"),
        ("LOCALHOST", "http://localhost"),
        ("localhost:80", "http://localhost"),
        ("localhost:", "http://localhost"),
        ("localhost:0080", "http://localhost"),
        ("[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_an_origin_is_spelled_as_browsers_do(authority: str, origin: str) -> None:
    host = HOSTS.read(authority)
    assert host is not None
    assert host.origin("http") == origin


def test_the_default_port_is_that_of_the_scheme() -> None:
    host = HOSTS.read("localhost:443")
    assert host is not None
    assert host.origin("https") == "https://localhost"
    assert host.origin("http") == "http://localhost:443"


@pytest.mark.parametrize("authority", ["backend", "my_service:80", "backend."])
def test_a_single_label_is_served_where_other_machines_reach_the_listener(authority: str) -> None:
    host = Hosts(single_labels=True).read(authority)
    assert host is not None
    assert host.allowed


def test_a_single_label_is_served_where_it_is_listed() -> None:
    host = Hosts(["backend"]).read("Backend:8080")
    assert host is not None
    assert host.allowed


@pytest.mark.parametrize(
    ("authority", "address"),
    [
        ("127.0.0.1:80", "127.0.0.1"),
        ("[::1]", "::1"),
        ("[0:0:0:0:0:0:0:1]:80", "::1"),
        ("localhost", ""),
        ("1.2.3", ""),
    ],
)
def test_an_address_is_told_from_a_name(authority: str, address: str) -> None:
    host = HOSTS.read(authority)
    assert host is not None
    assert host.address == address


def test_an_asterisk_serves_every_name() -> None:
    host = Hosts(["*"]).read("evil.test")
    assert host is not None
    assert host.allowed


def test_the_memory_of_hosts_is_bounded() -> None:
    hosts = Hosts()
    for number in range(1000):
        hosts.read(f"a{number}.test")
        assert len(hosts._known) <= 256


def test_a_host_is_remembered_until_the_memory_is_full() -> None:
    hosts = Hosts()
    first = hosts.read("first.test")
    for number in range(255):
        assert hosts.read(f"a{number}.test") is not None
        assert hosts.read("first.test") is first
    hosts.read("one-too-many.test")
    assert hosts.read("first.test") is not first
