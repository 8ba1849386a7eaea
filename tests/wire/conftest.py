"""The real program in front of a scripted upstream, in every lane and on both event loops."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.program import Program, running
from tests.upstreams import Upstream
from tests.wire.messages import Message, Wire

ORIGIN = b"http://app.test:5173"
POLICY = """
upstream: {upstream}
cors:
  allow_origins: [http://app.test:5173]
  allow_methods: [GET, PUT, PATCH, DELETE]
  allow_headers: [authorization, content-type, x-a]
  expose_headers: [etag]
  allow_credentials: true
  max_age: 600
timeouts: {{connect: 2, head: 1, idle: 2}}
allowed_hosts: [api.localtest.me]
log: {{level: error}}
"""


@dataclass
class Gateway:
    """The program and the upstream behind it."""

    program: Program
    upstream: Upstream
    fast: bool

    @property
    def host(self) -> bytes:
        return b"127.0.0.1:%d" % self.program.port

    def connect(self) -> Wire:
        """A client's connection."""
        return Wire.to(self.program.port)

    def ask(
        self, method: bytes = b"GET", target: bytes = b"/", *lines: bytes, content: bytes = b""
    ) -> bytes:
        """The bytes of a request; `lines` may bring their own Host."""
        named = any(line.lower().startswith(b"host:") for line in lines)
        host = () if named else (b"Host: " + self.host,)
        head = b"\r\n".join((b"%b %b HTTP/1.1" % (method, target), *host, *lines))
        return head + b"\r\n\r\n" + content

    def exchange(
        self, method: bytes = b"GET", target: bytes = b"/", *lines: bytes, content: bytes = b""
    ) -> tuple[Message, Message]:
        """One request and its response: as the upstream saw it, and as the client did."""
        with self.connect() as client:
            client.send(self.ask(method, target, *lines, content=content))
            response = client.response(method)
        assert not self.upstream.unsound
        assert len(self.upstream.seen) == 1, response
        return self.upstream.seen[0], response


@dataclass(frozen=True)
class Lane:
    """How the program runs."""

    fast: bool
    uvloop: bool


LANES = [
    pytest.param(Lane(fast=True, uvloop=True), id="fast"),
    pytest.param(Lane(fast=False, uvloop=True), id="ordinary"),
]
ON_ASYNCIO = [
    pytest.param(Lane(fast=True, uvloop=False), id="fast on asyncio"),
    pytest.param(Lane(fast=False, uvloop=False), id="ordinary on asyncio"),
]
if sys.platform == "win32":
    LANES = []  # there is no uvloop
every_loop = pytest.mark.parametrize("lane", [*LANES, *ON_ASYNCIO], indirect=True)
"""For tests that are cheap: both lanes, on uvloop and on asyncio."""


@pytest.fixture(params=LANES or ON_ASYNCIO)
def lane(request: pytest.FixtureRequest) -> Lane:
    found = request.param
    assert isinstance(found, Lane)
    return found


def start(stack: ExitStack, lane: Lane, policy: str = POLICY) -> Gateway:
    """A gateway with a policy of its own, until `stack` is closed."""
    upstream = Upstream()
    stack.callback(upstream.close)
    fast = "true" if lane.fast else "false"
    program, _ = stack.enter_context(
        running(
            policy.format(upstream=upstream.url),
            environ={"CORSPROXY_FAST_LANE": fast},
            uvloop=lane.uvloop,
        )
    )
    return Gateway(program, upstream, lane.fast)


Start = Callable[[str], Gateway]


@pytest.fixture
def started(lane: Lane) -> Iterator[Start]:
    """Starts a gateway with a policy; for tests that change it, or end it."""
    with ExitStack() as stack:
        yield lambda policy: start(stack, lane, policy)


@pytest.fixture(scope="session")
def gateways() -> Iterator[Callable[[Lane], Gateway]]:
    """One gateway for each lane, started when first asked for."""
    known: dict[Lane, Gateway] = {}
    with ExitStack() as stack:

        def of(lane: Lane) -> Gateway:
            if lane not in known:
                known[lane] = start(stack, lane)
            return known[lane]

        yield of
        for gateway in known.values():
            assert "Traceback" not in gateway.program.output


@pytest.fixture
def gateway(gateways: Callable[[Lane], Gateway], lane: Lane) -> Iterator[Gateway]:
    """The gateway of this lane, its upstream as new; still well after the test."""
    found = gateways(lane)
    found.upstream.reset()
    yield found
    found.upstream.reset()
    with found.connect() as client:
        assert client.send(found.ask()).response().content == b"hello"
