"""Fields: what is end-to-end passes as it came; what concerns one connection does not."""

import pytest

from tests.upstreams import Script
from tests.wire.conftest import ORIGIN, Gateway, every_loop
from tests.wire.messages import Fields, Message, Wire, reply

BROWSER: Fields = [
    (b"sec-ch-ua", b'"Chromium";v="156", "Not)A;Brand";v="99"'),
    (b"User-Agent", b"Mozilla/5.0 (X11; Linux x86_64)"),
    (b"accept", b"application/json, text/plain, */*;q=0.1"),
    (b"X-CamelCase-ID", b"AbC-1"),
    (b"Accept-Encoding", b"gzip, deflate, br, zstd"),
    (b"Cookie", b'a=1; b="x y"'),
    (b"Cookie", b"c=%20"),
    (b"Authorization", b"Bearer abc.def"),
    (b"X-Dup", b"1"),
    (b"x-dup", b"2"),
    (b"X-DUP", b"3"),
    (b"X-Empty", b""),
    (b"X-Blanks", b"a  b\tc"),
    (b"x_under", b"1"),
    (b"X!#$%&'*+-.^_`|~9", b"1"),
    (b"X-Utf-8", "café ✓".encode()),
    (b"X-Latin-1", b"caf\xe9"),
    (b"X-Bytes", bytes(range(0x80, 0x100))),
    (b"Range", b"bytes=0-5"),
]
API: Fields = [
    (b"Server", b"api/1"),
    (b"Date", b"Tue, 15 Nov 1994 08:12:31 GMT"),
    (b"content-type", b"application/json; charset=utf-8"),
    (b"ETag", b'W/"x"'),
    (b"Set-Cookie", b"a=1; Path=/; HttpOnly"),
    (b"set-cookie", b'b="x, y"; SameSite=Lax'),
    (b"Link", b"</a>; rel=preload"),
    (b"X-M", b"caf\xe9"),
    (b"link", b"</b>; rel=next"),
    (b"WWW-Authenticate", b'Basic realm="a, b"'),
    (b"WWW-Authenticate", b"Bearer"),
    (b"Location", b"http://127.0.0.1/else"),
    (b"X-Empty", b""),
]
ADDED = {
    b"host",
    b"via",
    b"x-forwarded-for",
    b"x-forwarded-proto",
    b"x-forwarded-host",
    b"forwarded",
}


def lines(fields: Fields) -> list[bytes]:
    return [b"%b: %b" % field for field in fields]


def replies(*field_lines: bytes, status: bytes = b"200 OK") -> Script:
    """An upstream that answers so."""

    def script(wire: Wire, request: Message) -> None:
        wire.read_content(request)
        wire.send(reply(b"", *field_lines, status=status))

    return script


@every_loop
def test_request_fields_keep_order_spelling_repetition_and_bytes(gateway: Gateway) -> None:
    request, _ = gateway.exchange(b"GET", b"/", *lines(BROWSER))
    assert [field for field in request.fields if field[0].lower() not in ADDED] == BROWSER
    assert request.fields[0][0] == b"Host"


@every_loop
def test_response_fields_keep_order_spelling_repetition_and_bytes(gateway: Gateway) -> None:
    gateway.upstream.script = replies(*lines(API), status=b"302 Fine, thanks")
    _, response = gateway.exchange()
    assert response.start == b"HTTP/1.1 302 Fine, thanks"
    assert response.fields == [*API, (b"Content-Length", b"0"), (b"Vary", b"Origin")]


def test_nothing_is_invented_in_a_request(gateway: Gateway) -> None:
    request, _ = gateway.exchange(b"POST", b"/", b"Content-Length: 1", content=b"x")
    assert request.names == ADDED | {b"content-length"}


@every_loop
@pytest.mark.parametrize(
    "line",
    [
        b"Keep-Alive: timeout=5",
        b"Proxy-Connection: keep-alive",
        b"Upgrade: foo/2",
        b"TE: trailers",
        b"Proxy-Authorization: Basic eDp5",
        b"Proxy: http://evil.test",
        b"Trailer: X-T",
        b"X-Forwarded-Prefix: /evil",
    ],
    ids=lambda line: line.partition(b":")[0].decode(),
)
def test_what_concerns_one_connection_is_not_forwarded(gateway: Gateway, line: bytes) -> None:
    request, _ = gateway.exchange(b"GET", b"/", line, b"X-Kept: 1")
    assert request.names == ADDED | {b"x-kept"}


@every_loop
@pytest.mark.parametrize(
    "said",
    [b"X-Hop", b"x-hop", b"X-Other, X-Hop", b"close, X-Hop", b" , X-Hop,", b"TE,\tX-Hop"],
    ids=bytes.decode,
)
def test_connection_takes_out_what_it_names(gateway: Gateway, said: bytes) -> None:
    request, _ = gateway.exchange(
        b"GET", b"/", b"X-Hop: 1", b"Connection: " + said, b"X-Hop: 2", b"X-Kept: 1"
    )
    assert request.names == ADDED | {b"x-kept"}


def test_several_connection_lines_count(gateway: Gateway) -> None:
    request, _ = gateway.exchange(
        b"GET", b"/", b"Connection: x-a", b"X-A: 1", b"X-B: 1", b"Connection: x-b"
    )
    assert request.names == ADDED


@pytest.mark.parametrize(
    "name",
    [
        b"Host", b"Content-Length", b"Transfer-Encoding", b"Origin", b"Via", b"X-Forwarded-For",
        b"Authorization", b"Cookie", b"Access-Control-Request-Method", b"Content-Type",
        b"Forwarded", b"Cache-Control",
    ],
    ids=bytes.decode,
)  # fmt: skip
def test_connection_cannot_take_out_what_is_end_to_end(gateway: Gateway, name: bytes) -> None:
    request, response = gateway.exchange(
        b"POST",
        b"/",
        b"Connection: " + name,
        b"Origin: " + ORIGIN,
        b"Authorization: a",
        b"Cookie: a",
        b"Access-Control-Request-Method: PUT",
        b"Content-Type: a/b",
        b"Cache-Control: no-cache",
        b"Content-Length: 5",
        content=b"hello",
    )
    assert name == b"Transfer-Encoding" or request.get(name)
    assert request.content == b"hello"
    assert response.one(b"access-control-allow-origin") == ORIGIN


def test_connection_cannot_turn_a_preflight_into_something_else(gateway: Gateway) -> None:
    with gateway.connect() as client:
        asked = (b"Origin: " + ORIGIN, b"Access-Control-Request-Method: PUT")
        named = b"Connection: Origin, Access-Control-Request-Method"
        response = client.send(gateway.ask(b"OPTIONS", b"/", named, *asked)).response()
    assert response.one(b"access-control-allow-methods") == b"GET, PUT, PATCH, DELETE"
    assert gateway.upstream.seen == []


@every_loop
@pytest.mark.parametrize(
    "said",
    [
        pytest.param((b"Keep-Alive: timeout=7",), id="Keep-Alive"),
        pytest.param((b"Proxy-Connection: keep-alive",), id="Proxy-Connection"),
        pytest.param((b"Upgrade: h2c",), id="Upgrade"),
        pytest.param((b"Connection: X-Hop", b"X-Hop: 1"), id="named by Connection"),
        pytest.param((b"Connection: close",), id="Connection"),
    ],
)
def test_what_concerns_the_upstreams_connection_stays_there(
    gateway: Gateway, said: tuple[bytes, ...]
) -> None:
    gateway.upstream.script = replies(*said, b"X-Kept: 1")
    _, response = gateway.exchange()
    assert response.names == {b"x-kept", b"content-length", b"vary"}


@every_loop
def test_an_upstream_learns_who_asked_and_how(gateway: Gateway) -> None:
    request, _ = gateway.exchange(b"GET", b"/", b"Host: api.localtest.me:81")
    assert request.one(b"host") == b"api.localtest.me:81"  # the client's: it is on loopback
    assert request.one(b"x-forwarded-for") == b"127.0.0.1"
    assert request.one(b"x-forwarded-proto") == b"http"
    assert request.one(b"x-forwarded-host") == b"api.localtest.me:81"
    forwarded = b'for=127.0.0.1;host="api.localtest.me:81";proto=http'
    assert request.one(b"forwarded") == forwarded
    via = request.one(b"via")
    assert via is not None
    assert via.startswith(b"1.1 corsproxy-")


@every_loop
def test_nobody_but_a_trusted_proxy_speaks_for_others(gateway: Gateway) -> None:
    request, _ = gateway.exchange(
        b"GET",
        b"/",
        b"X-Forwarded-For: 10.0.0.1",
        b"x-forwarded-proto: https",
        b"X-Forwarded-Host: evil.test",
        b"Forwarded: for=10.0.0.1",
    )
    assert request.one(b"x-forwarded-for") == b"127.0.0.1"
    assert request.one(b"x-forwarded-proto") == b"http"
    assert request.one(b"x-forwarded-host") == gateway.host
    assert b"10.0.0.1" not in (request.one(b"forwarded") or b"")


@every_loop
@pytest.mark.parametrize(
    "name",
    [
        b"X_Forwarded_For", b"x_forwarded_host", b"X-Forwarded_Proto", b"X.Forwarded.For",
        b"X_Real_IP", b"X-Real-IP", b"True_Client_IP", b"Proxy_Authorization", b"Keep_Alive",
        b"Content_Length", b"Transfer_Encoding", b"X!Forwarded~Port",
    ],
    ids=bytes.decode,
)  # fmt: skip
def test_what_a_backend_may_take_for_our_word_does_not_pass(gateway: Gateway, name: bytes) -> None:
    request, _ = gateway.exchange(b"GET", b"/", name + b": 10.0.0.1", b"x_other_name: 1")
    assert request.names == ADDED | {b"x_other_name"}


@every_loop
@pytest.mark.parametrize(
    "name",
    [b"User-Agent", b"Content-Type", b"ETag", b"Server", b"Content-Range", b"Referer", b"Date"],
    ids=bytes.decode,
)
def test_a_header_that_should_come_once_may_come_twice(gateway: Gateway, name: bytes) -> None:
    request, response = gateway.exchange(b"GET", b"/", name + b": a/b", name.lower() + b": c/d")
    assert [field for field in request.fields if field[0].lower() == name.lower()] == [
        (name, b"a/b"),
        (name.lower(), b"c/d"),
    ]
    assert response.status == 200


def test_an_earlier_hop_in_via_is_kept_and_ours_comes_last(gateway: Gateway) -> None:
    request, _ = gateway.exchange(b"GET", b"/", b"Via: 1.0 fred")
    first, second = request.get(b"via")
    assert first == b"1.0 fred"
    assert second.startswith(b"1.1 corsproxy-")


@every_loop
def test_a_request_that_comes_round_in_a_circle_is_refused(gateway: Gateway) -> None:
    request, _ = gateway.exchange()
    with gateway.connect() as client:
        client.send(gateway.ask(b"GET", b"/", b"Via: " + b", ".join(request.get(b"via"))))
        assert client.response().status == 508
    assert len(gateway.upstream.seen) == 1


@pytest.mark.parametrize(
    ("method", "hops", "forwarded"),
    [
        pytest.param(b"OPTIONS", b"3", b"2", id="one hop less"),
        pytest.param(b"OPTIONS", b"1", b"0", id="the last hop"),
        pytest.param(b"OPTIONS", b"x", b"x", id="no number"),
        pytest.param(b"GET", b"3", b"3", id="another method"),
    ],
)
def test_max_forwards_counts_hops(
    gateway: Gateway, method: bytes, hops: bytes, forwarded: bytes
) -> None:
    request, _ = gateway.exchange(method, b"/", b"Max-Forwards: " + hops)
    assert request.one(b"max-forwards") == forwarded


def test_an_options_request_with_no_hops_left_is_answered_here(gateway: Gateway) -> None:
    with gateway.connect() as client:
        response = client.send(gateway.ask(b"OPTIONS", b"/", b"Max-Forwards: 0")).response()
    assert response.status == 204
    assert response.one(b"allow")
    assert gateway.upstream.seen == []
