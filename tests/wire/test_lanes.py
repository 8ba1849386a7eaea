"""The lanes are one gateway: the same bytes get the same response, and reach the upstream alike."""

import re
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.served import Lanes, Served, both_lanes, request
from tests.upstreams import Upstream
from tests.wire.messages import Message, Truncated, Wire, chunked, reply
from tests.wire.payloads import EVERY, LARGE

ORIGIN = b"Origin: http://app.test:5173"
POLICY = """
upstream: {upstream}
cors:
  allow_origins: [http://app.test:5173]
  allow_methods: [PUT, QUERY]
  allow_headers: ["*"]
"""
FORM = b"Content-Type: application/x-www-form-urlencoded"
TWICE = [b"User-Agent", b"Content-Type", b"ETag", b"Server", b"Max-Forwards", b"Referer", b"Via"]
METHODS = b"GET HEAD PUT DELETE OPTIONS patch get QUERY LIST VERSION-CONTROL M-SEARCH !#~".split()
ALIKE = [b"X_Forwarded_For", b"X_Real_IP", b"X-Real-IP", b"Content_Length", b"X.Forwarded.Host"]
SOUND = {
    **{f"{name.decode()} twice": request(b"GET", b"/", name + b": a", name + b": b")
       for name in TWICE},
    **{f"the method {method.decode()}": request(method) for method in METHODS},
    **{f"{name.decode()} of a stranger": request(b"GET", b"/", name + b": 10.0.0.1", b"X_A: 1")
       for name in ALIKE},
    "HTTP/1.2": b"GET / HTTP/1.2\r\nHost: localhost\r\n\r\n",
    "HTTP/1.0": b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n",
    "an absolute target": request(b"GET", b"http://localhost/a?b"),
    "an empty line first": b"\r\n" + request(),
    "two blanks": b"GET  /  HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a length": request(b"POST", b"/", FORM, b"Content-Length: 5", content=b"a=b&c"),
    "a length with zeros": request(b"POST", b"/", b"Content-Length: 005", content=b"a=b&c"),
    "chunks": request(b"PUT", b"/", b"Transfer-Encoding: chunked", content=chunked(b"abc", 2)),
    "content beside an upgrade": request(
        b"PUT", b"/", b"Upgrade: websocket", b"Connection: upgrade", b"Content-Length: 5",
        content=b"a=b&c",
    ),
    "an upgrade to nothing known": request(b"GET", b"/", b"Upgrade: h2c", b"Connection: upgrade"),
    "an allowed origin": request(b"QUERY", b"/", ORIGIN),
    "a method that is not allowed": request(b"patch", b"/", ORIGIN),
    "a stranger": request(b"GET", b"/", b"Origin: http://evil.test"),
    "TRACK": request(b"TRACK"),
    "a host that is not served": request(b"GET", b"/", b"Host: evil.test"),
    **{f"a preflight for {what}": request(
        b"OPTIONS", b"/", ORIGIN, b"Access-Control-Request-Method: " + method,
        b"Access-Control-Request-Headers: " + names,
       ) for what, method, names in [
           ("a name", b"PUT", b"x-a"), ("8 KB of method", b"M" * 8192, b"x-a"),
           ("8 KB of names", b"PUT", b"x" * 8192), ("many names", b"PUT", b"x-a," * 2000),
       ]},
}  # fmt: skip
EACH = [pytest.param(raw, id=name) for name, raw in (SOUND | EVERY).items()]

_OURS = re.compile(rb"corsproxy-[0-9a-f]{8}|X-Corsproxy-Decision: \S+|Date: [^\r]*")


@pytest.fixture(scope="module")
def lanes() -> Iterator[Lanes]:
    with both_lanes(POLICY) as found:
        yield found


def played(
    upstream: Upstream, gateway: Served, raw: bytes, size: int = 65536
) -> tuple[list[bytes], list[bytes]]:
    """What the upstream got of `raw` and the request after it, and what came back; as bytes.

    `size` is that of the pieces in which `raw` is sent.
    """
    got: list[bytes] = []

    def script(wire: Wire, asked: Message) -> None:
        wire.read_content(asked)
        lines = [b"%b: %b" % field for field in asked.fields]
        got.append(b"\r\n".join([asked.start, *lines, b"", asked.content]))
        wire.send(reply(b"" if asked.method == b"HEAD" else b"hello"))

    upstream.script = script
    method = raw.lstrip(b"\r\n").partition(b" ")[0]
    with gateway.connect() as client:
        back = [client.pieces(raw, size).response(method)]
        with suppress(OSError, Truncated):  # the connection may end with the response
            back.append(client.send(request(b"GET", b"/next")).response())
    return [_OURS.sub(b"", one) for one in got], [shown(one) for one in back]


def shown(message: Message) -> bytes:
    """A response without what differs from one process, and from one second, to the next."""
    fields = [f for f in message.fields if f[0] not in (b"Date", b"X-Corsproxy-Decision")]
    content = re.sub(rb'"decision": "[^"]*"', b"", message.content)
    lines = sorted(b"%b: %b" % field for field in fields if field[0] != b"Content-Length")
    return b"\r\n".join([message.start, *lines, b"", content])


@pytest.mark.parametrize("raw", EACH)
def test_both_lanes_answer_and_forward_alike(lanes: Lanes, raw: bytes) -> None:
    upstream, fast, ordinary = lanes
    assert played(upstream, fast, raw) == played(upstream, ordinary, raw)
    assert not upstream.unsound


@pytest.mark.parametrize(
    "raw", [pytest.param(raw, id=name) for name, raw in EVERY.items() if name not in LARGE]
)
def test_what_has_two_readings_reaches_no_upstream_by_either_lane(lanes: Lanes, raw: bytes) -> None:
    upstream, *both = lanes
    for gateway in both:
        forwarded, (back, *_) = played(upstream, gateway, raw)
        assert forwarded == []
        assert back.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 "))


@pytest.mark.parametrize("size", [1, 7])
@pytest.mark.parametrize("raw", [pytest.param(raw, id=name) for name, raw in SOUND.items()])
def test_pieces_are_read_as_the_whole(lanes: Lanes, raw: bytes, size: int) -> None:
    if len(raw) > 2000:
        size *= 500
    upstream, _, ordinary = lanes
    whole = played(upstream, ordinary, raw)
    assert played(upstream, ordinary, raw, size) == whole


def test_pipelined_requests_each_have_their_own_head(lanes: Lanes) -> None:
    upstream, *both = lanes
    methods = [b"PUT", b"patch", b"GET", b"X" * 64, b"DELETE"] * 8
    for gateway in both:
        seen: list[tuple[bytes, bytes, bytes]] = []

        def script(
            wire: Wire, asked: Message, seen: list[tuple[bytes, bytes, bytes]] = seen
        ) -> None:
            wire.read_content(asked)
            seen.append((asked.method, asked.target, asked.content))
            wire.send(reply(asked.target))

        upstream.script = script
        asked = [
            (method, b"/%d" % n, b"c" * n if n % 2 else b"") for n, method in enumerate(methods)
        ]
        lengths = [b"Content-Length: %d" % len(content) for _, _, content in asked]
        with gateway.connect() as client:
            client.send(
                b"".join(
                    request(method, target, length, content=content)
                    for (method, target, content), length in zip(asked, lengths, strict=True)
                )
            )
            assert [client.response().content for _ in asked] == [target for _, target, _ in asked]
        assert seen == asked
