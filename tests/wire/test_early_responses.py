"""A response that comes before the request was read reaches the client, and spoils nothing."""

import socket

import pytest

from tests.upstreams import Script
from tests.wire.conftest import Gateway, Start
from tests.wire.messages import Message, Wire, chunked, reply

REFUSAL = reply(b"no", status=b"401 Unauthorized")
SIZES = (70_000, 3_000_000, 30_000_000)


def at_once(wire: Wire, _: Message) -> bool:
    """Refuse, and close with the content unread: the connection is reset."""
    wire.send(REFUSAL.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
    return False


def politely(wire: Wire, _: Message) -> bool:
    """Refuse, end the sending side, then close."""
    at_once(wire, _)
    wire.sock.shutdown(socket.SHUT_WR)
    wire.more()
    return False


def kept(wire: Wire, request: Message) -> None:
    """Refuse, and read the content all the same."""
    wire.send(REFUSAL)
    wire.read_content(request)


def lying(wire: Wire, request: Message) -> object:
    """Refuse, say that the connection is kept, and close it with the content unread (gunicorn)."""
    wire.send(REFUSAL)
    if request.get(b"content-length"):
        wire.exactly(1)
        return False
    return None


@pytest.mark.parametrize(
    "script",
    [pytest.param(script, id=script.__name__) for script in (at_once, politely, kept, lying)],
)
@pytest.mark.parametrize("size", SIZES)
def test_the_client_gets_a_refusal_that_came_before_its_content_was_read(
    gateway: Gateway, script: Script, size: int
) -> None:
    gateway.upstream.script = script
    content = b"x" * size
    for _ in range(200 if size == SIZES[0] else 10):
        with gateway.connect() as client:
            request = gateway.ask(b"POST", b"/", b"Content-Length: %d" % size, content=content)
            client.send_as_far_as_taken(request)
            assert client.response(b"POST").status == 401


def test_a_connection_with_content_unread_is_not_used_again(gateway: Gateway) -> None:
    """Else every second request would fail, or get what is said to the rest of that content."""
    gateway.upstream.script = lying
    content = b"GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n" * 100
    for _ in range(20):
        with gateway.connect() as client:
            length = b"Content-Length: %d" % len(content)
            client.send(gateway.ask(b"POST", b"/post", length, content=content))
            assert client.response(b"POST").status == 401
            client.send(gateway.ask(b"GET", b"/get"))
            assert client.response().status == 401
    assert {request.target for request in gateway.upstream.seen} == {b"/post", b"/get"}


@pytest.mark.parametrize("size", SIZES)
def test_an_error_of_ours_is_not_destroyed_by_a_reset(started: Start, size: int) -> None:
    """The client still sends; closed with its bytes unread, the connection would be reset."""
    gateway = started("upstream: http://127.0.0.1:1\nlog: {{level: error}}\n")
    length = b"Content-Length: %d" % size
    for _ in range(10):
        with gateway.connect() as client:
            content = b"x" * size
            client.send_as_far_as_taken(
                gateway.ask(b"POST", b"/", length, b"Connection: close", content=content)
            )
            assert client.response(b"POST").status == 502
            assert client.ended


@pytest.mark.parametrize(
    ("framing", "content"),
    [
        pytest.param(b"Content-Length: 3000000", b"x" * 3_000_000, id="length"),
        pytest.param(b"Transfer-Encoding: chunked", chunked(b"x" * 3_000_000), id="chunks"),
    ],
)
def test_who_still_sends_sees_the_end_of_an_error_at_once_and_may_send_the_rest(
    started: Start, framing: bytes, content: bytes
) -> None:
    """The connection is closed in one direction only, until the content is there."""
    gateway = started("upstream: http://127.0.0.1:1\nlog: {{level: error}}\n")
    with gateway.connect() as client:
        asked = gateway.ask(b"POST", b"/", framing, b"Connection: close")
        client.send(asked + content[:70_000])
        assert client.response(b"POST").status == 502
        assert client.ended
        client.send(content[70_000:])


def test_what_is_pipelined_behind_the_last_request_destroys_no_response(gateway: Gateway) -> None:
    with gateway.connect() as client:
        last = gateway.ask(b"GET", b"/", b"Connection: close")
        client.send(last + gateway.ask() * 500)
        assert client.response().content == b"hello"
        assert client.ended
