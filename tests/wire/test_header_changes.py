"""Headers that the settings put into messages and take out of them, whatever was there."""

import pytest

from tests.wire.conftest import Start
from tests.wire.messages import reply

POLICY = """
upstream: {upstream}
cors: {{allow_origins: [http://app.test:5173], expose_headers: ["*"], allow_credentials: true}}
forward:
  request_headers:
    set: {{X-Api-Key: for development, Accept-Language: de, X-Forwarded-Proto: https}}
    remove: [User-Agent, x-debug]
  response_headers:
    set: {{Cross-Origin-Resource-Policy: cross-origin, Location: /there}}
    remove: [Server]
log: {{level: error}}
"""
ORIGIN = b"Origin: http://app.test:5173"


def test_requests_get_what_is_set_and_lose_what_is_removed(started: Start) -> None:
    gateway = started(POLICY)
    lines = (b"USER-AGENT: x", b"accept-language: en", b"accept-language: fr", b"X-Debugger: 1")
    seen, _ = gateway.exchange(
        b"POST", b"/", *lines, b"X-Debug: 1", b"Content-Length: 1", content=b"a"
    )
    assert seen.get(b"user-agent") == seen.get(b"x-debug") == []
    assert seen.get(b"accept-language") == [b"de"]
    assert seen.get(b"x-forwarded-proto") == [b"https"]
    assert seen.one(b"x-api-key") == b"for development"
    assert (seen.one(b"x-debugger"), seen.content) == (b"1", b"a")


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((b"ETag: 1",), id="what is set is added"),
        pytest.param((b"ETag: 1", b"server: x", b"location: /here"), id="and replaces"),
    ],
)
def test_responses_do_likewise_and_the_page_may_read_it(
    started: Start, lines: tuple[bytes, ...]
) -> None:
    gateway = started(POLICY)
    gateway.upstream.script = lambda wire, _: wire.send(reply(b"x", *lines))
    with gateway.connect() as client:
        for _ in range(2):  # the second time from what is remembered
            response = client.send(gateway.ask(b"GET", b"/", ORIGIN)).response()
            assert response.get(b"server") == []
            assert response.get(b"location") == [b"/there"]
            assert response.one(b"cross-origin-resource-policy") == b"cross-origin"
            exposed = (response.one(b"access-control-expose-headers") or b"").lower()
            assert b"cross-origin-resource-policy" in exposed
            assert b"server" not in exposed


def test_no_own_response_is_changed(started: Start) -> None:
    gateway = started(POLICY)
    with gateway.connect() as client:
        asked = (b"Origin: http://evil.test",)
        response = client.send(gateway.ask(b"GET", b"/", *asked)).response()
    assert response.status == 403
    assert response.get(b"location") == []
