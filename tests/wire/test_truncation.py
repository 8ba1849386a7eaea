"""Truncation: what was cut off never looks complete, to neither side."""

import pytest

from tests.upstreams import Script
from tests.wire.conftest import Gateway, every_loop
from tests.wire.messages import Message, Truncated, Wire, chunked, reply

CONTENT = b"0123456789" * 100
HEAD = b"HTTP/1.1 200 OK\r\nX-A: 1\r\n"
WHOLE = {
    "length": HEAD + b"Content-Length: 1000\r\n\r\n" + CONTENT,
    "chunked": HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(CONTENT, 400),
    "close": HEAD + b"\r\n" + CONTENT,
}
CUTS = {
    "length": [7, 20, 49, 500, -1],
    "chunked": [7, 20, 55, 500, -2],
    "close": [7, 20, 25, 500, -1],
}
"""Within the status line, within a field, after the head, within the content, before its end."""

CASES = [
    pytest.param(framing, at, by_reset, id=f"{framing} {at} {'RST' if by_reset else 'FIN'}")
    for framing, points in CUTS.items()
    for at in points
    for by_reset in (False, True)
    if by_reset or framing != "close" or 0 < at < 25  # that is how such a response ends
]


def cut(framing: str, at: int, *, by_reset: bool) -> Script:
    """An upstream that sends the response up to there, and ends."""

    def script(wire: Wire, _: Message) -> bool:
        wire.send(WHOLE[framing][:at])
        if by_reset:
            wire.reset()
        return False

    return script


@every_loop
@pytest.mark.parametrize(("framing", "at", "by_reset"), CASES)
def test_a_response_that_was_cut_does_not_look_complete(
    gateway: Gateway, framing: str, at: int, by_reset: bool
) -> None:
    gateway.upstream.script = cut(framing, at, by_reset=by_reset)
    with gateway.connect() as client:
        client.send(gateway.ask() + gateway.ask(b"GET", b"/next"))
        try:
            response = client.response()
        except Truncated:
            return
    assert response.status == 502
    assert at in (7, 20) or by_reset  # a reset may overtake what was sent before it


@pytest.mark.parametrize("framing", ["chunked", "length"])
def test_an_old_client_is_not_told_either(gateway: Gateway, framing: str) -> None:
    gateway.upstream.script = cut(framing, 500, by_reset=False)
    with gateway.connect() as client, pytest.raises(Truncated):
        client.send(b"GET / HTTP/1.0\r\n\r\n").response()


@every_loop
def test_a_cut_response_is_not_filled_up_with_the_next(gateway: Gateway) -> None:
    def script(wire: Wire, request: Message) -> bool:
        wire.send(reply(b"next") if request.target == b"/next" else WHOLE["length"][:500])
        return False

    gateway.upstream.script = script
    with gateway.connect() as client:
        client.send(gateway.ask() + gateway.ask(b"GET", b"/next"))
        with pytest.raises(Truncated):
            client.response()


UPLOADS = {
    "a length, half of it": (b"Content-Length: 1000", CONTENT[:500]),
    "a length, none of it": (b"Content-Length: 1000", b""),
    "a length, one byte less": (b"Content-Length: 1000", CONTENT[:-1]),
    "chunks, in the middle": (b"Transfer-Encoding: chunked", chunked(CONTENT, 400)[:600]),
    "chunks, without the last": (b"Transfer-Encoding: chunked", chunked(CONTENT, 400)[:-5]),
    "chunks, without the last line": (b"Transfer-Encoding: chunked", chunked(CONTENT, 400)[:-2]),
}


@every_loop
@pytest.mark.parametrize("by_reset", [False, True], ids=["FIN", "RST"])
@pytest.mark.parametrize("upload", UPLOADS)
def test_an_upload_that_was_cut_does_not_look_complete(
    gateway: Gateway, upload: str, by_reset: bool
) -> None:
    complete: list[Message] = []

    def script(wire: Wire, request: Message) -> None:
        wire.send(b"HTTP/1.1 103 Early\r\n\r\n")  # so that the client knows: we are reading
        wire.read_content(request)
        complete.append(request)

    gateway.upstream.script = script
    line, content = UPLOADS[upload]
    with gateway.connect() as client:
        client.send(gateway.ask(b"POST", b"/", line, content=content))
        assert client.head().status == 103
        if by_reset:
            client.reset()
    assert gateway.upstream.wait_closed()
    assert complete == []
