import pytest

from corsproxy.watch.guard import known_host


@pytest.mark.parametrize(
    ("host", "known"),
    [
        pytest.param("127.0.0.1:8081", True, id="IPv4"),
        pytest.param("127.0.0.1", True, id="no port"),
        pytest.param("[::1]:8081", True, id="IPv6"),
        pytest.param("[::1]", True, id="IPv6 without port"),
        pytest.param("192.168.1.7:8081", True, id="an address of the network"),
        pytest.param("localhost:8081", True, id="localhost"),
        pytest.param("LOCALHOST:8081", True, id="in capitals"),
        pytest.param("localhost.:8081", True, id="with its final dot"),
        pytest.param("a.localhost", True, id="below localhost"),
        pytest.param("corsproxy:8081", True, id="a name of a compose stack"),
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
    assert known_host(host, ("admin.example.test", "*.wild.test", "*")) is known
