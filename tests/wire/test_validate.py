"""Mode `validate`: the upstream's own responses pass, judged; `on_violation: block` stops them."""

import json
from collections.abc import Iterator

import pytest

from tests.program import Program, running
from tests.upstreams import Upstream
from tests.wire.messages import Message, Wire, reply

PAGE = "http://app.test:5173"
POLICY = """
upstream: {upstream}
cors:
  allow_origins: [http://app.test:5173]
  allow_methods: [PUT]
  mode: validate
  on_violation: {on_violation}
"""
ALLOWED = (b"Access-Control-Allow-Origin: http://app.test:5173", b"Vary: Origin")
ANY = (b"Access-Control-Allow-Origin: *",)


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    upstream = Upstream()
    yield upstream
    upstream.close()


@pytest.fixture(scope="module", params=["report", "block"])
def on_violation(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def program(upstream: Upstream, on_violation: str) -> Iterator[Program]:
    with running(POLICY.format(upstream=upstream.url, on_violation=on_violation)) as (program, _):
        yield program


def ask(
    program: Program, upstream: Upstream, *sent: bytes, lines: tuple[bytes, ...] = ()
) -> Message:
    """The response to a page's request, when the upstream's has the fields `sent`."""
    upstream.script = lambda wire, _: wire.send(reply(b"hello", *sent))
    method = b"OPTIONS" if lines else b"GET"
    head = (method + b" / HTTP/1.1", b"Host: 127.0.0.1", b"Origin: " + PAGE.encode(), *lines)
    with Wire.to(program.port) as client:
        client.send(b"\r\n".join(head) + b"\r\n\r\n")
        return client.response(method)


def test_a_response_that_agrees_passes_untouched(program: Program, upstream: Upstream) -> None:
    message = ask(program, upstream, *ALLOWED)
    assert (message.status, message.content) == (200, b"hello")
    assert message.one(b"Access-Control-Allow-Origin") == PAGE.encode()
    assert message.one(b"X-Corsproxy-Decision") is None


def test_a_preflight_goes_to_the_upstream(program: Program, upstream: Upstream) -> None:
    asked = (b"Access-Control-Request-Method: PUT",)
    methods = b"Access-Control-Allow-Methods: PUT"
    message = ask(program, upstream, *ALLOWED, methods, lines=asked)
    assert (message.status, message.content) == (200, b"hello")
    assert upstream.seen[-1].method == b"OPTIONS"


def test_a_response_that_differs_is_reported_or_blocked(
    program: Program, upstream: Upstream, on_violation: str
) -> None:
    message = ask(program, upstream, *ANY)
    decision = message.one(b"X-Corsproxy-Decision")
    assert decision is not None
    program.wait_for(r"why: the upstream sends Access-Control-Allow-Origin: \*")
    if on_violation == "report":
        assert (message.status, message.content) == (200, b"hello")
        assert message.one(b"Access-Control-Allow-Origin") == b"*"
        return
    told = json.loads(message.content)
    assert message.status == 502
    assert message.one(b"Access-Control-Allow-Origin") == PAGE.encode()
    assert told["decision"] == decision.decode()
    assert [why["reason"] for why in told["reasons"]] == ["upstream-grants-any-origin"]
