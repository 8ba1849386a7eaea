import pytest

from corsproxy.watch.guard import known_host

CONFIGURED = ("admin.example.test", "Monitor", "10.0.0.1", "*.wild.test", "*")


@pytest.mark.parametrize(
    ("host", "known"),
    [
        pytest.param("127.0.0.1:8081", True, id="IPv4"),
        pytest.param("127.0.0.1", True, id="no port"),
        pytest.param("[::1]:8081", True, id="IPv6"),
        pytest.param("[::1]", True, id="IPv6 without port"),
        pytest.param("127.0.0.2:8081", True, id="another of the loopback network"),
        pytest.param("172.17.0.2:8081", True, id="the address it came in by"),
        pytest.param("10.0.0.1", True, id="an address that is configured"),
        pytest.param("192.168.1.7:8081", False, id="an address of somebody else"),
        pytest.param("0.0.0.0:8081", False, id="the address that is none"),
        pytest.param("localhost:8081", True, id="localhost"),
        pytest.param("LOCALHOST:8081", True, id="in capitals"),
        pytest.param("localhost.:8081", True, id="with its final dot"),
        pytest.param("a.localhost", True, id="below localhost"),
        pytest.param("monitor:8081", True, id="a single label that is configured"),
        pytest.param("corsproxy:8081", False, id="a name of a compose stack"),
        pytest.param("wifi", False, id="a name that a network may give to anybody"),
        pytest.param("admin.example.test", True, id="configured"),
        pytest.param("a.wild.test", False, id="by a wildcard"),
        pytest.param("evil.test:8081", False, id="a re-bound name"),
        pytest.param("localhost.evil.test", False, id="localhost as a label"),
        pytest.param("127.0.0.1.evil.test", False, id="an address as labels"),
        pytest.param("evil.test#localhost", False, id="a fragment"),
        pytest.param("localhost@evil.test", False, id="userinfo"),
        pytest.param("127.0.0.1, evil.test", False, id="two hosts"),
        pytest.param("[::1", False, id="an open bracket"),
        pytest.param("[::1]evil", False, id="text after the bracket"),
        pytest.param("localhost:80a", False, id="a port that is none"),
        pytest.param("", False, id="none"),
    ],
)
def test_a_host_is_known_if_no_stranger_can_point_it_here(host: str, known: bool) -> None:
    assert known_host(host, CONFIGURED, "172.17.0.2") is known


def test_the_address_it_came_in_by_is_that_of_each_connection() -> None:
    assert not known_host("172.17.0.2:8081", CONFIGURED, "")
    assert known_host("[fd00::1]:8081", CONFIGURED, "fd00::1")
