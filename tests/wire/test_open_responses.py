"""What goes on for a while is told while it does, and once more at its end."""

import json
import re
import urllib.request
from typing import Any

import pytest

from tests.until import until
from tests.wire.conftest import Gateway, Start
from tests.wire.messages import Message, Wire

POLICY = """
upstream: {upstream}
cors: {{allow_origins: [http://app.test:5173]}}
log: {{level: info, format: FORMAT}}
"""
ORIGIN = b"Origin: http://app.test:5173"
ENDS = b"end"


def streaming(*lines: bytes, status: bytes = b"200 OK") -> Any:
    """A response without an end, until the client of the upstream's test says so."""

    def respond(wire: Wire, _: Message) -> None:
        head = b"".join(line + b"\r\n" for line in (b"HTTP/1.1 " + status, *lines, b""))
        wire.send(head + b"5\r\nfirst\r\n")
        wire.sock.settimeout(30)
        wire.sock.recv(1)  # nothing comes: the proxy hangs up when its client has left

    return respond


EVENTS = (b"Content-Type: text/event-stream", b"Transfer-Encoding: chunked")
DOWNLOAD = (b"Content-Type: application/zip", b"Transfer-Encoding: chunked")


def rows(gateway: Gateway) -> list[dict[str, Any]]:
    url = f"http://127.0.0.1:{gateway.program.admin}/exchanges"
    with urllib.request.urlopen(url, timeout=10) as response:
        found: list[dict[str, Any]] = json.load(response)["exchanges"]
        return found


def gauge(gateway: Gateway) -> str:
    url = f"http://127.0.0.1:{gateway.program.admin}/metrics"
    with urllib.request.urlopen(url, timeout=10) as response:
        text = response.read().decode()
    found = re.search(r"^corsproxy_open_responses (.*)$", text, re.MULTILINE)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("lines", [EVENTS, DOWNLOAD], ids=["events", "a download"])
def test_a_response_that_goes_on_is_told_while_it_does(
    started: Start, lines: tuple[bytes, ...]
) -> None:
    gateway = started(POLICY.replace("FORMAT", "pretty"))
    gateway.upstream.script = streaming(*lines)
    with gateway.connect() as client:
        client.send(gateway.ask(b"GET", b"/stream", ORIGIN))
        gateway.program.wait_for(r"GET +/stream .* granted, open\n")
        (row,) = rows(gateway)
        assert (row["open"], row["status"], row["verdict"]) == (True, 200, "granted")
        assert gauge(gateway) == "1.0"
    gateway.program.wait_for(r"(?s)/stream .*open\n.*/stream .* granted(, client-gone)?\n")
    until(lambda: gauge(gateway) == "0.0")
    (ended,) = rows(gateway)
    assert (ended["id"], ended["open"]) == (row["id"], False)


def test_a_websocket_is_told_while_it_is_open(started: Start) -> None:
    gateway = started(POLICY.replace("FORMAT", "json"))
    upgrade = (b"Upgrade: websocket", b"Connection: Upgrade")
    gateway.upstream.script = streaming(*upgrade, status=b"101 Switching Protocols")
    key = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    with gateway.connect() as client:
        asked = (*upgrade, key, b"Sec-WebSocket-Version: 13", ORIGIN)
        client.send(gateway.ask(b"GET", b"/socket", *asked))
        gateway.program.wait_for(r'"event":"open".*"/socket".*"status":101')
    gateway.program.wait_for(r'"event":"request".*"/socket".*"status":101')


def test_a_short_one_is_told_once(started: Start) -> None:
    gateway = started(POLICY.replace("FORMAT", "pretty"))
    with gateway.connect() as client:
        client.send(gateway.ask(b"GET", b"/short", ORIGIN)).response()
        client.send(gateway.ask(b"GET", b"/last", ORIGIN)).response()
    gateway.program.wait_for(r"/last ")
    assert gateway.program.output.count("/short") == 1
    assert "open" not in gateway.program.output.partition("/short")[2]
