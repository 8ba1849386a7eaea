"""Whatever an upstream does, the fast lane does with it what the ordinary lane does.

Bytes of an upstream and requests of a client are drawn, and played to both lanes. A piece is sent
only when the gateway has read the one before it, so that both lanes get the same pieces.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corsproxy.cors.exchange import Exchange
from tests.served import Lanes, Served, both_lanes, request
from tests.upstreams import Upstream
from tests.wire.messages import Message, Truncated, Wire, chunked, reply

POLICY = """
upstream: {upstream}
cors:
  allow_origins: [http://app.test:5173]
  allow_methods: [PUT, QUERY]
  allow_headers: [content-type, x-a]
routes:
  - path: /named
    cors: {{expose_headers: [etag], allow_credentials: true}}
  - path: /every
    cors: {{expose_headers: ["*"], allow_credentials: true}}
  - path: /any
    cors: {{allow_origins: ["*"]}}
  - path: /add
    cors: {{mode: add, expose_headers: [etag]}}
  - path: /strip
    strip_path: true
    cors: {{mode: strip}}
  - path: /forward
    cors: {{refused_request: forward}}
  - path: /validate
    cors: {{mode: validate, on_violation: block}}
"""

# What a client asks.

PATHS = (b"/", b"/named?a", b"/every/a", b"/any", b"/add", b"/strip/a?b", b"/forward", b"/validate")
METHODS = (b"GET", b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"QUERY", b"get")
LINES = (
    b"oRiGiN: http://app.test:5173",
    b"Origin: http://app.test:5173",
    b"Origin: http://evil.test",
    b"origin: null",
    b"Accept: text/event-stream",
    b"ACCEPT: */*",
    b"cookie: a=b",
    b"Connection: close",
    b"Connection: keep-alive, X-A",
    b"X-A: 1",
    b"Content-Type: text/plain",
    b"Max-Forwards: 5",
    b"X-Forwarded-For: 10.0.0.1",
    b"If-None-Match: *",
    b"User-Agent: AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
    b"Referer: http://app.test:5173/x",
    b"Access-Control-Request-Method: PUT",
    b"access-control-request-headers: x-a",
)

# What an upstream says.

STATUS_LINES = (
    *[b"HTTP/1.1 200 OK"] * 4,
    b"HTTP/1.0 200 OK",
    b"HTTP/1.1 200",
    b"HTTP/1.1 200 ",
    b"HTTP/1.1 203 \xc3\xa4",
    b"HTTP/1.1 204 No Content",
    b"HTTP/1.1 205 Reset Content",
    b"HTTP/1.1 206 Partial Content",
    b"HTTP/1.1 302 Found",
    b"HTTP/1.1 304 Not Modified",
    b"HTTP/1.1 404 Not Found",
    b"HTTP/1.1 503 Service Unavailable",
    b"HTTP/1.1 599 X",
    b"HTTP/1.1 101 Switching Protocols",
    b"HTTP/1.1 20 OK",
    b"HTTP/2 200 OK",
    b"ICY 200 OK",
    b"200 OK",
)
HEADERS = (
    b'ETag: "a"',
    b'etag: W/"b"',
    b"Content-Type: text/plain",
    b"Content-Type: text/event-stream",
    b"Set-Cookie: a=b",
    b"Set-Cookie: c=d",
    b"Set-Cookie: e=f; Domain=api.test; Path=/a",
    b"set-cookie: g=h; secure;samesite=none; Partitioned",
    b"Location: /x",
    b"location: http://localhost/y",
    b"Link: </z>; rel=next",
    b"Vary: Accept",
    b"vary: Origin",
    b"Vary: *",
    b"Connection: close",
    b"Connection: keep-alive",
    b"Connection: X-B, etag",
    b"Keep-Alive: timeout=5",
    b"X-B: \xe4 b",
    b"X-B:",
    b"X_c:\t1 ",
    b"Upgrade: h2c",
    b"Trailer: X-T",
    b"Proxy-Authenticate: Basic",
    b"Access-Control-Allow-Origin: *",
    b"access-control-allow-origin: http://app.test:5173",
    b"Access-Control-Allow-Credentials: true",
    b"Access-Control-Expose-Headers: X-B",
    b"Access-Control-Allow-Methods: PUT",
    b"Date: Thu, 01 Jan 1970 00:00:00 GMT",
    b"Server: x",
)
UNSOUND = (
    b"X-D",
    b": d",
    b"X-D : d",
    b" folded",
    b"X-D: a\x00b",
    b"X-D: a\rb",
    b"X D: d",
    b"X-D: a\nX-E: b",
    b"Content-Length: 3",
    b"Content-Length: -1",
    b"Content-Length: +5",
    b"Content-Length: 5, 5",
    b"Content-Length: 5, 6",
    b"Content-Length: " + b"9" * 40,
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: gzip",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: chunked, chunked",
)
INTERIM = (
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n",
    b"HTTP/1.1 102 Processing\r\nConnection: X-B\r\nX-B: 1\r\n\r\n",
)
CHUNKS = (
    b"5\r\nhello\r\n0\r\n\r\n",
    b'005; a="b"\r\nhello\r\n0\r\nX-T: 1\r\n\r\n',
    b"5\nhello\n0\n\n",
    b"5\r\nhelloX\r\n0\r\n\r\n",
    b"g\r\nhello\r\n0\r\n\r\n",
    b"2\r\nhe\r\n-3\r\nllo\r\n0\r\n\r\n",
    b"2\r\nhe\r\n3\r\nllo\r\n0\r\nX T: 1\r\n\r\n",
    b"0\r\n\r\n",
    b"5\r\nhello\r\n0\r\nContent-Length: 3\r\n\r\n",
    b"ffffffffffffffffff\r\nhello",
)


class Scene(NamedTuple):
    """One request, and what the upstream answers."""

    method: bytes
    asked: bytes
    pieces: tuple[bytes, ...]
    resets: bool = False
    """Whether the upstream then resets the connection; else it closes it in order."""
    pooled: bool = False
    """Whether the upstream has answered another request on that connection."""


@st.composite
def requests(draw: st.DrawFn) -> tuple[bytes, bytes]:
    method = draw(st.sampled_from(METHODS))
    lines = draw(st.lists(st.sampled_from(LINES), max_size=4, unique_by=_name))
    content = b""
    if method in (b"POST", b"PUT", b"QUERY"):
        content = draw(st.sampled_from((b"", b"a", b"content" * 9)))
        lines.append(b"content-length: %d" % len(content))
    return method, request(method, draw(st.sampled_from(PATHS)), *lines, content=content)


def _name(line: bytes) -> bytes:
    return line.partition(b":")[0].lower()


def _length(draw: st.DrawFn) -> tuple[bytes, bytes]:
    content = draw(st.binary(max_size=9))
    wrong = draw(st.sampled_from((0, 0, 0, 1, -1)))
    return b"Content-Length: %d" % max(len(content) + wrong, 0), content


def _good_chunks(draw: st.DrawFn) -> tuple[bytes, bytes]:
    content = chunked(draw(st.binary(max_size=9)), draw(st.integers(1, 9)))
    return b"Transfer-Encoding: chunked", content


def _any_chunks(draw: st.DrawFn) -> tuple[bytes, bytes]:
    return b"transfer-encoding: Chunked", draw(st.sampled_from(CHUNKS))


def _close(draw: st.DrawFn) -> tuple[bytes, bytes]:
    return b"", draw(st.binary(max_size=9))


def _none(_: st.DrawFn) -> tuple[bytes, bytes]:
    return b"", b""


@st.composite
def responses(draw: st.DrawFn) -> bytes:
    lines = draw(st.lists(st.sampled_from(HEADERS), max_size=4))
    if not draw(st.integers(0, 4)):
        lines.append(draw(st.sampled_from(UNSOUND)))
    framing = draw(st.sampled_from((_length, _length, _good_chunks, _any_chunks, _close, _none)))
    line, content = framing(draw)
    lines += [line] if line else []
    interim = draw(st.lists(st.sampled_from(INTERIM), max_size=2))
    head = b"\r\n".join(
        (draw(st.sampled_from(STATUS_LINES)), *draw(st.permutations(lines)), b"", b"")
    )
    return b"".join(interim) + head + content


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    method, asked = draw(requests())
    said = draw(responses())
    if not draw(st.integers(0, 5)):
        said = said[: draw(st.integers(0, len(said)))]
    cuts = sorted(draw(st.sets(st.integers(1, max(len(said) - 1, 1)), max_size=3)))
    pieces = [said[start:end] for start, end in zip([0, *cuts], [*cuts, len(said)], strict=True)]
    sent = tuple(piece for piece in pieces if piece)
    return Scene(method, asked, sent, resets=draw(st.booleans()), pooled=draw(st.booleans()))


# What comes of it.


class Listening(Wire):
    """A client that keeps what it heard."""

    heard = b""

    def more(self) -> bool:
        held = len(self.held)
        found = super().more()
        self.heard += self.held[held:]
        return found


def play(upstream: Upstream, gateway: Served, scene: Scene) -> tuple[dict[str, object], Exchange]:
    """What the client heard, what the upstream got, and what the watchers were told."""
    upstream.reset()
    gateway.exchanges.queue.clear()
    with gateway.connect() as first:  # no connection to the upstream is older than this scene
        if scene.pooled:
            first.send(request(b"GET", b"/warm")).response()
            gateway.exchanges.get(timeout=10)

    def script(wire: Wire, asked: Message) -> object:
        wire.read_content(asked)
        for piece in scene.pieces:
            wire.send_as_far_as_taken(piece)
            seen_by(gateway)
        if scene.resets:
            wire.reset()
        return False

    upstream.script = script
    upstream.seen.clear()
    with Listening.to(gateway.port) as client:
        client.send(scene.asked)
        try:
            client.response(scene.method)
            whole = True
        except Truncated:
            whole = False
        told = gateway.exchanges.get(timeout=10)
    assert upstream.wait_closed()
    assert not upstream.unsound
    assert gateway.exchanges.empty()
    heads, content = told_apart(client.heard, whole=whole)
    forwarded = [_CHANGING.sub(b"", repr(one).encode()) for one in upstream.seen]
    seen = {"whole": whole, "heads": heads, "content": content, "forwarded": forwarded}
    return seen | comparable(told), told


def seen_by(gateway: Served) -> None:
    """Wait until the gateway has read, and done, what there was."""
    for _ in range(4):  # read; then a task that waited for it; then one that waited for the task
        gateway.call(lambda: None)


def told_apart(heard: bytes, *, whole: bool) -> tuple[list[list[bytes]], bytes]:
    """Heads, and the content as far as it came, whatever the pieces."""
    heads = []
    while heard:
        head, end, heard = heard.partition(b"\r\n\r\n")
        heads.append(lines_of(head))
        if not end or not head.startswith(b"HTTP/1.1 1"):
            break
    if heads and b"Transfer-Encoding: chunked" in heads[-1]:
        heard = dechunked(heard)
    return heads, re.sub(rb'"decision": "[^"]*"', b"", heard)


def dechunked(heard: bytes) -> bytes:
    content = b""
    while (found := re.match(rb"([0-9a-fA-F]+)[^\r\n]*\r\n", heard)) and int(found[1], 16):
        start, size = found.end(), int(found[1], 16)
        content += heard[start : start + size]
        heard = heard[start + size + 2 :]
    return content + b"|" + heard  # the trailers, or the beginning of a chunk


_DECISION = b"X-Corsproxy-Decision"
_CHANGING = re.compile(rb"corsproxy-[0-9a-f]{8}")


def lines_of(head: bytes) -> list[bytes]:
    """A head's lines, of which none is from one process or one second only."""
    start, *lines = _CHANGING.sub(b"", head).rstrip(b"\r\n").split(b"\r\n")
    pairs = [(name, value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
    ours = any(name == _DECISION for name, _ in pairs)
    dropped = (b"Date", b"Content-Length", _DECISION) if ours else (b"Date",)
    kept = [b"%b: %b" % pair for pair in pairs if pair[0] not in dropped]
    return [start, *sorted(kept), b"(refused)" if ours else b""]


_OF_THE_RUN = {"id", "started", "seconds", "wait", "lane", "policy"}


def comparable(told: Exchange) -> dict[str, object]:
    """An exchange without what belongs to one run."""
    known = {name: value for name, value in told._asdict().items() if name not in _OF_THE_RUN}
    for name in ("response_head", "forwarded_head"):
        known[name] = lines_of(known[name])
    if told.id.encode() in told.response_head:
        del known["response_size"]  # the content has the id
    return known | {"waited": told.wait > 0}


@pytest.fixture(scope="module")
def lanes() -> Iterator[Lanes]:
    with both_lanes(POLICY) as found:
        yield found


def check(lanes: Lanes, scene: Scene) -> None:
    upstream, fast, ordinary = lanes
    by_fast, _ = play(upstream, fast, scene)
    by_ordinary, _ = play(upstream, ordinary, scene)
    assert by_fast.keys() == by_ordinary.keys()
    assert {
        name: (found, by_ordinary[name])
        for name, found in by_fast.items()
        if found != by_ordinary[name]
    } == {}


def test_an_ordinary_request_is_the_fast_lanes(lanes: Lanes) -> None:
    upstream, fast, _ = lanes
    for path in PATHS[:-1]:
        asked = request(b"POST", path, *LINES[1:2], b"Content-Length: 1", content=b"a")
        _, told = play(upstream, fast, Scene(b"POST", asked, (reply(b"hello"),)))
        assert (told.lane, told.status, told.failure) == ("fast", 200, "")


BROKEN = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello"
ENDLESS = b"HTTP/1.1 200 OK\r\n\r\nhello"


@given(scene=scenes())
@example(Scene(b"GET", request(), (BROKEN,)))
@example(Scene(b"GET", request(), (ENDLESS,)))
@settings(max_examples=50)
def test_both_lanes_do_the_same_with_an_upstreams_bytes(lanes: Lanes, scene: Scene) -> None:
    check(lanes, scene)


@pytest.mark.long
@pytest.mark.timeout(600)
@given(scene=scenes())
@settings(max_examples=400)
def test_both_lanes_do_the_same_with_very_many(lanes: Lanes, scene: Scene) -> None:
    check(lanes, scene)
