"""An upstream that speaks HTTP/1.0 knows no chunks: what came in chunks goes out with a length."""

from contextlib import ExitStack
from select import select

import pytest

from corsproxy.limits import MAX_BUFFERED_CONTENT, MAX_BUFFERED_CONTENTS
from tests.until import until
from tests.wire.conftest import Gateway
from tests.wire.messages import Message, Wire, chunked

OLD = b"HTTP/1.0 200 OK\r\n\r\n"
NEW = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
IN_CHUNKS = b"Transfer-Encoding: chunked"


def speak(gateway: Gateway, response: bytes) -> None:
    def respond(wire: Wire, request: Message) -> None:
        wire.read_content(request)
        wire.send(response)
        wire.sock.close()

    gateway.upstream.script = respond


def learned(gateway: Gateway, response: bytes) -> None:
    """The proxy has seen what the upstream speaks."""
    speak(gateway, response)
    with gateway.connect() as client:
        client.send(gateway.ask()).response()


@pytest.mark.parametrize("content", [b"", b"hello", b"x" * 1_000_000], ids=len)
def test_content_in_chunks_goes_out_with_its_length(gateway: Gateway, content: bytes) -> None:
    learned(gateway, OLD)
    with gateway.connect() as client:
        for _ in range(2):
            asked = gateway.ask(b"POST", b"/", IN_CHUNKS, content=chunked(content, 1000))
            assert client.send(asked).response().status == 200
    for seen in gateway.upstream.seen[1:]:
        assert seen.one(b"content-length") == b"%d" % len(content)
        assert (seen.get(b"transfer-encoding"), seen.content) == ([], content)
    assert not gateway.upstream.unsound


def test_more_than_can_be_kept_is_refused_and_told_why(gateway: Gateway) -> None:
    learned(gateway, OLD)
    with gateway.connect() as client:
        content = chunked(b"x" * (MAX_BUFFERED_CONTENT + 1))
        client.send(gateway.ask(b"POST", b"/", IN_CHUNKS, content=content))
        response = client.response()
    assert response.status == 411
    assert b"HTTP/1.0" in response.content
    assert len(gateway.upstream.seen) == 1


def test_what_is_kept_of_all_requests_together_is_bounded_and_given_back(gateway: Gateway) -> None:
    learned(gateway, OLD)
    several = MAX_BUFFERED_CONTENTS // MAX_BUFFERED_CONTENT + 1
    half = chunked(b"x" * (MAX_BUFFERED_CONTENT - 1)).removesuffix(b"0\r\n\r\n")
    with ExitStack() as stack:
        clients = [stack.enter_context(gateway.connect()) for _ in range(several)]
        for client in clients:
            client.send(gateway.ask(b"POST", b"/", IN_CHUNKS, content=half))
        (first, *_), _, _ = select([client.sock for client in clients], [], [], 10)
        refused = next(client for client in clients if client.sock is first)
        assert refused.response().status == 411
    until(lambda: _accepted(gateway, half))


def _accepted(gateway: Gateway, half: bytes) -> bool:
    with gateway.connect() as client:
        client.send(gateway.ask(b"POST", b"/", IN_CHUNKS, content=half + b"0\r\n\r\n"))
        return client.response().status == 200


def test_one_that_has_learned_better_gets_chunks(gateway: Gateway) -> None:
    learned(gateway, OLD)
    speak(gateway, NEW)
    with gateway.connect() as client:
        for _ in range(2):
            client.send(gateway.ask(b"POST", b"/", IN_CHUNKS, content=chunked(b"hello")))
            client.response()
    measured, in_chunks = gateway.upstream.seen[1:]
    assert measured.one(b"content-length") == b"5"
    assert in_chunks.one(b"transfer-encoding") == b"chunked"
