"""Addresses: one spelling each; what could be taken for another place is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsproxy.config.address import (
    AddressError,
    TcpAddress,
    UnixAddress,
    UpstreamAddress,
    own_origin,
    parse_listen,
)
from corsproxy.config.settings import Forward
from corsproxy.cors.loopback import is_loopback_host


@pytest.mark.parametrize(
    ("text", "address"),
    [
        pytest.param("8080", TcpAddress("127.0.0.1", 8080), id="a port alone is on loopback"),
        pytest.param("0", TcpAddress("127.0.0.1", 0), id="any free port"),
        pytest.param("0.0.0.0:80", TcpAddress("0.0.0.0", 80), id="every interface"),
        pytest.param("localhost:8080", TcpAddress("localhost", 8080), id="a name"),
        pytest.param("[::1]:8080", TcpAddress("::1", 8080), id="IPv6"),
        pytest.param("https://a.test:8443", TcpAddress("a.test", 8443, tls=True), id="https"),
        pytest.param("HTTPS://[::1]", TcpAddress("::1", 443, tls=True), id="https without a port"),
        pytest.param("http://a.test:80/", TcpAddress("a.test", 80, tls=False), id="http, said so"),
        pytest.param("[0:0::1]:8080", TcpAddress("::1", 8080), id="IPv6 in a longer spelling"),
        pytest.param("unix:/run/a.sock", UnixAddress("/run/a.sock"), id="a unix socket"),
    ],
)
def test_an_address_to_listen_on(text: str, address: TcpAddress | UnixAddress) -> None:
    assert parse_listen(text) == address
    assert parse_listen(str(address)) == address


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        pytest.param(":8080", "127.0.0.1:8080", id="no host"),
        pytest.param("*:80", "0.0.0.0:80", id="a star"),
        pytest.param("::1:8080", None, id="IPv6 without brackets"),
        pytest.param("localhost", "localhost:8080", id="no port"),
        pytest.param("99999", None, id="no such port"),
        pytest.param("127.1:80", "127.0.0.1:80", id="an IPv4 address with two numbers"),
        pytest.param("unix:a.sock", None, id="a relative socket"),
        pytest.param("http://127.0.0.1:81/api", "http://127.0.0.1:81", id="a URL with a path"),
        pytest.param("https://127.1:80", "https://127.0.0.1:80", id="an IPv4 address in a URL"),
        pytest.param("ftp://127.0.0.1:80", "127.0.0.1:80", id="another scheme"),
    ],
)
def test_no_address_to_listen_on(text: str, fix: str | None) -> None:
    with pytest.raises(AddressError) as caught:
        parse_listen(text)
    assert caught.value.fix == fix


@pytest.mark.parametrize(
    ("text", "printed", "authority"),
    [
        pytest.param("http://a.test", "http://a.test", "a.test", id="http"),
        pytest.param("https://a.test:443", "https://a.test", "a.test", id="default port"),
        pytest.param("http://A.test:443/", "http://a.test:443", "a.test:443", id="other port"),
        pytest.param("http://[::1]:80", "http://[::1]", "[::1]", id="IPv6"),
        pytest.param("unix:/a.sock", "unix:/a.sock", "localhost", id="a unix socket"),
    ],
)
def test_an_upstream(text: str, printed: str, authority: str) -> None:
    upstream = UpstreamAddress.parse(text)
    assert (str(upstream), upstream.authority) == (printed, authority)
    assert UpstreamAddress.parse(printed) == upstream


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        pytest.param("http://a.test/api", "http://a.test", id="a path"),
        pytest.param("http://a.test?x", "http://a.test", id="a query"),
        pytest.param("http://127.1:8000/api", "http://127.0.0.1:8000", id="two at once"),
        pytest.param("http://0177.0.0.1", "http://127.0.0.1", id="octal"),
        pytest.param("http://2130706433", "http://127.0.0.1", id="one number"),
        pytest.param("http://0x7f.1", "http://127.0.0.1", id="hexadecimal"),
        pytest.param("a.test:8000", "http://a.test:8000", id="no scheme"),
        pytest.param("http//a.test", "http://a.test", id="no colon"),
        pytest.param("https:/a.test/x", "https://a.test", id="one slash"),
        pytest.param("http:a.test:81", "http://a.test:81", id="no slash"),
        pytest.param("http:8080", "http://http:8080", id="a service of that name"),
        pytest.param("ftp://a.test", None, id="another scheme"),
        pytest.param("http://a.test:0", None, id="port 0"),
        pytest.param("http://a..test", None, id="an empty label"),
        pytest.param("http://ä.test", None, id="Unicode"),
        pytest.param("http://[1::2::3]", None, id="no IPv6 address"),
        pytest.param("http://1.2.3.4.5", None, id="no IPv4 address"),
        pytest.param("http://", None, id="no host"),
    ],
)
def test_no_upstream(text: str, fix: str | None) -> None:
    with pytest.raises(AddressError) as caught:
        UpstreamAddress.parse(text)
    assert caught.value.fix == fix


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("http://user:secret@a.test:8000/x", "http://a.test:8000"),
        ("user:secret@a.test:8000", "http://a.test:8000"),
        ("https://user:se/cr?et@a.test", "https://a.test"),
        ("http://user:se#cr@et@local host", None),
    ],
)
def test_no_password_is_repeated_whatever_is_in_it(text: str, fix: str | None) -> None:
    with pytest.raises(AddressError, match="must not contain a user name") as caught:
        UpstreamAddress.parse(text)
    assert caught.value.fix == fix


def test_an_at_sign_in_a_path_is_no_user_name() -> None:
    with pytest.raises(AddressError, match="no path") as caught:
        UpstreamAddress.parse("http://a.test/@me")
    assert caught.value.fix == "http://a.test"


def test_a_password_is_not_repeated() -> None:
    with pytest.raises(AddressError) as caught:
        UpstreamAddress.parse("http://user:secret@a.test:8000/x")
    assert "secret" not in caught.value.message
    assert caught.value.fix == "http://a.test:8000"


@given(st.text())
def test_any_other_text_is_refused_and_nothing_else_happens(text: str) -> None:
    for parse in (parse_listen, UpstreamAddress.parse):
        try:
            address = parse(text)
        except AddressError:
            continue
        assert parse(str(address)) == address


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("app.localhost.", True),
        ("127.3.2.1", True),
        ("::1", True),
        ("[::1]", True),
        ("alocalhost", False),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
    ],
)
def test_which_hosts_are_this_machine(host: str, loopback: bool) -> None:
    assert is_loopback_host(host) is loopback


@pytest.mark.parametrize(
    ("listen", "origin"),
    [
        ("8080", "http://127.0.0.1:8080"),
        ("localhost:80", "http://localhost"),
        ("0.0.0.0:8080", "http://localhost:8080"),
        ("[::]:8080", "http://localhost:8080"),
        ("[::1]:8080", "http://[::1]:8080"),
        ("unix:/run/proxy.sock", "http://localhost"),
        ("https://127.0.0.1:8443", "https://127.0.0.1:8443"),
        ("https://localhost", "https://localhost"),
        ("http://localhost:443", "http://localhost:443"),
    ],
)
def test_a_page_on_this_machine_names_the_proxy_by_its_address(listen: str, origin: str) -> None:
    assert own_origin([parse_listen(listen)]) == origin


@pytest.mark.parametrize(
    ("page", "own"),
    [
        ("https://app.test", "https://127.0.0.1:8443"),
        ("http://app.test", "http://127.0.0.1:8080"),
        ("null", "http://127.0.0.1:8080"),
    ],
)
def test_a_page_calls_the_address_of_its_own_scheme(page: str, own: str) -> None:
    addresses = [parse_listen(text) for text in ("8080", "https://127.0.0.1:8443", "unix:/x")]
    assert own_origin(addresses, page) == own


def test_what_listens_on_all_addresses_is_reached_by_loopback() -> None:
    assert TcpAddress("0.0.0.0", 80).reachable == TcpAddress("127.0.0.1", 80)
    assert TcpAddress("::", 80).reachable == TcpAddress("::1", 80)
    assert TcpAddress("192.0.2.1", 80).reachable == TcpAddress("192.0.2.1", 80)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        pytest.param("http://localhost:3000", True, id="this machine"),
        pytest.param("http://127.8.0.1", True, id="its loopback network"),
        pytest.param("http://[::1]:81", True, id="its loopback by IPv6"),
        pytest.param("http://api.localhost", True, id="a name below localhost"),
        pytest.param("unix:/run/api.sock", True, id="a socket"),
        pytest.param("http://api:8000", True, id="a service of compose"),
        pytest.param("https://api", True, id="by TLS, too"),
        pytest.param("http://api.:8000", True, id="one label and its dot"),
        pytest.param("http://host.docker.internal", True, id="the container's host"),
        pytest.param("http://printer.local", True, id="multicast DNS"),
        pytest.param("http://10.1.2.3", True, id="a private address"),
        pytest.param("http://192.168.0.7", True, id="the one at home"),
        pytest.param("http://172.16.0.1", True, id="a container's"),
        pytest.param("http://100.64.0.1", True, id="shared by a carrier (RFC 6598)"),
        pytest.param("http://169.254.169.254", True, id="link-local"),
        pytest.param("http://[fd00::1]", True, id="a unique local address"),
        pytest.param("http://[fe80::1]", True, id="link-local by IPv6"),
        pytest.param("http://172.32.0.1", False, id="just outside"),
        pytest.param("http://8.8.8.8", False, id="a public address"),
        pytest.param("http://[2606:4700::1111]", False, id="a public address by IPv6"),
        pytest.param("https://x.execute-api.eu-west-1.amazonaws.com", False, id="API Gateway"),
        pytest.param("http://api.test", False, id="a name with a dot"),
        pytest.param("http://local.example", False, id="local, but not last"),
    ],
)
def test_an_upstream_is_near_where_only_this_machine_or_network_knows_it(
    text: str, near: bool
) -> None:
    address = UpstreamAddress.parse(text)
    assert address.near is near
    assert Forward().settled_host(address) == ("preserve" if near else "upstream")


@pytest.mark.parametrize("host", ["upstream", "preserve", "api.test:81"])
def test_a_host_that_was_said_counts_for_every_upstream(host: str) -> None:
    for text in ("http://localhost:3000", "https://api.test"):
        assert Forward(host).settled_host(UpstreamAddress.parse(text)) == host
