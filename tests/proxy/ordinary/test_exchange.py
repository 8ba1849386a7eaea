"""What each setting makes of requests and responses, in both lanes."""

import json

import pytest

from tests.served import request, served
from tests.until import until
from tests.upstreams import Script, Upstream
from tests.wire.messages import Message, Wire, chunked, reply

ORIGIN = b"Origin: https://a.test"
FOREIGN = b"Origin: https://evil.test"
PREFLIGHT = (b"OPTIONS", b"/", b"Access-Control-Request-Method: PUT")
OWN = (
    b"Access-Control-Allow-Origin: https://up.test",
    b"Access-Control-Allow-Credentials: true",
    b"Vary: Accept",
)


def policy(upstream: Upstream, more: str = "", cors: str = "") -> str:
    listed = f"allow_origins: [https://a.test], allow_methods: [PUT]{', ' if cors else ''}{cors}"
    return f"upstream: {upstream.url}\ncors: {{{listed}}}\n{more}\n"


def answers(*lines: bytes) -> Script:
    """An upstream that answers with these field lines."""

    def script(wire: Wire, asked: Message) -> None:
        wire.read_content(asked)
        wire.send(reply(b"hello", *lines))

    return script


@pytest.mark.parametrize(
    ("mode", "left"),
    [
        pytest.param("enforce", (b"https://a.test", None, b"Accept, Origin"), id="enforce"),
        pytest.param("add", (b"https://up.test", b"true", b"Accept, Origin"), id="add"),
        pytest.param("strip", (None, None, b"Accept"), id="strip"),
        pytest.param("validate", (b"https://up.test", b"true", b"Accept"), id="validate"),
        pytest.param("passthrough", (b"https://up.test", b"true", b"Accept"), id="passthrough"),
    ],
)
def test_a_mode_says_whose_fields_leave(
    upstream: Upstream, fast: bool, mode: str, left: tuple[bytes | None, ...]
) -> None:
    upstream.script = answers(*OWN)
    with served(policy(upstream, cors=f"mode: {mode}"), fast=fast) as gateway:
        response = gateway.ask(b"GET", b"/", ORIGIN)
    assert response.content == b"hello"
    names = (b"access-control-allow-origin", b"access-control-allow-credentials", b"vary")
    assert tuple(map(response.one, names)) == left


@pytest.mark.parametrize("mode", ["strip", "validate", "passthrough"])
def test_modes_that_do_not_answer_preflights_forward_them(
    upstream: Upstream, fast: bool, mode: str
) -> None:
    with served(policy(upstream, cors=f"mode: {mode}"), fast=fast) as gateway:
        assert gateway.ask(*PREFLIGHT, ORIGIN).content == b"hello"


def test_a_granted_preflight_is_answered_here(upstream: Upstream, fast: bool) -> None:
    with served(policy(upstream), fast=fast) as gateway:
        response = gateway.ask(*PREFLIGHT, ORIGIN)
    assert response.status == 204
    assert response.one(b"access-control-allow-origin") == b"https://a.test"
    assert response.one(b"access-control-allow-methods") == b"PUT"
    assert response.names >= {b"date", b"vary"}
    assert b"content-length" not in response.names
    assert upstream.seen == []


@pytest.mark.parametrize(("tone", "status"), [("telling", 204), ("terse", 403)])
def test_a_refused_preflight_has_its_tone_and_its_id(
    upstream: Upstream, fast: bool, tone: str, status: int
) -> None:
    with served(policy(upstream, cors=f"refused_preflight: {tone}"), fast=fast) as gateway:
        response = gateway.ask(*PREFLIGHT, FOREIGN)
        exchange = gateway.exchanges.get(timeout=5)
    assert response.status == status
    assert not any(name.startswith(b"access-control") for name in response.names)
    assert response.one(b"x-corsproxy-decision") == exchange.id.encode()
    assert upstream.seen == []


def test_a_refused_request_is_told_why(upstream: Upstream, fast: bool) -> None:
    with served(policy(upstream), fast=fast) as gateway:
        response = gateway.ask(b"GET", b"/", FOREIGN)
        exchange = gateway.exchanges.get(timeout=5)
    problem = json.loads(response.content)
    assert response.status == problem["status"] == 403
    assert response.one(b"content-type") == b"application/problem+json"
    assert response.one(b"cache-control") == b"no-store"
    (reason,) = problem["reasons"]
    assert reason["check"] == "origin"
    assert reason["reason"] == "origin-not-allowed"
    assert "https://evil.test" in reason["text"]
    assert reason["fix"]
    assert problem["decision"] == exchange.id
    assert upstream.seen == []


def test_a_refused_method_can_be_read_by_the_page(upstream: Upstream, fast: bool) -> None:
    with served(policy(upstream), fast=fast) as gateway:
        response = gateway.ask(b"DELETE", b"/", ORIGIN)
    assert response.status == 403
    assert response.one(b"access-control-allow-origin") == b"https://a.test"


def test_a_refused_request_may_be_forwarded_without_fields(upstream: Upstream, fast: bool) -> None:
    upstream.script = answers(*OWN)
    with served(policy(upstream, cors="refused_request: forward"), fast=fast) as gateway:
        response = gateway.ask(b"GET", b"/", FOREIGN)
    assert response.content == b"hello"
    assert response.one(b"access-control-allow-origin") is None
    assert response.one(b"x-corsproxy-decision")


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((b"Origin: http://localhost",), id="its own origin"),
        pytest.param((FOREIGN, b"Sec-Fetch-Mode: navigate"), id="a navigation"),
        pytest.param((), id="no origin"),
    ],
)
def test_who_did_not_ask_cors_is_not_refused(
    upstream: Upstream, fast: bool, lines: tuple[bytes, ...]
) -> None:
    with served(policy(upstream), fast=fast) as gateway:
        assert gateway.ask(b"DELETE", b"/", *lines).content == b"hello"


def test_a_violation_is_blocked_where_asked(upstream: Upstream, fast: bool) -> None:
    upstream.script = answers(*OWN)
    cors = "mode: validate, on_violation: block"
    with served(policy(upstream, cors=cors), fast=fast) as gateway:
        response = gateway.ask(b"GET", b"/", ORIGIN)
    assert response.status == 502
    assert json.loads(response.content)["reasons"]
    assert response.one(b"access-control-allow-origin") == b"https://a.test"
    assert response.one(b"x-corsproxy-decision")


@pytest.mark.parametrize(
    ("forward", "host", "origin"),
    [
        pytest.param("{}", b"localhost", b"https://a.test", id="the default, on loopback"),
        pytest.param("{host: upstream}", None, b"https://a.test", id="the upstream's own"),
        pytest.param("{host: preserve}", b"localhost", b"https://a.test", id="preserve"),
        pytest.param("{host: api.test}", b"api.test", b"https://a.test", id="a name"),
        pytest.param("{origin: drop}", b"localhost", None, id="drop"),
        pytest.param("{origin: rewrite}", b"localhost", b"http://localhost", id="rewrite"),
        pytest.param("{origin: rewrite, host: upstream}", None, b"its own", id="rewrite both"),
    ],
)
def test_forward_says_what_the_upstream_sees(
    upstream: Upstream, fast: bool, forward: str, host: bytes | None, origin: bytes | None
) -> None:
    with served(policy(upstream, f"forward: {forward}"), fast=fast) as gateway:
        gateway.ask(b"GET", b"/", ORIGIN)
    (seen,) = upstream.seen
    own = upstream.url.encode()
    assert seen.one(b"host") == (host or own.removeprefix(b"http://"))
    assert seen.one(b"origin") == (own if origin == b"its own" else origin)


def test_a_trusted_proxy_speaks_for_its_clients(upstream: Upstream, fast: bool) -> None:
    said = (
        b"X-Forwarded-For: 10.0.0.1",
        b"X-Forwarded-Proto: https",
        b"X-Forwarded-Host: shop.test",
        b"Forwarded: for=10.0.0.1",
    )
    with served(policy(upstream, "trusted_proxies: [127.0.0.0/8]"), fast=fast) as gateway:
        own = gateway.ask(b"DELETE", b"/", *said, b"Origin: https://shop.test")
    (seen,) = upstream.seen
    assert seen.one(b"x-forwarded-for") == b"10.0.0.1, 127.0.0.1"
    assert seen.one(b"x-forwarded-proto") == b"https"
    assert seen.one(b"x-forwarded-host") == b"shop.test"
    assert seen.one(b"forwarded") == b"for=10.0.0.1, for=127.0.0.1;host=localhost;proto=http"
    assert own.content == b"hello"  # the page's own origin, by the proxy's word


@pytest.mark.parametrize(
    "said",
    [
        pytest.param((b"X-Forwarded-Host: evil.test", b"X-Forwarded-Proto: https"), id="both"),
        pytest.param((b"X-Forwarded-Proto: https", b"Host: evil.localhost"), id="a scheme"),
        pytest.param((b"Forwarded: host=evil.test;proto=https",), id="Forwarded"),
    ],
)
def test_nobody_else_makes_an_origin_our_own(
    upstream: Upstream, fast: bool, said: tuple[bytes, ...]
) -> None:
    host = b"evil.localhost" if b"Host: evil.localhost" in said else b"evil.test"
    with served(policy(upstream), fast=fast) as gateway:
        refused = gateway.ask(b"DELETE", b"/", *said, b"Origin: https://" + host)
    assert refused.status == 403
    assert not upstream.seen


@pytest.mark.parametrize(
    ("target", "status", "asked"),
    [
        pytest.param(b"/auth/x?y", 200, b"/x?y", id="below"),
        pytest.param(b"/auth", 200, b"/", id="itself"),
        pytest.param(b"/auth?y", 200, b"/?y", id="itself with a query"),
        pytest.param(b"/auth//evil.test", 200, b"//evil.test", id="two slashes"),
        pytest.param(b"/author", 200, b"/author", id="only the letters"),
        pytest.param(b"/Auth/x", 400, None, id="capitals, which some backends ignore"),
        pytest.param(b"/x/../auth/y", 400, None, id="dot segments"),
        pytest.param(b"/auth/..%2fx", 400, None, id="encoded dot segments"),
        pytest.param(b"/%61uth/x", 400, None, id="an encoded letter"),
        pytest.param(b"//auth/x", 400, None, id="two slashes before"),
    ],
)
def test_routes_by_path(
    upstream: Upstream, fast: bool, target: bytes, status: int, asked: bytes | None
) -> None:
    routes = "routes: [{path: /auth/, strip_path: true, cors: {allow_origins: [https://b.test]}}]"
    with served(policy(upstream, routes), fast=fast) as gateway:
        response = gateway.ask(b"GET", target)
    assert response.status == status
    assert [seen.target for seen in upstream.seen] == ([asked] if asked else [])


def test_a_host_that_is_not_served_is_told_the_fix(upstream: Upstream, fast: bool) -> None:
    with served(policy(upstream), fast=fast) as gateway:
        response = gateway.ask(b"GET", b"/", b"Host: evil.test", ORIGIN)
    assert response.status == 421
    assert "allowed_hosts: [evil.test]" in json.loads(response.content)["detail"]
    assert response.one(b"access-control-allow-origin") == b"https://a.test"
    assert upstream.seen == []


@pytest.mark.parametrize(
    "framing",
    [
        pytest.param((b"Content-Length: 11", b"x" * 11), id="a length"),
        pytest.param((b"Transfer-Encoding: chunked", chunked(b"x" * 11, 5)), id="chunks"),
    ],
)
def test_content_beyond_the_limit_is_refused(
    upstream: Upstream, fast: bool, framing: tuple[bytes, bytes]
) -> None:
    line, content = framing
    with served(policy(upstream, "limits: {body_bytes: 10}"), fast=fast) as gateway:
        response = gateway.ask(b"POST", b"/", ORIGIN, line, content=content)
        assert response.status == 413
        assert response.one(b"access-control-allow-origin") == b"https://a.test"
        fits = (b"Content-Length: 10", b"Content-Type: a/b")
        assert gateway.ask(b"POST", b"/", *fits, content=b"x" * 10).content == b"hello"
    upstream.unsound.clear()  # the request that was cut off


def test_connections_beyond_the_limit_are_told_so(upstream: Upstream, fast: bool) -> None:
    with served(policy(upstream, "limits: {connections: 2}"), fast=fast) as gateway:
        first, second = gateway.connect(), gateway.connect()
        for client in (first, second):
            assert client.send(request()).response().content == b"hello"
        response = gateway.ask()
        assert response.status == 503
        assert response.one(b"retry-after") == b"1"
        first.sock.close()
        until(lambda: gateway.ask().status != 503)
        second.sock.close()


def test_content_that_does_not_come_is_not_waited_for(upstream: Upstream) -> None:
    with served(policy(upstream, "timeouts: {idle: 0.2}"), fast=False) as gateway:
        line = b"Content-Length: 5"
        response = gateway.ask(b"POST", b"/", line, content=b"hell")
    assert response.status == 408
    assert upstream.wait_closed()
    upstream.unsound.clear()  # the request that was cut off


def test_an_upstream_that_is_down_can_be_read_about(upstream: Upstream, fast: bool) -> None:
    upstream.close()
    with served(policy(upstream), fast=fast) as gateway:
        response = gateway.ask(b"GET", b"/", ORIGIN)
        assert response.status == 502
        assert "nothing listens there" in json.loads(response.content)["detail"]
        assert response.one(b"access-control-allow-origin") == b"https://a.test"
        assert gateway.exchanges.get(timeout=5).failure == "refused"


def test_an_exchange_has_what_crossed_the_wire(upstream: Upstream, fast: bool) -> None:
    content = b"Content-Length: 3"
    with served(policy(upstream), fast=fast) as gateway:
        gateway.ask(b"PUT", b"/x?y", ORIGIN, content, content=b"abc")
        exchange = gateway.exchanges.get(timeout=5)
    assert (exchange.method, exchange.target, exchange.status) == ("PUT", "/x?y", 200)
    assert (exchange.request_size, exchange.response_size) == (3, 5)
    assert exchange.peer == "127.0.0.1"
    assert exchange.route == "/"
    assert exchange.request_head.startswith(b"PUT /x?y HTTP/1.1\r\nHost: localhost\r\n")
    assert exchange.forwarded_head.startswith(b"PUT /x?y HTTP/1.1\r\n")
    assert exchange.upstream_head == b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    assert b"Access-Control-Allow-Origin: https://a.test\r\n" in exchange.response_head
    assert exchange.lane == ("fast" if fast else "ordinary")
    assert 0 < exchange.wait <= exchange.seconds
