"""The admin address of the running program: what is hostile is answered, and changes nothing."""

import contextlib
import json
import re
from collections.abc import Iterator

import pytest

from corsproxy.watch.admin import MAX_CONNECTIONS
from corsproxy.watch.guard import RESPONSE_HEADERS
from corsproxy.watch.inspector.server import MAX_STREAMS
from tests.cli.program import corsproxy
from tests.program import Program, running
from tests.served import request
from tests.wire.messages import Message, Wire

POLICY = """\
upstream: http://127.0.0.1:1
cors:
  allow_origins: [http://a.test]
  allow_methods: [PUT]
"""
SECRET = b"c4n4ry"
COOKIES = b"Cookie: " + b"; ".join(b"s%d=%b%b" % (n, SECRET, b"a" * 900) for n in range(40))


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    with running(POLICY) as (made, _):
        yield made
        assert made.process.poll() is None


def ask(program: Program, data: bytes) -> Message:
    with Wire.to(program.admin) as wire:
        return wire.send(data).response()


def get(program: Program, target: bytes, *lines: bytes) -> Message:
    return ask(program, request(b"GET", target, *lines))


HOSTILE = [
    pytest.param(request(b"GET", b"/exchanges", COOKIES), 200, id="36 kB of cookies"),
    pytest.param(request(b"GET", b"/", COOKIES, COOKIES), 431, id="72 kB of cookies"),
    pytest.param(request(b"GET", b"/exchanges?limit=" + b"9" * 5000), 200, id="5000 digits"),
    pytest.param(request(b"GET", b"/exchanges?limit=%ff"), 200, id="no UTF-8, encoded"),
    pytest.param(request(b"GET", b"/exchanges/\xff"), 400, id="no UTF-8"),
    pytest.param(request(b"GET", b"/", b"no line: " + SECRET, b"x y: z"), 400, id="no header"),
    pytest.param(request(b"GET", b"/" + SECRET), 404, id="nothing there"),
    pytest.param(request(b"TRACE", b"/", COOKIES), 403, id="another method"),
    pytest.param(b"\x00" * 100 + b"\r\n\r\n", 400, id="no HTTP"),
    pytest.param(request(b"GET", b"/har", b"Sec-Fetch-Mode: navigate"), 403, id="a navigation"),
    pytest.param(request(b"GET", b"/", b"Host: wifi"), 421, id="a name of a network"),
    pytest.param(request(b"GET", b"/", b"Host: 10.1.1.1"), 421, id="an address of another"),
]


@pytest.mark.parametrize(("data", "status"), HOSTILE)
def test_what_is_hostile_gets_a_guarded_response(
    program: Program, data: bytes, status: int
) -> None:
    response = ask(program, data)
    assert response.status == status
    for name, value in RESPONSE_HEADERS.items():
        assert response.get(name.encode()) == [value.encode()]
    assert json.loads(response.content)
    assert get(program, b"/healthz").content == b"ok\n"
    assert SECRET.decode() not in program.output
    assert "Traceback" not in program.output


def test_an_event_id_of_5000_digits_begins_anew(program: Program) -> None:
    with Wire.to(program.admin) as wire:
        run = _hello(wire).split(b".")[0]
    many = b"9" * 5000
    for identity in (many, run + b"." + many, run + b".0." + many, run + b".\xd9\xa1.0"):
        with Wire.to(program.admin) as wire:
            assert _hello(wire, b"Last-Event-ID: " + identity) == run + b".0.0"


def _hello(wire: Wire, *lines: bytes) -> bytes:
    """The id of the first event of a stream."""
    wire.send(request(b"GET", b"/events", *lines))
    wire.until(b"event: hello\nid: ")
    return wire.until(b"\n")


def test_streams_that_nobody_reads_keep_nobody_out(program: Program) -> None:
    with contextlib.ExitStack() as open_:
        for _ in range(2 * MAX_STREAMS):
            wire = open_.enter_context(Wire.to(program.admin))
            assert _hello(wire)


def test_connections_that_say_nothing_keep_nobody_out(program: Program) -> None:
    with contextlib.ExitStack() as open_:
        for _ in range(2 * MAX_CONNECTIONS):
            open_.enter_context(Wire.to(program.admin)).send(b"GET /")
        assert get(program, b"/healthz").status == 200


def test_where_every_address_is_listened_on_the_names_are_the_same() -> None:
    admin = ("--admin", "0.0.0.0:0", "--allowed-host", "monitor")
    with Program("--upstream", "http://127.0.0.1:1", "--listen", "127.0.0.1:0", *admin) as program:
        port = program.admin
        for host, status in ((b"corsproxy", 421), (b"monitor", 200), (b"127.0.0.1", 200)):
            assert get(program, b"/healthz", b"Host: %b:%d" % (host, port)).status == status
        assert corsproxy("healthcheck", "--admin", f"0.0.0.0:{port}").returncode == 0


def test_the_program_ends_in_order_whatever_was_asked() -> None:
    with running(POLICY) as (program, _):
        wires = [Wire.to(program.admin) for _ in range(5)]
        for wire, data in zip(
            wires, [b"GET", b"\x00\r\n\r\n", COOKIES, b"", b"a" * 99], strict=True
        ):
            wire.send(data)
        streaming = Wire.to(program.admin)
        _hello(streaming)
        assert program.stop() == 0
        for wire in (*wires, streaming):
            wire.sock.close()


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param((b"http://*.evil.test", b"PUT", b""), id="subdomains"),
        pytest.param((b"http://localhost:*", b"PUT", b""), id="ports"),
        pytest.param((b"http://a.test", b"*", b""), id="a method"),
        pytest.param((b"http://a.test", b"PUT", b"*"), id="a header"),
    ],
)
def test_no_pattern_of_the_network_is_offered_or_written(asked: tuple[bytes, ...]) -> None:
    origin, method, name = asked
    lines = [b"Origin: " + origin, b"Access-Control-Request-Method: " + method]
    lines += [b"Access-Control-Request-Headers: " + name] if name else []
    with running(POLICY) as (program, path):
        with Wire.to(program.port) as wire:
            told = wire.send(request(b"OPTIONS", b"/", *lines)).response(b"OPTIONS")
        found = told.one(b"X-Corsproxy-Decision")
        assert found
        details = get(program, b"/exchanges/" + found).content
        assert json.loads(details)["patch"] == ""
        fixes = [check["fix"] for check in json.loads(details)["checks"] if not check["passed"]]
        assert fixes
        assert not any(re.match(r"add |name ", fix) for fix in fixes)
        assert "why" in json.loads(get(program, b"/allow/" + found).content)
        assert path.read_text() == POLICY
