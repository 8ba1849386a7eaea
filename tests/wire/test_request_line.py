"""The request line: what a client asks for is what the upstream is asked, byte for byte."""

import pytest

from tests.wire.conftest import Gateway, every_loop

UNTOUCHED = [
    b"/", b"/a/", b"/a?", b"/?", b"/a?b=c&d=e", b"/a?b?c", b"/a?&&=&", b"/a//b", b"//evil.test/x",
    b"/a/../b", b"/a/./b", b"/a/%2e%2e/x", b"/a%2Fb", b"/a%2fb", b"/%7euser", b"/~user", b"/a;b=c",
    b"/a%3Bb", b"/..;/x", b"/a%20b", b"/a+b?c+d", b"/a?x=%7C%5b%5D", b"/a%25b", b"/a%252fb",
    b"/a%C3%A9?%c3%a9", b"/@evil.test/", b"/a:b@c,d=e", b"/a!$&'()*", b"/*", b"/http://x.test/y",
    b"/a?u=http://x.test/?a", b"/.", b"/" + b"p" * 4000, b"/a?" + b"q" * 4000,
]  # fmt: skip
REFUSED = [
    pytest.param(b"/a#f", id="a fragment"),
    pytest.param(b"a", id="no slash"),
    pytest.param(b"*", id="an asterisk for GET"),
    pytest.param(b"ftp://127.0.0.1/", id="another scheme"),
    pytest.param(b"/a b", id="a blank"),
    pytest.param(b"/\x01", id="a control byte"),
    pytest.param(b"http://user@127.0.0.1/", id="userinfo"),
    pytest.param(b"http:///a", id="no authority"),
]


@every_loop
@pytest.mark.parametrize("target", UNTOUCHED, ids=lambda target: target[:30].decode())
def test_a_target_arrives_as_it_was_sent(gateway: Gateway, target: bytes) -> None:
    request, response = gateway.exchange(b"GET", target)
    assert request.target == target
    assert response.content == b"hello"


@every_loop
@pytest.mark.parametrize("target", REFUSED)
def test_what_is_no_target_is_refused(gateway: Gateway, target: bytes) -> None:
    with gateway.connect() as client:
        client.send(gateway.ask(b"GET", target))
        assert client.response().status == 400
        assert client.ended
    assert gateway.upstream.seen == []


@every_loop
@pytest.mark.parametrize(
    "method",
    [
        b"GET", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"HEAD", b"PROPFIND", b"QUERY",
        b"VERSION-CONTROL", b"M-SEARCH", b"CUSTOM", b"patch", b"get", b"!#$%&'*+-.^_`|~9",
        b"M" * 64,
    ],
    ids=lambda method: method[:16].decode(),
)  # fmt: skip
def test_a_method_arrives_as_it_was_sent(gateway: Gateway, method: bytes) -> None:
    request, _ = gateway.exchange(method)
    assert request.method == method


@pytest.mark.parametrize(
    ("target", "asked"),
    [
        pytest.param(b"http://api.localtest.me/x?y", b"/x?y", id="path and query"),
        pytest.param(b"http://api.localtest.me", b"/", id="no path"),
        pytest.param(b"http://api.localtest.me?y", b"/?y", id="no path, a query"),
        pytest.param(b"HTTP://127.0.0.1:1//x", b"//x", id="capitals, an IP address"),
    ],
)
def test_the_host_in_an_absolute_target_counts(
    gateway: Gateway, target: bytes, asked: bytes
) -> None:
    request, _ = gateway.exchange(b"GET", target, b"Host: other.localhost")
    assert request.target == asked
    authority = target.lower().removeprefix(b"http://").partition(b"/")[0].partition(b"?")[0]
    assert request.one(b"host") == authority  # an upstream on loopback sees the client's
    assert request.one(b"x-forwarded-host") == authority


def test_an_absolute_target_leads_nowhere_else(gateway: Gateway) -> None:
    with gateway.connect() as client:
        client.send(gateway.ask(b"GET", b"http://169.254.169.254/latest"))
        assert client.response().status == 200  # an IP address is served, by the one upstream
    assert gateway.upstream.seen[0].target == b"/latest"


@pytest.mark.parametrize(
    ("method", "target"),
    [
        pytest.param(b"TRACE", b"/", id="TRACE"),
        pytest.param(b"trace", b"/", id="TRACE in small letters"),
        pytest.param(b"TRACK", b"/", id="TRACK, the TRACE of another vendor"),
        pytest.param(b"CONNECT", b"127.0.0.1:80", id="CONNECT"),
    ],
)
def test_methods_that_no_gateway_forwards_are_refused(
    gateway: Gateway, method: bytes, target: bytes
) -> None:
    with gateway.connect() as client:
        client.send(gateway.ask(method, target))
        response = client.response()
        assert response.status == 405
        assert b"GET" in (response.one(b"allow") or b"")
        assert client.ended
    assert gateway.upstream.seen == []


@every_loop
def test_a_method_that_is_too_long_is_not_implemented(gateway: Gateway) -> None:
    with gateway.connect() as client:
        client.send(gateway.ask(b"M" * 65))
        assert client.response().status == 501
        assert client.ended
    assert gateway.upstream.seen == []


def test_options_for_the_gateway_itself_is_answered_here(gateway: Gateway) -> None:
    with gateway.connect() as client:
        response = client.send(gateway.ask(b"OPTIONS", b"*")).response()
    assert response.status == 204
    assert b"PATCH" in (response.one(b"allow") or b"")
    assert gateway.upstream.seen == []


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"GET / HTTP/0.9", id="0.9"),
        pytest.param(b"GET /", id="none"),
        pytest.param(b"GET / HTTP/2.0", id="2.0"),
        pytest.param(b"GET / HTTP/3.0", id="3.0"),
        pytest.param(b"GET / HTTP/1.10", id="1.10"),
        pytest.param(b"GET / http/1.1", id="lower case"),
    ],
)
def test_another_version_is_refused(gateway: Gateway, line: bytes) -> None:
    with gateway.connect() as client:
        client.send(b"%b\r\nHost: %b\r\n\r\n" % (line, gateway.host))
        assert client.response().status == 400
        assert client.ended
    assert gateway.upstream.seen == []


@every_loop
@pytest.mark.parametrize("minor", [b"2", b"9"])
def test_a_higher_minor_version_is_read_as_1_1(gateway: Gateway, minor: bytes) -> None:
    with gateway.connect() as client:
        for _ in range(2):  # the connection stays, as in HTTP/1.1
            client.send(b"GET / HTTP/1.%b\r\nHost: %b\r\n\r\n" % (minor, gateway.host))
            assert client.response().content == b"hello"
    assert [request.start for request in gateway.upstream.seen] == [b"GET / HTTP/1.1"] * 2
